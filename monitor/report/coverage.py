"""What was watched: from polls and runs to gaps, quiet spells and what may have been missed. Pure.

A gap is closed without loss when the next successful poll still shows entries known from before
it: the feed then reaches back over the whole gap. What was published and withdrawn within a gap
nobody can know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from .period import Coverage, Day, Gap, Poll, Source, Span

LEAST_GAP = timedelta(hours=3)
"""Shorter spells are the ordinary rhythm of polling and its back-off."""
NOT_RUNNING = "the service was not running"
"""The cause that all sources share; closed gaps of it are told together."""
RHYTHMS = 2.5
"""So many usual intervals without success are a gap, for sources polled rarely."""
LEAST_DOWN = timedelta(minutes=90)
"""A restart shorter than this delays polls and skips none; `once` from a timer leaves as much."""


def downtime(runs: Iterable[Span], since: datetime, until: datetime) -> tuple[Span, ...]:
    """The spells of the period in which no process ran, from the times of the runs."""
    found, seen = [], since
    for begin, end in sorted(runs):
        if begin - seen > LEAST_DOWN and begin > since:
            found.append((seen, min(begin, until)))
        seen = max(seen, end)
    if until - seen > LEAST_DOWN:
        found.append((seen, until))
    return tuple((a, b) for a, b in found if a < until)


def cover(
    source: Source, polls: Sequence[Poll], before: Poll | None, after: Poll | None, down: Sequence[Span]
) -> Coverage:  # fmt: skip
    """How a source was watched.

    ``polls`` are those of the period in the order of time; ``before`` and ``after`` the
    successful ones next to it, where there are any.
    """
    good = [poll for poll in polls if poll.good]
    tallies: dict[date, list[int]] = {}
    for poll in polls:
        tally = tallies.setdefault(poll.started.date(), [0, 0])
        tally[0] += 1
        tally[1] += poll.good
    walk = _Walk(source, polls, down, _least_gap(good))
    walk.over(good, before, after)
    return Coverage(
        source=source,
        days={f"{day:%Y-%m-%d}": Day(*tally) for day, tally in tallies.items()},
        polls=len(polls),
        good=len(good),
        new=sum(poll.new for poll in polls),
        gaps=tuple(walk.gaps),
        quiet=_quiet(source, good),
    )


def _least_gap(good: Sequence[Poll]) -> timedelta:
    steps = [(b.started - a.started).total_seconds() for a, b in pairwise(good)]
    return max(LEAST_GAP, timedelta(seconds=RHYTHMS * median(steps))) if steps else LEAST_GAP


def _quiet(source: Source, good: Sequence[Poll]) -> timedelta | None:
    """The longest spell between new entries, the period's edges included."""
    if not good:
        return None
    marks = [source.watched_from, *(p.started for p in good if p.new), source.watched_until]
    return max(b - a for a, b in pairwise(marks))


@dataclass(slots=True)
class _Walk:
    source: Source
    polls: Sequence[Poll]
    down: Sequence[Span]
    least: timedelta
    gaps: list[Gap] = field(default_factory=list)

    def over(self, good: Sequence[Poll], before: Poll | None, after: Poll | None) -> None:
        last = before.started if before else self.source.watched_from
        for poll in (*good, *((after,) if after else ())):
            self._look(last, poll.started, poll)
            last = poll.started
        if after is None:
            self._look(last, self.source.watched_until, None)

    def _look(self, begin: datetime, end: datetime, then: Poll | None) -> None:
        if end - begin <= self.least:
            return
        begin, end = max(begin, self.source.watched_from), min(end, self.source.watched_until)
        if end <= begin:
            return
        after, missed = _afterwards(then)
        self.gaps.append(Gap(self.source.name, begin, end, self._cause(begin, end), after, missed))

    def _cause(self, begin: datetime, end: datetime) -> str:
        away = sum((min(b, end) - max(a, begin) for a, b in self.down if a < end and b > begin), timedelta(0))  # fmt: skip
        if away * 2 >= end - begin:
            return NOT_RUNNING
        failed = Counter(p.error_class for p in self.polls if not p.good and begin <= p.started <= end)  # fmt: skip
        if failed:
            return f"{failed.most_common(1)[0][0]} ({failed.total()} polls failed)"
        return "not polled"


def _afterwards(then: Poll | None) -> tuple[str, bool]:
    if then is None:
        return "no success since", True
    if then.outcome == "unchanged":
        return "unchanged afterwards", False
    if not then.entries:
        return "empty afterwards", True
    if then.new < then.entries:
        return f"caught up: {then.new} new, older ones still listed", False
    return f"all {then.entries} entries were new: older ones may be missing", True
