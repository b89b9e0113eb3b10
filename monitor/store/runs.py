"""The process's own record: when it ran, its heartbeat, its last cycle; and small notes.

A gap between one run's last heartbeat and the next run's start is downtime that the archive
can show.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from .archive import Archive
from .codec import iso, moment


def begin(
    archive: Archive, now: datetime, *, command: str, version: str, model: str | None
) -> tuple[int, timedelta | None]:
    """Open a run; returns its id and how long nothing had run before, None for the first."""
    last = archive.row(
        "SELECT max(coalesce(ended, heartbeat)) AS seen FROM runs WHERE command IN ('run','once')"
    )
    with archive.write() as connection:
        cursor = connection.execute(
            "INSERT INTO runs (started, heartbeat, command, version, model) VALUES (?,?,?,?,?)",
            (iso(now), iso(now), command, version, model),
        )
    away = now - moment(last["seen"]) if last and last["seen"] else None
    return int(cursor.lastrowid or 0), away


def beat(archive: Archive, run_id: int, now: datetime) -> None:
    """Note that the process is alive."""
    with archive.write() as connection:
        connection.execute("UPDATE runs SET heartbeat = ? WHERE id = ?", (iso(now), run_id))


def cycle_done(archive: Archive, run_id: int, now: datetime, *, bugs: int) -> None:
    """Note the end of a cycle and how many bugs it met."""
    with archive.write() as connection:
        connection.execute(
            "UPDATE runs SET heartbeat = :now, last_cycle = :now, cycles = cycles + 1, "
            "bugs = bugs + :bugs WHERE id = :id",
            {"now": iso(now), "id": run_id, "bugs": bugs},
        )


def count_bugs(archive: Archive, run_id: int, bugs: int) -> None:
    """Note bugs that were met outside a cycle."""
    with archive.write() as connection:
        connection.execute("UPDATE runs SET bugs = bugs + ? WHERE id = ?", (bugs, run_id))


def end(archive: Archive, run_id: int, now: datetime) -> None:
    """Close a run."""
    with archive.write() as connection:
        connection.execute(
            "UPDATE runs SET ended = :now, heartbeat = :now WHERE id = :id",
            {"now": iso(now), "id": run_id},
        )


def adopt_model(archive: Archive, model: str, threshold: float, origin: str, now: datetime) -> None:
    """Note which model is in force from when, if it is another than before."""
    last = archive.row("SELECT model FROM models ORDER BY adopted DESC LIMIT 1")
    if last is None or last["model"] != model:
        with archive.write() as connection:
            connection.execute(
                "INSERT INTO models (model, adopted, threshold, origin) VALUES (?,?,?,?) "
                "ON CONFLICT (model) DO UPDATE SET adopted = excluded.adopted, "
                "threshold = excluded.threshold, origin = excluded.origin",
                (model, iso(now), threshold, origin),
            )


def note(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Keep a small value under a key, together with what it tells of."""
    connection.execute(
        "INSERT INTO notes (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def noted(archive: Archive, key: str) -> str | None:
    """The value kept under a key."""
    row = archive.row("SELECT value FROM notes WHERE key = ?", (key,))
    return None if row is None else str(row["value"])
