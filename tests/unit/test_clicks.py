"""What Slack sends for a press of a button, and what the operator is told of the socket (B18)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.buttons import LONGEST_WAIT_S, LOOK_S, Link
from monitor.clicks import Act, Click, Envelope, form_metadata, form_subject, parse_click
from monitor.ledger import SendFailure, Trouble
from monitor.replies import reason_form

NOW = datetime(2026, 11, 24, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "actions", "user", "id", "view", "state", "values", "action_id", "value", "choice", "words", "selected_option", "container", "private_metadata", "callback_id"]), inner, max_size=6),
    max_leaves=25,
)  # fmt: skip
PRESS: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1", "name": "ann"},
    "container": {"channel_id": "C1", "message_ts": "1.2"},
    "actions": [{"action_id": "regwatch:snooze", "value": "S-2026-000001", "action_ts": "3.4"}],
}


def parsed(payload: dict[str, Any], envelope: str = "e") -> Click | None:
    return parse_click(Envelope(envelope, "interactive", payload))


def test_half_a_surrogate_pair_in_a_click_is_kept_as_a_question_mark() -> None:
    user = {"id": "U1\ud800", "name": "ann\ud83d"}
    actions = [{**PRESS["actions"][0], "value": "S-1\udfff"}]
    pressed = parsed(PRESS | {"user": user, "actions": actions})
    assert pressed is not None
    assert (pressed.author, pressed.name, pressed.story_id) == ("U1?", "ann?", "S-1?")
    pressed.key.encode()
    view = {"callback_id": "regwatch:reason", "private_metadata": '["S-1\\ud800", "C\\ud800"]'}
    sent = parsed({"type": "view_submission", "user": user, "view": view}, "e\ud800")
    assert sent is not None
    assert (sent.story_id, sent.channel, sent.key) == ("S-1?", "C?", "envelope e?")


@pytest.mark.parametrize("envelope", [5, None, "", ["e"], {}])
def test_an_envelope_whose_id_is_no_text_is_no_click(envelope: object) -> None:
    assert parse_click(Envelope(envelope, "interactive", PRESS)) is None
    assert parse_click(Envelope("e", ["interactive"], PRESS)) is None


@given(st.dictionaries(st.sampled_from(["type", "actions", "user", "view", "container"]), JSON))
def test_whatever_comes_over_the_socket_is_a_click_or_none_b18(payload: dict[str, Any]) -> None:
    for kind in ("block_actions", "view_submission"):
        found = parsed(payload | {"type": kind})
        assert found is None or (found.author and found.story_id)


def test_one_press_has_one_key_whatever_envelope_tells_of_it_b18() -> None:
    first, again = parsed(PRESS, "one"), parsed(PRESS, "two")
    assert first is not None
    assert first == again
    assert (first.act, first.story_id, first.author, first.name) == (Act.SNOOZE, "S-2026-000001", "U1", "ann")  # fmt: skip
    later = parsed(PRESS | {"actions": [{**PRESS["actions"][0], "action_ts": "5.6"}]})
    assert later is not None
    assert later.key != first.key


@pytest.mark.parametrize(
    "change",
    [
        {"type": "shortcut"},
        {"actions": []},
        {"actions": [{"action_id": "other:relevant", "value": "S-1"}]},
        {"actions": [{"action_id": "regwatch:reason", "value": "S-1"}]},
        {"user": {}},
    ],
)
def test_what_is_not_ours_is_no_click_b18(change: dict[str, Any]) -> None:
    assert parsed(PRESS | change) is None
    assert parse_click(Envelope("e", "events_api", PRESS)) is None


def test_a_form_carries_what_it_is_about_within_slacks_limits_b18() -> None:
    click = parsed(PRESS)
    assert click is not None
    form = reason_form(click)
    assert form_subject(form["private_metadata"]) == ("S-2026-000001", "C1")
    assert form_metadata(click) == form["private_metadata"]
    assert all(len(form[name]["text"]) <= 24 for name in ("title", "submit", "close"))


def test_a_socket_that_stays_down_is_told_once_and_so_is_its_return_b18() -> None:
    link, told, now = Link(), [], NOW
    down = SendFailure(Trouble.TRANSIENT, "refused")
    for _ in range(20):
        wait, event = link.after(down, now)
        assert LOOK_S <= wait <= LONGEST_WAIT_S
        told += [event.condition] if event else []
        now += timedelta(seconds=wait)
    assert told == ["buttons_lost"]
    wait, event = link.after(None, now)
    assert (wait, event.condition if event else None) == (LOOK_S, "buttons_back")
    assert link.after(None, now)[1] is None


def test_a_socket_that_recycles_within_two_minutes_is_nobodys_business_b18() -> None:
    link = Link()
    assert link.after(SendFailure(Trouble.TRANSIENT, "refused"), NOW)[1] is None
    assert link.after(None, NOW + timedelta(seconds=100))[1] is None


def test_a_rate_limit_on_opening_the_socket_is_waited_out_b4_b18() -> None:
    slow = SendFailure(Trouble.WAIT, "rate limited", timedelta(seconds=90))
    assert Link().after(slow, NOW)[0] == 90
