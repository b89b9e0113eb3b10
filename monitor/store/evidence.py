"""The append-only log of what was known when, each row chained to the one before by a hash.

``hash = sha256(previous + "\\n" + made + "\\n" + what + "\\n" + data)``, all as UTF-8 text;
the first row's ``previous`` is 64 zeros. Anyone can check it with ten lines of code.
Database triggers refuse updates and deletions.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .codec import iso

GENESIS = "0" * 64


def append(
    connection: sqlite3.Connection,
    now: datetime,
    what: str,
    data: Mapping[str, Any],
    *,
    entry_id: int | None = None,
    story: str | None = None,
) -> str:
    """Add one fact to the log; returns its hash. To be called inside ``Archive.write``."""
    last = connection.execute("SELECT hash FROM evidence ORDER BY seq DESC LIMIT 1").fetchone()
    previous = last["hash"] if last else GENESIS
    made = iso(now)
    body = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = link(previous, made, what, body)
    connection.execute(
        "INSERT INTO evidence (made, what, entry_id, story, data, previous, hash) "
        "VALUES (?,?,?,?,?,?,?)",
        (made, what, entry_id, story, body, previous, digest),
    )
    return digest


def link(previous: str, made: str, what: str, data: str) -> str:
    """The hash of one row."""
    text = "\n".join((previous, made, what, data))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def broken_at(rows: Iterable[Mapping[str, Any]]) -> int | None:
    """The ``seq`` of the first row that does not follow from the one before; None: all sound."""
    previous: str | None = None
    for row in rows:
        if previous is not None and row["previous"] != previous:
            return int(row["seq"])
        if link(row["previous"], row["made"], row["what"], row["data"]) != row["hash"]:
            return int(row["seq"])
        previous = row["hash"]
    return None
