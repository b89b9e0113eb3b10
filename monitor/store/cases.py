"""The steps of a case in their order: which story follows which, and the case around a story.

A case is one party before one authority over one matter, which the sum or the use of AI tells; a
court's ruling belongs to it by authority or country. The step before comes from an index by time,
so that it costs the same in a large archive.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..leading import story_facts
from ..stories import Group, StoryHit, authorities, parties
from .codec import iso
from .story_index import HIT, read_hit

if TYPE_CHECKING:
    # `archive` applies the migrations, which use this module
    from .archive import Archive

_PARTIES, _AUTHORITIES = 2, 3  # of a story that names very many, the first ones count


@dataclass(frozen=True, slots=True)
class _Step:
    """A story as a step: the keys of its case, those the step before stands under, its time."""

    story: int
    stands: frozenset[str]
    sought: frozenset[str]
    began: str


def link(
    connection: sqlite3.Connection, changed: Sequence[tuple[int, Group]], orphans: Iterable[int]
) -> None:
    """File changed stories as steps and link them, and those that may now follow them.

    ``orphans`` are stories that followed one that was given up.
    """
    affected = set(orphans)
    for story, group in changed:
        step = _step(story, group)
        if _filed(connection, step):
            continue
        affected |= {story, *followers(connection, [story])}
        _file(connection, step)
        affected |= _after(connection, step)
    for story in sorted(affected):
        _relink(connection, story)


def _step(story: int, group: Group) -> _Step:
    facts, _ = story_facts(group.hits)
    dated = [h.when for h in group.hits if h.dated]
    if not dated:
        # one without a date has no place in a case's order
        return _Step(story, frozenset(), frozenset(), "")
    who = sorted(frozenset().union(*map(parties, group.hits)))[:_PARTIES]
    acting = sorted(frozenset().union(*map(authorities, group.hits)))[:_AUTHORITIES]
    matters = [facts.ai_leg or "-", *([f"{facts.amount:.0f}"] if facts.amount else [])]
    named = {f"{party}|{name}|{matter}" for party in who for name in acting for matter in matters}
    country = {f"{party}|@{facts.jurisdiction}|{matter}" for party in who for matter in matters}
    # a court stands for the authority it judges where the text names no other
    alone = facts.court is not None or not acting
    sought = named | (country if alone else set())
    return _Step(story, frozenset(named | country), frozenset(sought), iso(min(dated)))


def _filed(connection: sqlite3.Connection, step: _Step) -> bool:
    """Whether a step stands in its case as it did before."""
    rows = connection.execute(
        "SELECT key, began, sought FROM story_cases WHERE story_id = ?", (step.story,)
    )
    before = {(r["key"], r["began"], bool(r["sought"])) for r in rows}
    return before == {(key, step.began, key in step.sought) for key in step.stands}


def _file(connection: sqlite3.Connection, step: _Step) -> None:
    connection.execute("DELETE FROM story_cases WHERE story_id = ?", (step.story,))
    connection.executemany(
        "INSERT INTO story_cases (key, began, story_id, sought) VALUES (?, ?, ?, ?)",
        [(key, step.began, step.story, key in step.sought) for key in sorted(step.stands)],
    )


def rebuild(connection: sqlite3.Connection) -> None:
    """File every story anew, as after a change of the keys; links stay as they are."""
    hits: dict[int, list[StoryHit]] = {}
    for row in connection.execute(HIT).fetchall():
        hits.setdefault(row["story_id"], []).append(read_hit(row))
    for story, told in hits.items():
        _file(connection, _step(story, Group(tuple(told), story)))


def forget(connection: sqlite3.Connection, story: int) -> None:
    """Take a given-up story out of its case."""
    connection.execute("DELETE FROM story_cases WHERE story_id = ?", (story,))
    connection.execute(
        "DELETE FROM story_links WHERE story_id = ? OR follows_id = ?", (story, story)
    )


def followers(connection: sqlite3.Connection, stories: Sequence[int]) -> list[int]:
    """The stories that follow one of some."""
    marks = ",".join("?" * len(stories))
    rows = connection.execute(
        f"SELECT story_id FROM story_links WHERE follows_id IN ({marks})", list(stories)
    )
    return [row["story_id"] for row in rows]


def _after(connection: sqlite3.Connection, step: _Step) -> set[int]:
    """The next step under each of a step's keys."""
    if not step.stands:
        return set()
    one = (
        "SELECT * FROM (SELECT story_id FROM story_cases WHERE key = ? AND began > ? AND sought "
        "ORDER BY began LIMIT 1)"
    )
    values = [value for key in sorted(step.stands) for value in (key, step.began)]
    rows = connection.execute(" UNION ".join([one] * len(step.stands)), values)
    return {row["story_id"] for row in rows}


def _relink(connection: sqlite3.Connection, story: int) -> None:
    """Let a story follow the latest earlier step of its case."""
    wanted = _before(connection, story)
    row = connection.execute(
        "SELECT follows_id FROM story_links WHERE story_id = ?", (story,)
    ).fetchone()
    if (row["follows_id"] if row else None) == wanted:
        return
    connection.execute("DELETE FROM story_links WHERE story_id = ?", (story,))
    if wanted is not None:
        connection.execute(
            "INSERT INTO story_links (story_id, follows_id) VALUES (?, ?)", (story, wanted)
        )


def _before(connection: sqlite3.Connection, story: int) -> int | None:
    row = connection.execute(
        "SELECT e.story_id FROM story_cases own JOIN story_cases e ON e.key = own.key "
        "AND e.began = (SELECT max(began) FROM story_cases x WHERE x.key = own.key "
        "AND x.began < own.began) WHERE own.story_id = ? AND own.sought "
        "ORDER BY e.began DESC, e.story_id LIMIT 1",
        (story,),
    ).fetchone()
    return None if row is None else int(row["story_id"])


def case_of(archive: Archive, story: int) -> list[dict[str, object]]:
    """The steps of the case a story belongs to, the earliest first; itself alone where none is linked."""
    rows = archive.rows(
        "WITH RECURSIVE back(id) AS (SELECT :story UNION SELECT l.follows_id FROM story_links l "
        "JOIN back b ON l.story_id = b.id), "
        "both(id) AS (SELECT id FROM back UNION SELECT l.story_id FROM story_links l "
        "JOIN both f ON l.follows_id = f.id) "
        "SELECT s.public_id AS story_id, substr(s.event_date, 1, 10) AS date, s.action, s.title "
        "FROM both JOIN stories s ON s.id = both.id ORDER BY s.event_date, s.id",
        {"story": story},
    )
    return [dict(row) for row in rows]
