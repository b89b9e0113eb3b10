"""How the service is, read from the archive: for ``status``, ``feeds`` and ``health``.

Reads only; every word of it is a row that something else wrote.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from .health import BLIND_AFTER, STALE_AFTER
from .store import owed, runs
from .store.archive import Archive
from .store.codec import iso, moment

OVERDUE_AFTER = timedelta(hours=1)
COPY_FAILED = "copy failed"
"""The note that says why the last nightly copy failed; empty where it is good."""
NIGHTLY_AT = time(3, 17)
"""When, in UTC, the running service saves and trims the archive."""


def source_rows(archive: Archive) -> list[dict[str, Any]]:
    """One row per configured source, the shape of ``feeds --json``."""
    rows = archive.rows(
        "SELECT name, coalesce(active_url, url) AS url, url AS configured_url, state, error_class, error, last_ok, "
        "next_due, next_reason, kind, jurisdiction, language, watch, polls, not_modified, bytes, "
        "entries_seen, round(entries_seen * 7.0 / max(7.0, julianday(last_polled) - "
        "julianday(first_polled)), 1) AS per_week, last_new, usual_gap_s, failures, selectors, last_polled, "
        "(SELECT f.status FROM fetches f WHERE f.feed_id = feeds.id ORDER BY f.started DESC LIMIT 1) "
        "AS last_status FROM feeds WHERE configured = 1 ORDER BY name"
    )
    return [dict(row) for row in rows]


def status_document(archive: Archive, model: str) -> dict[str, Any]:
    """``status --json``."""
    queue = archive.rows(
        "SELECT count(*) FROM deliveries WHERE state IN ('pending','sending','unknown','held')"
    )[0][0]
    last = archive.rows("SELECT max(last_cycle) FROM runs")[0][0]
    return {
        "sources": source_rows(archive),
        "queue": queue,
        "model": model,
        "last_cycle": last,
    }


def health_problems(archive: Archive, now: datetime) -> list[str]:
    """What is red, in words; empty when all is well."""
    found: list[str] = []
    run = archive.row("SELECT * FROM runs WHERE command = 'run' ORDER BY id DESC LIMIT 1")
    if run is not None and run["ended"] is None and now - moment(run["heartbeat"]) > STALE_AFTER:
        found.append(f"the service has given no sign since {run['heartbeat']}")
    if run is not None and run["bugs"] and run["ended"] is None:
        found.append(f"{run['bugs']} internal errors since the start; see the log")
    found += _blindness(archive, now)
    found += [
        f"channel {row['channel']} is held since {row['held_since']}: {row['held_reason']}"
        for row in archive.rows("SELECT * FROM channels WHERE held_since IS NOT NULL")
    ]
    overdue = archive.rows(
        "SELECT count(*) FROM deliveries WHERE state IN ('pending','sending','unknown') "
        "AND created < ? AND not_before < ?",
        (iso(now - OVERDUE_AFTER), iso(now - OVERDUE_AFTER)),
    )[0][0]
    if overdue:
        found.append(f"{overdue} deliveries are overdue by more than an hour")
    lost = archive.rows(f"SELECT count(*) FROM deliveries d WHERE {owed.LOST}", owed.LOST_FOR)[0][0]
    if lost:
        found.append(f"{lost} deliveries were given up; see `regwatch deliveries`")
    if problem := runs.noted(archive, COPY_FAILED):
        found.append(f"the last nightly copy failed: {problem}")
    return found


def _blindness(archive: Archive, now: datetime) -> list[str]:
    row = archive.rows(
        "SELECT count(*) AS n, max(last_ok) AS ok, min(first_polled) AS began FROM feeds "
        "WHERE configured = 1 AND enabled = 1"
    )[0]
    since = row["ok"] or row["began"]
    if row["n"] and since and now - moment(since) > BLIND_AFTER:
        return [f"no source was fetched since {since}"]
    return []
