"""Feeds in the archive: the configured list, who may be polled now, and what a poll left behind.

Leases and host politeness stand in rows, so that several processes can poll one archive's
feeds without meeting at one source. Decides nothing about schedules.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..domain import Feed, FeedState, HttpFacts, Outcome, Parsed, PollJob, PollState, Unchanged
from ..identity import host_of
from .archive import Archive
from .codec import STATE_COLUMNS, iso, state_from_row, state_to_row, to_iso

_SET_STATE = ", ".join(f"{name} = :{name}" for name in STATE_COLUMNS)


def sync(archive: Archive, feeds: Sequence[Feed]) -> None:
    """Bring the rows in step with the configuration; rows of removed feeds stay, unconfigured.

    A feed that was renamed keeps its row when its URL is the same. One whose URL changed keeps
    its entries, drops its validators, which belong to the old URL, and begins with a baseline.
    """
    with archive.write() as connection:
        connection.execute("UPDATE feeds SET configured = 0")
        names = {feed.name for feed in feeds}
        for feed in feeds:
            _adopt_renamed(connection, feed, names)
            _upsert(connection, feed)


def _adopt_renamed(connection: sqlite3.Connection, feed: Feed, names: Iterable[str]) -> None:
    if connection.execute("SELECT 1 FROM feeds WHERE name = ?", (feed.name,)).fetchone():
        return
    for row in connection.execute("SELECT id, name FROM feeds WHERE url = ?", (feed.url,)):
        if row["name"] not in names:
            connection.execute("UPDATE feeds SET name = ? WHERE id = ?", (feed.name, row["id"]))
            return


def _upsert(connection: sqlite3.Connection, feed: Feed) -> None:
    values = {
        "name": feed.name,
        "url": feed.url,
        "host": host_of(feed.url),
        "kind": feed.kind.value,
        "jurisdiction": feed.jurisdiction,
        "language": feed.language,
        "watch": int(feed.watch),
        "enabled": int(feed.enabled),
        "state": FeedState.NEW.value if feed.enabled else FeedState.DISABLED.value,
    }
    connection.execute(
        "INSERT INTO feeds (name, url, host, kind, jurisdiction, language, watch, enabled, state) "
        "VALUES (:name, :url, :host, :kind, :jurisdiction, :language, :watch, :enabled, :state) "
        "ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, "
        "jurisdiction = excluded.jurisdiction, language = excluded.language, configured = 1, "
        "watch = excluded.watch, enabled = excluded.enabled",
        values,
    )
    connection.execute(
        "UPDATE feeds SET url = :url, host = :host, active_url = NULL, etag = NULL, "
        "last_modified = NULL, body_hash = NULL, validators_url = NULL, selectors = NULL, "
        "next_due = NULL, last_ok = NULL, failures = 0, redirect_url = NULL, redirect_since = NULL, "
        "gone_count = 0, gone_since = NULL, state = 'new' WHERE name = :name AND url <> :url",
        values,
    )
    connection.execute(
        "UPDATE feeds SET state = CASE WHEN :enabled = 0 THEN 'disabled' "
        "WHEN last_ok IS NOT NULL THEN 'ok' WHEN failures > 0 THEN 'failing' ELSE 'new' END "
        "WHERE name = :name AND (state = 'disabled' OR :enabled = 0)",
        values,
    )


def claim(
    archive: Archive,
    feeds: Mapping[str, Feed],
    now: datetime,
    limit: int,
    *,
    owner: str,
    lease: timedelta,
    host_gap: timedelta,
    polled_before: datetime | None = None,
) -> list[PollJob]:
    """Lease up to ``limit`` due feeds, at most one per host and none on a host that must wait.

    With ``polled_before`` due times and back-off are passed over: every feed last polled
    before that moment is taken, though never one whose Retry-After still runs.
    A ``host_gap`` of zero lifts the one-per-host rule.
    """
    if limit <= 0:
        return []
    values = {
        "now": iso(now),
        "owner": owner,
        "until": iso(now + lease),
        "limit": limit,
        "before": to_iso(polled_before),
        "gap_start": iso(now - host_gap),
        "polite": int(host_gap > timedelta(0)),
    }
    with archive.write() as connection:
        rows = connection.execute(_CLAIM, values).fetchall()
        jobs = []
        for row in rows:
            connection.execute(
                "UPDATE feeds SET lease_until = ?, lease_owner = ? WHERE id = ?",
                (values["until"], owner, row["id"]),
            )
            connection.execute(
                "INSERT INTO hosts (host, last_start) VALUES (?, ?) "
                "ON CONFLICT (host) DO UPDATE SET last_start = excluded.last_start",
                (row["host"], values["now"]),
            )
            if row["name"] in feeds:
                jobs.append(PollJob(feed=feeds[row["name"]], state=state_from_row(row)))
    return jobs


_DUE = """
configured = 1 AND enabled = 1 AND f.state <> 'gone'
AND (lease_until IS NULL OR lease_until <= :now)
AND (f.not_before IS NULL OR f.not_before <= :now)
AND (CASE WHEN :before IS NULL THEN next_due IS NULL OR next_due <= :now
     ELSE last_polled IS NULL OR last_polled < :before END)
AND (h.not_before IS NULL OR h.not_before <= :now)
"""

_CLAIM = f"""
SELECT * FROM (
  SELECT f.*, row_number() OVER (
    PARTITION BY CASE WHEN :polite THEN f.host ELSE f.id END ORDER BY next_due, f.id
  ) AS turn
  FROM feeds f LEFT JOIN hosts h ON h.host = f.host
  WHERE {_DUE}
  AND (NOT :polite OR ((h.last_start IS NULL OR h.last_start <= :gap_start)
    AND NOT EXISTS (SELECT 1 FROM feeds g WHERE g.host = f.host AND g.lease_until > :now)))
) WHERE turn = 1 ORDER BY next_due, id LIMIT :limit
"""


def count_due(archive: Archive, now: datetime, *, polled_before: datetime | None = None) -> int:
    """How many feeds ``claim`` would give in time, host gaps left aside."""
    row = archive.row(
        f"SELECT count(*) FROM feeds f LEFT JOIN hosts h ON h.host = f.host WHERE {_DUE}",
        {"now": iso(now), "before": to_iso(polled_before)},
    )
    return int(row[0]) if row else 0


def release_leases(archive: Archive, owner: str | None = None) -> None:
    """Give back leases: this owner's, or all of them at the start of the one polling process."""
    with archive.write() as connection:
        connection.execute(
            "UPDATE feeds SET lease_until = NULL, lease_owner = NULL "
            "WHERE lease_until IS NOT NULL AND (:owner IS NULL OR lease_owner = :owner)",
            {"owner": owner},
        )


def feed_id(connection: sqlite3.Connection, name: str) -> int:
    """The row id of a feed that ``sync`` or ``ensure_source`` has written."""
    row = connection.execute("SELECT id FROM feeds WHERE name = ?", (name,)).fetchone()
    return int(row["id"])


def ensure_source(connection: sqlite3.Connection, name: str, kind: str) -> sqlite3.Row:
    """The row of a source that items name; a source no feed is configured for gets one."""
    connection.execute(
        "INSERT INTO feeds (name, url, host, kind, configured, enabled, state) "
        "VALUES (?, '', '', ?, 0, 0, 'disabled') ON CONFLICT (name) DO NOTHING",
        (name, kind),
    )
    row: sqlite3.Row = connection.execute("SELECT * FROM feeds WHERE name = ?", (name,)).fetchone()
    return row


def save_state(connection: sqlite3.Connection, row_id: int, state: PollState) -> None:
    """Write what the schedule decided and end the lease."""
    connection.execute(
        f"UPDATE feeds SET {_SET_STATE}, lease_until = NULL, lease_owner = NULL WHERE id = :id",
        {**state_to_row(state), "id": row_id},
    )


def note_start(connection: sqlite3.Connection, host: str, started: datetime) -> None:
    """A poll may begin long after its claim, elsewhere; the gap between starts counts from then."""
    connection.execute(
        "UPDATE hosts SET last_start = max(last_start, ?) WHERE host = ?", (iso(started), host)
    )


def pause_host(connection: sqlite3.Connection, host: str, until: datetime) -> None:
    """A Retry-After counts for the whole host; a longer one already noted stays."""
    connection.execute(
        "INSERT INTO hosts (host, not_before) VALUES (?, ?) ON CONFLICT (host) DO UPDATE SET "
        "not_before = max(coalesce(not_before, ''), excluded.not_before)",
        (host, iso(until)),
    )


def record_fetch(
    connection: sqlite3.Connection,
    row_id: int,
    http: HttpFacts,
    outcome: Outcome,
    *,
    started: datetime,
    new: int,
) -> int:
    """Keep what one poll came to; returns the row's id."""
    failed = None if isinstance(outcome, Parsed | Unchanged) else outcome
    values: dict[str, Any] = {
        "feed_id": row_id,
        "started": iso(http.started or started),
        "seconds": http.seconds,
        "outcome": "failed" if failed else type(outcome).__name__.lower(),
        "status": http.status,
        "error_class": failed.error_class if failed else None,
        "error": failed.detail if failed else None,
        "final_url": http.final_url,
        "etag": http.etag,
        "last_modified": http.last_modified,
        "body_hash": http.body_hash,
        "bytes": http.bytes,
        "entries": len(outcome.entries) if isinstance(outcome, Parsed) else 0,
        "new": new,
        "conditional": int(http.conditional),
    }
    cursor = connection.execute(
        "INSERT INTO fetches (feed_id, started, seconds, outcome, status, error_class, error, "
        "final_url, etag, last_modified, body_hash, bytes, entries, new, conditional) VALUES "
        "(:feed_id, :started, :seconds, :outcome, :status, :error_class, :error, :final_url, "
        ":etag, :last_modified, :body_hash, :bytes, :entries, :new, :conditional)",
        values,
    )
    return int(cursor.lastrowid or 0)


def anything_fetched_since(connection: sqlite3.Connection, moment: datetime) -> bool:
    """Whether any source at all was fetched since a moment: if none, the network is to blame."""
    row = connection.execute(
        "SELECT 1 FROM feeds WHERE configured = 1 AND last_ok >= ? LIMIT 1", (iso(moment),)
    ).fetchone()
    return row is not None
