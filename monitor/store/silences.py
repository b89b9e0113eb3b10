"""Silences in the archive: who asked for quiet about what, why, and until when."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from ..decide import Silence
from . import proof
from .archive import Archive
from .codec import iso, moment
from .stories import ids_of, resolve

FIELDS = ("story", "organisation", "regulator", "source", "term")


def add(archive: Archive, silence: Silence, now: datetime) -> int:
    """Keep a silence; returns its id."""
    with archive.write() as connection:
        return write(connection, silence, now)


def write(connection: sqlite3.Connection, silence: Silence, now: datetime) -> int:
    """Keep a silence within the caller's transaction; returns its id."""
    values = (silence.field, silence.value, silence.author, silence.reason)
    cursor = connection.execute(
        "INSERT INTO silences (field, value, author, reason, made, ends) VALUES (?,?,?,?,?,?)",
        (*values, iso(now), iso(silence.ends)),
    )
    silence_id = int(cursor.lastrowid or 0)
    proof.silence(connection, silence_id, now, "silence begun")
    return silence_id


def lift(archive: Archive, silence_id: int, now: datetime) -> bool:
    """End a silence now; False where there is none in force with this id."""
    with archive.write() as connection:
        lifted = connection.execute(
            "UPDATE silences SET lifted = ? WHERE id = ? AND lifted IS NULL AND ends > ?",
            (iso(now), silence_id, iso(now)),
        ).rowcount
        if lifted:
            proof.silence(connection, silence_id, now, "silence lifted")
    return bool(lifted)


def in_force(archive: Archive, now: datetime) -> list[Silence]:
    """The silences that count now; one about a merged story is about the one it led to."""
    return [
        Silence(
            r["field"],
            _meant(archive, r["field"], r["value"]),
            moment(r["ends"]),
            r["author"],
            r["reason"],
        )  # fmt: skip
        for r in archive.rows(
            "SELECT * FROM silences WHERE lifted IS NULL AND ends > ? ORDER BY id", (iso(now),)
        )
    ]


def _meant(archive: Archive, field: str, value: str) -> str:
    row = resolve(archive, value) if field == "story" else None
    return value if row is None else ids_of(archive, row)[0]
