"""The append-only log of what was known when, each row chained to the one before by a hash.

``digest = sha256(made + "\\n" + what + "\\n" + entry + "\\n" + story + "\\n" + data)`` and
``hash = sha256(previous + "\\n" + digest)``, all as UTF-8 text, an absent entry or story empty;
the first row's ``previous`` is 64 zeros. Rows of the first form have no digest: there
``hash = sha256(previous + "\\n" + made + "\\n" + what + "\\n" + data)``.
Anyone can check it with ten lines of code. Database triggers refuse updates and deletions.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .archive import Archive
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
    body = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=list)
    row = {
        "made": iso(now),
        "what": what,
        "entry_id": entry_id,
        "story": story,
        "data": body.encode("utf-8", "replace").decode(),
        "previous": previous,
    }
    row["digest"] = digest(row)
    row["hash"] = link(row)
    connection.execute(
        "INSERT INTO evidence (made, what, entry_id, story, data, previous, digest, hash) VALUES "
        "(:made, :what, :entry_id, :story, :data, :previous, :digest, :hash)",
        row,
    )
    return str(row["hash"])


def digest(row: Mapping[str, Any]) -> str:
    """The hash of a row's content."""
    entry = "" if row["entry_id"] is None else str(row["entry_id"])
    return sha256(row["made"], row["what"], entry, row["story"] or "", row["data"])


def link(row: Mapping[str, Any]) -> str:
    """The hash that a row of either form must have."""
    if row["digest"] is None:
        return sha256(row["previous"], row["made"], row["what"], row["data"])
    return sha256(row["previous"], row["digest"])


def sha256(*parts: str) -> str:
    """The hash of some texts, a line each."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def broken_at(rows: Iterable[Mapping[str, Any]]) -> int | None:
    """The ``seq`` of the first row that does not follow from the one before; None: all sound.

    The rows are all there are, oldest first.
    """
    previous = GENESIS
    for number, row in enumerate(rows, 1):
        altered = row["digest"] is not None and digest(row) != row["digest"]
        if altered or row["seq"] != number or row["previous"] != previous or link(row) != row["hash"]:  # fmt: skip
            return int(row["seq"])
        previous = row["hash"]
    return None


def head(archive: Archive) -> tuple[int, str]:
    """Number and hash of the last row: whoever keeps it elsewhere can prove the log by it."""
    row = archive.row("SELECT seq, hash FROM evidence ORDER BY seq DESC LIMIT 1")
    return (int(row["seq"]), str(row["hash"])) if row else (0, GENESIS)


def rows_of(archive: Archive, story: int) -> set[int]:
    """The ``seq`` of every row about a story, its hits, and the stories merged into it."""
    rows = archive.rows(
        "WITH RECURSIVE mine(id, public_id) AS ("
        "SELECT id, public_id FROM stories WHERE id = :story "
        "UNION SELECT s.id, s.public_id FROM stories s JOIN mine ON s.merged_into = mine.id) "
        "SELECT seq FROM evidence WHERE story IN (SELECT public_id FROM mine) "
        "UNION SELECT v.seq FROM evidence v JOIN story_entries e ON e.entry_id = v.entry_id "
        "WHERE e.story_id IN (SELECT id FROM mine)",
        {"story": story},
    )
    return {int(row["seq"]) for row in rows}
