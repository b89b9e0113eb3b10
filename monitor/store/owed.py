"""The statements of the delivery ledger: what is owed, in which order, and what holds it up.

SQL and the transactions' parts; knows nothing of sinks and messages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from ..ledger import GIVEN_UP_FOR_GOOD, NOT_CONFIGURED, RECONCILE_AFTER
from . import proof
from .codec import iso, to_json

_OPEN = "('pending','sending','unknown','held')"

_ROOT = (
    "FROM alerts ra JOIN deliveries r ON r.alert_id = ra.id WHERE ra.story_id = a.story_id "
    "AND ra.kind IN ('new','update') AND r.channel = d.channel AND r.state = 'sent' "
    "AND r.ts IS NOT NULL AND r.id <> d.id ORDER BY r.id DESC LIMIT 1"
)
"""The story's post in the channel: where it was edited it kept its ts, where it was posted anew
(the first was deleted, or stood only in a digest) the later one is the one to edit."""

_OWED = f"""
FROM deliveries d JOIN alerts a ON a.id = d.alert_id
WHERE d.channel = :channel AND d.state IN {_OPEN}
AND NOT EXISTS (
  SELECT 1 FROM alerts pa JOIN deliveries p ON p.alert_id = pa.id
  WHERE pa.story_id = a.story_id AND p.channel = d.channel AND p.id < d.id
  AND p.state IN {_OPEN})
"""

_FRESH = (
    "(d.state IN ('pending','held') AND d.attempts = 0 AND (a.kind = 'new' "
    f"OR (a.kind = 'update' AND NOT a.quiet AND (SELECT r.ts {_ROOT}) IS NULL)))"
)

HEAD = f"""SELECT d.id {_OWED} AND d.not_before <= :now AND (:posts OR NOT {_FRESH})
ORDER BY d.id LIMIT 1"""

NEXT_DUE = f"SELECT min(d.not_before) AS due {_OWED} AND (:posts OR NOT {_FRESH})"

FRESH_POSTS = f"""SELECT d.id {_OWED} AND d.not_before <= :now AND {_FRESH}
ORDER BY d.id LIMIT :limit"""

JOB = f"""
SELECT d.*, (SELECT coalesce(max(seq), 0) FROM evidence) AS as_of, a.kind, a.tier, a.text, a.story_id AS story_row, a.reason, a.quiet,
  (SELECT r.ts {_ROOT}) AS root_ts,
  (SELECT r.permalink {_ROOT}) AS root_permalink,
  (SELECT max(t.last_tried) FROM alerts ta JOIN deliveries t ON t.alert_id = ta.id
    WHERE ta.story_id = a.story_id AND ta.kind IN ('new','update') AND t.channel = d.channel
    AND t.state = 'sent' AND t.id <> d.id) AS told_until,
  (SELECT f.permalink FROM story_links l JOIN alerts fa ON fa.story_id = l.follows_id
    JOIN deliveries f ON f.alert_id = fa.id WHERE l.story_id = a.story_id
    AND fa.kind = 'new' AND f.channel = d.channel AND f.permalink IS NOT NULL
    ORDER BY f.id DESC LIMIT 1) AS follows_permalink
FROM deliveries d JOIN alerts a ON a.id = d.alert_id
"""

LENGTH = "SELECT coalesce(max(seq), 0) FROM evidence"

MARK_SENDING = """
UPDATE deliveries SET repeats = repeats + (state IN ('sending','unknown')), state = 'sending',
  attempts = attempts + 1, last_tried = :now, not_before = :doubt
WHERE id = :id
"""

SETTLE = """
UPDATE deliveries SET state = :state, attempts = attempts + :attempts,
  repeats = max(0, repeats + :repeats), not_before = coalesce(:not_before, not_before),
  last_error = :error, sent_at = CASE WHEN :sent THEN :now ELSE sent_at END,
  ts = coalesce(:ts, ts), permalink = coalesce(:permalink, permalink)
WHERE id = :id
"""


LOST = (
    "d.state = 'abandoned' "
    "AND NOT EXISTS (SELECT 1 FROM alerts n WHERE n.id = d.alert_id AND n.kind = 'ops' AND n.reason = 'abandoned') "
    "AND coalesce(d.last_error, '') NOT IN (SELECT value FROM json_each(:for_good))"
)
LOST_FOR = {"for_good": to_json(GIVEN_UP_FOR_GOOD)}
"""What was given up though somebody should have got it; word of that is not counted beside it."""


def doubt_ends(now: datetime) -> str:
    """Until when what a process had on its way as it died may still arrive."""
    return iso(now + RECONCILE_AFTER)


def pause(connection: sqlite3.Connection, channel: str, until: datetime) -> None:
    """Nothing goes to the channel before ``until`` (a Retry-After)."""
    connection.execute(
        "INSERT INTO channels (channel, paused_until) VALUES (:channel, :until) "
        "ON CONFLICT (channel) DO UPDATE SET paused_until = :until",
        {"channel": channel, "until": iso(until)},
    )


def hold(connection: sqlite3.Connection, channel: str, why: str, now: datetime) -> bool:
    """Hold all that is due on a channel until it works again; True when newly held."""
    row = connection.execute(
        "SELECT held_since FROM channels WHERE channel = ?", (channel,)
    ).fetchone()
    connection.execute(
        "INSERT INTO channels (channel, held_since, held_reason) VALUES (:channel, :now, :why) "
        "ON CONFLICT (channel) DO UPDATE SET held_since = coalesce(held_since, :now), "
        "held_reason = :why",
        {"channel": channel, "now": iso(now), "why": why},
    )
    connection.execute(
        "UPDATE deliveries SET state = 'held', last_error = ? "
        "WHERE channel = ? AND state = 'pending' AND not_before <= ?",
        (why, channel, iso(now)),
    )
    return row is None or row["held_since"] is None


def works(connection: sqlite3.Connection, channel: str, now: datetime) -> bool:
    """The channel took a message: what was held is owed again; True when it was held."""
    connection.execute(
        "INSERT INTO channels (channel, last_post) VALUES (:channel, :now) "
        "ON CONFLICT (channel) DO UPDATE SET last_post = :now",
        {"channel": channel, "now": iso(now)},
    )
    was_held = connection.execute(
        "UPDATE channels SET held_since = NULL, held_reason = NULL "
        "WHERE channel = ? AND held_since IS NOT NULL",
        (channel,),
    ).rowcount
    if was_held:
        connection.execute(
            "UPDATE deliveries SET state = 'pending' WHERE channel = ? AND state = 'held'",
            (channel,),
        )
    return bool(was_held)


def readdress(
    connection: sqlite3.Connection, channels: Sequence[str], heir: str, now: datetime
) -> int:
    """Move what is owed to channels that are none any more; what ``heir`` gets anyway is dropped.

    An attempt of the last minute may still be under way and is left alone.
    """
    values = {
        "known": to_json(list(channels)),
        "heir": heir,
        "lately": iso(now - timedelta(minutes=1)),
        "why": NOT_CONFIGURED,
    }
    orphaned = (
        f"state IN {_OPEN} AND channel NOT IN (SELECT value FROM json_each(:known)) "
        "AND (state <> 'sending' OR last_tried < :lately)"
    )
    movable = connection.execute(
        f"SELECT id, channel FROM deliveries WHERE {orphaned} "
        "AND alert_id IN (SELECT id FROM alerts WHERE kind <> 'update') ORDER BY id",
        values,
    ).fetchall()
    moved = [row for row in movable if _to_heir(connection, row["id"], heir)]
    for row in moved:
        proof.delivery_moved(connection, row["id"], row["channel"], now)
    dropped = connection.execute(f"SELECT id FROM deliveries WHERE {orphaned} ORDER BY id", values).fetchall()  # fmt: skip
    connection.execute(f"UPDATE deliveries SET state = 'abandoned', last_error = :why WHERE {orphaned}", values)  # fmt: skip
    proof.delivery_settled(connection, [row["id"] for row in dropped], now)
    connection.execute(
        "UPDATE channels SET held_since = NULL, held_reason = NULL "
        "WHERE channel NOT IN (SELECT value FROM json_each(:known))",
        values,
    )
    return len(moved)


def _to_heir(connection: sqlite3.Connection, delivery_id: int, heir: str) -> bool:
    """Owe a delivery to another channel; False where its alert is owed or was sent there."""
    return bool(
        connection.execute(
            "UPDATE deliveries SET channel = :heir, state = 'pending', attempts = 0, repeats = 0, "
            "last_error = NULL WHERE id = :id AND NOT EXISTS (SELECT 1 FROM deliveries o "
            "WHERE o.alert_id = deliveries.alert_id AND o.channel = :heir)",
            {"id": delivery_id, "heir": heir},
        ).rowcount
    )
