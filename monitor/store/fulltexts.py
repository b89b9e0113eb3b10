"""Articles to be read in full: which are asked for, what came of each, and robots.txt as last seen.

Leases and host politeness are the same rows that polling uses, so that an article and a feed of
one host never meet. Decides nothing about what is worth reading.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..identity import host_of
from .archive import Archive
from .codec import iso
from .feeds import note_start


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article whose turn it is; ``title`` is what the feed calls it."""

    entry_id: int
    url: str
    title: str
    tries: int
    hops: int


@dataclass(frozen=True, slots=True)
class KnownRobots:
    """A robots.txt as last seen; ``text`` is None where it could not be reached."""

    text: str | None


def ask(connection: sqlite3.Connection, entry_id: int, url: str, now: datetime) -> None:
    """Note that an article is wanted; one that was asked for before is not asked for again."""
    connection.execute(
        "INSERT INTO fulltexts (entry_id, url, host, state, not_before, asked) "
        "VALUES (?, ?, ?, 'due', ?, ?) ON CONFLICT (entry_id) DO NOTHING",
        (entry_id, url, host_of(url), iso(now), iso(now)),
    )


def count_due(archive: Archive, now: datetime) -> int:
    """How many articles ``claim`` would give in time, host gaps left aside."""
    row = archive.row(
        "SELECT count(*) FROM fulltexts t LEFT JOIN hosts h ON h.host = t.host WHERE state = 'due' "
        "AND t.not_before <= :now AND (h.not_before IS NULL OR h.not_before <= :now)",
        {"now": iso(now)},
    )
    return int(row[0]) if row else 0


_CLAIM = """
SELECT * FROM (
  SELECT t.*, e.title, row_number() OVER (
    PARTITION BY CASE WHEN :polite THEN t.host ELSE t.entry_id END ORDER BY t.not_before, t.entry_id
  ) AS turn
  FROM fulltexts t JOIN entries e ON e.id = t.entry_id LEFT JOIN hosts h ON h.host = t.host
  WHERE t.state = 'due' AND t.not_before <= :now
  AND (t.lease_until IS NULL OR t.lease_until <= :now)
  AND (h.not_before IS NULL OR h.not_before <= :now)
  AND (NOT :polite OR ((h.last_start IS NULL OR h.last_start <= :gap_start)
    AND NOT EXISTS (SELECT 1 FROM feeds g WHERE g.host = t.host AND g.lease_until > :now)
    AND NOT EXISTS (SELECT 1 FROM fulltexts o WHERE o.host = t.host AND o.lease_until > :now)))
) WHERE turn = 1 ORDER BY not_before, entry_id LIMIT :limit
"""


def claim(
    archive: Archive, now: datetime, limit: int, *, lease: timedelta, host_gap: timedelta
) -> list[Wanted]:
    """Lease up to ``limit`` articles, at most one per host and none on a host that must wait.

    A ``host_gap`` of zero lifts the one-per-host rule.
    """
    if limit <= 0 or not count_due(archive, now):
        return []
    values = {
        "now": iso(now),
        "limit": limit,
        "gap_start": iso(now - host_gap),
        "polite": int(host_gap > timedelta(0)),
    }
    with archive.write() as connection:
        rows = connection.execute(_CLAIM, values).fetchall()
        for row in rows:
            connection.execute(
                "UPDATE fulltexts SET lease_until = ? WHERE entry_id = ?",
                (iso(now + lease), row["entry_id"]),
            )
            note_start(connection, row["host"], now)
    return [Wanted(r["entry_id"], r["url"], r["title"], r["tries"], r["hops"]) for r in rows]


def release(archive: Archive, entry_id: int | None = None) -> None:
    """Give back the lease of an article, or all of them at the start of the one polling process."""
    with archive.write() as connection:
        connection.execute(
            "UPDATE fulltexts SET lease_until = NULL "
            "WHERE lease_until IS NOT NULL AND (:id IS NULL OR entry_id = :id)",
            {"id": entry_id},
        )


def settle(
    connection: sqlite3.Connection, entry_id: int, state: str, reason: str, now: datetime
) -> None:
    """Write what came of an article: ``read``, ``refused`` (we may not) or ``failed``."""
    connection.execute(
        "UPDATE fulltexts SET state = ?, reason = ?, settled = ?, lease_until = NULL, "
        "tries = tries + 1 WHERE entry_id = ?",
        (state, reason, iso(now), entry_id),
    )


def postpone(
    connection: sqlite3.Connection, entry_id: int, reason: str, not_before: datetime
) -> None:
    """An attempt that failed and is made again."""
    connection.execute(
        "UPDATE fulltexts SET reason = ?, not_before = ?, lease_until = NULL, tries = tries + 1 "
        "WHERE entry_id = ?",
        (reason, iso(not_before), entry_id),
    )


def send_on(connection: sqlite3.Connection, entry_id: int, url: str) -> None:
    """The article stands at another address: its host has rules and a turn of its own."""
    connection.execute(
        "UPDATE fulltexts SET url = ?, host = ?, hops = hops + 1, lease_until = NULL "
        "WHERE entry_id = ?",
        (url, host_of(url), entry_id),
    )


def space_out(connection: sqlite3.Connection, host: str, until: datetime) -> None:
    """The host's further articles wait: its robots.txt asks for a pause between requests."""
    connection.execute(
        "UPDATE fulltexts SET not_before = max(not_before, ?) WHERE host = ? AND state = 'due'",
        (iso(until), host),
    )


def keep_extract(
    connection: sqlite3.Connection, entry_id: int, url: str, digest: str, text: str, now: datetime
) -> None:
    """Keep an article's text beside its entry, whose own words stay what the feed said."""
    connection.execute(
        "INSERT INTO extracts (entry_id, url, fetched, hash, text) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (entry_id) DO UPDATE SET url = excluded.url, fetched = excluded.fetched, "
        "hash = excluded.hash, text = excluded.text",
        (entry_id, url, iso(now), digest, text),
    )


def told(archive: Archive, entry_id: int) -> dict[str, object] | None:
    """What ``explain`` says of an entry's full text; None where it was never asked for."""
    row = archive.row(
        "SELECT t.state, t.url, t.reason, t.tries, t.not_before, x.fetched, x.hash, "
        "length(x.text) AS characters FROM fulltexts t "
        "LEFT JOIN extracts x ON x.entry_id = t.entry_id WHERE t.entry_id = ?",
        (entry_id,),
    )
    return dict(row) if row else None


def robots(archive: Archive, origin: str, now: datetime) -> KnownRobots | None:
    """The robots.txt of an origin, None where it is not known or too old."""
    row = archive.row("SELECT * FROM robots WHERE origin = ? AND expires > ?", (origin, iso(now)))
    return KnownRobots(row["text"]) if row else None


def save_robots(
    archive: Archive, origin: str, text: str | None, now: datetime, keep: timedelta
) -> None:
    """Keep a robots.txt for a while; those long expired are dropped."""
    with archive.write() as connection:
        connection.execute("DELETE FROM robots WHERE expires < ?", (iso(now - timedelta(days=7)),))
        connection.execute(
            "INSERT INTO robots (origin, fetched, expires, text) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (origin) DO UPDATE SET fetched = excluded.fetched, "
            "expires = excluded.expires, text = excluded.text",
            (origin, iso(now), iso(now + keep), text),
        )
