"""Under which keys a hit stands in the index of hits, and under which its neighbours are sought. Pure.

Two hits that may tell one step always meet under some key; the keys are narrow, so that few hits
share one however many steps a busy party sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .stories import StoryHit, actors, authorities, parties, reach, stage

_NAMES = 4


@dataclass(frozen=True, slots=True)
class Keys:
    """Under what a hit is filed: ``near`` keys hold around its day, ``lasting`` ones at any time."""

    near: frozenset[str]
    lasting: frozenset[str]


@dataclass(frozen=True, slots=True)
class Search:
    """Where a hit's neighbours stand: keys with the days around its own that they hold for."""

    near: tuple[tuple[frozenset[str], int], ...]
    lasting: frozenset[str]


def stands_under(hit: StoryHit) -> Keys:
    """The keys under which a hit is found."""
    who, acting = _names(parties(hit)), _names(authorities(hit))
    # a ruling may be told with its court or with the authority it judges: it is open to both
    sides = acting if acting and not hit.facts.court else ["?"]
    near = {f"party|{p}|{side}" for p in who for side in (*sides, "*")}
    near |= {f"authority|{a}|{side}" for a in acting for side in (("*",) if who else ("*", "?"))}
    step = stage(hit.facts)
    cases = _cases(hit)
    lasting = {f"case|{case}" for case in cases} | _links(hit)
    if not hit.dated:
        lasting |= {f"undated|{case}" for case in cases}
    dated = {f"{key}|{step}" for key in near or {"nobody"}} if hit.dated else set()
    return Keys(frozenset(dated), frozenset(lasting))


def sought_under(hit: StoryHit) -> Search:
    """The keys under which a hit's neighbours stand; only an undated one asks for all of a case."""
    who, acting = _names(parties(hit)), _names(authorities(hit))
    sides = (*acting, "?") if acting and not hit.facts.court else ("*",)
    near = {f"party|{p}|{side}" for p in who for side in sides}
    near |= {f"authority|{a}|{'?' if who else '*'}" for a in acting}
    where = "undated" if hit.dated else "case"
    lasting = {f"{where}|{case}" for case in _cases(hit)} | _links(hit)
    if not hit.dated:
        return Search((), frozenset(lasting))
    stages = reach(stage(hit.facts)).items()
    spans = tuple((frozenset(f"{key}|{step}" for key in near or {"nobody"}), days) for step, days in stages)  # fmt: skip
    return Search(spans, frozenset(lasting))


def day_of(moment: datetime) -> int:
    """The day's number, from which spans are counted."""
    return moment.toordinal()


def _names(names: frozenset[str]) -> list[str]:
    """Of a text that names very many the first count."""
    return sorted(names)[:_NAMES]


def _links(hit: StoryHit) -> set[str]:
    return {f"link|{hit.link}"} if hit.link else set()


def _cases(hit: StoryHit) -> set[str]:
    """Who against whom and what, without a date: where undated hits find their neighbours."""
    who, acting = _names(parties(hit))[:2], _names(actors(hit))[:3]
    step = stage(hit.facts)
    found = {f"{actor}|{party}|{step}" for actor in acting for party in who if step}
    if hit.facts.amount is not None:
        found |= {f"{hit.facts.amount:.0f}|{name}" for name in (*acting, *who)}
    return found
