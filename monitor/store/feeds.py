"""Feeds in the archive: the configured list, who may be polled now, and what a poll left behind.

Leases and host politeness stand in rows, so that several processes can poll one archive's
feeds without meeting at one source. Decides nothing about schedules.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
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
        "gone_count = 0, gone_since = NULL, primary_retry = NULL, archive_url = NULL, "
        "state = 'new' WHERE name = :name AND url <> :url",
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
    before that moment is taken, the longest unpolled first, though never one whose
    Retry-After still runs.
    A ``host_gap`` of zero lifts the one-per-host rule.
    """
    if limit <= 0:
        return []
    values = {
        "now": iso(now),
        "before": to_iso(polled_before),
        "gap_start": iso(now - host_gap),
        "polite": int(host_gap > timedelta(0)),
    }
    until = iso(now + lease)
    jobs = []
    with archive.write() as connection:
        for row in _first_per_host(connection, values, limit):
            connection.execute(
                "UPDATE feeds SET lease_until = ?, lease_owner = ? WHERE id = ?",
                (until, owner, row["id"]),
            )
            note_start(connection, row["host"], now)
            if row["name"] in feeds:
                jobs.append(PollJob(feed=feeds[row["name"]], state=state_from_row(row)))
    return jobs


def _first_per_host(
    connection: sqlite3.Connection, values: Mapping[str, Any], limit: int
) -> list[Any]:
    """The longest due feed of each host that may be asked; reads no further than it must."""
    taken: dict[object, Any] = {}
    with closing(connection.execute(_CLAIM if values["before"] is None else _CLAIM_ALL, values)) as due:  # fmt: skip
        for row in due:
            taken.setdefault(row["host"] if values["polite"] else row["id"], row)
            if len(taken) == limit:
                break
    return list(taken.values())


_DUE = """
configured = 1 AND enabled = 1 AND f.state <> 'gone'
AND (lease_until IS NULL OR lease_until <= :now)
AND (f.not_before IS NULL OR f.not_before <= :now)
AND (CASE WHEN :before IS NULL THEN next_due IS NULL OR next_due <= :now
     ELSE last_polled IS NULL OR last_polled < :before END)
AND (h.not_before IS NULL OR h.not_before <= :now)
"""

_MAY_BE_ASKED = f"""
LEFT JOIN hosts h ON h.host = f.host
WHERE {_DUE}
AND (NOT :polite OR ((h.last_start IS NULL OR h.last_start <= :gap_start)
  AND NOT EXISTS (SELECT 1 FROM feeds g WHERE g.host = f.host AND g.lease_until > :now)
  AND NOT EXISTS (SELECT 1 FROM fulltexts t WHERE t.host = f.host AND t.lease_until > :now)))
"""
# an index gives the feeds in the order of their turn, so that a claim among 10,000 reads a few
_CLAIM = f"SELECT f.* FROM feeds f INDEXED BY feeds_due {_MAY_BE_ASKED} ORDER BY next_due, f.id"
# in the order of due times a run that is always ended early would never reach the same feeds
_CLAIM_ALL = f"SELECT f.* FROM feeds f INDEXED BY feeds_turn {_MAY_BE_ASKED} ORDER BY last_polled, f.id"  # fmt: skip


def note_start(connection: sqlite3.Connection, host: str, started: datetime) -> None:
    """Note when a request to a host began; the host's gap counts from there."""
    connection.execute(
        "INSERT INTO hosts (host, last_start) VALUES (?, ?) ON CONFLICT (host) DO UPDATE SET "
        "last_start = max(coalesce(last_start, ''), excluded.last_start)",
        (host, iso(started)),
    )


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
    known: sqlite3.Row | None = connection.execute(
        "SELECT * FROM feeds WHERE name = ?", (name,)
    ).fetchone()
    if known is not None:
        return known
    connection.execute(
        "INSERT INTO feeds (name, url, host, kind, configured, enabled, state) "
        "VALUES (?, '', '', ?, 0, 0, 'disabled') ON CONFLICT (name) DO NOTHING",
        (name, kind),
    )
    row: sqlite3.Row = connection.execute("SELECT * FROM feeds WHERE name = ?", (name,)).fetchone()
    return row


def adopt_source(connection: sqlite3.Connection, source: sqlite3.Row) -> None:
    """A source of another archive, not configured here; one that is known by name stays as it is."""
    connection.execute(
        "INSERT INTO feeds (name, url, host, kind, jurisdiction, language, configured, enabled, state) "
        "VALUES (:name, '', '', :kind, :jurisdiction, :language, 0, 0, 'disabled') "
        "ON CONFLICT (name) DO NOTHING",
        dict(source),
    )


def save_state(connection: sqlite3.Connection, row_id: int, state: PollState, *, host: str) -> None:
    """Write what the schedule decided and end the lease; ``host`` is asked at the next poll."""
    connection.execute(
        f"UPDATE feeds SET {_SET_STATE}, host = :host, lease_until = NULL, lease_owner = NULL "
        "WHERE id = :id",
        {**state_to_row(state), "host": host, "id": row_id},
    )


def also_at(connection: sqlite3.Connection, url: str, row_id: int) -> str | None:
    """The name of another configured feed that is polled at this address."""
    row = connection.execute(
        "SELECT name FROM feeds WHERE configured = 1 AND id <> ? AND coalesce(active_url, url) = ?",
        (row_id, url),
    ).fetchone()
    return None if row is None else str(row["name"])


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
