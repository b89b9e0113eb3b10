"""First posts of one story beside each other in one channel: one is enough.

They come about where two stories turn out to be one, and where what was given up is asked for
again. A post that can be edited needs no help: what follows it becomes an edit.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from ..ledger import TOLD_OTHERWISE
from . import proof

_FIRST = (
    "SELECT d.id, d.channel, d.state, d.ts, d.folded_into FROM alerts a "
    "JOIN deliveries d ON d.alert_id = a.id WHERE a.story_id = ? AND a.kind = 'new' "
    "AND d.state <> 'abandoned' ORDER BY d.state IN ('pending','held'), d.not_before, d.id"
)


def drop(connection: sqlite3.Connection, story_row: int, now: datetime) -> int:
    """Give up the story's first posts that another in their channel makes needless; how many."""
    rows = connection.execute(_FIRST, (story_row,)).fetchall()
    tells: dict[str, sqlite3.Row] = {}
    needless = []
    for row in rows:
        if row["folded_into"] is not None:
            continue  # a line in a digest; the story has no post yet
        first = tells.setdefault(row["channel"], row)
        waits = row["state"] in ("pending", "held")
        if waits and first is not row and first["ts"] is None:
            needless.append(row["id"])
    connection.executemany(
        "UPDATE deliveries SET state = 'abandoned', last_error = ? WHERE id = ?",
        [(TOLD_OTHERWISE, one) for one in needless],
    )
    proof.delivery_settled(connection, needless, now)
    return len(needless)
