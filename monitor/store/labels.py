"""Judgements in the archive: who said what of which entry, when, why, under which model."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from . import evidence
from .archive import Archive
from .codec import iso

_BACKGROUND = 2000


def add(
    archive: Archive,
    entry_id: int,
    label: str,
    why: str | None,
    author: str,
    model: str | None,
    now: datetime,
    *,
    origin: str = "cli",
    envelope: str | None = None,
) -> bool:
    """Keep a judgement; False where this very envelope was kept before."""
    with archive.write() as connection:
        return write(connection, entry_id, label, why, author, model, now, origin=origin, envelope=envelope)  # fmt: skip


def write(
    connection: sqlite3.Connection,
    entry_id: int,
    label: str,
    why: str | None,
    author: str,
    model: str | None,
    now: datetime,
    *,
    origin: str,
    envelope: str | None,
) -> bool:
    """Keep a judgement within the caller's transaction; False as for ``add``."""
    done = connection.execute(
        "INSERT INTO labels (entry_id, label, why, author, model, made, origin, envelope) "
        "VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (envelope) DO NOTHING",
        (entry_id, label, why, author, model, iso(now), origin, envelope),
    ).rowcount
    if done:
        data = {"label": label, "why": why, "author": author, "model": model, "origin": origin}
        evidence.append(connection, now, "judgement", data, entry_id=entry_id)
    return bool(done)


def latest_of(connection: sqlite3.Connection, entry_id: int, author: str) -> sqlite3.Row | None:
    """The last judgement of an entry by one author."""
    found: sqlite3.Row | None = connection.execute(
        "SELECT * FROM labels WHERE entry_id = ? AND author = ? ORDER BY id DESC LIMIT 1",
        (entry_id, author),
    ).fetchone()
    return found


def take_over(
    connection: sqlite3.Connection, entry_id: int, row: sqlite3.Row, now: datetime
) -> int:
    """Keep a judgement made in another archive, with its own time; 0 where it is known."""
    data = {k: row[k] for k in ("label", "why", "author", "model", "made")}
    done = connection.execute(
        "INSERT INTO labels (entry_id, label, why, author, model, made, origin) "
        "SELECT :entry, :label, :why, :author, :model, :made, 'import' WHERE NOT EXISTS "
        "(SELECT 1 FROM labels x WHERE x.entry_id = :entry AND x.made = :made "
        "AND x.author = :author)",
        {**data, "entry": entry_id},
    ).rowcount
    if done:
        evidence.append(connection, now, "judgement", {**data, "origin": "import"}, entry_id=entry_id)  # fmt: skip
    return done


def examples(archive: Archive) -> list[dict[str, Any]]:
    """The latest judgement of each entry, as training takes it."""
    rows = archive.rows(
        "SELECT e.title, e.summary, e.language AS lang, l.label, "
        "coalesce('story-' || s.story_id, 'entry-' || e.id) AS event "
        "FROM labels l JOIN entries e ON e.id = l.entry_id "
        "LEFT JOIN story_entries s ON s.entry_id = e.id "
        "WHERE l.id = (SELECT max(x.id) FROM labels x WHERE x.entry_id = e.id) ORDER BY e.id"
    )
    return [dict(row) for row in rows]


def background(archive: Archive) -> list[dict[str, Any]]:
    """Unlabelled entries that no model flagged: the base rate of this user's own sources."""
    rows = archive.rows(
        "SELECT e.title, e.summary, e.language AS lang FROM entries e WHERE e.trimmed = 0 "
        "AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.entry_id = e.id) "
        "AND NOT EXISTS (SELECT 1 FROM story_entries s WHERE s.entry_id = e.id) "
        "AND EXISTS (SELECT 1 FROM verdicts v WHERE v.entry_id = e.id AND v.screened = 0 "
        "AND v.score < v.threshold / 2) ORDER BY e.id DESC LIMIT ?",
        (_BACKGROUND,),
    )
    return [dict(row) for row in rows]


def uncertain(archive: Archive, model: str, threshold: float, limit: int) -> list[sqlite3.Row]:
    """Unlabelled entries nearest to the threshold, one per title, with their ``score``."""
    return archive.rows(
        "SELECT e.*, v.score FROM verdicts v "
        "JOIN entries e ON e.id = v.entry_id WHERE v.model = ? AND v.screened = 0 "
        "AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.entry_id = e.id) "
        "GROUP BY e.title ORDER BY abs(v.score - ?) LIMIT ?",
        (model, threshold, limit),
    )
