"""The ledger of deliveries: what is owed to a channel, and how each attempt ended.

Which state follows which is decided in ``ledger``; here it is only written down.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from ..domain import AlertKind, DeliveryJob, DeliveryState, Judgement, OpsEvent, Tier
from ..ledger import ChannelState, Settlement, held_event, released_event
from . import clicks, doubles, owed, proof
from .alerts import raise_digest, raise_ops
from .archive import Archive
from .codec import from_iso, iso, moment, to_iso, to_json
from .stories import story_view

FOLD_REASON = "flood guard"


class DeliveryLedger:
    """The ledger as the delivery pump uses it.

    ``channels`` are those that alerts go to now; ``notices`` (all of them where it is not said)
    are those that hear of the service itself.
    """

    def __init__(
        self, archive: Archive, channels: Sequence[str] = (), notices: Sequence[str] | None = None
    ) -> None:
        self._archive = archive
        self._channels = tuple(channels)
        self._notices = self._channels if notices is None else tuple(notices)

    def channel(self, channel: str) -> ChannelState:
        """Whether the channel is paused or held."""
        row = self._archive.row("SELECT * FROM channels WHERE channel = ?", (channel,))
        if row is None:
            return ChannelState()
        return ChannelState(from_iso(row["paused_until"]), row["held_since"] is not None)

    def head(self, channel: str, now: datetime, *, posts: bool = True) -> int | None:
        """The delivery that is next on the channel: the oldest that is due.

        What is about a story waits until the story's earlier deliveries in the channel are
        settled. Without ``posts`` those that the flood guard counts are passed over.
        """
        row = self._archive.row(owed.HEAD, {"channel": channel, "now": iso(now), "posts": posts})
        return int(row["id"]) if row else None

    def next_due(self, channel: str, *, posts: bool = True) -> datetime | None:
        """When the channel's next delivery falls due, None when nothing is owed."""
        row = self._archive.row(owed.NEXT_DUE, {"channel": channel, "posts": posts})
        return from_iso(row["due"]) if row else None

    def job(self, delivery_id: int) -> DeliveryJob:
        """A delivery with what its message is made from."""
        row = self._archive.rows(f"{owed.JOB} WHERE d.id = ?", (delivery_id,))[0]
        said: tuple[Judgement, ...] = ()
        story, snoozed = None, None
        if row["story_row"] is not None:
            story = story_view(self._archive, row["story_row"])
            said = clicks.judgements(self._archive, row["story_row"])
            snoozed = clicks.snooze_ends(self._archive, row["story_row"])
        kind = AlertKind(row["kind"])
        if kind is AlertKind.NEW and row["root_ts"] is not None:
            # two stories were found to be one after both were to be told: one post is enough
            kind = AlertKind.UPDATE
        return DeliveryJob(
            delivery_id=row["id"],
            uid=row["uid"],
            alert_id=row["alert_id"],
            channel=row["channel"],
            kind=kind,
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
            reason=row["reason"],
            quiet=bool(row["quiet"]),
            told_until=from_iso(row["told_until"]),
            judgements=said,
            snoozed_until=snoozed,
            repeats=row["repeats"],
            as_of=row["as_of"],
        )

    def mark_sending(self, delivery_id: int, now: datetime) -> int:
        """Say, before the network is touched, that an attempt begins; it outlives a power cut.

        Returns the length of the evidence log: another than a job's ``as_of`` means that
        something was said since the job was read.
        """
        with self._archive.write(durable=True) as connection:
            length = int(connection.execute(owed.LENGTH).fetchone()[0])
            connection.execute(owed.MARK_SENDING, {"id": delivery_id, "now": iso(now), "doubt": owed.doubt_ends(now)})  # fmt: skip
        return length

    def settle(self, job: DeliveryJob, settlement: Settlement, now: datetime) -> list[OpsEvent]:
        """Write down how an attempt ended, and what it means for the channel.

        Returns what the operator was told by it, in the same transaction.
        """
        sent = settlement.state is DeliveryState.SENT
        with self._archive.write(durable=True) as connection:
            connection.execute(
                owed.SETTLE,
                {
                    "state": settlement.state.value,
                    "attempts": settlement.attempts,
                    "repeats": settlement.repeats,
                    "not_before": to_iso(settlement.not_before),
                    "error": settlement.error,
                    "sent": int(sent),
                    "now": iso(now),
                    "ts": settlement.ts,
                    "permalink": settlement.permalink,
                    "id": job.delivery_id,
                },
            )
            proof.delivery_settled(connection, [job.delivery_id], now)
            if settlement.pause_until is not None:
                owed.pause(connection, job.channel, settlement.pause_until)
            events = []
            if settlement.hold and owed.hold(connection, job.channel, settlement.error or "", now):
                events.append(held_event(job.channel, settlement.error or ""))
                raise_ops(connection, events[-1], self._others(connection, job.channel), now)
            if settlement.posted and owed.works(connection, job.channel, now):
                events.append(released_event(job.channel))
                raise_ops(connection, events[-1], self._others(connection, job.channel), now)
            if settlement.told is not None:
                events.append(settlement.told)
                raise_ops(connection, settlement.told, self._notices, now)
        return events

    def _others(self, connection: sqlite3.Connection, channel: str) -> list[str]:
        """Who hears that a channel is held or works: one that is held itself would hear too late."""
        rows = connection.execute("SELECT channel FROM channels WHERE held_since IS NOT NULL")
        held = {row["channel"] for row in rows}
        return [c for c in self._notices if c != channel and c not in held]

    def postpone(self, delivery_id: int, until: datetime, why: str) -> None:
        """Leave a delivery as it is and come back to it later."""
        with self._archive.write() as connection:
            connection.execute(
                "UPDATE deliveries SET not_before = ?, last_error = ? WHERE id = ?",
                (iso(until), why, delivery_id),
            )

    def hasten(self, channel: str, now: datetime) -> None:
        """The channel works after an outage: what backed off is due, and so goes in its order."""
        with self._archive.write() as connection:
            connection.execute(
                "UPDATE deliveries SET not_before = :now WHERE channel = :channel AND attempts > 0 "
                "AND state IN ('pending','unknown','held') AND not_before > :now",
                {"channel": channel, "now": iso(now)},
            )

    def posts_since(self, channel: str, since: datetime) -> int:
        """How many new posts stood in the channel since a moment (updates do not count)."""
        row = self._archive.row(
            "SELECT count(*) FROM deliveries d JOIN alerts a ON a.id = d.alert_id "
            "WHERE d.channel = ? AND d.sent_at > ? AND a.kind <> 'update' "
            "AND d.folded_into IS NULL",
            (channel, iso(since)),
        )
        return int(row[0]) if row else 0

    def fresh_posts(self, channel: str, now: datetime, limit: int) -> list[int]:
        """Due posts that were never tried, oldest first; a limit below 0 is none."""
        rows = self._archive.rows(owed.FRESH_POSTS, {"channel": channel, "now": iso(now), "limit": limit})  # fmt: skip
        return [int(row["id"]) for row in rows]

    def last_fold(self, channel: str) -> datetime | None:
        """When deliveries of the channel were last folded into a digest."""
        row = self._archive.row(
            "SELECT max(a.created) AS at FROM alerts a JOIN deliveries d ON d.alert_id = a.id "
            "WHERE a.kind = 'digest' AND a.reason = ? AND d.channel = ?",
            (FOLD_REASON, channel),
        )
        return from_iso(row["at"]) if row else None

    def fold_into_digest(self, delivery_ids: Sequence[int], text: str, now: datetime) -> int:
        """Replace owed deliveries of one channel by one digest; returns its first alert's id."""
        ids = to_json(list(delivery_ids))
        with self._archive.write() as connection:
            row = connection.execute(
                "SELECT channel FROM deliveries WHERE id = ?", (delivery_ids[0],)
            ).fetchone()
            alert_id = raise_digest(connection, text, [row["channel"]], now, FOLD_REASON)[0]
            connection.execute(
                "UPDATE deliveries SET state = 'sent', sent_at = ?, folded_into = ? "
                "WHERE id IN (SELECT value FROM json_each(?)) AND state IN ('pending','held')",
                (iso(now), alert_id, ids),
            )
            proof.delivery_settled(connection, delivery_ids, now)
        return alert_id

    def requeue(self, now: datetime) -> int:
        """Owe abandoned deliveries again, but none of what was told since; returns how many."""
        with self._archive.write() as connection:
            wanted = connection.execute(
                "SELECT d.id, a.story_id FROM deliveries d JOIN alerts a ON a.id = d.alert_id "
                f"WHERE {owed.LOST}",
                owed.LOST_FOR,
            ).fetchall()
            connection.executemany(
                "UPDATE deliveries SET state = 'pending', attempts = 0, repeats = 0, "
                "not_before = ? WHERE id = ?",
                [(iso(now), row["id"]) for row in wanted],
            )
            stories = {row["story_id"] for row in wanted} - {None}
            return len(wanted) - sum(doubles.drop(connection, s, now) for s in sorted(stories))

    def readdress(self, heir: str, now: datetime) -> int:
        """What is owed to Slack channels that are not configured any more goes to ``heir``.

        A wrong channel id is mended by writing another one; what was held for the wrong one
        must not be lost with it. Returns how many were moved.
        """
        with self._archive.write() as connection:
            return owed.readdress(connection, self._channels, heir, now)
