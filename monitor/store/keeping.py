"""Keeping the archive: copies that are checked, retention of text, pages given back."""

from __future__ import annotations

import glob
import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from ..errors import StoreError, UsageError
from .archive import Archive, save_copy, to_disk, translated
from .codec import iso

BATCH = 2_000
"""Rows per transaction of a trim: writers wait for one batch at most."""
_VACUUM_PAGES = 5_000
_MERGE_PAGES = 2_000


def backup(archive: Archive, target: Path) -> int:
    """Write a consistent copy while the archive is in use, and check it; returns its bytes.

    Raises:
        UsageError: the target exists. ArchiveFull: it cannot be written.
        StoreError: the copy is not sound; it is removed.
    """
    if target.exists():
        raise UsageError(f"{target} exists; choose another name, nothing is overwritten")
    part = target.with_name(target.name + ".unchecked")
    try:
        with translated(target):
            part.unlink(missing_ok=True)
            save_copy(archive.connection, part)
            found = quick_check(part)
            if found != "ok":
                raise StoreError(
                    f"backup {target}: the copy is not sound: {found}; `regwatch check` tells whether the archive is damaged"
                )
            part.rename(target)
            to_disk(target.parent)
    finally:
        with suppress(OSError):
            part.unlink()
    return target.stat().st_size


def quick_check(path: Path) -> str:
    """SQLite's own verdict on a file: ``ok`` or the first problem."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.DatabaseError as error:
            return str(error)


def without_verdict(archive: Archive) -> int:
    """How many entries no model ever judged: their verdicts were lost, for both are written at once."""
    return int(archive.rows("SELECT count(*) FROM entries e WHERE NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.entry_id = e.id)")[0][0])  # fmt: skip


def prune(
    archive: Archive, now: datetime, *, text: timedelta, fetches: timedelta
) -> dict[str, int]:
    """Trim the text of old irrelevant entries and drop old poll rows; identities stay for ever.

    Hits, judged entries and polls that are evidence of a hit are left whole. Works in small
    transactions, so that polling goes on; what an interruption leaves, the next one takes.
    """
    done = {
        "texts": _in_batches(archive, _TRIM, iso(now - text)),
        "versions": _in_batches(archive, _DROP_VERSIONS, iso(now - text)),
        "fetches": _in_batches(archive, _DROP_FETCHES, iso(now - fetches)),
    }
    _in_batches(archive, _DROP_EXTRACTS, iso(now - text))
    tidy(archive)
    return done


_JUDGED_OR_HIT = (
    "EXISTS (SELECT 1 FROM story_entries s WHERE s.entry_id = {0}) "
    "OR EXISTS (SELECT 1 FROM labels l WHERE l.entry_id = {0})"
)
_TRIM = (
    "UPDATE entries SET summary = '', text = '', trimmed = 1 WHERE id IN ("
    "SELECT e.id FROM entries e WHERE e.id > :after AND e.trimmed = 0 AND e.first_seen < :before "
    f"AND NOT ({_JUDGED_OR_HIT.format('e.id')}) ORDER BY e.id LIMIT :batch) RETURNING id"
)
_DROP_EXTRACTS = (
    "DELETE FROM extracts WHERE entry_id IN ("
    "SELECT x.entry_id FROM extracts x JOIN entries e ON e.id = x.entry_id "
    "WHERE x.entry_id > :after AND e.trimmed = 1 AND e.first_seen < :before "
    "ORDER BY x.entry_id LIMIT :batch) RETURNING entry_id AS id"
)
_DROP_VERSIONS = (
    "DELETE FROM entry_versions WHERE id IN ("
    "SELECT v.id FROM entry_versions v WHERE v.id > :after AND v.seen < :before "
    f"AND NOT ({_JUDGED_OR_HIT.format('v.entry_id')}) ORDER BY v.id LIMIT :batch) RETURNING id"
)
_DROP_FETCHES = (
    "DELETE FROM fetches WHERE id IN ("
    "SELECT f.id FROM fetches f WHERE f.id > :after AND f.started < :before "
    "AND NOT EXISTS (SELECT 1 FROM entries e JOIN story_entries s ON s.entry_id = e.id "
    "WHERE e.fetch_id = f.id) "
    "AND NOT EXISTS (SELECT 1 FROM entry_versions v JOIN story_entries s "
    "ON s.entry_id = v.entry_id WHERE v.fetch_id = f.id) "
    "ORDER BY f.id LIMIT :batch) RETURNING id"
)


def _in_batches(archive: Archive, sql: str, before: str) -> int:
    """Run a statement from the lowest id upwards until nothing is left to do; returns how many."""
    done, after = 0, 0
    while True:
        with archive.write() as connection:
            rows = connection.execute(
                sql, {"after": after, "before": before, "batch": BATCH}
            ).fetchall()
        if not rows:
            return done
        done += len(rows)
        after = max(row["id"] for row in rows)


def tidy(archive: Archive) -> None:
    """Give free pages back to the file system and let SQLite look at its indexes anew."""
    # what trimmed texts left in the search index goes when its parts are merged, some each night
    archive.rows(f"INSERT INTO entries_fts(entries_fts, rank) VALUES ('merge', {_MERGE_PAGES})")
    while archive.rows("PRAGMA freelist_count")[0][0]:
        before = archive.rows("PRAGMA page_count")[0][0]
        archive.rows(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
        if archive.rows("PRAGMA page_count")[0][0] == before:
            break  # an archive without auto_vacuum keeps its pages for later
    archive.rows("PRAGMA analysis_limit = 400")
    archive.rows("PRAGMA optimize")


def rotate(archive: Archive, now: datetime, *, keep: int) -> Path | None:
    """Tonight's copy beside the archive, and the oldest beyond ``keep`` removed; None for keep 0.

    Raises:
        StoreError: the copy cannot be made or is not sound; older copies are left.
    """
    if keep == 0:
        return None
    folder = archive.path.parent / "backups"
    target = folder / f"{archive.path.stem}-{now:%Y-%m-%d}.db"
    with translated(target):
        folder.mkdir(exist_ok=True)
    if not target.exists():
        backup(archive, target)
    copies = sorted(folder.glob(f"{glob.escape(archive.path.stem)}-????-??-??.db"))
    for old in filter(Path.is_file, copies[:-keep]):
        with translated(old):
            old.unlink()
    return target
