"""Entries in the archive: what is known of a source, what is new, and its verdicts.

An identity, once written, is never removed; retention trims text only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from classifiers.verdict import Item, Verdict

from ..domain import EntryId, ParsedEntry
from ..identity import EntryKeys, KnownEntry, link_key
from .archive import Archive
from .codec import from_iso, iso, moment, to_iso, to_json

_KNOWN = """
SELECT id, key, link_key, title_key, content_hash, changes FROM entries
WHERE feed_id = :feed AND key IN (SELECT value FROM json_each(:keys))
UNION SELECT id, key, link_key, title_key, content_hash, changes FROM entries
WHERE feed_id = :feed AND link_key IN (SELECT value FROM json_each(:links))
UNION SELECT id, key, link_key, title_key, content_hash, changes FROM entries
WHERE feed_id = :feed AND title_key IN (SELECT value FROM json_each(:titles))
"""


def known(archive: Archive, feed_id: int, keys: Sequence[EntryKeys]) -> list[KnownEntry]:
    """The entries of a feed that share a key, a link key or a title key with the given ones."""
    # one text for any number of keys: SQLite prepares it once
    values = {
        "feed": feed_id,
        "keys": json.dumps([k.key for k in keys]),
        "links": json.dumps([k.link_key for k in keys if k.link_key]),
        "titles": json.dumps([k.title_key for k in keys]),
    }
    return [
        KnownEntry(
            entry_id=row["id"],
            key=row["key"],
            link_key=row["link_key"],
            title_key=row["title_key"],
            content_hash=row["content_hash"],
            changes=row["changes"],
        )
        for row in archive.rows(_KNOWN, values)
    ]


def insert(
    connection: sqlite3.Connection,
    feed: sqlite3.Row,
    new: Sequence[tuple[ParsedEntry, EntryKeys, datetime]],
    *,
    fetch_id: int | None,
    baseline: bool,
) -> list[EntryId | None]:
    """Write new entries with the time each was first seen; None where another writer was first.

    Their keys differ. Many rows to a statement: at each statement that fires a trigger the search
    index writes out the words it has gathered, and row by row that takes half of the time.
    """
    written: dict[str, EntryId] = {}
    for start in range(0, len(new), _ROWS):
        part = new[start : start + _ROWS]
        rows = (_values(feed, *one, fetch_id, baseline) for one in part)
        found = connection.execute(
            f"{_INSERT} {', '.join([_MARKS] * len(part))} ON CONFLICT DO NOTHING RETURNING key, id",
            list(chain.from_iterable(rows)),
        ).fetchall()
        written.update(found)
    return [written.get(keys.key) for _, keys, _ in new]


_ROWS = 25
"""Rows to a statement: more saves little, and each number of rows is a statement to prepare."""
_INSERT = (
    "INSERT INTO entries (feed_id, source, kind, jurisdiction, key, link_key, title_key, "
    "content_hash, title, url, guid, summary, text, language, published, published_raw, "
    "first_seen, last_seen, fetch_id, baseline) VALUES"
)
_MARKS = f"({', '.join('?' * 20)})"


def _values(
    feed: sqlite3.Row,
    entry: ParsedEntry,
    keys: EntryKeys,
    seen: datetime,
    fetch_id: int | None,
    baseline: bool,
) -> tuple[object, ...]:
    stamp = iso(seen)
    return (
        feed["id"],
        feed["name"],
        feed["kind"],
        feed["jurisdiction"],
        keys.key,
        keys.link_key,
        keys.title_key,
        keys.content_hash,
        entry.title,
        entry.url,
        entry.guid,
        entry.summary,
        entry.text,
        entry.language or feed["language"],
        to_iso(entry.published),
        entry.published_raw,
        stamp,
        stamp,
        fetch_id,
        int(baseline),
    )


def edit(
    connection: sqlite3.Connection,
    entry_id: int,
    entry: ParsedEntry,
    keys: EntryKeys,
    now: datetime,
    *,
    fetch_id: int | None,
) -> None:
    """Write an edited entry; what it said before is kept in ``entry_versions``."""
    connection.execute(
        "INSERT INTO entry_versions (entry_id, seen, title, url, summary, text, published, "
        "content_hash, fetch_id) SELECT id, last_seen, title, url, summary, text, published, "
        "content_hash, fetch_id FROM entries WHERE id = ?",
        (entry_id,),
    )
    connection.execute(
        "UPDATE entries SET title = ?, url = ?, summary = ?, text = ?, published = ?, "
        "published_raw = ?, content_hash = ?, title_key = ?, link_key = ?, last_seen = ?, "
        "fetch_id = ?, changes = changes + 1, trimmed = 0 WHERE id = ?",
        (
            entry.title,
            entry.url,
            entry.summary,
            entry.text,
            to_iso(entry.published),
            entry.published_raw,
            keys.content_hash,
            keys.title_key,
            keys.link_key,
            iso(now),
            fetch_id,
            entry_id,
        ),
    )


def touch(connection: sqlite3.Connection, entry_ids: Iterable[int], now: datetime) -> None:
    """Note that entries still stand in their feed."""
    connection.executemany(
        "UPDATE entries SET last_seen = ? WHERE id = ?", [(iso(now), i) for i in entry_ids]
    )


def save_verdict(
    connection: sqlite3.Connection, entry_id: int, verdict: Verdict, now: datetime
) -> None:
    """Write an entry's verdict; a second one of the same model replaces the first."""
    connection.execute(
        "INSERT INTO verdicts (entry_id, model, score, threshold, label, screened, legs, why, "
        "judged) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (entry_id, model) DO UPDATE SET "
        "score = excluded.score, threshold = excluded.threshold, label = excluded.label, "
        "screened = excluded.screened, legs = excluded.legs, why = excluded.why, "
        "judged = excluded.judged",
        (
            entry_id,
            verdict.model,
            verdict.score,
            verdict.threshold,
            verdict.label.value,
            int(verdict.screened),
            to_json({leg: list(words) for leg, words in verdict.legs.items()}),
            to_json([[r.term, round(r.weight, 4)] for r in verdict.why]),
            iso(now),
        ),
    )


def find(archive: Archive, reference: str) -> sqlite3.Row | None:
    """An entry by its id or its URL, whatever tracks or decorates that URL, with its ``extract``."""
    # SQLite's numbers end at 19 digits; other writings of a digit are none of ours
    if reference.isascii() and reference.isdecimal() and len(reference) <= 18:
        return archive.row(f"SELECT e.*, {_EXTRACT} FROM entries e WHERE id = ?", (int(reference),))
    return archive.row(
        f"SELECT e.*, {_EXTRACT} FROM entries e WHERE link_key = ? ORDER BY url = ? DESC, id DESC",
        (link_key(reference), reference),
    )


def item_of(row: sqlite3.Row) -> Item:
    """An archived entry as the classifier reads it: with its article where that was read."""
    extract = row["extract"] if "extract" in row.keys() else None  # noqa: SIM118 - a Row has no `in`
    return Item(
        title=row["title"],
        summary=row["summary"],
        text=extract or row["text"],
        lang=row["language"],
        url=row["url"],
        source=row["source"],
    )


def text_size(row: sqlite3.Row) -> int:
    """The characters of an archived entry with its ``extract``."""
    return sum(len(row[name] or "") for name in ("title", "summary", "text", "extract"))


def entry_of(row: sqlite3.Row) -> ParsedEntry:
    """An archived entry as its source gave it."""
    return ParsedEntry(
        title=row["title"],
        url=row["url"],
        guid=row["guid"],
        summary=row["summary"],
        text=row["text"],
        language=row["language"],
        published=from_iso(row["published"]),
        published_raw=row["published_raw"],
        source=row["source"],
    )


def unjudged(archive: Archive, model: str, after_id: int, limit: int) -> list[sqlite3.Row]:
    """The entries after an id that a model has not judged, oldest first, with ``hit``.

    Entries whose text retention took away are left out: judged by a title alone, many a hit
    would seem none.
    """
    return archive.rows(
        f"{_WITH_HIT} AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.entry_id = e.id "
        "AND v.model = ?) AND e.id > ? ORDER BY e.id LIMIT ?",
        (model, after_id, limit),
    )


def count_unjudged(archive: Archive, model: str) -> int:
    """How many entries with text a model has not judged."""
    row = archive.row(
        "SELECT count(*) AS n FROM entries e WHERE e.trimmed = 0 AND NOT EXISTS "
        "(SELECT 1 FROM verdicts v WHERE v.entry_id = e.id AND v.model = ?)",
        (model,),
    )
    return int(row["n"]) if row else 0


def after(archive: Archive, entry_id: int, limit: int) -> list[sqlite3.Row]:
    """The entries with text that follow an id, oldest first, with ``hit``."""
    return archive.rows(f"{_WITH_HIT} AND e.id > ? ORDER BY e.id LIMIT ?", (entry_id, limit))


def count_with_text(archive: Archive) -> int:
    """How many entries still have their text."""
    row = archive.row("SELECT count(*) AS n FROM entries WHERE trimmed = 0")
    return int(row["n"]) if row else 0


_EXTRACT = "(SELECT x.text FROM extracts x WHERE x.entry_id = e.id) AS extract"
_HIT = "EXISTS (SELECT 1 FROM story_entries s WHERE s.entry_id = e.id) AS hit"
_WITH_HIT = f"SELECT e.*, {_HIT}, {_EXTRACT} FROM entries e WHERE e.trimmed = 0"


def with_hit(connection: sqlite3.Connection, entry_id: int) -> sqlite3.Row:
    """One entry with ``hit`` and ``extract``, within the caller's transaction."""
    row: sqlite3.Row = connection.execute(
        f"SELECT e.*, {_HIT}, {_EXTRACT} FROM entries e WHERE e.id = ?", (entry_id,)
    ).fetchone()
    return row


def scores_since(
    archive: Archive, model: str, least: float, since: datetime
) -> list[tuple[datetime, float]]:
    """What would be alerted at ``least``: when first seen, and the best score, oldest first.

    Entries of a story count once; those of a source's first poll or a quiet import not at all. An entry that a
    raised threshold kept out of the stories counts too, or the threshold would fall again.
    """
    rows = archive.rows(
        "SELECT min(e.first_seen) AS seen, max(v.score) AS score FROM verdicts v "
        "JOIN entries e ON e.id = v.entry_id "
        "LEFT JOIN story_entries s ON s.entry_id = e.id "
        "WHERE v.model = ? AND v.score >= ? AND v.screened = 0 AND e.baseline = 0 "
        "AND e.first_seen >= ? GROUP BY coalesce(s.story_id, e.title_key) ORDER BY seen",
        (model, least, iso(since)),
    )
    return [(moment(row["seen"]), float(row["score"])) for row in rows]
