"""``status`` as a page of text that fits a terminal. Pure: what is, in; lines, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any
from unicodedata import combining, east_asian_width

from .escape import tidy
from .health import STALE_AFTER

Row = Mapping[str, Any]
TROUBLED = ("failing", "blocked", "gone")
MARGIN = 10
"""The column in which what is said begins."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Job:
    """Something the running service does at a time of its own."""

    name: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page tells."""

    release: str
    now: datetime
    run: Row | None  # started, heartbeat, ended, command, last_cycle, bugs
    sources: Sequence[Row]  # name, state, error_class, error, last_ok, next_due
    queue: Mapping[str, int]  # deliveries by state
    channels: Sequence[Row]  # held ones: channel, held_since, held_reason
    last_alert: Row | None  # sent_at, story_id, title
    alerts_7d: int
    model: str
    threshold: float
    adopted: str | None  # when the model came into force; None: not yet
    path: str
    size: int  # bytes, with the write-ahead log
    entries: int
    hits: int
    stories: int
    jobs: Sequence[Job]
    problems: Sequence[str]


def lines(told: Overview, *, width: int = 80, height: int = 24) -> list[str]:
    """The page: no line longer than ``width``, and about ``height`` of them at most."""
    head = [
        fit(_headline(told), width),
        *(_line("Problem", problem, width) for problem in told.problems),
        _line("Sources", _counts(told), width),
    ]
    tail = [
        _line("Queue", _queue(told), width),
        _line("Alerts", _alerts(told), width),
        _line("Model", _model(told), width),
        _line("Archive", f"{told.path}, {_bytes(told.size)}", width),
        _line("", f"{told.entries:,} entries, {told.hits:,} hits, {told.stories:,} stories", width),
        *(_line("Next" if n == 0 else "", _job(job, told.now), width) for n, job in enumerate(told.jobs)),
    ]  # fmt: skip
    room = max(3, height - len(head) - len(tail) - 1)
    return [*head, *_troubled(told, width, room), *tail]


def _line(name: str, text: str, width: int) -> str:
    return f"{name:<{MARGIN}}{fit(text, width - MARGIN)}"


def _headline(told: Overview) -> str:
    run = told.run
    if run is None:
        return f"regwatch {told.release} · has not run yet"
    seen = _moment(run["heartbeat"])
    if run["ended"]:
        state = f"ended {_clock(_moment(run['ended']))}"
    elif told.now - seen > STALE_AFTER:
        state = f"gave no sign since {_clock(seen)}"
    else:
        state = f"running since {_clock(_moment(run['started']))}"
    cycle = f", last cycle {ago(told.now, _moment(run['last_cycle']))}" if run["last_cycle"] else ""
    return f"regwatch {told.release} · `{run['command']}` {state}{cycle}"


def _counts(told: Overview) -> str:
    counts: dict[str, int] = {}
    for row in told.sources:
        counts[row["state"]] = counts.get(row["state"], 0) + 1
    states = ", ".join(f"{n} {state}" for state, n in sorted(counts.items(), key=lambda c: -c[1]))
    due = [(row["next_due"], row["name"]) for row in told.sources if row["next_due"] and row["state"] not in ("disabled", "gone")]  # fmt: skip
    following = (
        f"; next poll {until(told.now, _moment(min(due)[0]))} ({min(due)[1]})" if due else ""
    )
    return f"{len(told.sources)}: {states}{following}" if told.sources else "none configured"


def _troubled(told: Overview, width: int, room: int) -> list[str]:
    rows = sorted((r for r in told.sources if r["state"] in TROUBLED), key=lambda r: (r["last_ok"] or "", r["name"]))  # fmt: skip
    shown = rows if len(rows) <= room else rows[: room - 1]
    name_width = max((cells(fit(r["name"], width // 3)) for r in shown), default=0)
    found = []
    for row in shown:
        last = f"last success {ago(told.now, _moment(row['last_ok']))}" if row["last_ok"] else "never worked"  # fmt: skip
        again = f", next try {until(told.now, _moment(row['next_due']))}" if row["next_due"] and row["state"] != "gone" else ""  # fmt: skip
        name = fit(row["name"], name_width)
        pad = " " * (name_width - cells(name) + 2)
        said = f"{row['state']} {row['error_class'] or ''}: {last}{again}"
        found.append(f"{'':<{MARGIN}}{name}{pad}{fit(said, width - MARGIN - name_width - 2)}")
    if len(shown) < len(rows):
        found.append(_line("", f"… and {len(rows) - len(shown)} more in trouble; `regwatch feeds` lists all", width))  # fmt: skip
    return found


def _queue(told: Overview) -> str:
    waiting = sum(told.queue.values())
    parts = ", ".join(f"{n} {state}" for state, n in sorted(told.queue.items()))
    held = "; ".join(f"{c['channel']} held since {_clock(_moment(c['held_since']))}: {c['held_reason']}" for c in told.channels)  # fmt: skip
    return " · ".join(p for p in (f"{waiting} to deliver ({parts})" if waiting else "empty", held) if p)  # fmt: skip


def _model(told: Overview) -> str:
    since = (
        f"in force since {_clock(_moment(told.adopted))}" if told.adopted else "not in force yet"
    )
    return f"{told.model}, threshold {told.threshold:.3f}, {since}"


def _alerts(told: Overview) -> str:
    if told.last_alert is None:
        return "none sent yet"
    last = told.last_alert
    what = " ".join(str(last[k]) for k in ("story_id", "title") if last[k])
    return f"{told.alerts_7d} in 7 days; last {ago(told.now, _moment(last['sent_at']))}: {what}"


def _job(job: Job, now: datetime) -> str:
    return f"{job.name} {until(now, job.at)} ({_clock(job.at)}){f', {job.note}' if job.note else ''}"  # fmt: skip


def next_at(now: datetime, at: time, zone: tzinfo, weekday: str | None = None) -> datetime:
    """The next time the clock of a zone shows ``at``, on a weekday where one is named."""
    local = now.astimezone(zone)
    for days in range(9):
        day = local.date() + timedelta(days=days)
        found = datetime.combine(day, at, tzinfo=zone)
        if found > now and weekday in (None, WEEKDAYS[day.weekday()]):
            return found.astimezone(now.tzinfo)
    raise ValueError(f"{weekday!r} is not a weekday")


def ago(now: datetime, then: datetime) -> str:
    """``4 min ago``."""
    return f"{_span(now - then)} ago" if now - then >= timedelta(minutes=1) else "just now"


def until(now: datetime, then: datetime) -> str:
    """``in 4 min``, or ``due``."""
    return f"in {_span(then - now)}" if then > now else "due"


def cells(text: str) -> int:
    """The columns a terminal needs for a text: two for wide letters, none for combining marks."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def fit(text: str, width: int) -> str:
    """The text tidied and cut to so many columns."""
    said, limit = tidy(text, width), width
    while cells(said) > width:
        limit -= max(1, (cells(said) - width) // 2)
        said = tidy(text, limit)
    return said


def _span(length: timedelta) -> str:
    minutes = max(1, round(length.total_seconds() / 60))
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes / 60:.0f} h" if minutes < 72 * 60 else f"{minutes / 1440:.0f} days"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(value: datetime) -> str:
    return f"{value:%-d %b %H:%M} UTC"


def _bytes(size: int) -> str:
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1000:.0f} kB"
