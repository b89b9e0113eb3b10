"""The steps of a case in their order: which story follows which, and the case around a story.

A case is one party before one authority; a court's ruling belongs to it by authority or country.
The predecessor comes from an index by time, so that it costs the same in a large archive.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classifiers.model import cosine

from ..leading import story_facts
from ..stories import Group, StoryHit, authorities, parties
from .archive import Archive
from .codec import iso
from .story_index import HIT, read_hit

_LOOKED_AT = 6  # earlier steps of one case that are compared, the latest first
_WORDS = 0.12
"""The likeness in words from which a later step of a party may be of the same matter."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A story as a step: the keys of its case, those its predecessor stands under, its time."""

    story: int
    stands: frozenset[str]
    sought: frozenset[str]
    began: str


def link(
    connection: sqlite3.Connection, changed: Sequence[tuple[int, Group]], orphans: Iterable[int]
) -> None:
    """File changed stories as steps and link them, and those that may now follow them."""
    affected = set(orphans)
    for story, group in changed:
        affected |= set(followers(connection, [story]))
        step = _step(story, group)
        _file(connection, step)
        affected |= {story} | _after(connection, step)
    for story in sorted(affected):
        _relink(connection, story)


def rebuild(connection: sqlite3.Connection) -> None:
    """File every story anew, as after a change of the keys; links stay as they are."""
    hits: dict[int, list[StoryHit]] = {}
    for row in connection.execute(HIT).fetchall():
        hits.setdefault(row["story_id"], []).append(read_hit(row))
    for story, told in hits.items():
        _file(connection, _step(story, Group(tuple(told), story)))


def _step(story: int, group: Group) -> _Step:
    facts, _ = story_facts(group.hits)
    who = sorted(frozenset().union(*map(parties, group.hits)))[:4]
    acting = sorted(frozenset().union(*map(authorities, group.hits)))[:4]
    by_authority = {f"{party}|{name}" for party in who for name in acting}
    by_country = {f"{party}|@{facts.jurisdiction}" for party in who if facts.jurisdiction}
    # a court stands for the authority it judges where the text names no other
    alone = facts.court is not None or not acting
    dated = [h.when for h in group.hits if h.dated]
    return _Step(
        story,
        frozenset(by_authority | by_country),
        frozenset(by_authority | (by_country if alone else set())),
        iso(min(dated)) if dated else "",
    )


def _file(connection: sqlite3.Connection, step: _Step) -> None:
    """Write a step's keys; one without a date has no place in a case's order."""
    connection.execute("DELETE FROM story_cases WHERE story_id = ?", (step.story,))
    if not step.began:
        return
    connection.executemany(
        "INSERT INTO story_cases (key, began, story_id, sought) VALUES (?, ?, ?, ?)",
        [(k, step.began, step.story, k in step.sought) for k in sorted(step.stands)],
    )


def forget(connection: sqlite3.Connection, story: int) -> None:
    """Take a given-up story out of its case."""
    connection.execute("DELETE FROM story_cases WHERE story_id = ?", (story,))
    connection.execute("DELETE FROM story_links WHERE story_id = ? OR follows_id = ?", (story, story))  # fmt: skip


def followers(connection: sqlite3.Connection, stories: Sequence[int]) -> list[int]:
    """The stories that follow one of some."""
    marks = ",".join("?" * len(stories))
    rows = connection.execute(f"SELECT story_id FROM story_links WHERE follows_id IN ({marks})", list(stories))  # fmt: skip
    return [row["story_id"] for row in rows]


def _after(connection: sqlite3.Connection, step: _Step) -> set[int]:
    """The next steps of a story's cases, which may follow it now."""
    found: set[int] = set()
    for key in step.stands if step.began else ():
        rows = connection.execute(
            "SELECT story_id FROM story_cases WHERE key = ? AND began > ? AND sought "
            "ORDER BY began LIMIT ?",
            (key, step.began, _LOOKED_AT),
        )
        found |= {row["story_id"] for row in rows}
    return found


def _relink(connection: sqlite3.Connection, story: int) -> None:
    """Let a story follow the latest earlier step of its case that is of the same matter."""
    wanted = _predecessor(connection, story)
    row = connection.execute("SELECT follows_id FROM story_links WHERE story_id = ?", (story,)).fetchone()  # fmt: skip
    if (row["follows_id"] if row else None) == wanted:
        return
    connection.execute("DELETE FROM story_links WHERE story_id = ?", (story,))
    if wanted is not None:
        connection.execute("INSERT INTO story_links (story_id, follows_id) VALUES (?, ?)", (story, wanted))  # fmt: skip


def _predecessor(connection: sqlite3.Connection, story: int) -> int | None:
    own = connection.execute("SELECT key, began FROM story_cases WHERE story_id = ? AND sought", (story,)).fetchall()  # fmt: skip
    earlier: dict[int, str] = {}
    for row in own:
        rows = connection.execute(
            "SELECT story_id, began FROM story_cases WHERE key = ? AND began < ? "
            "ORDER BY began DESC LIMIT ?",
            (row["key"], row["began"], _LOOKED_AT),
        )
        earlier |= {r["story_id"]: r["began"] for r in rows}
    latest_first = sorted(earlier, key=lambda s: (earlier[s], s), reverse=True)
    return next((s for s in latest_first if _one_matter(connection, s, story)), None)


def _one_matter(connection: sqlite3.Connection, first: int, second: int) -> bool:
    """Whether two steps are of one matter: the same sum or use of AI, or words in common."""
    a, b = (_lead(connection, story) for story in (first, second))
    if a is None or b is None:
        return False
    if a.facts.amount is not None and a.facts.amount == b.facts.amount:
        return True
    same_leg = a.facts.ai_leg is not None and a.facts.ai_leg == b.facts.ai_leg
    return same_leg or cosine(a.vector, b.vector) >= _WORDS


def _lead(connection: sqlite3.Connection, story: int) -> StoryHit | None:
    row = connection.execute(f"{HIT} JOIN stories s ON s.lead_entry_id = e.id WHERE s.id = ?", (story,)).fetchone()  # fmt: skip
    return read_hit(row) if row else None


def case_of(archive: Archive, story: int) -> list[dict[str, object]]:
    """The steps of the case a story belongs to, the earliest first."""
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
