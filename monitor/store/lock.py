"""One polling and delivering process per archive, by an advisory lock on a file beside it.

The kernel releases the lock when the holder dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import ArchiveFull, LockHeld


@contextmanager
def hold(archive: Path, holder: str) -> Iterator[None]:
    """Hold the archive's lock for the time of the block; ``holder`` is named to others.

    Raises:
        LockHeld: another process holds it; the text names which.
        ArchiveFull: the lock file cannot be written.
    """
    path = archive.with_name(archive.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ArchiveFull(f"archive not writable: {path}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            other = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
            raise LockHeld(
                f"archive in use: {archive}: {other or 'another process'} polls and delivers for "
                "it; stop that one first, or use a command that only reads"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"regwatch {holder} (process {os.getpid()})\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
