"""Whether an archive can be written where it is to stand. Leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile

from ..errors import ArchiveFull


def check_place(path: Path) -> None:
    """Try the archive's folder, or where there is none yet the nearest one above it.

    Raises:
        ArchiveFull: the archive could not be made or written there; the text says why.
    """
    folder = path.absolute().parent
    try:
        while not folder.exists():
            folder = folder.parent
        if not folder.is_dir():
            raise NotADirectoryError(0, "it is a file, not a folder")
        with TemporaryFile(dir=folder):
            pass
        if path.exists() and not os.access(path, os.W_OK):
            folder = path
            raise PermissionError(0, "it may only be read")
    except OSError as error:
        raise ArchiveFull(f"archive not writable: {path}: {folder} cannot be written: {error.strerror or error}; set `archive:` to another path, or make this one writable") from error  # fmt: skip
