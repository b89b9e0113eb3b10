"""Clicks on buttons in the archive: each is kept once, however often Slack tells of it."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from ..clicks import Click
from ..domain import Judgement
from .archive import Archive
from .codec import iso, moment
from .stories import LED_HERE


def keep(connection: sqlite3.Connection, click: Click, outcome: str, now: datetime) -> bool:
    """Write a click down within the caller's transaction; False where it stands there already."""
    values = (click.key, click.story_id, click.act.value, click.author, click.name, click.channel)
    return bool(
        connection.execute(
            "INSERT INTO clicks (key, story, act, author, author_name, channel, made, outcome) "
            "VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (key) DO NOTHING",
            (*values, iso(now), outcome),
        ).rowcount
    )


def judgements(archive: Archive, story_row: int) -> tuple[Judgement, ...]:
    """The latest judgement of each author about a story's entries, oldest first.

    Authors from Slack are ids; they are shown by the name they last clicked with.
    """
    rows = archive.rows(
        "SELECT max(l.id) AS latest, l.label, l.why, l.made, coalesce((SELECT c.author_name "
        "FROM clicks c WHERE c.author = l.author ORDER BY c.made DESC LIMIT 1), l.author) AS who "
        "FROM labels l JOIN story_entries s ON s.entry_id = l.entry_id WHERE s.story_id = ? "
        "GROUP BY l.author ORDER BY latest",
        (story_row,),
    )
    return tuple(Judgement(r["label"], r["who"], moment(r["made"]), r["why"]) for r in rows)


def snooze_ends(archive: Archive, story_row: int) -> datetime | None:
    """When the latest silence about a story itself ends or ended, None where there is none.

    One about a story that was given up for it counts.
    """
    row = archive.row(
        "SELECT max(ends) AS ends FROM silences WHERE field = 'story' "
        f"AND value IN ({LED_HERE.format(story='?')}) AND lifted IS NULL",
        (story_row,),
    )
    return moment(row["ends"]) if row and row["ends"] else None
