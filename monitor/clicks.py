"""What Slack sends when somebody presses a button of an alert, to a Click or to nothing: pure.

The payload is a stranger's: whatever is missing or of another form makes it no click, never an
error. Knows the names of our buttons and form fields; knows nothing of sockets or rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PREFIX = "regwatch:"
REASON_FORM = "regwatch:reason"
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Envelope:
    """What came over the socket; nothing of it is checked."""

    envelope_id: object
    kind: object
    payload: Mapping[str, Any]


class Act(StrEnum):
    """What somebody asks for."""

    RELEVANT = "relevant"
    IRRELEVANT = "irrelevant"
    REASON = "reason"  # the form that follows `irrelevant`
    SNOOZE = "snooze"
    WHY = "why"
    SOURCES = "sources"


REASONS = {
    "no_step": "No authority or court acts",
    "no_privacy": "Not about personal data",
    "no_ai": "Not about AI",
    "old": "Old news",
    "double": "Told before",
    "other": "Something else",
}
"""The choices of the form, by their value."""


@dataclass(frozen=True, slots=True)
class Click:
    """One press of a button, or one form sent; ``key`` is the same however often it is told."""

    key: str
    act: Act
    story_id: str
    author: str  # the user's id, U…
    name: str  # as people know the user
    channel: str
    ts: str | None = None  # the message that was clicked
    trigger_id: str | None = None  # opens a form, for three seconds
    why: str | None = None


def parse_click(envelope: Envelope) -> Click | None:
    """The click that an envelope tells of; None where it tells of none of ours."""
    envelope_id, payload = _text({"id": envelope.envelope_id}, "id"), envelope.payload
    if envelope.kind != "interactive" or not envelope_id:
        return None
    if payload.get("type") == "block_actions":
        return _pressed(envelope_id, payload)
    if payload.get("type") == "view_submission":
        return _form_sent(envelope_id, payload)
    return None


def _pressed(envelope_id: str, payload: Mapping[str, Any]) -> Click | None:
    actions = payload.get("actions")
    action = _mapping(actions[0]) if isinstance(actions, list) and actions else {}
    name = _text(action, "action_id")
    known = name.removeprefix(PREFIX) if name.startswith(PREFIX) else ""
    story, user = _text(action, "value"), _mapping(payload.get("user"))
    if known not in set(Act) - {Act.REASON} or not story or not _text(user, "id"):
        return None
    container = _mapping(payload.get("container"))
    channel = _text(container, "channel_id") or _text(_mapping(payload.get("channel")), "id")
    # Slack may tell of one press in several envelopes: what makes it one is who, where and when
    when = _text(action, "action_ts")
    place = (channel, _text(container, "message_ts"), _text(user, "id"), known, when)
    return Click(
        key=" ".join(place) if when else f"envelope {envelope_id}",
        act=Act(known),
        story_id=story,
        author=_text(user, "id"),
        name=_name(user),
        channel=channel,
        ts=_text(container, "message_ts") or None,
        trigger_id=_text(payload, "trigger_id") or None,
    )


def _form_sent(envelope_id: str, payload: Mapping[str, Any]) -> Click | None:
    view, user = _mapping(payload.get("view")), _mapping(payload.get("user"))
    if view.get("callback_id") != REASON_FORM or not _text(user, "id"):
        return None
    about = form_subject(_text(view, "private_metadata"))
    if about is None:
        return None
    view_id = _text(view, "id")
    return Click(
        key=f"form {view_id}" if view_id else f"envelope {envelope_id}",
        act=Act.REASON,
        story_id=about[0],
        author=_text(user, "id"),
        name=_name(user),
        channel=about[1],
        why=_reason(_mapping(_mapping(view.get("state")).get("values"))),
    )


def _reason(values: Mapping[str, Any]) -> str | None:
    """The chosen reason and what was written beside it."""
    choice = _mapping(_mapping(values.get("choice")).get("choice"))
    chosen = REASONS.get(_text(_mapping(choice.get("selected_option")), "value"))
    written = _text(_mapping(_mapping(values.get("words")).get("words")), "value").strip()
    return ": ".join(part for part in (chosen, written) if part) or None


def form_subject(metadata: str) -> tuple[str, str] | None:
    """Story and channel that a form is about, as ``form_metadata`` wrote them."""
    try:
        story, channel = json.loads(metadata)
    except (ValueError, TypeError):
        return None
    texts = isinstance(story, str) and isinstance(channel, str)
    return (_whole(story), _whole(channel)) if texts else None


def form_metadata(click: Click) -> str:
    """What a form carries so that its answer can be put down."""
    return json.dumps([click.story_id, click.channel])


def _name(user: Mapping[str, Any]) -> str:
    return _text(user, "username") or _text(user, "name") or _text(user, "id")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(values: Mapping[str, Any], key: str) -> str:
    found = values.get(key)
    return _whole(found) if isinstance(found, str) else ""


def _whole(text: str) -> str:
    """A bounded text that an archive takes: half a surrogate pair, as JSON can say it, is none."""
    return text[:_LONGEST].encode("utf-8", "replace").decode()
