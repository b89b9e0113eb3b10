"""Files that commands write: named before any work is done, written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from ..errors import UsageError


class _NewFile(click.ParamType[Path]):
    """A file to be written in a folder that is there: a slip in a path makes no new folders."""

    name = "path"

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        path = Path(value)
        try:
            found = _obstacle(path)
        except (OSError, ValueError) as error:  # a name too long, or with a NUL
            found = getattr(error, "strerror", None) or str(error)
        if found is not None:
            self.fail(f"cannot write {path}: {found}", param, ctx)
        return path


def _obstacle(path: Path) -> str | None:
    """Why nothing can be written there, as far as it is known beforehand."""
    if path.is_dir():
        return "it is a folder; name a file in it"
    if _is_archive(path):
        return "an archive or another database stands there, and is not replaced"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}; make it first"
    return None


def _is_archive(path: Path) -> bool:
    """Whether a database stands there, or the part of one that SQLite writes beside it."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0" or path.name.endswith(("-wal", "-shm"))
    except OSError:
        return False  # what cannot be read is told when it cannot be written


NEW_FILE = _NewFile()
OUTPUT_ENDED = (errno.EPIPE, errno.ENOSPC)
"""Where our output goes the reader left, or there is no room: no input is to blame."""


def write_whole(path: Path, parts: Iterable[str]) -> None:
    """Write the parts beside the target, then put them in its place.

    A link is followed; a device or a pipe is written to, never replaced.

    Raises:
        UsageError: the file cannot be written, or is a database; what stood there still stands.
    """
    try:
        if _is_archive(path):
            raise UsageError(f"cannot write {path}: a database stands there, and is not replaced")
        if path.exists() and not path.is_file():
            _write_through(path, parts)
        else:
            _put_in_place(path.resolve(), parts)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _put_in_place(path: Path, parts: Iterable[str]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink()


def _write_through(path: Path, parts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(parts)
