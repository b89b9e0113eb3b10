"""Under which keys a hit stands in the index of hits, and under which its neighbours are sought. Pure.

Two hits that may tell one step always meet under some key; the keys are narrow, so that few hits
share one however many steps a busy party sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .stories import WINDOW, StoryHit, actors, authorities, parties, stage

_PARTIES, _AUTHORITIES, _ACTORS = 4, 4, 3  # of a text that names very many, the first ones count


@dataclass(frozen=True, slots=True)
class Keys:
    """``dated`` keys hold within the window around a day, ``lasting`` ones at any time."""

    dated: frozenset[str]
    lasting: frozenset[str]


def stands_under(hit: StoryHit) -> Keys:
    """The keys under which a hit is found."""
    who, acting = sorted(parties(hit))[:_PARTIES], sorted(authorities(hit))[:_AUTHORITIES]
    # a ruling may be told with its court or with the authority it judges: it is open to both
    sides = acting if acting and not hit.facts.court else ["?"]
    near = {f"party|{p}|{side}" for p in who for side in (*sides, "*")}
    near |= {f"authority|{a}|{side}" for a in acting for side in (("*",) if who else ("*", "?"))}
    cases = _cases(hit)
    lasting = {f"case|{case}" for case in cases} | _links(hit)
    if not hit.dated:
        lasting |= {f"undated|{case}" for case in cases}
    return Keys(frozenset(near or {"nobody"}) if hit.dated else frozenset(), frozenset(lasting))


def sought_under(hit: StoryHit) -> Keys:
    """The keys under which a hit's neighbours stand; only an undated one asks for all of a case."""
    who, acting = sorted(parties(hit))[:_PARTIES], sorted(authorities(hit))[:_AUTHORITIES]
    sides = (*acting, "?") if acting and not hit.facts.court else ("*",)
    near = {f"party|{p}|{side}" for p in who for side in sides}
    near |= {f"authority|{a}|{'?' if who else '*'}" for a in acting}
    where = "undated" if hit.dated else "case"
    lasting = {f"{where}|{case}" for case in _cases(hit)} | _links(hit)
    return Keys(frozenset(near or {"nobody"}) if hit.dated else frozenset(), frozenset(lasting))


def day_of(moment: datetime) -> int:
    """The day's number, from which spans are counted."""
    return moment.toordinal()


def span(moment: datetime) -> tuple[int, int]:
    """The first and last day on which a neighbour may lie."""
    return day_of(moment - WINDOW), day_of(moment + WINDOW)


def _links(hit: StoryHit) -> set[str]:
    return {f"link|{hit.link}"} if hit.link else set()


def _cases(hit: StoryHit) -> set[str]:
    """Who against whom and what, without a date: where undated hits find their neighbours."""
    who, acting = sorted(parties(hit))[:2], sorted(actors(hit))[:_ACTORS]
    step = stage(hit.facts)
    found = {f"{actor}|{party}|{step}" for actor in acting for party in who if step}
    if hit.facts.amount is not None:
        found |= {f"{hit.facts.amount:.0f}|{name}" for name in (*acting, *who)}
    return found
