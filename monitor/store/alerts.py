"""Alerts, written with their pending deliveries in the transaction of the hit they are about.

What becomes of the deliveries is written in ``deliveries``.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from datetime import datetime

from ..digest import pages
from ..domain import AlertKind, OpsEvent, Tier
from . import proof, told
from .codec import iso


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
    quiet: bool = False,
) -> int:
    """Write an alert with one pending delivery per channel; returns the alert's id."""
    cursor = connection.execute(
        "INSERT INTO alerts (story_id, kind, tier, reason, subject, text, quiet, created) "
        "VALUES (?,?,?,?,?,?,?,?)",
        (
            story_row,
            kind.value,
            tier.value if tier else None,
            reason,
            subject,
            text,
            int(quiet),
            iso(now),
        ),
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


def raise_edit(connection: sqlite3.Connection, story_row: int, reason: str, now: datetime) -> None:
    """Owe an edit of a story's posts, where any stand, that makes no noise."""
    posted = told.posted_channels(connection, story_row)
    channels = told.not_yet_owed(connection, story_row, posted, quiet=True)
    if channels:
        raise_alert(
            connection,
            kind=AlertKind.UPDATE,
            reason=reason,
            channels=channels,
            now=now,
            story_row=story_row,
            quiet=True,
        )


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
) -> list[int]:
    """Write a digest as one alert per page, in order; returns the alerts' ids."""
    return [
        raise_alert(connection, kind=AlertKind.DIGEST, reason=reason, channels=channels, now=now, text=part)
        for part in pages(text)
    ]  # fmt: skip
