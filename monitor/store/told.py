"""What channels were told of a story, and where more can be said. Also hastens what waits."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import datetime

from ..domain import Tier
from .codec import iso
from .stories import LED_HERE


def alerted_channels(connection: sqlite3.Connection, story_row: int) -> dict[str, str]:
    """Channel to delivery state of a story's ``new`` alerts that were not abandoned."""
    rows = connection.execute(
        "SELECT d.channel, d.state FROM alerts a JOIN deliveries d ON d.alert_id = a.id "
        "WHERE a.story_id = ? AND a.kind = 'new' AND d.state <> 'abandoned'",
        (story_row,),
    )
    return {row["channel"]: row["state"] for row in rows}


def posted_channels(connection: sqlite3.Connection, story_row: int) -> tuple[str, ...]:
    """Channels of Slack in which a post about the story stands, or is on its way.

    One on its way was written before what its reader is about to be shown.
    """
    rows = connection.execute(
        "SELECT DISTINCT d.channel FROM alerts a JOIN deliveries d ON d.alert_id = a.id "
        "WHERE a.story_id = ? AND a.kind IN ('new','update') AND d.channel GLOB '[CGD][A-Z0-9]*' "
        "AND (d.state IN ('sending','unknown') OR (d.state = 'sent' AND d.ts IS NOT NULL)) "
        "ORDER BY d.channel",
        (story_row,),
    )
    return tuple(row["channel"] for row in rows)


def not_yet_owed(
    connection: sqlite3.Connection, story_row: int, channels: Collection[str], *, quiet: bool
) -> tuple[str, ...]:
    """The channels to which no update of the story is owed yet: one will show all hits.

    An update that is owed already and was to make no noise makes it now, unless ``quiet``.
    """
    rows = connection.execute(
        "SELECT a.id, d.channel FROM alerts a JOIN deliveries d ON d.alert_id = a.id "
        "WHERE a.story_id = ? AND a.kind = 'update' AND d.state IN ('pending','held')",
        (story_row,),
    ).fetchall()
    owed = {row["channel"] for row in rows}
    if not quiet:
        joined = [(row["id"],) for row in rows if row["channel"] in channels]
        connection.executemany("UPDATE alerts SET quiet = 0 WHERE id = ?", joined)
    return tuple(c for c in channels if c not in owed)


def hasten(
    connection: sqlite3.Connection, story_row: int, tier: Tier | None, not_before: datetime
) -> None:
    """First posts that wait go out by ``not_before``, under the story's tier of now."""
    waiting = (
        "SELECT d.id FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE a.story_id = :story "
        "AND a.kind = 'new' AND d.state = 'pending' AND d.attempts = 0 AND d.not_before > :when"
    )
    given = {"story": story_row, "when": iso(not_before), "tier": tier.value if tier else None}
    connection.execute(
        "UPDATE alerts SET tier = :tier WHERE id IN "
        f"(SELECT alert_id FROM deliveries WHERE id IN ({waiting}))",
        given,
    )
    connection.execute(f"UPDATE deliveries SET not_before = :when WHERE id IN ({waiting})", given)


def unanswered(
    connection: sqlite3.Connection, *, sent_before: datetime, sent_after: datetime
) -> list[tuple[int, tuple[str, ...]]]:
    """Stories to act on now that nobody judged, snoozed or was reminded of, with their channels.

    A silence about a story that was given up for another is one about its heir.
    """
    led_here = LED_HERE.format(story="a.story_id")
    rows = connection.execute(
        "SELECT a.story_id FROM alerts a JOIN deliveries d ON d.alert_id = a.id "
        "WHERE a.kind = 'new' AND a.tier = 'act_now' AND d.state = 'sent' AND d.ts IS NOT NULL "
        "GROUP BY a.story_id HAVING min(d.sent_at) <= ? AND min(d.sent_at) > ? "
        "AND NOT EXISTS (SELECT 1 FROM alerts r WHERE r.story_id = a.story_id "
        "AND r.kind = 'update' AND r.reason = 'reminder') "
        "AND NOT EXISTS (SELECT 1 FROM labels l JOIN story_entries s ON s.entry_id = l.entry_id "
        "WHERE s.story_id = a.story_id) "
        f"AND NOT EXISTS (SELECT 1 FROM silences q WHERE q.field = 'story' AND q.value IN ({led_here}))",
        (iso(sent_before), iso(sent_after)),
    ).fetchall()
    found = [(row["story_id"], posted_channels(connection, row["story_id"])) for row in rows]
    return [(story, channels) for story, channels in found if channels]
