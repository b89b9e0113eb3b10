"""Another regwatch archive into this one: entries known here stay as they are, people's work comes along.

Sources, entries with the articles read for them, judgements and corrections of stories are taken
over; verdicts, facts and stories are made here, by the model in force. Of two times that an entry
was first seen the earlier one stands. Whatever is known already is passed over, so that
a second import brings nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from .batch import Batch
from .domain import Article, EntryId
from .portions import portions
from .recording import Recorded, Recorder, record_items
from .store import corrections, entries, feeds, fulltexts, labels, story_index
from .store.archive import Archive
from .store.codec import moment
from .store.entries import entry_of, text_size

_BATCH = 1000
"""Entries read at a time; they are written in smaller portions."""


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
        StoreError: the portion in hand was not kept; those before it were.
    """
    done, last = Imported(), 0
    _sources(recorder.archive, other)
    while rows := other.rows(_ENTRIES, (last, _BATCH)):
        last = rows[-1]["id"]
        for portion in portions(rows, text_size):
            _entries(recorder, portion, now, done)
            tell(done.entries)
    done.labels = _labels(recorder.archive, other, now)
    done.corrections = _corrections(recorder, other, now)
    return done


_ENTRIES = """
SELECT e.*, x.url AS article, x.fetched, x.text AS extract
FROM entries e LEFT JOIN extracts x ON x.entry_id = e.id WHERE e.id > ? ORDER BY e.id LIMIT ?
"""


def _entries(
    recorder: Recorder, rows: Sequence[sqlite3.Row], now: datetime, done: Imported
) -> None:
    found = [(r, entry_of(r)) for r in rows]
    seen = {entry: moment(row["first_seen"]) for row, entry in reversed(found)}
    items = [(row["source"], entry) for row, entry in found]
    recorded = record_items(recorder, items, now=now, alert=False, seen=seen)
    done.entries += recorded.new
    done.hits += recorded.hits
    with recorder.archive.write() as connection:
        for row in rows:
            entry_id = _here(connection, row)
            if entry_id is None:
                continue
            _seen_earlier(connection, entry_id, row["first_seen"])
            if row["extract"]:
                done.hits += _article(recorder, connection, entry_id, row, now)


def _seen_earlier(connection: sqlite3.Connection, entry_id: int, seen: str) -> None:
    """Let an entry, and the story it is a hit of, begin when the other archive saw it, if earlier."""
    changed = connection.execute(
        "UPDATE entries SET first_seen = ?1 WHERE id = ?2 AND first_seen > ?1", (seen, entry_id)
    )
    if not changed.rowcount:
        return
    connection.execute(
        "UPDATE stories SET first_seen = min(first_seen, ?) "
        "WHERE id = (SELECT story_id FROM story_entries WHERE entry_id = ?)",
        (seen, entry_id),
    )
    for hit in connection.execute(f"{story_index.HIT} WHERE e.id = ?", (entry_id,)).fetchall():
        story_index.file(connection, story_index.read_hit(hit))


def _article(
    recorder: Recorder,
    connection: sqlite3.Connection,
    entry_id: int,
    theirs: sqlite3.Row,
    now: datetime,
) -> int:
    """Take an article over, unless one was read here; the hits that it made."""
    row = entries.with_hit(connection, entry_id)
    if row["extract"] is not None:
        return 0
    feed = connection.execute("SELECT * FROM feeds WHERE id = ?", (row["feed_id"],)).fetchone()
    recorded, text = Recorded(), theirs["extract"]
    article = Article(EntryId(entry_id), theirs["article"], text)
    batch = Batch(recorder, connection, feed, row["fetch_id"], now, recorded, quiet=True)
    batch.read(row, article, text)
    digest = sha256(text.encode()).hexdigest()
    fulltexts.keep_extract(connection, entry_id, article.url, digest, text, moment(theirs["fetched"]))  # fmt: skip
    fulltexts.ask(connection, EntryId(entry_id), article.url, now)
    fulltexts.settle(connection, EntryId(entry_id), "read", "imported", now)
    return recorded.hits


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
