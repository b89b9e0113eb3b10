"""The rows of a report's period. Reads only; what they mean is worked out in ``monitor.report``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ..report.coverage import cover, downtime
from ..report.period import Coverage, Period, Poll, Source, Span
from .archive import Archive
from .codec import from_iso, iso, moment
from .periods import counts, stories_in

Window = tuple[str, str]
YEAR = timedelta(days=366)


def period(
    archive: Archive, since: datetime, until: datetime, *, made: datetime, release: str
) -> Period:
    """Everything a report shows, from one reading of the archive."""
    window = (iso(since), iso(until))
    down = downtime(_runs(archive, window), since, min(until, made))
    stories = stories_in(archive, since, until)
    names = ("regulator", "jurisdiction", "action")
    return Period(
        since=since,
        until=until,
        made=made,
        release=release,
        totals=_totals(archive, window, len(stories)),
        hits_by_day=_hits_by_day(archive, window),
        by={name: counts(archive, since, until, name) for name in names},
        amounts=[s for s in stories if s["amount"]],
        latencies=_latencies(archive, window),
        precision=_precision(archive, iso(until - YEAR), iso(until)),
        stories=stories,
        coverage=list(_coverage(archive, since, min(until, made), down)),
        hits_by_source=_hits_by_source(archive, window),
        down=down,
        polls_from=from_iso(archive.rows("SELECT min(started) FROM fetches")[0][0]),
        never_polled=[
            row[0]
            for row in archive.rows(
                "SELECT name FROM feeds WHERE configured = 1 AND enabled = 1 AND first_polled IS NULL ORDER BY name"
            )
        ],  # fmt: skip
        models=_dicts(
            archive.rows(
                "SELECT model, threshold, adopted FROM models WHERE adopted < ? ORDER BY adopted DESC LIMIT 5",
                (iso(until),),
            )
        ),  # fmt: skip
    )


def _dicts(rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]


def _totals(archive: Archive, window: Window, stories: int) -> dict[str, int]:
    row = archive.rows(
        "SELECT (SELECT count(*) FROM entries WHERE first_seen >= ?1 AND first_seen < ?2) AS entries, "
        "(SELECT count(*) FROM story_entries s JOIN entries e ON e.id = s.entry_id "
        " WHERE e.first_seen >= ?1 AND e.first_seen < ?2) AS hits, "
        "(SELECT count(DISTINCT d.alert_id) FROM deliveries d JOIN alerts a ON a.id = d.alert_id "
        " WHERE d.state = 'sent' AND d.sent_at >= ?1 AND d.sent_at < ?2 AND a.kind IN ('new', 'update')) AS alerts",
        window,
    )[0]
    return {"stories": stories, **dict(row)}


def _hits_by_day(archive: Archive, window: Window) -> dict[str, tuple[int, int]]:
    """By day: hits that began a story, and hits that joined one."""
    rows = archive.rows(
        "SELECT substr(e.first_seen, 1, 10) AS day, count(*) AS hits, "
        "sum(e.id = (SELECT min(o.entry_id) FROM story_entries o WHERE o.story_id = s.story_id)) AS first "
        "FROM story_entries s JOIN entries e ON e.id = s.entry_id "
        "WHERE e.first_seen >= ? AND e.first_seen < ? GROUP BY 1",
        window,
    )
    return {row["day"]: (row["first"], row["hits"] - row["first"]) for row in rows}


def _hits_by_source(archive: Archive, window: Window) -> dict[str, int]:
    rows = archive.rows(
        "SELECT e.source, count(*) FROM story_entries s JOIN entries e ON e.id = s.entry_id "
        "WHERE e.first_seen >= ? AND e.first_seen < ? GROUP BY 1",
        window,
    )
    return {row[0]: row[1] for row in rows}


def _latencies(archive: Archive, window: Window) -> list[dict[str, datetime | None]]:
    """Per story told: when its first hit was published and seen, and when the alert was sent.

    Entries found at a source's first poll or imported quietly are left aside, and stories known
    by one before they were told: they were old when regwatch came.
    """
    rows = archive.rows(
        "SELECT min(e.published) FILTER (WHERE e.baseline = 0) AS published, "
        "min(e.first_seen) FILTER (WHERE e.baseline = 0) AS seen, "
        "(SELECT min(d.sent_at) FROM alerts a JOIN deliveries d ON d.alert_id = a.id "
        " WHERE a.story_id = s.id AND a.kind = 'new' AND d.state = 'sent') AS sent "
        "FROM stories s JOIN story_entries m ON m.story_id = s.id JOIN entries e ON e.id = m.entry_id "
        "WHERE s.first_seen >= ? AND s.first_seen < ? AND s.merged_into IS NULL "
        "GROUP BY s.id HAVING max(e.baseline AND e.first_seen <= coalesce(sent, e.first_seen)) = 0",
        window,
    )
    return [{name: from_iso(row[name]) for name in ("published", "seen", "sent")} for row in rows]


def _precision(archive: Archive, since: str, until: str) -> list[dict[str, Any]]:
    """By month: hits judged, and those judged relevant; the latest judgement of each counts."""
    return _dicts(
        archive.rows(
            "SELECT substr(e.first_seen, 1, 7) AS month, count(*) AS judged, sum(l.label = 'relevant') AS relevant "
            "FROM story_entries s JOIN entries e ON e.id = s.entry_id "
            "JOIN labels l ON l.id = (SELECT max(x.id) FROM labels x WHERE x.entry_id = e.id) "
            "WHERE e.first_seen >= ? AND e.first_seen < ? GROUP BY 1 ORDER BY 1",
            (since, until),
        )
    )


def _runs(archive: Archive, window: Window) -> list[Span]:
    rows = archive.rows(
        "SELECT started, coalesce(ended, heartbeat) AS seen FROM runs WHERE command IN ('run', 'once') "
        "AND coalesce(ended, heartbeat) >= ? AND started < ?",
        window,
    )
    return [(moment(row["started"]), moment(row["seen"])) for row in rows]


def _coverage(
    archive: Archive, since: datetime, until: datetime, down: tuple[Span, ...]
) -> Iterator[Coverage]:
    """Sources in the order of their ids: those configured, and those polled in the period."""
    window = (iso(since), iso(until))
    feeds = archive.rows(
        "SELECT id, name, kind, first_polled, last_polled, usual_gap_s, configured AND enabled AS active "
        "FROM feeds WHERE first_polled < ? AND (active OR last_polled >= ?) ORDER BY id",
        (window[1], window[0]),
    )
    for feed in feeds:
        own = _polls(archive, feed["id"], window)
        ends = until if feed["active"] else min(until, moment(feed["last_polled"]))
        source = Source(
            name=feed["name"],
            kind=feed["kind"],
            watched_from=max(since, moment(feed["first_polled"])),
            watched_until=max(ends, since),
            usual_gap=timedelta(seconds=feed["usual_gap_s"]) if feed["usual_gap_s"] else None,
        )
        yield cover(source, own, *_around(archive, feed["id"], window), down)


_POLL = "started, outcome, error_class, entries, new"


def _polls(archive: Archive, feed: int, window: Window) -> list[Poll]:
    rows = archive.rows(
        f"SELECT {_POLL} FROM fetches WHERE feed_id = ? AND started >= ? AND started < ? ORDER BY started",
        (feed, *window),
    )
    return [_poll(row) for row in rows]


def _around(archive: Archive, feed: int, window: Window) -> tuple[Poll | None, Poll | None]:
    """The last success before the period and the first one after it."""
    good = f"SELECT {_POLL} FROM fetches WHERE feed_id = ? AND outcome <> 'failed'"
    before = archive.row(f"{good} AND started < ? ORDER BY started DESC LIMIT 1", (feed, window[0]))
    after = archive.row(f"{good} AND started >= ? ORDER BY started LIMIT 1", (feed, window[1]))
    return (_poll(before) if before else None), (_poll(after) if after else None)


def _poll(row: sqlite3.Row) -> Poll:
    return Poll(moment(row["started"]), row["outcome"], row["error_class"], row["entries"], row["new"])  # fmt: skip
