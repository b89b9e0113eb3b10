"""What can still be read of a damaged archive, into a new one. The damaged file is only read.

Rows are copied by their number in small ranges; where SQLite finds a range malformed it is
halved until the rows that are lost are known by number. References to lost rows are mended:
a source gets a stand-in, what cannot be without its entry or story goes. What follows from the
rows, the index of stories and the times they were told, is made anew: an older form has none.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import ForeignDatabase, StoreError, UsageError
from . import cases, story_index
from .archive import Archive, translated

_RANGE = 512
_BEYOND = 200_000
"""Row numbers tried after the last readable row, where not even the highest number is readable."""


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of one table; ``complete`` is False where rows may be missing."""

    table: str
    rows: int
    dropped: int
    complete: bool


def rescue(damaged: Path, target: Path, tell: Callable[[str], None]) -> list[Rescued]:
    """Copy what can be read into a new archive of today's form; ``tell`` is called per table.

    Raises:
        UsageError: the target exists. ForeignDatabase: the file is of another program, or empty.
        StoreError: not even the list of tables can be read.
    """
    if target.exists():
        raise UsageError(f"{target} exists; choose another name, nothing is overwritten")
    with translated(damaged), closing(_open(damaged)) as source:
        there = _tables(source, damaged)
        if not {"feeds", "entries", "verdicts"} <= set(there):
            raise ForeignDatabase(f"{damaged}: holds no table of an archive of regwatch; nothing was made")  # fmt: skip
        with TemporaryDirectory(prefix=f".{target.name}.", dir=target.absolute().parent) as folder:
            # under its name it stands whole or not at all
            part = Path(folder) / target.name
            with Archive.open(part) as archive:
                done = list(_copy_all(source, archive, there, tell))
            part.rename(target)
        return done


def _open(damaged: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    # a file that was cut is shorter than it says, which keeps SQLite from reading any of it
    connection.execute("PRAGMA writable_schema = ON")
    # what a damaged page says need not be text
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _tables(source: sqlite3.Connection, damaged: Path) -> dict[str, set[str]]:
    try:
        names = [
            r[0] for r in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {n: {r[1] for r in source.execute(f'PRAGMA table_info("{n}")')} for n in names}
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{damaged}: not even its list of tables can be read: {error}; put the last copy in place") from error  # fmt: skip


def _copy_all(
    source: sqlite3.Connection,
    archive: Archive,
    there: dict[str, set[str]],
    tell: Callable[[str], None],
) -> Iterator[Rescued]:
    ours = archive.rows(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT%' "
        "ORDER BY rowid"
    )
    archive.rows("PRAGMA foreign_keys = OFF")
    copied: dict[str, tuple[int, bool]] = {}
    for table in ours:
        name = table["name"]
        mine = [r["name"] for r in archive.rows(f"PRAGMA table_info({name})")]
        columns = [c for c in mine if c in there.get(name, set())]
        if columns:
            by_number = "WITHOUT ROWID" not in table["sql"]
            copied[name] = _copy(source, archive, name, columns, by_number=by_number)
        tell(name)
    dropped = _mend(archive)
    if gone := _derive(archive):
        dropped["story_entries"] = dropped.get("story_entries", 0) + gone
    archive.rows("PRAGMA foreign_keys = ON")
    for name, (rows, complete) in copied.items():
        lost = dropped.get(name, 0)
        yield Rescued(name, rows - lost, lost, complete)


def _copy(
    source: sqlite3.Connection, archive: Archive, table: str, columns: list[str], *, by_number: bool
) -> tuple[int, bool]:
    names = ", ".join(columns)
    # a row that a constraint refuses is damage too; what copied polls counted gives way to the count of then
    insert = f"INSERT{'' if by_number else ' OR REPLACE'} INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
    done, complete = 0, True
    ranges = _ranges(source, table, names) if by_number else _whole(source, table, names)
    with archive.write() as connection:
        for rows in ranges:
            if rows is None:
                complete = False
                continue
            for row in rows:
                try:
                    done += connection.execute(insert, row).rowcount
                except (sqlite3.IntegrityError, sqlite3.InterfaceError):
                    complete = False
    return done, complete


def _whole(
    source: sqlite3.Connection, table: str, names: str
) -> Iterator[list[tuple[object, ...]] | None]:
    try:
        for row in source.execute(f"SELECT {names} FROM {table}"):
            yield [row]
    except sqlite3.DatabaseError:
        yield None


def _ranges(
    source: sqlite3.Connection, table: str, names: str
) -> Iterator[list[tuple[object, ...]] | None]:
    """Rows by ranges of their numbers; None for a number that cannot be read."""
    last = _highest(source, table)
    start, size, failed = 0, _RANGE, 0
    while start <= (last if last is not None else start) and failed < _BEYOND:
        try:
            rows = source.execute(
                f"SELECT {names} FROM {table} WHERE rowid BETWEEN ? AND ? ORDER BY rowid",
                (start, start + size - 1),
            ).fetchall()
        except sqlite3.DatabaseError:
            if size > 1:
                size //= 2
                continue
            failed += 1
            yield None
            start += 1
            continue
        yield rows
        start, failed = start + size, 0 if rows else failed + size
        size = min(size * 2, _RANGE)


def _highest(source: sqlite3.Connection, table: str) -> int | None:
    try:
        return int(source.execute(f"SELECT coalesce(max(rowid), -1) FROM {table}").fetchone()[0])
    except sqlite3.DatabaseError:
        return None


def _mend(archive: Archive) -> dict[str, int]:
    """Leave no reference to a row that was lost; returns how many rows had to go, by table."""
    dropped: dict[str, int] = {}
    with archive.write() as connection:
        connection.execute(
            "INSERT INTO feeds (id, name, url, host, kind, configured, enabled, state) "
            "SELECT DISTINCT feed_id, source || ' (rescued ' || feed_id || ')', '', '', 'press', 0, 0, "
            "'disabled' FROM entries WHERE feed_id NOT IN (SELECT id FROM feeds) GROUP BY feed_id"
        )
        again = True
        while again:
            again = False
            for table, column, parent, optional in _references(connection):
                cut = f"UPDATE {table} SET {column} = NULL" if optional else f"DELETE FROM {table}"
                gone = connection.execute(
                    f"{cut} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {parent})"
                ).rowcount
                again = again or gone > 0
                if gone and not optional:
                    dropped[table] = dropped.get(table, 0) + gone
    return dropped


def _derive(archive: Archive) -> int:
    """Make anew what hits are found by and what tells that a story was told.

    Without it a told story would not be recognised, and be told again. Returns how many hits
    had to go.
    """
    spoilt: list[tuple[int]] = []
    with archive.write() as connection:
        # what a damaged page says of a hit: without its facts, or where its entry is spoilt, no hit
        for cure in (
            "UPDATE story_entries SET facts = '{}', vector = NULL WHERE entry_id = ?",
            "DELETE FROM story_entries WHERE entry_id = ?",
        ):
            rows = connection.execute(story_index.HIT).fetchall()
            spoilt = [(row["id"],) for row in rows if not _readable(row)]
            connection.executemany(cure, spoilt)
        story_index.rebuild(connection)
        cases.rebuild(connection)
        connection.execute(_SENT)
    return len(spoilt)


_SENT = """
UPDATE stories SET sent_at = told.first FROM (
  SELECT a.story_id, min(d.sent_at) AS first FROM alerts a JOIN deliveries d ON d.alert_id = a.id
  WHERE d.state = 'sent' GROUP BY a.story_id
) AS told WHERE told.story_id = stories.id AND told.first < coalesce(stories.sent_at, '9')
"""
"""A time that was copied stands where the delivery it came from was lost."""


def _readable(row: sqlite3.Row) -> bool:
    try:
        story_index.read_hit(row)
    except (ValueError, TypeError, AttributeError, KeyError, struct.error):
        return False
    return True


def _references(connection: sqlite3.Connection) -> list[tuple[str, str, str, bool]]:
    """Every foreign key: table, column, the table it points into, and whether it may be empty."""
    found = []
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%REFERENCES%'"
    ).fetchall()
    for (name,) in map(tuple, names):
        empty = {r["name"]: not r["notnull"] and not r["pk"] for r in connection.execute(f"PRAGMA table_info({name})")}  # fmt: skip
        keys = connection.execute(f"PRAGMA foreign_key_list({name})")
        found += [(name, r["from"], r["table"], empty[r["from"]]) for r in keys]
    return found
