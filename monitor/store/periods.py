"""What the archive says of a period: for digests and reports. Reads only."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from ..decide import HELD_FOR_DIGEST
from ..digest import Digest
from .archive import Archive
from .codec import iso


def digest_since(archive: Archive, since: datetime) -> Digest:
    """What a digest tells; stories that nobody was to be told of, as of a quiet import, are held back."""
    start = iso(since)
    new = archive.rows(
        "SELECT l.*, coalesce((SELECT a.tier FROM alerts a WHERE a.story_id = s.id "
        "AND a.kind = 'new' ORDER BY a.id DESC LIMIT 1), CASE WHEN EXISTS (SELECT 1 FROM evidence v "
        "WHERE v.story = l.story_id AND v.what = 'decision' "
        "AND json_extract(v.data, '$.reason') = ?) THEN 'digest' END) AS tier, "
        f"{_LAST_LABEL} AS label FROM story_list l JOIN stories s ON s.public_id = l.story_id "
        f"WHERE l.first_seen >= ? AND {_TOLD} ORDER BY l.first_seen",
        (HELD_FOR_DIGEST, start, HELD_FOR_DIGEST),
    )
    kept = [row for row in new if row["label"] != "irrelevant"]
    moved = archive.rows(
        "SELECT l.*, f.public_id AS follows FROM story_list l JOIN stories s ON s.public_id = l.story_id "
        "JOIN story_links k ON k.story_id = s.id JOIN stories f ON f.id = k.follows_id "
        f"WHERE l.first_seen >= ? AND {_TOLD} ORDER BY l.first_seen",
        (start, HELD_FOR_DIGEST),
    )
    held = archive.rows(
        "SELECT e.title, e.url, json_extract(v.data, '$.reason') AS reason FROM evidence v "
        "JOIN entries e ON e.id = v.entry_id WHERE v.what = 'decision' AND v.made >= ? "
        "AND json_extract(v.data, '$.alert') IS NULL AND json_extract(v.data, '$.reason') <> ? "
        "ORDER BY v.seq",
        (start, HELD_FOR_DIGEST),
    )
    return Digest(
        since,
        _dicts(kept),
        _dicts(moved),
        _dicts(held),
        _sources_to_look_at(archive, start),
        len(new) - len(kept),
    )


_TOLD = (
    "(EXISTS (SELECT 1 FROM alerts a WHERE a.story_id = s.id AND a.kind IN ('new', 'update')) "
    "OR EXISTS (SELECT 1 FROM evidence v WHERE v.story = l.story_id AND v.what = 'decision' "
    "AND (json_extract(v.data, '$.alert') IS NOT NULL OR json_extract(v.data, '$.reason') = ?)))"
)
"""It has an alert, or what was decided of one of its hits was an alert or the digest."""

_LAST_LABEL = (
    "(SELECT b.label FROM labels b WHERE b.entry_id = s.lead_entry_id ORDER BY b.id DESC LIMIT 1)"
)


def _sources_to_look_at(archive: Archive, start: str) -> list[dict[str, Any]]:
    """Sources that fail or are quiet now, then those that were told of since and are well again."""
    now = archive.rows(
        "SELECT name, state, CASE WHEN state IN ('ok','new') THEN NULL ELSE error_class END "
        "AS error_class, last_ok, told LIKE '%\"quiet\"%' AS quiet, "
        "told LIKE '%\"fallback\"%' AS fallback, told LIKE '%\"flapping\"%' AS flapping, "
        "coalesce(newest_published, last_new) AS newest FROM feeds WHERE configured = 1 "
        "AND enabled = 1 AND (state NOT IN ('ok', 'new') OR told LIKE '%\"quiet\"%' "
        "OR told LIKE '%\"fallback\"%' OR told LIKE '%\"flapping\"%') ORDER BY name"
    )
    before = archive.rows(
        "SELECT f.name, 'was ' || a.reason || ' on ' || substr(min(a.created), 1, 10) || "
        "', well again' AS state, NULL AS error_class, f.last_ok FROM alerts a "
        "JOIN feeds f ON f.name = a.subject WHERE a.kind = 'ops' AND a.created >= ? "
        "AND a.reason IN ('broken','blocked','gone','quiet') AND f.state = 'ok' "
        "AND f.told NOT LIKE '%quiet%' GROUP BY f.name, a.reason ORDER BY f.name",
        (start,),
    )
    return _dicts([*now, *before])


def _dicts(rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]


def counts(archive: Archive, since: datetime, until: datetime, column: str) -> list[dict[str, Any]]:
    """Stories of a period by one of the columns month, regulator, jurisdiction, action."""
    names = {"month": "substr(first_seen, 1, 7)", "regulator": "regulator", "jurisdiction": "jurisdiction", "action": "action"}  # fmt: skip
    return _dicts(
        archive.rows(
            f"SELECT coalesce({names[column]}, 'not stated') AS name, count(*) AS n FROM story_list "
            f"WHERE first_seen >= ? AND first_seen < ? GROUP BY 1 ORDER BY {'1' if column == 'month' else '2 DESC, 1'}",
            (iso(since), iso(until)),
        )
    )


def stories_in(archive: Archive, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The stories of a period."""
    return _dicts(
        archive.rows(
            "SELECT * FROM story_list WHERE first_seen >= ? AND first_seen < ? ORDER BY first_seen DESC",
            (iso(since), iso(until)),
        )
    )
