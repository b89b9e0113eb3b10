"""The heat map: one strip per source, one place per day, with what the source's polls came to. Pure.

A strip is one row of a table, so that it breaks across printed pages between sources.
Grades differ in height as well as in colour: they are told apart in grey and by every eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import groupby

from .figures import share, span
from .period import Coverage, Day, Period
from .plots import text

KINDS = ("regulator", "court", "ngo", "press", "law", "aggregator")
SHAPES = {"good": (0, 10), "most": (2, 8), "part": (4, 6), "bad": (0, 10), "none": (8, 2)}
"""Top and height of a grade's mark within a strip of ten."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days a heat map shows."""

    first: date
    count: int

    @classmethod
    def of(cls, period: Period) -> Days:
        """Every day the period touches."""
        last = (period.until - timedelta(microseconds=1)).date()
        return cls(period.since.date(), max(1, (last - period.since.date()).days + 1))


def grade(day: Day | None, when: date, coverage: Coverage) -> str | None:
    """``good`` (all), ``most`` (3 of 4), ``part``, ``bad`` (none), ``none`` (not polled); None: not watched."""
    if day is not None and day.polls:
        return _share(day)
    source = coverage.source
    return "none" if source.watched_from.date() <= when <= source.watched_until.date() else None


def _share(day: Day) -> str:
    if day.good == day.polls:
        return "good"
    return "most" if day.good * 4 >= day.polls * 3 else "part" if day.good else "bad"


def strip(coverage: Coverage, days: Days) -> str:
    """One source's row of the heat map, as SVG; each run of equal days is one titled mark."""
    graded = []
    for n in range(days.count):
        when = days.first + timedelta(days=n)
        day = coverage.days.get(f"{when:%Y-%m-%d}")
        graded.append((n, when, day or Day(), grade(day, when, coverage)))
    marks = "".join(
        _mark(kind, list(run)) for kind, run in groupby(graded, key=lambda g: g[3]) if kind
    )
    return f'<svg class="strip" role="img" aria-label="{escape(_told(coverage))}" viewBox="0 0 {days.count} 10" preserveAspectRatio="none" width="100%" height="13">{marks}</svg>'


def _mark(kind: str, run: Sequence[tuple[int, date, Day, str | None]]) -> str:
    top, height = SHAPES[kind]
    first, last = run[0], run[-1]
    when = f"{first[1]:%-d %b}" if first is last else f"{first[1]:%-d %b} to {last[1]:%-d %b}"
    polls, good = sum(r[2].polls for r in run), sum(r[2].good for r in run)
    said = "not polled" if kind == "none" else f"{good} of {polls} polls succeeded"
    return f'<path class="{kind}" d="M{first[0]} {top}h{len(run)}v{height}h-{len(run)}z"><title>{when}: {said}</title></path>'


def _told(coverage: Coverage) -> str:
    return f"{share(coverage.good, coverage.polls)} of {coverage.polls} polls succeeded, {len(coverage.gaps)} gaps"


def axis(days: Days) -> str:
    """Dates above the strips: the first of each month, or a few days of a short period."""
    found: list[str] = []
    last = -100.0
    for n in range(days.count):
        when = days.first + timedelta(days=n)
        place = 100 * n / days.count
        wanted = when.day == 1 or n == 0 if days.count > 45 else n % max(1, days.count // 4) == 0
        if wanted and place - last >= 14 and place <= 88:
            narrow = ' class="x"' if found else ""  # a phone has room for the first alone
            found.append(f'<text{narrow} x="{place:.1f}%" y="11">{when:%-d %b}</text>')
            last = place
    return f'<svg aria-hidden="true" width="100%" height="14">{"".join(found)}</svg>'


def table(period: Period) -> str:
    """All sources by kind: strip, share of good polls, gaps, blind time, quiet spell, new, hits."""
    days = Days.of(period)
    head = (
        f'<thead><tr><th>Source<th class="days">{axis(days)}<th class="n x">Polls<th class="n">good'
        '<th class="n">Gaps<th class="n x">blind<th class="n x">quiet<th class="n x">New<th class="n">Hits</thead>'
    )
    order = sorted(period.coverage, key=lambda c: (_rank(c), c.source.name.casefold()))
    bodies = []
    for kind, group in groupby(order, key=lambda c: c.source.kind):
        rows = list(group)
        title = f'<tr class="kind"><th colspan="2" scope="rowgroup">{text(kind)} ({len(rows)})'
        bodies.append(f"<tbody>{title}{''.join(_row(c, days, period) for c in rows)}</tbody>")
    return f'<table class="heat">{head}{"".join(bodies)}</table>'


def _rank(coverage: Coverage) -> int:
    kind = coverage.source.kind
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _row(c: Coverage, days: Days, period: Period) -> str:
    blind = span(c.blind) if c.gaps else ""
    quiet = span(c.quiet) if c.quiet is not None else "—"
    good = share(c.good, c.polls)
    return (
        f'<tr><th scope="row">{text(c.source.name, 60)}<td class="days">{strip(c, days)}'
        f'<td class="n x">{c.polls:,}<td class="n">{good}<td class="n">{len(c.gaps) or ""}<td class="n x">{blind}'
        f'<td class="n x">{quiet}<td class="n x">{c.new:,}<td class="n">{period.hits_by_source.get(c.source.name, 0) or ""}'
    )
