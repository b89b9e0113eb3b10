"""Files that commands write: named before any work is done, written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from ..errors import UsageError


class _NewFile(click.ParamType[Path]):
    """A file to be written in a folder that is there: a slip in a path makes no new folders."""

    name = "path"

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        path = Path(value)
        if path.is_dir():
            self.fail(f"cannot write {path}: it is a folder; name a file in it", param, ctx)
        if not path.parent.is_dir():
            self.fail(
                f"cannot write {path}: there is no folder {path.parent}; make it first", param, ctx
            )
        return path


NEW_FILE = _NewFile()
OUTPUT_ENDED = (errno.EPIPE, errno.ENOSPC)
"""Where our output goes the reader left, or there is no room: no input is to blame."""


def write_whole(path: Path, parts: Iterable[str]) -> None:
    """Write the parts beside the target, then put them in its place.

    A link is followed; a device or a pipe is written to, never replaced.

    Raises:
        UsageError: the file cannot be written; what stood there before still stands.
    """
    if path.exists() and not path.is_file():
        _write_through(path, parts)
        return
    path = path.resolve()
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
