"""Opening the archive: ours or refused, migrated or untouched, and the one way to write.

The only place that connects to SQLite for writing. A connection belongs to the thread that
opened it. Knows nothing of what the tables mean.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import ArchiveFull, DamagedArchive, ForeignDatabase, SchemaTooNew, StoreError
from .migrations import STEPS, apply, schema_version

APPLICATION_ID = 0x52475754
"""``RGWT``: stands in the file's header, so that foreign files are recognised."""
CACHE_KB = 48_000
"""SQLite's own 2 MB make each new entry of a large archive read its index pages anew."""
CHECKPOINT_PAGES = 8_000
"""Pages of the log before they move into the file: each move waits for the disk."""
LOG_BYTES = 64_000_000
"""What a log that a long reader made grow is cut back to."""

Meter = Callable[[int], AbstractContextManager[Callable[[str], None]]]
"""How far a migration is: called with the number of steps, then once per step."""


class Archive:
    """One open archive. Use as a context manager, or call ``close``."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        tell: Callable[[str], None] = lambda _: None,
        meter: Meter = lambda _: nullcontext(lambda _: None),
    ) -> Self:
        """Open the archive, making or migrating it where needed.

        ``tell`` gets a line before a migration begins, ``meter`` its steps.

        Raises:
            ForeignDatabase, SchemaTooNew, DamagedArchive: the file is left as it is.
            ArchiveFull, StoreError: the file cannot be made or written.
        """
        version = examine(path)
        with translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            archive = cls(path, _connect(path))
            if version < schema_version():
                try:
                    archive._migrate(version, tell, meter)
                except BaseException:
                    archive.close()
                    raise
        return archive

    @classmethod
    def open_readonly(cls, path: Path, *, older: bool = False) -> Self:
        """Open an existing archive for reading only; it may be in use by a service.

        One of an older form is left as it is: an older service may be at work on it.
        ``older`` takes it nevertheless; its rows then have fewer columns.

        Raises:
            StoreError: there is none, or it is of an older form.
        """
        version = examine(path)
        if version == 0:
            raise StoreError(f"no archive: {path}: start `regwatch run` or `regwatch once` first")
        if version < schema_version() and not older:
            raise StoreError(
                f"archive of an older regwatch: {path}: schema {version}, this version reads "
                f"{schema_version()}; stop the older service; `regwatch run` or any other "
                "command that writes then takes it over and saves a copy of before"
            )
        with translated(path):
            connection = _peek(path)
            connection.isolation_level = None
            connection.row_factory = sqlite3.Row
            return cls(path, connection)

    def _migrate(self, version: int, tell: Callable[[str], None], meter: Meter) -> None:
        saved: Path | None = None
        with meter(len(STEPS) - version + 2) as step:
            if version:
                saved = unused(self.path.with_name(f"{self.path.name}.before-v{schema_version()}"))
                tell(f"archive {self.path}: saving it as {saved}, then migrating from {version}")
                save_copy(self.connection, saved)
            step("saved")
            try:
                with self.write(durable=True):
                    apply(self.connection, step)
                    self.connection.execute(f"PRAGMA user_version = {schema_version()}")
                    self.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            except BaseException:
                # the archive is as it was: a service that starts again and again leaves no row of copies
                if saved is not None:
                    saved.unlink(missing_ok=True)
                raise

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it stands afterwards, or none.

        ``BEGIN IMMEDIATE`` takes the write lock at once; a deferred one fails with "locked"
        when two processes read first and write later. After a power cut the last transactions
        may be missing, in order; with ``durable`` this one and all before it stand.

        Raises:
            ArchiveFull, DamagedArchive, StoreError: nothing of the transaction was kept.
        """
        with translated(self.path):
            try:
                if durable:
                    self.connection.execute("PRAGMA synchronous = FULL")
                self.connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self.connection
                    self.connection.execute("COMMIT")
                except BaseException:
                    if self.connection.in_transaction:
                        self.connection.execute("ROLLBACK")
                    raise
            finally:
                if durable:
                    self.connection.execute("PRAGMA synchronous = NORMAL")

    def rows(self, sql: str, parameters: Any = ()) -> list[sqlite3.Row]:
        """All rows of a query.

        Raises:
            DamagedArchive, StoreError: the archive could not be read.
        """
        with translated(self.path):
            return self.connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Any = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        with translated(self.path):
            found: sqlite3.Row | None = self.connection.execute(sql, parameters).fetchone()
            return found

    def each(self, sql: str, parameters: Any = ()) -> Iterator[sqlite3.Row]:
        """The rows of a query one by one, for more of them than memory should hold."""
        with translated(self.path):
            yield from self.connection.execute(sql, parameters)

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def examine(path: Path) -> int:
    """The archive's schema version, 0 for none yet; reads only.

    Raises:
        ForeignDatabase: another program's file. SchemaTooNew: a later version wrote it.
        DamagedArchive: SQLite cannot read it.
    """
    with translated(path):
        if not path.exists() or path.stat().st_size == 0:
            return 0
    with translated(path), path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            raise ForeignDatabase(
                f"not a SQLite file: {path}: it was left as it is; set `archive:` to another path"
            )
    with translated(path), closing(_peek(path)) as connection:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION_ID:
        if tables == 0 and application == 0:
            return 0
        raise ForeignDatabase(
            f"a database of another program: {path}: it was left as it is; "
            "set `archive:` to another path"
        )
    if version > schema_version():
        raise SchemaTooNew(
            f"archive of a newer regwatch: {path}: schema {version}, this version knows "
            f"{schema_version()}; upgrade regwatch, or restore the backup made before the upgrade"
        )
    return version


def _peek(path: Path) -> sqlite3.Connection:
    # a reader too keeps an index of the log beside the archive, where it may write; where it may
    # not, and no writer left a log, nothing can change underneath
    closed = not os.access(path.absolute().parent, os.W_OK)
    still = "&immutable=1" if closed and not path.with_name(f"{path.name}-wal").exists() else ""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{still}", uri=True, timeout=30)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            # only before the first table: lets `prune` give pages back without a full VACUUM
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def unused(path: Path) -> Path:
    """The path, or where that is taken the first free one of ``path-2``, ``path-3`` and so on."""
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found


def save_copy(connection: sqlite3.Connection, target: Path) -> None:
    """A consistent copy of an archive in use, page by page; one that is there is left.

    All pages in one step: readers and writers go on, and none makes the copy begin again.
    """
    if target.exists():
        return
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part)) as copy:
            # brought to the disk once, at the end
            copy.execute("PRAGMA synchronous = OFF")
            connection.backup(copy)
            # the copy is one file, whole without its log
            copy.execute("PRAGMA journal_mode = DELETE")
        to_disk(part)
        part.rename(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def to_disk(path: Path) -> None:
    """Wait until a file or folder stands on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's and the file system's errors as the archive's own; ``path`` is named in them."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _as_store_error(path, error) from error
    except OSError as error:
        raise ArchiveFull(f"archive not writable: {path}: {error.strerror or error}") from error


def _as_store_error(path: Path, error: sqlite3.DatabaseError) -> Exception:
    text = str(error)
    if "malformed" in text or "not a database" in text:
        return DamagedArchive(
            f"archive damaged: {path}: {text}; it was not overwritten: `regwatch rescue {path} NEW` "
            "copies what can be read; see 'Rescuing a damaged archive' in docs/archive.md"
        )
    if "full" in text or "readonly" in text or "unable to open" in text or "disk I/O" in text:
        return ArchiveFull(
            f"archive not writable: {path}: {text}; free space or make it writable: "
            "nothing half-written was kept"
        )
    if isinstance(error, sqlite3.OperationalError):
        return StoreError(f"archive: {path}: {text}")
    return error
