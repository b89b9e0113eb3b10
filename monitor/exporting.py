"""The archive for other programs: CSV and JSON Lines, piece by piece. Pure.

Atom has a room of its own, ``atom``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def as_csv(rows: Iterable[Row], columns: Sequence[str]) -> Generator[str, None, None]:
    """RFC 4180 with a header, also when there are no rows.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_inert(row[name]) for name in columns])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _inert(value: Any) -> Any:
    """Spreadsheets look past leading space, and read the full-width signs as well."""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    first = text.lstrip().lstrip("\ufeff")[:1]
    risky = text[:1] in ("\t", "\r", "\n") or (first and first in "=+-@|%＝＋－＠")
    return f"'{text}" if risky else text


def as_jsonl(rows: Iterable[Row]) -> Generator[str, None, None]:
    """One JSON object per line."""
    for row in rows:
        yield json.dumps(dict(row), ensure_ascii=False) + "\n"
