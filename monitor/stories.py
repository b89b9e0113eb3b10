"""Is this hit the same event as that one: which hits make one story, and which follows which. Pure.

A story is one step against one party. Facts decide first (who, against whom, what, how much),
then time, then the likeness of the words, so that an Italian release and its English coverage
meet although they share no word. The result depends on the set of hits, not on their order.
"""

from __future__ import annotations

import re
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


Vector = Mapping[str, float] | Mapping[int, float]
"""A hit's words with their weights: by the word, or by a number that stands for it."""


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
    vector: Vector
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


def parties(hit: StoryHit) -> frozenset[str]:
    """Whom a hit says a step is against, in one spelling."""
    facts = hit.facts
    return frozenset(_plain(n) for n in (*facts.organisations, *_some(facts.organisation)))


_FORM = re.compile(
    r",? (?:inc|ltd|limited|llc|gmbh|ag|se|corp|plc|s\.?a|s\.?p\.?a|b\.?v|oy|ab|group)\.?$"
)


def _plain(name: str) -> str:
    """A company's name in lower case and without its legal form."""
    return _FORM.sub("", name.lower())


def authorities(hit: StoryHit) -> frozenset[str]:
    """The authorities and courts that a hit says act."""
    return frozenset((*hit.facts.regulators, *_some(hit.facts.regulator)))


def actors(hit: StoryHit) -> frozenset[str]:
    """The authorities, and for a complaint whoever complains."""
    complains = hit.facts.action == "complaint"
    return authorities(hit) | frozenset(_some(hit.facts.complainant) if complains else ())


def stage(facts: Facts) -> str | None:
    """The stage of a case that an action belongs to; None where the action is not told."""
    return _STAGES.get(facts.action or "")


def reach(step: str | None) -> dict[str | None, int]:
    """For each stage how many days away a hit of it may still tell the same step as one of ``step``."""
    window = WINDOW.days
    others = {*_STAGES.values(), None}
    if step is None:
        return dict.fromkeys(others, window)
    near = {o: _SAME_DAYS.get(frozenset({step, o})) for o in others if o not in (step, None)}
    return {step: window, None: window} | {o: days for o, days in near.items() if days is not None}


def _some(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A hit with what every comparison needs, worked out once."""

    hit: StoryHit
    parties: frozenset[str]
    authorities: frozenset[str]
    actors: frozenset[str]
    stage: str | None
    day: datetime | None


def _read(hit: StoryHit) -> _Read:
    return _Read(hit, parties(hit), authorities(hit), actors(hit), stage(hit.facts), _day(hit))


def _day(hit: StoryHit) -> datetime | None:
    """When a hit tells its step: its date, else the day that it names."""
    if hit.dated or hit.facts.told is None:
        return hit.when if hit.dated else None
    return datetime.fromisoformat(hit.facts.told).replace(tzinfo=hit.when.tzinfo)


def likeness(a: StoryHit, b: StoryHit) -> float:
    """How surely two hits tell the same step: above 0 they may, at or below 0 they do not."""
    return _likeness(_read(a), _read(b))


def _likeness(a: _Read, b: _Read) -> float:
    if a.hit.link and a.hit.link == b.hit.link:
        return 2.0
    gap = _gap(a, b)
    if (gap is not None and gap > WINDOW) or _contradict(a, b, gap):
        return 0.0
    if gap is None:
        return _timeless(a, b)
    words = cosine(a.hit.vector, b.hit.vector)
    party = bool(a.parties & b.parties)
    authority = bool(a.authorities & b.authorities)
    sums = _same_sum(a, b)
    score = words + 0.5 * party + 0.35 * authority + 0.4 * sums
    if not party and not (authority and (sums or words > 0.3)) and words < 0.45:
        return 0.0
    if party and not authority and not sums and words < 0.12 and gap > timedelta(days=4):
        return 0.0
    return score


def may_meet(hit: StoryHit, others: Iterable[StoryHit]) -> list[bool]:
    """For each other hit whether time and facts leave one step open; words play no part."""
    own = _read(hit)
    return [not _barred(own, _read(other), WINDOW) for other in others]


def drawn_to(hit: StoryHit, others: Iterable[StoryHit]) -> list[bool]:
    """For each other hit whether it may tell the same step, words included."""
    own = _read(hit)
    return [_likeness(own, _read(other)) > 0 for other in others]


def fits(hit: StoryHit, others: Iterable[StoryHit]) -> bool:
    """Whether nothing in some hits of one story contradicts another hit."""
    own = _read(hit)
    return not any(_barred(own, _read(other), LONGEST) for other in others)


def _same_sum(a: _Read, b: _Read) -> bool:
    return a.hit.facts.amount is not None and a.hit.facts.amount == b.hit.facts.amount


def _gap(a: _Read, b: _Read) -> timedelta | None:
    """The time between two hits; None where one of them has no date."""
    return abs(a.hit.when - b.hit.when) if a.hit.dated and b.hit.dated else None


def _timeless(a: _Read, b: _Read) -> float:
    """Likeness without time: two of authority, party and sum agree, or the words almost do."""
    party = bool(a.parties & b.parties)
    actor = bool(a.actors & b.actors)
    sums = _same_sum(a, b)
    words = cosine(a.hit.vector, b.hit.vector)
    if a.stage != b.stage and words < OTHER_STAGE_WORDS:
        return 0.0
    if party + actor + sums >= 2 and (sums or words > TIMELESS_WORDS):
        return words + 0.4 * sums
    return words if actor and words > 0.45 else 0.0


def _contradict(a: _Read, b: _Read, gap: timedelta | None) -> bool:
    """Whether the facts say that two hits tell different steps."""
    first, second = a.hit.facts, b.hit.facts
    if _apart(first.organisations, second.organisations):
        return True
    if _apart(first.regulators, second.regulators) and not (first.court or second.court):
        return True
    if first.amount and second.amount and first.currency == second.currency and abs(first.amount - second.amount) > 0.1 * max(first.amount, second.amount):  # fmt: skip
        return True
    if a.day and b.day and abs(a.day - b.day) > LONGEST:
        return True
    if a.stage is None or b.stage is None or a.stage == b.stage:
        return False
    days = _SAME_DAYS.get(frozenset({a.stage, b.stage}))
    return days is None or (gap is not None and gap > timedelta(days=days))


def _apart(a: Sequence[str], b: Sequence[str]) -> bool:
    return bool(a) and bool(b) and not set(a) & set(b)


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
    """Join the likeliest pairs first; never two clusters between which some pair contradicts.

    Where a person put hits together the facts of a cluster may contradict each other; then the
    pair at hand alone decides.
    """
    read = [_read(h) for h in hits]
    of = {r.hit.entry_id: [r] for r in read}
    decided = {entry for pair in together for entry in pair}
    for a, b in _pairs(read, together, apart):
        first, second = of[a.hit.entry_id], of[b.hit.entry_id]
        if first is second or _kept_apart(first, second, apart):
            continue
        free = any(r.hit.entry_id in decided for r in (*first, *second))
        if not free and any(_barred(x, y, LONGEST) for x in first for y in second):
            continue
        first.extend(second)
        for one in second:
            of[one.hit.entry_id] = first
    unique = {id(c): c for c in of.values()}
    found = [sorted((r.hit for r in c), key=lambda h: (h.when, h.key)) for c in unique.values()]
    return sorted(found, key=lambda c: (c[0].when, c[0].key))


def _kept_apart(
    first: Sequence[_Read], second: Sequence[_Read], apart: set[frozenset[int]]
) -> bool:
    """Whether a person decided that some two of two clusters do not belong together."""
    if not apart:
        return False
    return any(frozenset({a.hit.entry_id, b.hit.entry_id}) in apart for a in first for b in second)


def _pairs(
    hits: Sequence[_Read], together: set[frozenset[int]], apart: set[frozenset[int]]
) -> list[tuple[_Read, _Read]]:
    scored: list[tuple[float, str, str, _Read, _Read]] = []
    for n, a in enumerate(hits):
        for b in hits[n + 1 :]:
            pair = frozenset({a.hit.entry_id, b.hit.entry_id})
            score = 9.0 if pair in together else 0.0 if pair in apart else _likeness(a, b)
            if score > 0:
                scored.append((-score, a.hit.key, b.hit.key, a, b))
    scored.sort(key=lambda s: s[:3])
    return [(s[3], s[4]) for s in scored]


def _barred(a: _Read, b: _Read, longest: timedelta) -> bool:
    """Whether time or facts keep two hits out of one story."""
    if a.hit.link is not None and a.hit.link == b.hit.link:
        return False
    gap = _gap(a, b)
    return (gap is not None and gap > longest) or _contradict(a, b, gap)


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
    shared = frozenset().union(*map(parties, a.hits)) & frozenset().union(*map(parties, b.hits))
    first = frozenset().union(*map(authorities, a.hits))
    second = frozenset().union(*map(authorities, b.hits))
    return bool(shared) and (bool(first & second) or not first or not second)
