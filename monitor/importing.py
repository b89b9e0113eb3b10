"""Another regwatch archive into this one: entries known here stay as they are, people's work comes along.

Sources, entries, judgements and corrections of stories are taken over; verdicts, facts and
stories are made here, by the model in force. Whatever is known already is passed over, so that
a second import brings nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from .recording import Recorder, record_items
from .store import corrections, feeds, labels
from .store.archive import Archive
from .store.entries import entry_of

_BATCH = 1000


@dataclass(slots=True)
class Imported:
    """What an import brought."""

    entries: int = 0
    hits: int = 0
    labels: int = 0
    corrections: int = 0

    def as_dict(self) -> dict[str, int]:
        """The numbers by name."""
        return asdict(self)


def import_archive(
    recorder: Recorder, other: Archive, *, now: datetime, tell: Callable[[int], None]
) -> Imported:
    """Take over what is not known here.

    Raises:
        StoreError: the batch in hand was not kept; those before it were.
    """
    done, last = Imported(), 0
    _sources(recorder.archive, other)
    while rows := other.rows(
        "SELECT * FROM entries WHERE id > ? ORDER BY id LIMIT ?", (last, _BATCH)
    ):
        last = rows[-1]["id"]
        found = [(r["source"], entry_of(r)) for r in rows]
        recorded = record_items(recorder, found, now=now, alert=False)
        done.entries += recorded.new
        done.hits += recorded.hits
        tell(done.entries)
    done.labels = _labels(recorder.archive, other, now)
    done.corrections = _corrections(recorder, other, now)
    return done


def _sources(here: Archive, other: Archive) -> None:
    """Sources that nobody here configures keep the kind and country they had there."""
    with here.write() as connection:
        for row in other.rows("SELECT name, kind, jurisdiction, language FROM feeds"):
            feeds.adopt_source(connection, row)


def _labels(here: Archive, other: Archive, now: datetime) -> int:
    done = 0
    rows = other.rows(
        f"SELECT l.label, l.why, l.author, l.model, l.made, {_KEYS} FROM labels l "
        "JOIN entries e ON e.id = l.entry_id ORDER BY l.id"
    )
    with here.write() as connection:
        for row in rows:
            entry_id = _here(connection, row)
            if entry_id is not None:
                done += labels.take_over(connection, entry_id, row, now)
    return done


def _corrections(recorder: Recorder, other: Archive, now: datetime) -> int:
    done = 0
    rows = other.rows("SELECT * FROM story_corrections ORDER BY id")
    with recorder.archive.write() as connection:
        for row in rows:
            pair = [
                _here(connection, other.rows(f"SELECT {_KEYS} FROM entries e WHERE e.id = ?", (n,))[0])
                for n in (row["entry_a"], row["entry_b"])
            ]  # fmt: skip
            if pair[0] is not None and pair[1] is not None:
                done += corrections.take_over(connection, pair[0], pair[1], row, now)
    return done


_KEYS = "e.source, e.key, e.link_key, e.title_key"


def _here(connection: sqlite3.Connection, row: sqlite3.Row) -> int | None:
    """This archive's entry for one of the other's, recognised as a poll would recognise it."""
    for column in ("key", "link_key", "title_key"):
        found = connection.execute(
            f"SELECT e.id FROM entries e JOIN feeds f ON f.id = e.feed_id WHERE f.name = ? "
            f"AND e.{column} = ? ORDER BY e.id LIMIT 1",
            (row["source"], row[column]),
        ).fetchone()
        if found is not None:
            return int(found["id"])
    return None
