"""Reading the archive for people: hits, stories, one story's timeline. Writes nothing."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from .archive import Archive
from .codec import to_iso


def match_expression(words: str) -> str:
    """A person's words as an FTS5 query: every word quoted, so that none is an operator.

    An empty search matches nothing.
    """
    found = re.findall(r"[^\W_]+", words)
    return " ".join(f'"{w}"' for w in found) or '""'


def list_hits(
    archive: Archive, *, since: datetime | None, search: str | None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Rows of the view ``hits``, newest first; all of them without a ``limit``."""
    return _list(archive, _HITS, since, search, limit)


def list_stories(
    archive: Archive, *, since: datetime | None, search: str | None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Rows of the view ``story_list``, newest first; all of them without a ``limit``."""
    return _list(archive, _STORIES, since, search, limit)


# which rows of the page: the view's other columns are read for these only
_HITS = """
SELECT * FROM hits WHERE entry_id IN (
  SELECT se.entry_id FROM story_entries se JOIN entries e ON e.id = se.entry_id
  WHERE (:since IS NULL OR e.first_seen >= :since) {searched}
  ORDER BY e.first_seen DESC, e.id DESC LIMIT :limit
) ORDER BY first_seen DESC, entry_id DESC
"""
_STORIES = """
SELECT * FROM story_list WHERE story_id IN (
  SELECT s.public_id FROM stories s WHERE s.merged_into IS NULL
  AND (:since IS NULL OR s.first_seen >= :since)
  AND s.id IN (SELECT se.story_id FROM story_entries se WHERE 1 {searched})
  ORDER BY s.first_seen DESC, s.public_id DESC LIMIT :limit
) ORDER BY first_seen DESC, story_id DESC
"""
_SEARCHED = "AND se.entry_id IN (SELECT rowid FROM entries_fts WHERE entries_fts MATCH :search)"


def _list(
    archive: Archive, sql: str, since: datetime | None, search: str | None, limit: int | None
) -> list[dict[str, Any]]:
    rows = archive.rows(
        sql.format(searched="" if search is None else _SEARCHED),
        {
            "since": to_iso(since),
            "search": match_expression(search or ""),
            "limit": -1 if limit is None else limit,
        },
    )
    return [dict(row) for row in rows]


def timeline(archive: Archive, story: int) -> list[dict[str, Any]]:
    """A story's hits, verdicts, alerts, deliveries, judgements and corrections in order of time."""
    rows = archive.rows(
        "SELECT e.first_seen AS time, 'hit' AS what, e.source || ': ' || e.title AS text "
        "FROM story_entries s JOIN entries e ON e.id = s.entry_id WHERE s.story_id = :story "
        "UNION ALL SELECT v.judged, 'verdict ' || v.label, printf('%.3f by %s: ', v.score, v.model) "
        "|| e.title FROM story_entries s JOIN entries e ON e.id = s.entry_id "
        "JOIN verdicts v ON v.entry_id = e.id WHERE s.story_id = :story "
        "UNION ALL SELECT created, 'alert ' || kind, reason FROM alerts WHERE story_id = :story "
        "UNION ALL SELECT coalesce(d.sent_at, d.created), 'delivery ' || d.state, d.channel || "
        "coalesce(' ' || d.permalink, '') FROM deliveries d JOIN alerts a ON a.id = d.alert_id "
        "WHERE a.story_id = :story UNION ALL SELECT l.made, 'label ' || l.label, l.author || "
        "coalesce(': ' || l.why, '') FROM labels l JOIN story_entries s ON s.entry_id = l.entry_id "
        "WHERE s.story_id = :story UNION ALL SELECT c.made, 'put ' || c.kind, c.author "
        "FROM story_corrections c JOIN story_entries s ON s.entry_id IN (c.entry_a, c.entry_b) "
        "WHERE s.story_id = :story GROUP BY c.made, c.kind, c.author ORDER BY 1, 2",
        {"story": story},
    )
    return [dict(row) for row in rows]


def list_deliveries(archive: Archive, *, sent: bool) -> list[dict[str, Any]]:
    """The ledger, newest first; without ``sent`` only what did not arrive (yet)."""
    rows = archive.rows(
        "SELECT d.id, d.channel, d.state, a.kind, s.public_id AS story_id, d.attempts, d.created, "
        "d.not_before, d.sent_at, d.last_error, d.permalink FROM deliveries d "
        "JOIN alerts a ON a.id = d.alert_id LEFT JOIN stories s ON s.id = a.story_id "
        "WHERE :sent OR d.state <> 'sent' ORDER BY d.id DESC",
        {"sent": sent},
    )
    return [dict(row) for row in rows]
