"""The archive's rows for other programs, one by one: hits, stories, and the tracker's columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from .archive import Archive
from .codec import iso

What = Literal["hits", "stories", "tracker"]

_TRACKER = """
SELECT s.public_id AS id, s.jurisdiction AS country, s.regulator AS authority,
  coalesce(s.event_date, substr(e.published, 1, 10)) AS date_of_decision,
  substr(e.published, 1, 10) AS date_published, s.first_seen,
  s.amount AS fine, s.currency, s.amount_text AS fine_as_stated,
  s.organisation AS controller_or_processor, s.action AS type,
  (SELECT group_concat(value, '; ') FROM json_each(s.legal_basis)) AS quoted_articles,
  s.title AS summary, e.source, e.kind AS source_kind, e.language AS source_language,
  s.lead_url AS direct_url,
  (SELECT count(*) FROM story_entries m WHERE m.story_id = s.id) AS reports,
  (SELECT group_concat(f.public_id, '; ') FROM story_links l JOIN stories f ON f.id = l.follows_id
    WHERE l.story_id = s.id) AS follows
FROM stories s LEFT JOIN entries e ON e.id = s.lead_entry_id
WHERE s.merged_into IS NULL AND s.first_seen >= :since
ORDER BY s.first_seen DESC, s.id DESC
"""

_QUERIES: dict[What, str] = {
    "hits": "SELECT * FROM hits WHERE first_seen >= :since ORDER BY first_seen DESC, entry_id DESC",
    "stories": "SELECT * FROM story_list WHERE first_seen >= :since ORDER BY first_seen DESC, story_id DESC",
    "tracker": _TRACKER,
}
"""Newest first. The tracker's columns are those of public lists of fines and decisions."""


def columns(archive: Archive, what: What) -> list[str]:
    """The names of the columns, in order."""
    cursor = archive.connection.execute(f"SELECT * FROM ({_QUERIES[what]}) LIMIT 0", {"since": ""})
    return [name for name, *_ in cursor.description]


def each(archive: Archive, what: What, since: datetime | None) -> Iterator[dict[str, Any]]:
    """Every row, one at a time."""
    for row in archive.each(_QUERIES[what], {"since": iso(since) if since else ""}):
        yield dict(row)


def archive_name(archive: Archive) -> str:
    """What tells this archive from every other, and stays: the begin of its log of evidence."""
    row = archive.row("SELECT substr(hash, 1, 12) FROM evidence ORDER BY seq LIMIT 1")
    return str(row[0]) if row else "empty"


def mark(archive: Archive) -> str:
    """Changes whenever an exported row may have changed: a hit, a judgement, an alert sent."""
    row = archive.rows(
        "SELECT (SELECT max(seq) FROM evidence), "
        "(SELECT max(sent_at) FROM deliveries WHERE state = 'sent'), "
        "(SELECT max(last_seen) FROM stories), (SELECT count(*) FROM story_corrections)"
    )[0]
    return repr(tuple(row))
