"""Alerts and the ledger of their deliveries.

An alert and its pending deliveries are written in the transaction of the hit they are about.
Which state follows which is decided in ``ledger``; here it is only written down.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from ..digest import pages
from ..domain import AlertKind, DeliveryJob, DeliveryState, OpsEvent, Tier
from ..ledger import Settlement
from . import proof
from .archive import Archive
from .codec import from_iso, iso, moment, to_iso, to_json
from .stories import story_view


def raise_alert(
    connection: sqlite3.Connection,
    *,
    kind: AlertKind,
    reason: str,
    channels: Sequence[str],
    now: datetime,
    not_before: datetime | None = None,
    story_row: int | None = None,
    tier: Tier | None = None,
    subject: str | None = None,
    text: str | None = None,
) -> int:
    """Write an alert with one pending delivery per channel; returns the alert's id."""
    cursor = connection.execute(
        "INSERT INTO alerts (story_id, kind, tier, reason, subject, text, created) "
        "VALUES (?,?,?,?,?,?,?)",
        (story_row, kind.value, tier.value if tier else None, reason, subject, text, iso(now)),
    )
    alert_id = int(cursor.lastrowid or 0)
    for channel in channels:
        connection.execute(
            "INSERT INTO deliveries (alert_id, channel, uid, state, not_before, created) "
            "VALUES (?,?,?,?,?,?)",
            (alert_id, channel, uuid.uuid4().hex, "pending", iso(not_before or now), iso(now)),
        )
    proof.alert_raised(connection, alert_id, now)
    return alert_id


def raise_ops(
    connection: sqlite3.Connection, event: OpsEvent, channels: Sequence[str], now: datetime
) -> int:
    """Write an alert about the service itself."""
    return raise_alert(
        connection,
        kind=AlertKind.OPS,
        reason=event.condition,
        channels=channels,
        now=now,
        subject=event.subject,
        text=event.text,
    )


def raise_digest(
    connection: sqlite3.Connection,
    text: str,
    channels: Sequence[str],
    now: datetime,
    reason: str,
) -> int:
    """Write a digest as one alert per page, in order; returns how many pages."""
    parts = pages(text)
    for part in parts:
        raise_alert(connection, kind=AlertKind.DIGEST, reason=reason, channels=channels, now=now, text=part)  # fmt: skip
    return len(parts)


def alerted_channels(connection: sqlite3.Connection, story_row: int) -> dict[str, str]:
    """Channel to delivery state of a story's ``new`` alerts that were not abandoned."""
    rows = connection.execute(
        "SELECT d.channel, d.state FROM alerts a JOIN deliveries d ON d.alert_id = a.id "
        "WHERE a.story_id = ? AND a.kind = 'new' AND d.state <> 'abandoned'",
        (story_row,),
    )
    return {row["channel"]: row["state"] for row in rows}


def update_owed(connection: sqlite3.Connection, story_row: int) -> bool:
    """Whether an update of the story already waits; it will show all hits, so one is enough."""
    row = connection.execute(
        "SELECT 1 FROM alerts a JOIN deliveries d ON d.alert_id = a.id "
        "WHERE a.story_id = ? AND a.kind = 'update' AND d.state = 'pending'",
        (story_row,),
    ).fetchone()
    return row is not None


class DeliveryLedger:
    """The ledger as the delivery pump uses it."""

    def __init__(self, archive: Archive, channels: Sequence[str] = ()) -> None:
        self._archive = archive
        self._channels = to_json(list(channels))

    def due_deliveries(self, now: datetime, limit: int) -> list[DeliveryJob]:
        """Owed deliveries whose time has come, on channels that are neither paused nor held.

        Oldest first. A story's update waits until its first post in the same channel stands.
        """
        rows = self._archive.rows(
            _DUE, {"now": iso(now), "limit": limit, "channels": self._channels}
        )
        return [self._job(row) for row in rows]

    def next_due(self) -> datetime | None:
        """When the next delivery falls due, None when nothing is owed."""
        row = self._archive.row(
            "SELECT min(max(d.not_before, coalesce(c.paused_until, ''))) AS due FROM deliveries d "
            "LEFT JOIN channels c ON c.channel = d.channel "
            "WHERE d.state IN ('pending','unknown','sending') "
            "AND d.channel IN (SELECT value FROM json_each(?))",
            (self._channels,),
        )
        return from_iso(row["due"]) if row else None

    def mark_sending(self, delivery_id: int, now: datetime) -> None:
        """Say, before the network is touched, that an attempt begins."""
        # durable: what is sent now must not be sent again after a power cut
        with self._archive.write(durable=True) as connection:
            connection.execute(
                "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, last_tried = ? "
                "WHERE id = ?",
                (iso(now), delivery_id),
            )

    def settle(self, delivery_id: int, settlement: Settlement, now: datetime) -> None:
        """Write down how an attempt ended."""
        sent = settlement.state is DeliveryState.SENT
        with self._archive.write(durable=True) as connection:
            connection.execute(
                "UPDATE deliveries SET state = :state, attempts = attempts + :attempts, "
                "not_before = coalesce(:not_before, not_before), last_error = :error, "
                "sent_at = CASE WHEN :sent THEN :now ELSE sent_at END, "
                "ts = coalesce(:ts, ts), permalink = coalesce(:permalink, permalink) "
                "WHERE id = :id",
                {
                    "state": settlement.state.value,
                    "attempts": settlement.attempts,
                    "not_before": to_iso(settlement.not_before),
                    "error": settlement.error,
                    "sent": int(sent),
                    "now": iso(now),
                    "ts": settlement.ts,
                    "permalink": settlement.permalink,
                    "id": delivery_id,
                },
            )
            proof.delivery_settled(connection, [delivery_id], now)
            if sent:
                connection.execute(
                    "INSERT INTO channels (channel, last_post) SELECT channel, :now FROM deliveries "
                    "WHERE id = :id ON CONFLICT (channel) DO UPDATE SET last_post = :now",
                    {"now": iso(now), "id": delivery_id},
                )

    def pause_channel(self, channel: str, until: datetime, reason: str) -> None:
        """Nothing goes to the channel before ``until`` (a Retry-After)."""
        with self._archive.write() as connection:
            connection.execute(
                "INSERT INTO channels (channel, paused_until) VALUES (:channel, :until) "
                "ON CONFLICT (channel) DO UPDATE SET paused_until = :until",
                {"channel": channel, "until": iso(until)},
            )

    def hold_channel(self, channel: str, reason: str, now: datetime) -> bool:
        """Hold all that is owed to a channel until it works again; True when newly held."""
        with self._archive.write() as connection:
            row = connection.execute(
                "SELECT held_since FROM channels WHERE channel = ?", (channel,)
            ).fetchone()
            newly = row is None or row["held_since"] is None
            connection.execute(
                "INSERT INTO channels (channel, held_since, held_reason) "
                "VALUES (:channel, :now, :reason) ON CONFLICT (channel) DO UPDATE SET "
                "held_since = coalesce(held_since, :now), held_reason = :reason",
                {"channel": channel, "now": iso(now), "reason": reason},
            )
            connection.execute(
                "UPDATE deliveries SET state = 'held', last_error = ? "
                "WHERE channel = ? AND state = 'pending'",
                (reason, channel),
            )
        return newly

    def release_channel(self, channel: str, now: datetime) -> bool:
        """The channel works again: all that was held is owed again; True when it was held."""
        with self._archive.write() as connection:
            was_held = connection.execute(
                "UPDATE channels SET held_since = NULL, held_reason = NULL "
                "WHERE channel = ? AND held_since IS NOT NULL",
                (channel,),
            ).rowcount
            connection.execute(
                "UPDATE deliveries SET state = 'pending', not_before = ? "
                "WHERE channel = ? AND state = 'held'",
                (iso(now), channel),
            )
        return bool(was_held)

    def held_channels(self) -> dict[str, tuple[datetime, str]]:
        """Channels on hold: since when, and why."""
        return {
            row["channel"]: (moment(row["held_since"]), row["held_reason"])
            for row in self._archive.rows("SELECT * FROM channels WHERE held_since IS NOT NULL")
        }

    def oldest_held(self, channel: str) -> DeliveryJob | None:
        """The delivery with which a held channel is tried again."""
        row = self._archive.row(
            f"{_JOB} WHERE d.channel = ? AND d.state = 'held' ORDER BY d.id LIMIT 1", (channel,)
        )
        return self._job(row) if row else None

    def posts_since(self, channel: str, since: datetime) -> int:
        """How many new posts stood in the channel since a moment (updates do not count)."""
        row = self._archive.row(
            "SELECT count(*) FROM deliveries d JOIN alerts a ON a.id = d.alert_id "
            "WHERE d.channel = ? AND d.sent_at > ? AND a.kind <> 'update' "
            "AND d.folded_into IS NULL",
            (channel, iso(since)),
        )
        return int(row[0]) if row else 0

    def fold_into_digest(self, delivery_ids: Sequence[int], text: str, now: datetime) -> int:
        """Replace several owed deliveries of one channel by one digest; returns its alert id."""
        marks = ",".join("?" * len(delivery_ids))
        with self._archive.write() as connection:
            row = connection.execute(
                "SELECT channel FROM deliveries WHERE id = ?", (delivery_ids[0],)
            ).fetchone()
            alert_id = raise_alert(
                connection,
                kind=AlertKind.DIGEST,
                reason="flood guard",
                channels=[row["channel"]],
                now=now,
                text=text,
            )
            connection.execute(
                f"UPDATE deliveries SET state = 'sent', sent_at = ?, folded_into = ? "
                f"WHERE id IN ({marks})",
                (iso(now), alert_id, *delivery_ids),
            )
            proof.delivery_settled(connection, delivery_ids, now)
        return alert_id

    def requeue(self, now: datetime, *, older_than: timedelta = timedelta(0)) -> int:
        """Owe abandoned deliveries again; returns how many."""
        with self._archive.write() as connection:
            return connection.execute(
                "UPDATE deliveries SET state = 'pending', attempts = 0, not_before = ? "
                "WHERE state = 'abandoned' AND created <= ?",
                (iso(now), iso(now - older_than)),
            ).rowcount

    def _job(self, row: sqlite3.Row) -> DeliveryJob:
        story = None if row["story_row"] is None else story_view(self._archive, row["story_row"])
        return DeliveryJob(
            delivery_id=row["id"],
            uid=row["uid"],
            alert_id=row["alert_id"],
            channel=row["channel"],
            kind=AlertKind(row["kind"]),
            state=DeliveryState(row["state"]),
            attempts=row["attempts"],
            created=moment(row["created"]),
            tier=Tier(row["tier"]) if row["tier"] else None,
            story=story,
            text=row["text"],
            last_error=row["last_error"],
            last_tried=from_iso(row["last_tried"]),
            root_ts=row["root_ts"],
            root_permalink=row["root_permalink"],
            follows_permalink=row["follows_permalink"],
        )


_ROOT = (
    "FROM deliveries r JOIN alerts ra ON ra.id = r.alert_id WHERE ra.story_id = a.story_id "
    "AND ra.kind = 'new' AND r.channel = d.channel AND r.state = 'sent' AND r.id <> d.id "
    "ORDER BY r.id DESC LIMIT 1"
)

_JOB = f"""
SELECT d.*, a.kind, a.tier, a.text, a.story_id AS story_row,
  (SELECT r.ts {_ROOT}) AS root_ts,
  (SELECT r.permalink {_ROOT}) AS root_permalink,
  (SELECT f.permalink FROM story_links l JOIN alerts fa ON fa.story_id = l.follows_id
    JOIN deliveries f ON f.alert_id = fa.id WHERE l.story_id = a.story_id
    AND fa.kind = 'new' AND f.channel = d.channel AND f.permalink IS NOT NULL
    ORDER BY f.id DESC LIMIT 1) AS follows_permalink
FROM deliveries d JOIN alerts a ON a.id = d.alert_id
"""

_DUE = f"""{_JOB}
LEFT JOIN channels c ON c.channel = d.channel
WHERE d.state IN ('pending','unknown','sending') AND d.not_before <= :now
AND d.channel IN (SELECT value FROM json_each(:channels))
AND (c.paused_until IS NULL OR c.paused_until <= :now)
AND (c.held_since IS NULL OR d.state <> 'pending')
AND (a.kind <> 'update' OR NOT EXISTS (
  SELECT 1 FROM deliveries p JOIN alerts pa ON pa.id = p.alert_id
  WHERE pa.story_id = a.story_id AND pa.kind = 'new' AND p.channel = d.channel
  AND p.state IN ('pending','sending','unknown','held')))
ORDER BY d.id LIMIT :limit
"""
