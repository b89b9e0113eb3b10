"""What a report tells of: plain rows of the archive, and the coverage drawn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ..health import QUIET_DAYS

Rows = Sequence[Mapping[str, Any]]
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Source:
    """A source as far as its coverage is concerned."""

    name: str
    kind: str
    watched_from: datetime  # the period's begin, or the first poll where that came later
    watched_until: datetime  # the period's end, or the last poll of a source that was taken out
    usual_gap: timedelta | None  # between two new entries


class Poll(NamedTuple):
    """One poll of a source, as the archive keeps it; a tuple, since a period has many."""

    started: datetime
    outcome: str  # parsed, unchanged, failed
    error_class: str | None
    entries: int
    new: int

    @property
    def good(self) -> bool:
        """Whether the source answered with something that could be read."""
        return self.outcome != "failed"


@dataclass(frozen=True, slots=True)
class Gap:
    """A spell without a successful poll that was longer than the source's usual rhythm."""

    source: str
    begin: datetime
    end: datetime
    cause: str
    after: str  # what the next successful poll showed
    missed: bool  # whether something may have been missed

    @property
    def length(self) -> timedelta:
        """How long it lasted within the period."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Day:
    """A source's polls of one day."""

    polls: int = 0
    good: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one source was watched in the period."""

    source: Source
    days: Mapping[str, Day]  # by ISO date; a day that is absent was not polled
    polls: int
    good: int
    new: int
    gaps: tuple[Gap, ...]
    quiet: timedelta | None  # the longest spell without a new entry

    @property
    def unusually_quiet(self) -> bool:
        """Whether nothing new came for two weeks and for four times as long as usual.

        Such a source may be dead although it answers.
        """
        usual = self.source.usual_gap
        return (
            usual is not None
            and self.quiet is not None
            and self.quiet >= QUIET_DAYS
            and self.quiet > 4 * usual
        )

    @property
    def blind(self) -> timedelta:
        """How long it could not be seen, gaps added up."""
        return sum((gap.length for gap in self.gaps), timedelta(0))


@dataclass(frozen=True, slots=True)
class Period:
    """Everything a report shows."""

    since: datetime
    until: datetime
    made: datetime
    release: str
    totals: Mapping[str, int]  # entries, hits, stories, alerts
    hits_by_day: Mapping[str, tuple[int, int]]  # ISO date -> first hits of a story, further hits
    by: Mapping[str, Rows]  # heading -> rows of name, n
    amounts: Rows
    latencies: Rows
    precision: Rows  # month, relevant, judged
    stories: Rows
    coverage: Sequence[Coverage]
    hits_by_source: Mapping[str, int]
    down: Sequence[Span]  # when no process was running
    polls_from: datetime | None  # the oldest poll the archive still has
    never_polled: Sequence[str]  # configured sources that no poll has reached yet
    models: Rows  # model, threshold, adopted
