"""Stories as readers see them: a public id to its story, and a story with its hits. Writes nothing."""

from __future__ import annotations

import json
import sqlite3

from ..domain import EntryId, HitView, SourceKind, StoryId, StoryView
from .archive import Archive
from .codec import from_iso, moment

LED_HERE = (
    "WITH RECURSIVE led(id) AS (SELECT {story} UNION SELECT s.id FROM stories s "
    "JOIN led l ON s.merged_into = l.id) "
    "SELECT s.public_id FROM led JOIN stories s ON s.id = led.id"
)
"""The public ids that lead to ``story``, a row id or a placeholder for one."""


def resolve(archive: Archive, public_id: str) -> int | None:
    """The row id of a story by its public id, in small letters too; a merged story's leads to its heir."""
    asked = public_id.strip().upper()
    row = archive.row("SELECT id, merged_into FROM stories WHERE public_id = ?", (asked,))
    while row is not None and row["merged_into"] is not None:
        row = archive.row("SELECT id, merged_into FROM stories WHERE id = ?", (row["merged_into"],))
    return None if row is None else int(row["id"])


def ids_of(archive: Archive, row_id: int) -> list[str]:
    """The public ids that lead to a story: its own first, then those given up for it."""
    rows = archive.rows(
        f"{LED_HERE.format(story='?')} ORDER BY s.id <> ?, s.id",
        (row_id, row_id),
    )
    return [row["public_id"] for row in rows]


def row_of_hit(connection: sqlite3.Connection, entry_id: int) -> sqlite3.Row:
    """The story that a hit stands in, within the caller's transaction."""
    row: sqlite3.Row = connection.execute(
        "SELECT s.* FROM story_entries e JOIN stories s ON s.id = e.story_id WHERE e.entry_id = ?",
        (entry_id,),
    ).fetchone()
    return row


def lead_of(archive: Archive, row_id: int) -> str:
    """The id of the entry that leads a story, as users write it."""
    row = archive.rows("SELECT lead_entry_id FROM stories WHERE id = ?", (row_id,))[0]
    return str(row["lead_entry_id"])


def disagreements(archive: Archive, row_id: int) -> dict[str, dict[str, list[str]]]:
    """Where a story's sources differ: each fact's values, and the sources that say each."""
    row = archive.rows("SELECT disagreements FROM stories WHERE id = ?", (row_id,))[0]
    told: dict[str, dict[str, list[int]]] = json.loads(row["disagreements"])
    sources = {
        r["id"]: r["source"]
        for r in archive.rows(
            "SELECT e.id, e.source FROM story_entries s JOIN entries e ON e.id = s.entry_id "
            "WHERE s.story_id = ?",
            (row_id,),
        )
    }
    return {
        name: {
            value: [sources[e] for e in entries if e in sources]
            for value, entries in values.items()
        }  # fmt: skip
        for name, values in told.items()
    }


def story_view(archive: Archive, row_id: int) -> StoryView:
    """A story with its hits, best source first, and why its lead was flagged."""
    story = archive.rows("SELECT * FROM stories WHERE id = ?", (row_id,))[0]
    rows = archive.rows(
        "SELECT e.*, se.score, se.added FROM story_entries se JOIN entries e ON e.id = se.entry_id "
        "WHERE se.story_id = ?",
        (row_id,),
    )
    hits = sorted((_hit_view(r) for r in rows), key=lambda h: (h.entry_id != story["lead_entry_id"], h.first_seen))  # fmt: skip
    verdict = archive.row(
        "SELECT v.* FROM verdicts v WHERE v.entry_id = ? ORDER BY v.judged DESC, v.id DESC",
        (story["lead_entry_id"],),
    )
    follows = archive.rows(
        "SELECT s.public_id FROM story_links l JOIN stories s ON s.id = l.follows_id "
        "WHERE l.story_id = ?",
        (row_id,),
    )
    return StoryView(
        story_id=StoryId(story["public_id"]),
        title=story["title"],
        lead_url=story["lead_url"],
        first_seen=moment(story["first_seen"]),
        last_seen=moment(story["last_seen"]),
        hits=tuple(hits),
        regulator=story["regulator"],
        regulators=tuple(json.loads(story["regulators"])),
        organisation=story["organisation"],
        jurisdiction=story["jurisdiction"],
        action=story["action"],
        amount=story["amount"],
        currency=story["currency"],
        amount_text=story["amount_text"],
        legal_basis=tuple(json.loads(story["legal_basis"])),
        ai_leg=story["ai_leg"],
        legs={k: tuple(v) for k, v in json.loads(verdict["legs"]).items()} if verdict else {},
        why=tuple((t, w) for t, w in json.loads(verdict["why"])) if verdict else (),
        score=verdict["score"] if verdict else 0.0,
        model=verdict["model"] if verdict else None,
        follows=tuple(StoryId(r["public_id"]) for r in follows),
    )


def _hit_view(row: sqlite3.Row) -> HitView:
    return HitView(
        entry_id=EntryId(row["id"]),
        title=row["title"],
        url=row["url"],
        source=row["source"],
        kind=SourceKind(row["kind"]),
        published=from_iso(row["published"]),
        first_seen=moment(row["first_seen"]),
        score=row["score"],
        language=row["language"],
        added=moment(row["added"]),
    )
