"""Files written whole or not at all: a reader never meets half of one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..errors import UsageError


def write_whole(path: Path, parts: Iterable[str]) -> None:
    """Write the parts beside the target, then put them in its place.

    A link is followed; a device or a pipe is written to, never replaced.

    Raises:
        UsageError: the file cannot be written; what stood there before still stands.
    """
    try:
        if path.is_dir():
            raise UsageError(f"cannot write {path}: it is a folder; name a file")
        if path.exists() and not path.is_file():
            _write_through(path, parts)
            return
        path = path.resolve()
    except OSError as error:  # a name too long, a folder above it that is closed to us
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
        part.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _write_through(path: Path, parts: Iterable[str]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
