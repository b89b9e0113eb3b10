"""A hit into its story: its neighbourhood looked up, arranged, and written where it changed.

What belongs together is decided in ``monitor.stories``; neighbours come from an index of keys, so
that a hit costs the same in a large archive.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from classifiers.facts import Facts
from classifiers.verdict import Item, Verdict

from ..domain import EntryId
from ..leading import lead, story_facts
from ..stories import Arrangement, Group, StoryHit, arrange, drawn_to, fits
from . import cases, doubles, evidence
from .codec import facts_to_json, iso, to_json
from .fingerprint import pack
from .story_index import HIT, file, hit_of, neighbourhood, read_hit

Vector = Callable[[Item], Mapping[str, float]]

_ENTRY = (
    "SELECT id, key, title, summary, url, link_key, kind, published, first_seen, language, "
    "baseline, fetch_id, EXISTS (SELECT 1 FROM story_entries s WHERE s.entry_id = e.id) AS placed "
    "FROM entries e WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class Entering:
    """A hit on its way into a story, with what is written of it."""

    hit: StoryHit
    verdict: Verdict
    vector: bytes
    placed: bool


def place(
    connection: sqlite3.Connection,
    entry_id: EntryId,
    facts: Facts,
    verdict: Verdict,
    vector: Vector,
    now: datetime,
) -> tuple[int, bool]:
    """Put a hit into its story, within the caller's transaction.

    Returns the story's row id and whether the hit is its only one.
    """
    entering = enter(connection, entry_id, facts, verdict, vector)
    if entering.placed:
        _update(connection, entering)
        # where it is another event now, the story goes on with the hits that are not
        _arrange(connection, [entering.hit], now, entry_id if _has_others(connection, entry_id) else None)  # fmt: skip
    else:
        _join(connection, entering, now)
    row = connection.execute(
        "SELECT story_id, (SELECT count(*) FROM story_entries x WHERE x.story_id = se.story_id) "
        "AS hits FROM story_entries se WHERE entry_id = ?",
        (entry_id,),
    ).fetchone()
    return int(row["story_id"]), int(row["hits"]) == 1


def _has_others(connection: sqlite3.Connection, entry_id: int) -> bool:
    found = connection.execute(
        "SELECT 1 FROM story_entries o JOIN story_entries e ON e.story_id = o.story_id "
        "WHERE e.entry_id = ? AND o.entry_id <> e.entry_id",
        (entry_id,),
    )
    return found.fetchone() is not None


def enter(
    connection: sqlite3.Connection,
    entry_id: EntryId,
    facts: Facts,
    verdict: Verdict,
    vector: Vector,
) -> Entering:
    """File a hit under its keys; it has no story yet."""
    row = connection.execute(_ENTRY, (entry_id,)).fetchone()
    # an article's full text dilutes what its headline says of the step
    words = pack(vector(Item(row["title"], row["summary"], lang=row["language"])))
    hit = hit_of(row, facts, words)
    file(connection, hit)
    return Entering(hit, verdict, words, bool(row["placed"]))


def _update(connection: sqlite3.Connection, entering: Entering) -> None:
    connection.execute(
        "UPDATE story_entries SET score = ?, model = ?, facts = ?, vector = ? WHERE entry_id = ?",
        (
            entering.verdict.score,
            entering.verdict.model,
            facts_to_json(entering.hit.facts),
            entering.vector,
            entering.hit.entry_id,
        ),
    )


def rearrange(
    connection: sqlite3.Connection,
    entry_ids: Sequence[int],
    now: datetime,
    *,
    leaving: int | None = None,
) -> None:
    """Arrange the neighbourhood of some hits anew and write what changed.

    ``leaving`` is a hit that a person took out: its story goes on with the others.
    """
    marks = ",".join("?" * len(entry_ids))
    rows = connection.execute(f"{HIT} WHERE se.entry_id IN ({marks})", entry_ids)
    _arrange(connection, [read_hit(row) for row in rows.fetchall()], now, leaving)


def _join(connection: sqlite3.Connection, entering: Entering, now: datetime) -> None:
    """Let a new hit join the story it is drawn to, or begin one.

    Only where it is drawn to several, or to one that something in contradicts, are they arranged
    anew: else the outcome would be the same.
    """
    hit, found = entering.hit, neighbourhood(connection, [entering.hit])
    drawn = drawn_to(hit, [other for other, _ in found])
    stories = {story for (_, story), likes in zip(found, drawn, strict=True) if likes}
    near = [(other, story) for other, story in found if story in stories]
    existing = {other.entry_id: story for other, story in near}
    told = [hit, *(other for other, _ in near)]
    if not stories:
        arrangement = Arrangement((Group((hit,), None),), {})
    elif len(stories) == 1 and fits(hit, told[1:]):
        group = tuple(sorted(told, key=lambda h: (h.when, h.key)))
        arrangement = Arrangement((Group(group, stories.pop()),), {})
    else:
        arrangement = _arranged(connection, told, existing)
    settle(connection, arrangement, existing, {hit.entry_id}, now, entering)


def _arrange(
    connection: sqlite3.Connection,
    hits: Sequence[StoryHit],
    now: datetime,
    leaving: int | None = None,
) -> None:
    found = neighbourhood(connection, hits)
    existing = {hit.entry_id: story for hit, story in found}
    claims = {entry: story for entry, story in existing.items() if entry != leaving}
    arrangement = _arranged(connection, [hit for hit, _ in found], claims)
    settle(connection, arrangement, existing, {h.entry_id for h in hits}, now, None)


def _arranged(
    connection: sqlite3.Connection, hits: Sequence[StoryHit], existing: Mapping[int, int]
) -> Arrangement:
    """The arrangement of some hits, with what people decided about them."""
    ids = [h.entry_id for h in hits]
    return arrange(
        hits,
        existing,
        together=_decided(connection, ids, "together"),
        apart=_decided(connection, ids, "apart"),
    )


def _decided(
    connection: sqlite3.Connection, ids: Sequence[int], kind: str
) -> list[tuple[int, int]]:
    marks = ",".join("?" * len(ids))
    rows = connection.execute(
        "SELECT entry_a, entry_b, kind FROM story_corrections "
        f"WHERE entry_a IN ({marks}) AND entry_b IN ({marks}) ORDER BY id",
        (*ids, *ids),
    )
    # of two decisions about one pair the later counts
    latest = {frozenset((r["entry_a"], r["entry_b"])): r for r in rows}
    return [(r["entry_a"], r["entry_b"]) for r in latest.values() if r["kind"] == kind]


def settle(
    connection: sqlite3.Connection,
    arrangement: Arrangement,
    existing: Mapping[int, int],
    touched: Collection[int],
    now: datetime,
    entering: Entering | None,
) -> None:
    """Write an arrangement: the stories whose hits changed, those given up, and the cases' order."""
    before: dict[int, set[int]] = {}
    for entry, story in existing.items():
        before.setdefault(story, set()).add(entry)
    orphans = cases.followers(connection, list(arrangement.merged))
    for gone, heir in arrangement.merged.items():
        _give_up(connection, gone, heir, now)
    changed: list[tuple[int, Group]] = []
    for group in arrangement.groups:
        ids = {h.entry_id for h in group.hits}
        if group.story is not None and before[group.story] == ids and not ids & set(touched):
            continue
        story = group.story or _create(connection, lead(group.hits).title, now)
        _move(connection, story, [e for e in ids if existing.get(e) not in (None, story)])
        if entering is not None and entering.hit.entry_id in ids:
            _insert(connection, entering, story, now)
        _save_facts(connection, story, group)
        changed.append((story, group))
    cases.link(connection, changed, orphans)


def _create(connection: sqlite3.Connection, title: str, now: datetime) -> int:
    row_id = int(connection.execute(_NEXT).fetchone()[0])
    connection.execute(
        "INSERT INTO stories (id, public_id, title, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)",
        (row_id, f"S-{now:%Y}-{row_id:06d}", title, iso(now), iso(now)),
    )
    return row_id


_NEXT = """
SELECT 1 + max(coalesce((SELECT max(id) FROM stories), 0),
  coalesce((SELECT cast(substr(max(story), 8) AS INTEGER) FROM evidence), 0))
"""
"""An id is given once: the log also knows stories that a rescue could not save."""


def _insert(connection: sqlite3.Connection, entering: Entering, story: int, now: datetime) -> None:
    connection.execute(
        "INSERT INTO story_entries (entry_id, story_id, added, score, model, facts, vector) "
        "VALUES (?,?,?,?,?,?,?)",
        (
            entering.hit.entry_id,
            story,
            iso(now),
            entering.verdict.score,
            entering.verdict.model,
            facts_to_json(entering.hit.facts),
            entering.vector,
        ),
    )


def _move(connection: sqlite3.Connection, story: int, entries: Sequence[int]) -> None:
    connection.executemany(
        "UPDATE story_entries SET story_id = ? WHERE entry_id = ?", [(story, e) for e in entries]
    )


def _give_up(connection: sqlite3.Connection, gone: int, heir: int, now: datetime) -> None:
    """A story that another took over: its id leads there, its alerts are the heir's."""
    _prove_joined(connection, gone, heir, now)
    connection.execute("UPDATE alerts SET story_id = ? WHERE story_id = ?", (heir, gone))
    connection.execute("UPDATE stories SET merged_into = ? WHERE id = ?", (heir, gone))
    doubles.drop(connection, heir, now)
    cases.forget(connection, gone)


def _prove_joined(connection: sqlite3.Connection, gone: int, heir: int, now: datetime) -> None:
    """A public id that was told to anyone leads on; that it does is evidence."""
    if connection.execute("SELECT 1 FROM alerts WHERE story_id = ?", (gone,)).fetchone() is None:
        return
    ids = [
        connection.execute("SELECT public_id FROM stories WHERE id = ?", (n,)).fetchone()[0]
        for n in (gone, heir)
    ]
    evidence.append(connection, now, "story joined another", {"gone": ids[0], "heir": ids[1]}, story=ids[0])  # fmt: skip


def _save_facts(connection: sqlite3.Connection, story: int, group: Group) -> None:
    facts, disagreements = story_facts(group.hits)
    first = lead(group.hits)
    marks = ",".join("?" * len(group.hits))
    connection.execute(
        "UPDATE stories SET title = ?, lead_entry_id = ?, lead_url = (SELECT url FROM entries "
        "WHERE id = ?), event_date = ?, regulator = ?, regulators = ?, organisation = ?, "
        "jurisdiction = ?, action = ?, amount = ?, currency = ?, amount_text = ?, "
        "legal_basis = ?, ai_leg = ?, disagreements = ?, merged_into = NULL, "
        f"first_seen = (SELECT min(first_seen) FROM entries WHERE id IN ({marks})), "
        f"last_seen = (SELECT max(first_seen) FROM entries WHERE id IN ({marks})) WHERE id = ?",
        (
            first.title,
            first.entry_id,
            first.entry_id,
            iso(min(h.when for h in group.hits)),
            facts.regulator,
            to_json(facts.regulators),
            facts.organisation,
            facts.jurisdiction,
            facts.action,
            facts.amount,
            facts.currency,
            facts.amount_text,
            to_json(facts.legal_basis),
            facts.ai_leg,
            to_json(disagreements),
            *(h.entry_id for h in group.hits),
            *(h.entry_id for h in group.hits),
            story,
        ),
    )
