"""Keeping the archive: copies that are checked, retention of text, pages given back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from ..errors import StoreError, UsageError
from .archive import Archive
from .codec import iso


def backup(archive: Archive, target: Path) -> int:
    """Write a consistent copy while the archive is in use, and check it; returns its bytes.

    Raises:
        UsageError: the target exists. StoreError: the copy is not sound; it is removed.
    """
    if target.exists():
        raise UsageError(f"{target} exists; choose another name, nothing is overwritten")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    archive.rows("VACUUM INTO ?", (str(part),))
    found = quick_check(part)
    if found != "ok":
        part.unlink()
        raise StoreError(f"backup {target}: the copy is not sound: {found}")
    part.rename(target)
    return target.stat().st_size


def quick_check(path: Path) -> str:
    """SQLite's own verdict on a file: ``ok`` or the first problem."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.DatabaseError as error:
            return str(error)


def prune(
    archive: Archive, now: datetime, *, text: timedelta, fetches: timedelta
) -> dict[str, int]:
    """Trim the text of old irrelevant entries and drop old poll rows; identities stay for ever.

    Hits, judged entries and polls that are evidence of a hit are left whole.
    """
    with archive.write() as connection:
        trimmed = connection.execute(
            "UPDATE entries SET summary = '', text = '', trimmed = 1 WHERE trimmed = 0 "
            "AND first_seen < ? AND id NOT IN (SELECT entry_id FROM story_entries) "
            "AND id NOT IN (SELECT entry_id FROM labels)",
            (iso(now - text),),
        ).rowcount
        connection.execute(
            "DELETE FROM extracts WHERE entry_id IN (SELECT id FROM entries WHERE trimmed = 1)"
        )
        versions = connection.execute(
            "DELETE FROM entry_versions WHERE seen < ? "
            "AND entry_id NOT IN (SELECT entry_id FROM story_entries)",
            (iso(now - text),),
        ).rowcount
        dropped = connection.execute(
            "DELETE FROM fetches WHERE started < ? AND id NOT IN (SELECT e.fetch_id FROM entries e "
            "JOIN story_entries s ON s.entry_id = e.id WHERE e.fetch_id IS NOT NULL)",
            (iso(now - fetches),),
        ).rowcount
    archive.rows("PRAGMA incremental_vacuum(20000)")
    return {"texts": trimmed, "versions": versions, "fetches": dropped}


def rotate(archive: Archive, now: datetime, *, keep: int) -> Path | None:
    """Tonight's copy beside the archive, and the oldest beyond ``keep`` removed; None for keep 0.

    Raises:
        StoreError: the copy is not sound; older copies are left.
    """
    if keep == 0:
        return None
    folder = archive.path.parent / "backups"
    target = folder / f"{archive.path.stem}-{now:%Y-%m-%d}.db"
    if not target.exists():
        backup(archive, target)
    copies = sorted(folder.glob(f"{archive.path.stem}-????-??-??.db"))
    for old in copies[:-keep]:
        old.unlink()
    return target
