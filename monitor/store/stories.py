"""Stories in the archive: a hit's neighbourhood in, the arrangement out, and views of a story.

Which hits belong together is decided in ``monitor.stories``; here it is looked up and written.
Neighbours come from an index of keys, so that a hit costs the same in a large archive.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from classifiers.facts import Facts
from classifiers.verdict import Item, Verdict

from ..domain import EntryId, HitView, SourceKind, StoryId, StoryView
from ..leading import lead, story_facts
from ..stories import Arrangement, Group, StoryHit, arrange, keys, lookups, may_meet
from . import evidence
from .archive import Archive
from .codec import from_iso, iso, moment, to_json

_NEIGHBOURS = 400  # most recent ones looked at; a larger neighbourhood is one busy party's months

Vector = Callable[[Item], Mapping[str, float]]

_HIT = (
    "SELECT e.id, e.key, e.title, e.summary, e.text, e.url, e.link_key, e.kind, e.published, "
    "e.first_seen, e.language, e.baseline, e.fetch_id, se.facts, se.story_id FROM story_entries se "
    "JOIN entries e ON e.id = se.entry_id "
)


def place(
    connection: sqlite3.Connection,
    entry_id: EntryId,
    facts: Facts,
    verdict: Verdict,
    vector: Vector,
    now: datetime,
) -> tuple[int, bool]:
    """Put a hit into its story, within the caller's transaction.

    Returns the story's row id and whether the story is new.
    """
    start(connection, entry_id, facts, verdict, vector, now)
    rearrange(connection, [entry_id], vector, now)
    row = connection.execute(
        "SELECT s.id, (SELECT count(*) FROM story_entries x WHERE x.story_id = s.id) AS hits "
        "FROM story_entries se JOIN stories s ON s.id = se.story_id WHERE se.entry_id = ?",
        (entry_id,),
    ).fetchone()
    return int(row["id"]), int(row["hits"]) == 1


def start(
    connection: sqlite3.Connection,
    entry_id: EntryId,
    facts: Facts,
    verdict: Verdict,
    vector: Vector,
    now: datetime,
) -> None:
    """Write a hit's facts and keys, and a story of its own where it has none yet."""
    before = connection.execute(
        "SELECT story_id FROM story_entries WHERE entry_id = ?", (entry_id,)
    ).fetchone()
    if before is None:
        # a provisional story of its own, which the arrangement may merge away
        row = connection.execute("SELECT title FROM entries WHERE id = ?", (entry_id,)).fetchone()
        story = _create(connection, row["title"], now)
        connection.execute(
            "INSERT INTO story_entries (entry_id, story_id, added, score, model, facts) "
            "VALUES (?,?,?,?,?,?)",
            (entry_id, story, iso(now), verdict.score, verdict.model, facts_to_json(facts)),
        )
    else:
        connection.execute(
            "UPDATE story_entries SET score = ?, model = ?, facts = ? WHERE entry_id = ?",
            (verdict.score, verdict.model, facts_to_json(facts), entry_id),
        )
    hit = _hit(connection.execute(f"{_HIT} WHERE e.id = ?", (entry_id,)).fetchone(), vector)
    found = keys(hit)
    connection.execute("DELETE FROM story_keys WHERE entry_id = ?", (entry_id,))
    connection.executemany(
        "INSERT INTO story_keys (key, entry_id) VALUES (?, ?)", [(k, entry_id) for k in found]
    )


def rearrange(
    connection: sqlite3.Connection, entry_ids: Sequence[int], vector: Vector, now: datetime
) -> None:
    """Arrange the neighbourhood of some entries anew and write what changed."""
    rows = _open_to(entry_ids, _neighbourhood(connection, entry_ids))
    hits = [_hit(row, vector) for row in rows]
    existing = {row["id"]: row["story_id"] for row in rows}
    ids = list(existing)
    arrangement = arrange(
        hits,
        existing,
        together=_decided(connection, ids, "together"),
        apart=_decided(connection, ids, "apart"),
    )
    _write(connection, arrangement, existing, now)


def _create(connection: sqlite3.Connection, title: str, now: datetime) -> int:
    cursor = connection.execute(
        "INSERT INTO stories (public_id, title, first_seen, last_seen) VALUES ('', ?, ?, ?)",
        (title, iso(now), iso(now)),
    )
    row_id = int(cursor.lastrowid or 0)
    connection.execute(
        "UPDATE stories SET public_id = ? WHERE id = ?", (f"S-{now:%Y}-{row_id:06d}", row_id)
    )
    return row_id


def _neighbourhood(connection: sqlite3.Connection, entry_ids: Sequence[int]) -> list[sqlite3.Row]:
    marks = ",".join("?" * len(entry_ids))
    own = connection.execute(f"{_HIT} WHERE se.entry_id IN ({marks})", entry_ids).fetchall()
    wanted = sorted({key for row in own for key in lookups(_hit(row, _no_vector))})
    asked = ",".join("?" * len(wanted))
    return connection.execute(
        f"{_HIT} WHERE se.story_id IN (SELECT n.story_id FROM story_keys k "
        "JOIN story_entries n ON n.entry_id = k.entry_id "
        f"WHERE k.key IN ({asked})) OR se.entry_id IN ({marks}) "
        "ORDER BY e.id DESC LIMIT ?",
        (*wanted, *entry_ids, _NEIGHBOURS),
    ).fetchall()


def _no_vector(item: Item) -> dict[str, float]:
    """For hits that are compared by facts alone."""
    return {}


def _open_to(entry_ids: Sequence[int], rows: Sequence[sqlite3.Row]) -> list[sqlite3.Row]:
    """The rows of those stories that one of the entries may join: vectors are dear, facts are not."""
    bare = {row["id"]: _hit(row, _no_vector) for row in rows}
    wanted = [bare[n] for n in entry_ids if n in bare]
    stories = {
        row["story_id"]
        for row in rows
        if row["id"] in entry_ids or any(may_meet(bare[row["id"]], hit) for hit in wanted)
    }
    return [row for row in rows if row["story_id"] in stories]


def _hit(row: sqlite3.Row, vector: Vector) -> StoryHit:
    # an article's full text dilutes what its headline says of the step
    item = Item(row["title"], row["summary"], lang=row["language"])
    return StoryHit(
        entry_id=row["id"],
        key=f"{row['url'] or ''}|{row['title']}|{row['key']}",
        title=row["title"],
        when=from_iso(row["published"]) or moment(row["first_seen"]),
        kind=SourceKind(row["kind"]),
        facts=facts_from_json(row["facts"]),
        vector=vector(item),
        link=row["link_key"],
        dated=row["published"] is not None or not (row["baseline"] or row["fetch_id"] is None),
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


def _write(
    connection: sqlite3.Connection,
    arrangement: Arrangement,
    existing: Mapping[int, int],
    now: datetime,
) -> None:
    story_of: dict[int, int] = {}
    for n, group in enumerate(arrangement.groups):
        story = group.story or _create(connection, lead(group.hits).title, now)
        story_of[n] = story
        moved = [h.entry_id for h in group.hits if existing.get(h.entry_id) != story]
        connection.executemany(
            "UPDATE story_entries SET story_id = ? WHERE entry_id = ?", [(story, e) for e in moved]
        )
        _save_facts(connection, story, group)
    for gone, heir in arrangement.merged.items():
        _prove_merged(connection, gone, heir, now)
        connection.execute("UPDATE alerts SET story_id = ? WHERE story_id = ?", (heir, gone))
        connection.execute("UPDATE stories SET merged_into = ? WHERE id = ?", (heir, gone))
        connection.execute("DELETE FROM story_links WHERE story_id = ? OR follows_id = ?", (gone, gone))  # fmt: skip
    _link(connection, arrangement.groups, story_of)


def _prove_merged(connection: sqlite3.Connection, gone: int, heir: int, now: datetime) -> None:
    """A public id that was told to anyone leads on; that it does is evidence."""
    told = connection.execute("SELECT 1 FROM alerts WHERE story_id = ?", (gone,)).fetchone()
    ids = [
        connection.execute("SELECT public_id FROM stories WHERE id = ?", (n,)).fetchone()[0]
        for n in (gone, heir)
    ]
    if told is not None:
        evidence.append(connection, now, "story joined another", {"gone": ids[0], "heir": ids[1]}, story=ids[0])  # fmt: skip


def _link(
    connection: sqlite3.Connection, groups: Sequence[Group], story_of: Mapping[int, int]
) -> None:
    for n, group in enumerate(groups):
        connection.execute("DELETE FROM story_links WHERE story_id = ?", (story_of[n],))
        if group.follows is not None and story_of[group.follows] != story_of[n]:
            connection.execute(
                "INSERT INTO story_links (story_id, follows_id) VALUES (?, ?)",
                (story_of[n], story_of[group.follows]),
            )


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


def facts_to_json(facts: Facts) -> str:
    """Facts as JSON, without what is not known."""
    return to_json({k: v for k, v in asdict(facts).items() if v not in (None, (), {})})


def facts_from_json(text: str) -> Facts:
    """Facts from ``facts_to_json``."""
    data: dict[str, Any] = json.loads(text)
    lists = ("regulators", "organisations", "legal_basis")
    return Facts(**dict[str, Any]((k, tuple(v) if k in lists else v) for k, v in data.items()))


def resolve(archive: Archive, public_id: str) -> int | None:
    """The row id of a story by its public id; the id of a merged story leads to its heir."""
    row = archive.row("SELECT id, merged_into FROM stories WHERE public_id = ?", (public_id,))
    while row is not None and row["merged_into"] is not None:
        row = archive.row("SELECT id, merged_into FROM stories WHERE id = ?", (row["merged_into"],))
    return None if row is None else int(row["id"])


def story_view(archive: Archive, row_id: int) -> StoryView:
    """A story with its hits, best source first, and why its lead was flagged."""
    story = archive.rows("SELECT * FROM stories WHERE id = ?", (row_id,))[0]
    rows = archive.rows(
        "SELECT e.*, se.score FROM story_entries se JOIN entries e ON e.id = se.entry_id "
        "WHERE se.story_id = ?",
        (row_id,),
    )
    hits = sorted((_hit_view(r) for r in rows), key=lambda h: (h.entry_id != story["lead_entry_id"], h.first_seen))  # fmt: skip
    verdict = archive.row(
        "SELECT v.* FROM verdicts v WHERE v.entry_id = ? ORDER BY v.judged DESC, v.id DESC",
        (story["lead_entry_id"],),
    )
    follows = archive.rows(
        "SELECT s.public_id FROM story_links l JOIN stories s ON s.id = l.follows_id "
        "WHERE l.story_id = ?",
        (row_id,),
    )
    return StoryView(
        story_id=StoryId(story["public_id"]),
        title=story["title"],
        lead_url=story["lead_url"],
        first_seen=moment(story["first_seen"]),
        last_seen=moment(story["last_seen"]),
        hits=tuple(hits),
        regulator=story["regulator"],
        regulators=tuple(json.loads(story["regulators"])),
        organisation=story["organisation"],
        jurisdiction=story["jurisdiction"],
        action=story["action"],
        amount=story["amount"],
        currency=story["currency"],
        amount_text=story["amount_text"],
        legal_basis=tuple(json.loads(story["legal_basis"])),
        ai_leg=story["ai_leg"],
        legs={k: tuple(v) for k, v in json.loads(verdict["legs"]).items()} if verdict else {},
        why=tuple((t, w) for t, w in json.loads(verdict["why"])) if verdict else (),
        score=verdict["score"] if verdict else 0.0,
        model=verdict["model"] if verdict else None,
        follows=tuple(StoryId(r["public_id"]) for r in follows),
    )


def _hit_view(row: sqlite3.Row) -> HitView:
    return HitView(
        entry_id=EntryId(row["id"]),
        title=row["title"],
        url=row["url"],
        source=row["source"],
        kind=SourceKind(row["kind"]),
        published=from_iso(row["published"]),
        first_seen=moment(row["first_seen"]),
        score=row["score"],
        language=row["language"],
    )
