"""Is this hit the same event as that one: which hits make one story, and which follows which. Pure.

A story is one step against one party. Facts decide first (who, against whom, what, how much),
then time, then the likeness of the words, so that an Italian release and its English coverage
meet although they share no word. The result depends on the set of hits, not on their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from classifiers.facts import Facts
from classifiers.model import cosine

from .domain import SourceKind

WINDOW = timedelta(days=21)
"""How long a step is told as news."""
LONGEST = timedelta(days=90)
"""Beyond this two dated hits are two steps, whatever lies between them."""
TIMELESS_WORDS = 0.1
"""The likeness in words from which two hits may be one step although one has no date."""
OTHER_STAGE_WORDS = 0.3
"""The same where the outlets call the step by different names."""

_STAGES = {
    "ban": "measure", "order": "measure", "suspension": "measure", "fine": "sanction",
    "settlement": "sanction", "reprimand": "sanction", "investigation": "inquiry",
    "warning": "inquiry", "complaint": "complaint", "court-ruling": "ruling",
    "resumption": "resumption",
}  # fmt: skip
# outlets tell one step by either of its two sides: a block comes with an inquiry, a fine with an order
_SAME_DAYS = {
    frozenset({"measure", "inquiry"}): 5, frozenset({"measure", "sanction"}): 5,
    frozenset({"sanction", "inquiry"}): 3, frozenset({"complaint", "inquiry"}): 2,
    frozenset({"ruling", "measure"}): 5, frozenset({"ruling", "sanction"}): 5,
    frozenset({"ruling", "inquiry"}): 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoryHit:
    """A hit as stories see it; ``when`` is its publication, else its first sight.

    ``dated`` is False where neither says when the step was told: an undated entry that stood in
    its source before it was watched, or was imported. Time then neither joins nor parts.
    """

    entry_id: int
    key: str
    title: str
    when: datetime
    kind: SourceKind
    facts: Facts
    vector: Mapping[str, float]
    link: str | None = None
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """One story of an arrangement: its hits, and the existing story it continues, if any."""

    hits: tuple[StoryHit, ...]
    story: int | None
    follows: int | None = None  # index of the group it follows


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a neighbourhood of hits falls into stories; ``merged`` maps a given-up story to its heir."""

    groups: tuple[Group, ...]
    merged: Mapping[int, int]


def keys(hit: StoryHit) -> frozenset[str]:
    """Under which keys a hit is found: its parties by month, its link, and its case."""
    cases = {f"case:{case}" for case in _cases(hit)}
    undated = set() if hit.dated else {f"undated:{case}" for case in _cases(hit)}
    return frozenset(_near(hit) | cases | undated)


def lookups(hit: StoryHit) -> frozenset[str]:
    """Under which keys a hit's neighbours stand; of a case's dated hits only an undated one asks."""
    where = "undated" if hit.dated else "case"
    return frozenset(_near(hit) | {f"{where}:{case}" for case in _cases(hit)})


def _near(hit: StoryHit) -> set[str]:
    months = {_month(hit.when - WINDOW), _month(hit.when), _month(hit.when + WINDOW)}
    facts = hit.facts
    found = {f"org:{name.lower()}|{m}" for name in facts.organisations[:4] or _some(facts.organisation) for m in months}  # fmt: skip
    if not found:
        found = {f"reg:{name}|{m}" for name in facts.regulators[:3] or _some(facts.regulator) for m in months}  # fmt: skip
    if not found:
        found = {f"none|{m}" for m in months}
    if hit.link:
        found.add(f"link:{hit.link}")
    return found


def _cases(hit: StoryHit) -> set[str]:
    """Who against whom and what, without a date: where undated hits find their neighbours."""
    facts = hit.facts
    stage = _STAGES.get(facts.action or "")
    parties = sorted(_organisations(hit))[:2]
    actors = sorted(_actors(hit))[:3]
    found = {f"{actor}|{party}|{stage}" for actor in actors for party in parties if stage}
    if facts.amount is not None:
        found |= {f"{facts.amount:.0f}|{who}" for who in (*actors, *parties)}
    return found


def _some(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _month(moment: datetime) -> str:
    return f"{moment:%Y-%m}"


def likeness(a: StoryHit, b: StoryHit) -> float:
    """How surely two hits tell the same step: above 0 they may, at or below 0 they do not."""
    if a.link and a.link == b.link:
        return 2.0
    gap = _gap(a, b)
    if gap is None:
        return _timeless(a, b)
    if gap > WINDOW or _contradict(a.facts, b.facts, gap):
        return 0.0
    words = cosine(a.vector, b.vector)
    parties = bool(_organisations(a) & _organisations(b))
    authorities = bool(_authorities(a) & _authorities(b))
    sums = a.facts.amount is not None and a.facts.amount == b.facts.amount
    score = words + 0.5 * parties + 0.35 * authorities + 0.4 * sums
    if not parties and not (authorities and (sums or words > 0.3)) and words < 0.45:
        return 0.0
    if parties and not authorities and not sums and words < 0.12 and gap > timedelta(days=4):
        return 0.0
    return score


def may_meet(a: StoryHit, b: StoryHit) -> bool:
    """Whether time and facts leave it open that two hits tell the same step; words play no part."""
    if a.link and a.link == b.link:
        return True
    gap = _gap(a, b)
    return (gap is None or gap <= WINDOW) and not _contradict(a.facts, b.facts, gap)


def _gap(a: StoryHit, b: StoryHit) -> timedelta | None:
    """The time between two hits; None where one of them has no date."""
    return abs(a.when - b.when) if a.dated and b.dated else None


def _timeless(a: StoryHit, b: StoryHit) -> float:
    """Likeness without time: two of authority, party and sum agree, or the words almost do."""
    if _contradict(a.facts, b.facts, None):
        return 0.0
    parties = bool(_organisations(a) & _organisations(b))
    actors = bool(_actors(a) & _actors(b))
    sums = a.facts.amount is not None and a.facts.amount == b.facts.amount
    words = cosine(a.vector, b.vector)
    if (
        _STAGES.get(a.facts.action or "") != _STAGES.get(b.facts.action or "")
        and words < OTHER_STAGE_WORDS
    ):
        return 0.0
    if parties + actors + sums >= 2 and (sums or words > TIMELESS_WORDS):
        return words + 0.4 * sums
    return words if actors and words > 0.45 else 0.0


def _actors(hit: StoryHit) -> set[str]:
    """The authorities, and for a complaint whoever complains."""
    complains = hit.facts.action == "complaint"
    return _authorities(hit) | set(_some(hit.facts.complainant) if complains else ())


def _contradict(a: Facts, b: Facts, gap: timedelta | None) -> bool:
    """Whether the facts say that two hits tell different steps."""
    if _apart(a.organisations, b.organisations):
        return True
    if _apart(a.regulators, b.regulators) and not (a.court or b.court):
        return True
    if a.amount and b.amount and a.currency == b.currency and abs(a.amount - b.amount) > 0.1 * max(a.amount, b.amount):  # fmt: skip
        return True
    first, second = _STAGES.get(a.action or ""), _STAGES.get(b.action or "")
    if first is None or second is None or first == second:
        return False
    days = _SAME_DAYS.get(frozenset({first, second}))
    return days is None or (gap is not None and gap > timedelta(days=days))


def _apart(a: Sequence[str], b: Sequence[str]) -> bool:
    return bool(a) and bool(b) and not set(a) & set(b)


def _organisations(hit: StoryHit) -> set[str]:
    return {n.lower() for n in (*hit.facts.organisations, *_some(hit.facts.organisation))}


def _authorities(hit: StoryHit) -> set[str]:
    return {*hit.facts.regulators, *_some(hit.facts.regulator)}


def arrange(
    hits: Sequence[StoryHit],
    existing: Mapping[int, int],
    *,
    together: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Arrangement:
    """Put a neighbourhood of hits into stories.

    ``existing`` maps an entry to the story it stands in; ``together`` and ``apart`` are pairs of
    entries that a person decided on, which no likeness overrides.
    """
    ordered = sorted(hits, key=lambda h: (h.when, h.key))
    clusters = _cluster(ordered, set(map(frozenset, together)), set(map(frozenset, apart)))
    groups = _named(clusters, existing)
    merged = _heirs(groups, existing)
    return Arrangement(tuple(_linked(groups)), merged)


def _cluster(
    hits: Sequence[StoryHit], together: set[frozenset[int]], apart: set[frozenset[int]]
) -> list[list[StoryHit]]:
    """Join the likeliest pairs first; never two clusters between which some pair contradicts."""
    of = {h.entry_id: [h] for h in hits}
    for pair in _pairs(hits, together, apart):
        first, second = of[pair[0].entry_id], of[pair[1].entry_id]
        if first is second:
            continue
        decided = frozenset({pair[0].entry_id, pair[1].entry_id}) in together
        if not decided and any(_barred(a, b, apart) for a in first for b in second):
            continue
        if any(frozenset({a.entry_id, b.entry_id}) in apart for a in first for b in second):
            continue
        first.extend(second)
        for hit in second:
            of[hit.entry_id] = first
    unique = {id(c): c for c in of.values()}
    found = [sorted(c, key=lambda h: (h.when, h.key)) for c in unique.values()]
    return sorted(found, key=lambda c: (c[0].when, c[0].key))


def _pairs(
    hits: Sequence[StoryHit], together: set[frozenset[int]], apart: set[frozenset[int]]
) -> list[tuple[StoryHit, StoryHit]]:
    scored: list[tuple[float, str, str, StoryHit, StoryHit]] = []
    for n, a in enumerate(hits):
        for b in hits[n + 1 :]:
            pair = frozenset({a.entry_id, b.entry_id})
            score = 9.0 if pair in together else 0.0 if pair in apart else likeness(a, b)
            if score > 0:
                scored.append((-score, a.key, b.key, a, b))
    scored.sort(key=lambda s: s[:3])
    return [(s[3], s[4]) for s in scored]


def _barred(a: StoryHit, b: StoryHit, apart: set[frozenset[int]]) -> bool:
    if frozenset({a.entry_id, b.entry_id}) in apart:
        return True
    if a.link is not None and a.link == b.link:
        return False
    gap = _gap(a, b)
    return (gap is not None and gap > LONGEST) or _contradict(a.facts, b.facts, gap)


def _named(clusters: Sequence[list[StoryHit]], existing: Mapping[int, int]) -> list[Group]:
    """Each cluster continues the story most of its hits stand in; no story is continued twice."""
    claims: list[tuple[int, int, int]] = []
    for n, cluster in enumerate(clusters):
        counts: dict[int, int] = {}
        for hit in cluster:
            story = existing.get(hit.entry_id)
            if story is not None:
                counts[story] = counts.get(story, 0) + 1
        claims += [(-count, story, n) for story, count in counts.items()]
    # of several stories that meet in one cluster the oldest, which has the lowest id, goes on
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for _, story, n in sorted(claims, key=lambda c: (c[1], c[0], c[2])):
        if n not in chosen and story not in taken:
            chosen[n] = story
            taken.add(story)
    return [Group(tuple(c), chosen.get(n)) for n, c in enumerate(clusters)]


def _heirs(groups: Sequence[Group], existing: Mapping[int, int]) -> dict[int, int]:
    """Stories none of the groups continues, and the story that took over most of their hits."""
    kept = {g.story for g in groups}
    heirs: dict[int, int] = {}
    for group in groups:
        for hit in group.hits:
            story = existing.get(hit.entry_id)
            if story is not None and story not in kept and group.story is not None:
                heirs.setdefault(story, group.story)
    return heirs


def _linked(groups: Sequence[Group]) -> list[Group]:
    """Each group with the latest earlier one of the same case."""
    linked = []
    for n, group in enumerate(groups):
        earlier = [
            k
            for k, other in enumerate(groups)
            if other.hits[0].when < group.hits[0].when and _same_case(other, group)
        ]
        latest = max(earlier, key=lambda k: groups[k].hits[0].when, default=None)
        linked.append(Group(group.hits, group.story, latest if latest != n else None))
    return linked


def _same_case(a: Group, b: Group) -> bool:
    parties = set().union(*map(_organisations, a.hits)) & set().union(*map(_organisations, b.hits))
    first = set().union(*map(_authorities, a.hits))
    second = set().union(*map(_authorities, b.hits))
    return bool(parties) and (bool(first & second) or not first or not second)
