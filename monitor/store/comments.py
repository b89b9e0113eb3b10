"""What every table, view and column of the archive means: for docs/archive.md and for Datasette.

They stand in ``comments.txt``, one block per table or view: its name and meaning, then a line per
column. A test compares them with a fresh archive, both ways. Knows nothing of connections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TEXT = Path(__file__).parent / "comments.txt"


@dataclass(frozen=True, slots=True)
class Comment:
    """The meaning of a table or view, and of each of its columns."""

    meaning: str
    columns: Mapping[str, str]


def comments() -> dict[str, Comment]:
    """Comments by table or view, in the order of reading."""
    found: dict[str, Comment] = {}
    for block in _TEXT.read_text(encoding="utf-8").strip().split("\n\n"):
        head, *lines = block.splitlines()
        name, _, meaning = head.partition(": ")
        columns = dict(line.strip().split(": ", 1) for line in lines)
        found[name] = Comment(meaning, columns)
    return found
