"""A person's corrections of stories: remembered as pairs, never undone by the machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from ..decide import silenced
from ..domain import AlertKind, Tier
from ..errors import UsageError
from . import alerts, evidence, silences, told
from .archive import Archive
from .codec import iso
from .placing import rearrange
from .stories import ids_of, resolve, row_of_hit, story_view


def merge(archive: Archive, first: str, second: str, author: str, now: datetime) -> str:
    """Make two stories one; returns the public id that goes on.

    Raises:
        UsageError: there is no such story, or both are the same.
    """
    rows = {public: _row(archive, public) for public in (first, second)}
    if len(set(rows.values())) == 1:
        raise UsageError(f"{first} and {second} are the same story already")
    first, second = (ids_of(archive, row)[0] for row in rows.values())
    with archive.write() as connection:
        a, b = (_entries(connection, row) for row in rows.values())
        # every hit of both is tied to the first; pairs once split are decided anew
        pairs = {(a[0], other) for other in (*a[1:], *b)} | _split_before(connection, a, b)
        connection.executemany(
            "INSERT INTO story_corrections (made, author, kind, entry_a, entry_b) "
            "VALUES (?, ?, 'together', ?, ?)",
            [(iso(now), author, *pair) for pair in sorted(pairs)],
        )
        for public in (first, second):
            evidence.append(connection, now, "stories merged", {"author": author, "stories": [first, second], "entries": [a[0], b[0]]}, story=public)  # fmt: skip
        rearrange(connection, [a[0], b[0]], now)
        _show(connection, [a[0], b[0]], f"story merge by {author}", now)
        return _public_of(connection, a[0])


def _entries(connection: sqlite3.Connection, story: int) -> list[int]:
    rows = connection.execute("SELECT entry_id FROM story_entries WHERE story_id = ? ORDER BY entry_id", (story,))  # fmt: skip
    return [row["entry_id"] for row in rows]


def _split_before(
    connection: sqlite3.Connection, a: list[int], b: list[int]
) -> set[tuple[int, int]]:
    ids = [*a, *b]
    marks = ",".join("?" * len(ids))
    rows = connection.execute(
        "SELECT entry_a, entry_b FROM story_corrections WHERE kind = 'apart' "
        f"AND entry_a IN ({marks}) AND entry_b IN ({marks})",
        (*ids, *ids),
    )
    return {(row["entry_a"], row["entry_b"]) for row in rows}


def _public_of(connection: sqlite3.Connection, entry: int) -> str:
    found = connection.execute("SELECT s.public_id FROM story_entries e JOIN stories s ON s.id = e.story_id WHERE e.entry_id = ?", (entry,))  # fmt: skip
    return str(found.fetchone()["public_id"])


def split(archive: Archive, entry_id: int, author: str, now: datetime) -> str:
    """Take an entry out of its story; returns the public id of its own.

    Raises:
        UsageError: the entry is no hit, or stands alone.
    """
    row = archive.row("SELECT story_id FROM story_entries WHERE entry_id = ?", (entry_id,))
    if row is None:
        raise UsageError(
            f"entry {entry_id} belongs to no story; `regwatch hits` lists those that do"
        )
    with archive.write() as connection:
        others = connection.execute(
            "SELECT entry_id FROM story_entries WHERE story_id = ? AND entry_id <> ?",
            (row["story_id"], entry_id),
        ).fetchall()
        if not others:
            raise UsageError(f"entry {entry_id} is the only one of its story")
        connection.executemany(
            "INSERT INTO story_corrections (made, author, kind, entry_a, entry_b) "
            "VALUES (?, ?, 'apart', ?, ?)",
            [(iso(now), author, entry_id, other["entry_id"]) for other in others],
        )
        left = connection.execute("SELECT public_id FROM stories WHERE id = ?", (row["story_id"],)).fetchone()["public_id"]  # fmt: skip
        rearrange(connection, [entry_id], now, leaving=entry_id)
        own = _public_of(connection, entry_id)
        evidence.append(connection, now, "story split", {"author": author, "entry": entry_id, "left": left, "own": own}, entry_id=entry_id, story=left)  # fmt: skip
        _show(connection, [entry_id, *(other["entry_id"] for other in others)], f"story split by {author}", now)  # fmt: skip
        view = story_view(archive, row_of_hit(connection, entry_id)["id"])
        if silenced(view, silences.in_force(archive, now), now) is None:
            _tell(connection, entry_id, row["story_id"], f"split from {left} by {author}", now)
        return own


def _tell(connection: sqlite3.Connection, entry: int, left: int, reason: str, now: datetime) -> None:  # fmt: skip
    """Owe a first post of the story that an entry has of its own now.

    What its channels read of it until now stood in the post of the story that it left, and goes
    from there.
    """
    own = row_of_hit(connection, entry)["id"]
    known = told.alerted_channels(connection, own)
    channels = [c for c in told.alerted_channels(connection, left) if c not in known]
    if channels:
        tier = connection.execute("SELECT tier FROM alerts WHERE story_id = ? AND kind = 'new' ORDER BY id DESC LIMIT 1", (left,)).fetchone()["tier"]  # fmt: skip
        alerts.raise_alert(
            connection,
            kind=AlertKind.NEW,
            reason=reason,
            channels=channels,
            now=now,
            story_row=own,
            tier=Tier(tier) if tier else None,
        )


def _show(connection: sqlite3.Connection, entries: Sequence[int], reason: str, now: datetime) -> None:  # fmt: skip
    """Owe the edit of the posts in which the stories of some hits stand."""
    marks = ",".join("?" * len(entries))
    rows = connection.execute(
        f"SELECT DISTINCT story_id FROM story_entries WHERE entry_id IN ({marks}) ORDER BY story_id",
        list(entries),
    )
    for row in rows.fetchall():
        alerts.raise_edit(connection, row["story_id"], reason, now)


def take_over(
    connection: sqlite3.Connection,
    entry_a: int,
    entry_b: int,
    row: sqlite3.Row,
    now: datetime,
) -> int:
    """Keep a decision made in another archive and arrange its hits by it; 0 where it is known."""
    values = {"a": entry_a, "b": entry_b, **{k: row[k] for k in ("made", "author", "kind")}}
    done = connection.execute(
        "INSERT INTO story_corrections (made, author, kind, entry_a, entry_b) "
        "SELECT :made, :author, :kind, :a, :b WHERE NOT EXISTS (SELECT 1 FROM story_corrections "
        "WHERE made = :made AND author = :author AND kind = :kind AND entry_a = :a AND entry_b = :b)",
        values,
    ).rowcount
    both = connection.execute(
        "SELECT s.public_id FROM story_entries e JOIN stories s ON s.id = e.story_id "
        "WHERE e.entry_id IN (?, ?)",
        (entry_a, entry_b),
    ).fetchall()
    if not done or len(both) < 2:
        return done
    for public in dict.fromkeys(r["public_id"] for r in both):
        evidence.append(connection, now, "correction imported", values, story=public)
    rearrange(connection, [entry_a, entry_b], now)
    _show(connection, [entry_a, entry_b], "correction imported", now)
    return done


def _row(archive: Archive, public: str) -> int:
    row = resolve(archive, public)
    if row is None:
        raise UsageError(f"no story {public!r}; `regwatch stories` lists them")
    return row
