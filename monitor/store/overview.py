"""The rows behind ``status``. Reads only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .archive import Archive
from .codec import iso

WEEK = timedelta(days=7)


def read(archive: Archive, now: datetime, model: str) -> dict[str, Any]:
    """The parts of an ``Overview`` that stand in the archive."""
    counts = archive.rows(
        "SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM story_entries) AS hits, "
        "(SELECT count(*) FROM stories WHERE merged_into IS NULL) AS stories"
    )[0]
    return {
        **dict(counts),
        "run": archive.row("SELECT started, heartbeat, ended, command, last_cycle, bugs FROM runs ORDER BY id DESC LIMIT 1"),
        "sources": archive.rows("SELECT name, state, error_class, error, last_ok, next_due FROM feeds WHERE configured = 1"),
        "queue": {row[0]: row[1] for row in archive.rows("SELECT state, count(*) FROM deliveries WHERE state IN ('pending','sending','unknown','held') GROUP BY 1")},
        "channels": archive.rows("SELECT channel, held_since, held_reason FROM channels WHERE held_since IS NOT NULL"),
        "adopted": _adopted(archive, model),
        "last_alert": _last_alert(archive),
        "alerts_7d": _alerts_since(archive, now - WEEK),
    }  # fmt: skip


def _adopted(archive: Archive, model: str) -> str | None:
    row = archive.row("SELECT adopted FROM models WHERE model = ?", (model,))
    return None if row is None else str(row["adopted"])


def _last_alert(archive: Archive) -> Any:
    return archive.row(
        "SELECT d.sent_at, s.public_id AS story_id, coalesce(s.title, a.reason) AS title "
        "FROM deliveries d JOIN alerts a ON a.id = d.alert_id LEFT JOIN stories s ON s.id = a.story_id "
        "WHERE d.state = 'sent' ORDER BY d.sent_at DESC LIMIT 1"
    )


def _alerts_since(archive: Archive, since: datetime) -> int:
    row = archive.rows(
        "SELECT count(DISTINCT alert_id) FROM deliveries WHERE state = 'sent' AND sent_at >= ?",
        (iso(since),),
    )[0]
    return int(row[0])
