"""What goes into the evidence log of hits, alerts, deliveries and silences.

Knows which facts an auditor asks for; the log itself is ``evidence``. To be called inside
``Archive.write``, in the transaction of what is proved.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from classifiers.facts import Facts
from classifiers.verdict import Verdict

from . import evidence

_FETCH = "SELECT started, final_url, etag, last_modified, body_hash, status FROM fetches WHERE id = ?"  # fmt: skip

_OF_A_HIT = ("entry edited", "entry judged anew", "facts of the article")
"""What is said of an entry that was a hit before: its versions are in the log already."""


def hit(
    connection: sqlite3.Connection,
    now: datetime,
    what: str,
    entry_id: int,
    verdict: Verdict,
    facts: Facts | None = None,
) -> None:
    """The entry as the source gave it, how it was fetched, what it said before, the verdict."""
    row = dict(connection.execute("SELECT * FROM entries WHERE id = ?", (entry_id,)).fetchone())
    data: dict[str, Any] = {
        "title": row["title"],
        "url": row["url"],
        "guid": row["guid"],
        "summary": row["summary"],
        "text": row["text"],
        "language": row["language"],
        "published": row["published"],
        "published_raw": row["published_raw"],
        "first_seen": row["first_seen"],
        "content_hash": row["content_hash"],
        "source": row["source"],
        "kind": row["kind"],
        "fetch": _fetch(connection, row["fetch_id"]),
        "before": [] if what in _OF_A_HIT else _before(connection, entry_id),
        "model": verdict.model,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "label": verdict.label.value,
        "legs": verdict.legs,
        "why": [[r.term, round(r.weight, 4)] for r in verdict.why],
    }
    if facts is not None:
        data["facts"] = {k: v for k, v in asdict(facts).items() if v not in (None, (), {})}
    evidence.append(connection, now, what, data, entry_id=entry_id)


def _fetch(connection: sqlite3.Connection, fetch_id: int | None) -> dict[str, Any] | None:
    row = connection.execute(_FETCH, (fetch_id,)).fetchone()
    return None if row is None else dict(row)


def _before(connection: sqlite3.Connection, entry_id: int) -> list[dict[str, Any]]:
    """The versions of an entry that became a hit late, oldest first."""
    rows = connection.execute(
        "SELECT seen, title, url, summary, text, published, content_hash, fetch_id "
        "FROM entry_versions WHERE entry_id = ? ORDER BY id",
        (entry_id,),
    ).fetchall()
    return [{**dict(row), "fetch": _fetch(connection, row["fetch_id"])} for row in rows]


def alert_raised(connection: sqlite3.Connection, alert_id: int, now: datetime) -> None:
    """An alert about a story, and to which channels it is owed."""
    row = connection.execute(
        "SELECT a.id, a.kind, a.tier, a.reason, s.public_id FROM alerts a "
        "JOIN stories s ON s.id = a.story_id WHERE a.id = ?",
        (alert_id,),
    ).fetchone()
    if row is None:
        return
    owed = connection.execute(
        "SELECT channel, uid, not_before FROM deliveries WHERE alert_id = ? ORDER BY id",
        (alert_id,),
    )
    data = {
        "alert": row["id"],
        "kind": row["kind"],
        "tier": row["tier"],
        "reason": row["reason"],
        "deliveries": [dict(d) for d in owed],
    }
    evidence.append(connection, now, "alert", data, story=row["public_id"])


def delivery_settled(
    connection: sqlite3.Connection, delivery_ids: Sequence[int], now: datetime
) -> None:
    """How deliveries of a story's alert ended: sent, folded into a digest, unknown or given up."""
    for delivery_id in delivery_ids:
        row = connection.execute(
            "SELECT d.alert_id AS alert, d.channel, d.uid, d.state, d.attempts, d.sent_at, d.ts, "
            "d.permalink, d.last_error, d.folded_into, s.public_id FROM deliveries d "
            "JOIN alerts a ON a.id = d.alert_id JOIN stories s ON s.id = a.story_id "
            "WHERE d.id = ? AND d.state IN ('sent','unknown','abandoned')",
            (delivery_id,),
        ).fetchone()
        if row is not None:
            data = dict(row)
            story = data.pop("public_id")
            evidence.append(connection, now, "delivery", data, story=story)


def delivery_moved(
    connection: sqlite3.Connection, delivery_id: int, left: str, now: datetime
) -> None:
    """A delivery of a story's alert goes to another channel than ``left``, which is none any more."""
    row = connection.execute(
        "SELECT d.alert_id AS alert, d.channel, d.uid, s.public_id FROM deliveries d "
        "JOIN alerts a ON a.id = d.alert_id JOIN stories s ON s.id = a.story_id WHERE d.id = ?",
        (delivery_id,),
    ).fetchone()
    if row is not None:
        data = {**dict(row), "left": left}
        evidence.append(connection, now, "delivery moved", data, story=data.pop("public_id"))


def silence(connection: sqlite3.Connection, silence_id: int, now: datetime, what: str) -> None:
    """A silence begun or lifted: field, value, end, author, reason."""
    row = dict(connection.execute("SELECT * FROM silences WHERE id = ?", (silence_id,)).fetchone())
    story = row["value"] if row["field"] == "story" else None
    evidence.append(connection, now, what, row, story=story)
