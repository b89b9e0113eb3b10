"""Figures of a report: buckets, medians, intervals, and numbers as people read them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import sqrt

LATENCY_BUCKETS = (
    ("up to 15 min", timedelta(minutes=15)),
    ("up to 1 h", timedelta(hours=1)),
    ("up to 3 h", timedelta(hours=3)),
    ("up to 6 h", timedelta(hours=6)),
    ("up to 12 h", timedelta(hours=12)),
    ("up to 1 day", timedelta(days=1)),
    ("up to 3 days", timedelta(days=3)),
    ("longer", timedelta.max),
)


def buckets(spans: Sequence[timedelta]) -> list[tuple[str, int]]:
    """How many spans fall into each bucket; every bucket is there, empty ones too."""
    counts = [0] * len(LATENCY_BUCKETS)
    for span in spans:
        counts[next(n for n, (_, most) in enumerate(LATENCY_BUCKETS) if span <= most)] += 1
    return [(name, n) for (name, _), n in zip(LATENCY_BUCKETS, counts, strict=True)]


def quantile(spans: Sequence[timedelta], share: float) -> timedelta:
    """The span that ``share`` of all do not exceed; of at least one."""
    ordered = sorted(spans)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def wilson(good: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share: honest where few were judged. ``of`` is at least 1."""
    z, share = 1.96, good / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def span(length: timedelta) -> str:
    """A length in its two largest fitting words: ``40 min``, ``5.5 h``, ``12 days``."""
    minutes = length.total_seconds() / 60
    if minutes < 1:
        return f"{max(0, int(length.total_seconds()))} s"
    if minutes < 90:
        return f"{minutes:.0f} min"
    if minutes < 48 * 60:
        return f"{minutes / 60:.1f} h".replace(".0 h", " h")
    return f"{minutes / 1440:.0f} days"


def share(part: float, whole: float) -> str:
    """A percentage that says 100 % only where nothing is lacking, and 0 % only for nothing."""
    if not whole:
        return "—"
    value = 100 * part / whole
    if part != whole:
        value = min(value, 99.9)
    if part:
        value = max(value, 0.1)
    return f"{value:.1f} %".replace(".0 %", " %")


def money(amount: float) -> str:
    """``7.5 million``, ``310 million``, ``1.2 billion``, ``25,000``."""
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if amount >= size:
            return f"{amount / size:.2f}".rstrip("0").rstrip(".") + f" {word}"
    return f"{amount:,.0f}"


def steps(since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The period in columns: days up to 45, weeks up to 400 days, else thirty days each."""
    length = until - since
    size = 1 if length <= timedelta(days=45) else 7 if length <= timedelta(days=400) else 30
    begin = since.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while begin < until:
        found.append((begin, begin + timedelta(days=size)))
        begin += timedelta(days=size)
    return found


def ticks(top: int) -> list[int]:
    """Round numbers for an axis from 0 to at least ``top``: three to five of them."""
    unit = 1
    while True:
        for factor in (1, 2, 5):
            if unit * factor * 4 >= max(1, top):
                step = unit * factor
                return list(range(0, step * (-(-max(1, top) // step)) + 1, step))
        unit *= 10


def day(value: datetime) -> str:
    """``3 Oct 2026``."""
    return f"{value:%-d %b %Y}"


def minute(value: datetime) -> str:
    """``3 Oct 2026 14:05``."""
    return f"{value:%-d %b %Y %H:%M}"


def count(n: int, what: str) -> str:
    """``1 source``, ``9 sources``, ``2 stories``."""
    many = f"{what[:-1]}ies" if what.endswith("ry") else f"{what}s"
    return f"{n:,} {what if n == 1 else many}"
