"""The index of hits by the keys of ``monitor.neighbours``, and a hit's neighbourhood from it.

Looks up and files; what belongs together is decided in ``monitor.stories``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from classifiers.facts import Facts

from ..domain import SourceKind
from ..neighbours import day_of, sought_under, stands_under
from ..stories import StoryHit, may_meet
from .codec import facts_from_json, from_iso, moment
from .fingerprint import unpack

_NEIGHBOURS = 300
"""Hits looked at, the nearest in time: more within a few weeks is one party's busiest month."""

HIT = (
    "SELECT e.id, e.key, e.title, e.url, e.link_key, e.kind, e.published, e.first_seen, "
    "e.baseline, e.fetch_id, se.facts, se.story_id, se.vector FROM story_entries se "
    "JOIN entries e ON e.id = se.entry_id "
)


def hit_of(row: sqlite3.Row, facts: Facts, vector: bytes) -> StoryHit:
    """A row of entries as a hit; ``vector`` is its fingerprint."""
    return StoryHit(
        entry_id=row["id"],
        key=f"{row['url'] or ''}|{row['title']}|{row['key']}",
        title=row["title"],
        when=from_iso(row["published"]) or moment(row["first_seen"]),
        kind=SourceKind(row["kind"]),
        facts=facts,
        vector=unpack(vector),
        link=row["link_key"],
        dated=row["published"] is not None or not (row["baseline"] or row["fetch_id"] is None),
    )


def read_hit(row: sqlite3.Row, *, words: bool = True) -> StoryHit:
    """A row of ``HIT`` as a hit, without its words where only facts are compared.

    One filed before words were kept has none.
    """
    return hit_of(row, facts_from_json(row["facts"]), (row["vector"] or b"") if words else b"")


def rebuild(connection: sqlite3.Connection) -> None:
    """File every hit anew, as after a change of the keys."""
    for row in connection.execute(HIT).fetchall():
        file(connection, read_hit(row))


def file(connection: sqlite3.Connection, hit: StoryHit) -> None:
    """Write a hit's keys in place of those it had."""
    keys, day = stands_under(hit), day_of(hit.when)
    rows = [(k, day, hit.entry_id) for k in keys.near] + [(k, 0, hit.entry_id) for k in keys.lasting]  # fmt: skip
    connection.execute("DELETE FROM story_index WHERE entry_id = ?", (hit.entry_id,))
    connection.executemany("INSERT INTO story_index (key, day, entry_id) VALUES (?, ?, ?)", rows)


Found = list[tuple[StoryHit, int]]
"""Hits with the stories they stand in."""


def neighbourhood(connection: sqlite3.Connection, hits: Sequence[StoryHit]) -> Found:
    """The hits of all stories that one of ``hits`` may join or stands in."""
    found = set(_stories_of(connection, [h.entry_id for h in hits]))
    read: dict[int, StoryHit] = {}
    for hit in hits:
        near = _near(connection, hit)
        read |= {other.entry_id: other for other, _ in near}
        open_to = may_meet(hit, [other for other, _ in near])
        found |= {story for (_, story), meets in zip(near, open_to, strict=True) if meets}
    return [(_whole(row, read.get(row["id"])), row["story_id"]) for row in _rows(connection, found)]


def _whole(row: sqlite3.Row, read: StoryHit | None) -> StoryHit:
    """A row as a hit with its words; what was read of it already is not read again."""
    return read_hit(row) if read is None else replace(read, vector=unpack(row["vector"] or b""))


def _stories_of(connection: sqlite3.Connection, entries: Sequence[int]) -> list[int]:
    marks = ",".join("?" * len(entries))
    rows = connection.execute(f"SELECT DISTINCT story_id FROM story_entries WHERE entry_id IN ({marks})", entries)  # fmt: skip
    return [row["story_id"] for row in rows]


def _near(connection: sqlite3.Connection, hit: StoryHit) -> list[tuple[StoryHit, int]]:
    """The hits under a hit's keys, the nearest in time first; without their words."""
    search, day = sought_under(hit), day_of(hit.when)
    parts: list[str] = []
    values: list[str | int] = []
    for keys, days in search.near:
        parts.append(f"SELECT entry_id FROM story_index WHERE key IN ({_marks(keys)}) AND day BETWEEN ? AND ?")  # fmt: skip
        values += [*sorted(keys), day - days, day + days]
    parts.append(f"SELECT entry_id FROM story_index WHERE key IN ({_marks(search.lasting)}) AND day = 0")  # fmt: skip
    values += sorted(search.lasting)
    rows = connection.execute(f"{HIT} WHERE se.entry_id IN ({' UNION '.join(parts)})", values)
    found = [(read_hit(row, words=False), row["story_id"]) for row in rows.fetchall()]
    found.sort(key=lambda pair: (abs(pair[0].when - hit.when), pair[0].key))
    return found[:_NEIGHBOURS]


def _rows(connection: sqlite3.Connection, found: Collection[int]) -> list[sqlite3.Row]:
    stories, marks = sorted(found), _marks(found)
    return connection.execute(f"{HIT} WHERE se.story_id IN ({marks}) ORDER BY e.id", stories).fetchall()  # fmt: skip


def _marks(values: Iterable[object]) -> str:
    return ",".join("?" for _ in values)
