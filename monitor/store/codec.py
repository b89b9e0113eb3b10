"""How values stand in the archive: UTC ISO 8601 text of one width, JSON lists, enum values.

Pure; knows nothing of connections. Times of one width compare as text in SQL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from classifiers.facts import Facts

from ..domain import FeedState, PollState, Selectors

_TIMES = frozenset(
    f.name for f in fields(PollState) if f.type in ("datetime | None", datetime | None)
)
_FACTS = tuple(f.name for f in fields(Facts))
_FACT_LISTS = frozenset({"regulators", "organisations", "legal_basis"})
_LISTS = frozenset({"skip_hours", "skip_days", "told"})
STATE_COLUMNS = tuple(f.name for f in fields(PollState))
"""The columns of ``feeds`` that hold a ``PollState``, by the same names."""


def to_iso(moment: datetime | None) -> str | None:
    """Aware datetime to ``2026-11-24T08:00:00.000Z``; None stays None."""
    return None if moment is None else iso(moment)


def iso(moment: datetime) -> str:
    """Aware datetime to UTC text with milliseconds, 24 characters wide."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def from_iso(text: str | None) -> datetime | None:
    """Text written by ``to_iso`` back to an aware datetime."""
    return None if text is None else datetime.fromisoformat(text)


def moment(text: str) -> datetime:
    """Text written by ``iso`` back to an aware datetime."""
    return datetime.fromisoformat(text)


# json.dumps with arguments of its own makes an encoder for every call
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=list)


def to_json(value: Any) -> str:
    """Compact JSON with its letters unescaped, so that LIKE and people can read it."""
    return _COMPACT.encode(value)


def facts_to_json(facts: Facts) -> str:
    """Facts as JSON, without what is not known."""
    values = {name: getattr(facts, name) for name in _FACTS}
    return to_json({k: v for k, v in values.items() if v not in (None, (), {})})


def facts_from_json(text: str) -> Facts:
    """Facts from ``facts_to_json``."""
    data: dict[str, Any] = json.loads(text)
    for name in _FACT_LISTS & data.keys():
        data[name] = tuple(data[name])
    return Facts(**data)


def state_to_row(state: PollState) -> dict[str, Any]:
    """A poll state as column values."""
    row: dict[str, Any] = {}
    for name in STATE_COLUMNS:
        value = getattr(state, name)
        if name in _TIMES:
            row[name] = to_iso(value)
        elif name in _LISTS:
            row[name] = to_json(value)
        elif name == "selectors":
            row[name] = None if value is None else to_json(selectors_to_dict(value))
        else:
            row[name] = value.value if isinstance(value, FeedState) else value
    return row


def state_from_row(row: Mapping[str, Any]) -> PollState:
    """Column values back to a poll state."""
    values: dict[str, Any] = {}
    for name in STATE_COLUMNS:
        value = row[name]
        if name in _TIMES:
            values[name] = from_iso(value)
        elif name in _LISTS:
            values[name] = tuple(json.loads(value))
        elif name == "selectors":
            values[name] = None if value is None else Selectors(**json.loads(value))
        elif name == "state":
            values[name] = FeedState(value)
        else:
            values[name] = value
    return PollState(**values)


def selectors_to_dict(selectors: Selectors) -> dict[str, str | None]:
    """Selectors as a JSON object with the keys of ``feeds.yaml``."""
    return {
        "entry": selectors.entry,
        "link": selectors.link,
        "title": selectors.title,
        "date": selectors.date,
    }
