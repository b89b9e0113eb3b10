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
    return _list(archive, "hits", "entry_id IN (SELECT rowid FROM entries_fts WHERE entries_fts MATCH :search)", "first_seen DESC, entry_id DESC", since, search, limit)  # fmt: skip


def list_stories(
    archive: Archive, *, since: datetime | None, search: str | None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Rows of the view ``story_list``, newest first; all of them without a ``limit``."""
    return _list(archive, "story_list", "story_id IN (SELECT story_id FROM hits WHERE entry_id IN (SELECT rowid FROM entries_fts WHERE entries_fts MATCH :search))", "first_seen DESC, story_id DESC", since, search, limit)  # fmt: skip


def _list(
    archive: Archive,
    view: str,
    matching: str,
    order: str,
    since: datetime | None,
    search: str | None,
    limit: int | None,
) -> list[dict[str, Any]]:
    conditions = ["1"]
    if since is not None:
        conditions.append("first_seen >= :since")
    if search is not None:
        conditions.append(matching)
    rows = archive.rows(
        f"SELECT * FROM {view} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT :limit",
        {
            "since": to_iso(since),
            "search": match_expression(search or ""),
            "limit": -1 if limit is None else limit,
        },
    )
    return [dict(row) for row in rows]


def timeline(archive: Archive, story: int) -> list[dict[str, Any]]:
    """A story's hits, alerts, deliveries and judgements in the order of time."""
    rows = archive.rows(
        "SELECT e.first_seen AS time, 'hit' AS what, e.source || ': ' || e.title AS text "
        "FROM story_entries s JOIN entries e ON e.id = s.entry_id WHERE s.story_id = :story "
        "UNION ALL SELECT created, 'alert ' || kind, reason FROM alerts WHERE story_id = :story "
        "UNION ALL SELECT coalesce(d.sent_at, d.created), 'delivery ' || d.state, d.channel || "
        "coalesce(' ' || d.permalink, '') FROM deliveries d JOIN alerts a ON a.id = d.alert_id "
        "WHERE a.story_id = :story UNION ALL SELECT l.made, 'label ' || l.label, l.author || "
        "coalesce(': ' || l.why, '') FROM labels l JOIN story_entries s ON s.entry_id = l.entry_id "
        "WHERE s.story_id = :story ORDER BY 1, 2",
        {"story": story},
    )
    return [dict(row) for row in rows]
