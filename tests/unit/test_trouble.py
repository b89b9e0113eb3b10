"""Every way in which a sink fails belongs to one class, and each class leads where it should (B12).

The codes are Slack's; the wire is real, with the double at its other end.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from slackdouble.server import SlackDouble, serving

from monitor.domain import AlertKind, DeliveryJob, DeliveryState
from monitor.ledger import (
    ASK_AGAIN,
    RECONCILE_AFTER,
    RETRY_CAP,
    SendFailure,
    Trouble,
    after_failure,
    after_vain_look,
    back_off,
)
from monitor.message import Message
from monitor.slack import SLOW_REPLY, SlackSink, WebhookSink

CODES = {
    Trouble.WAIT: ("ratelimited", "rate_limited", "429 7", "429 0.5"),
    Trouble.TRANSIENT: ("team_added_to_org", "500 html", "502 html", "503 html"),
    Trouble.AMBIGUOUS: (
        "fatal_error", "internal_error", "request_timeout", "drop", "refuse", "cut", "408 html",
    ),
    Trouble.CONFIGURATION: (
        "channel_not_found", "not_in_channel", "is_archived", "restricted_action",
        "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
        "missing_scope", "no_permission", "ekm_access_denied", "org_login_required",
        "a_code_of_next_year", "403 html", "404 html",
    ),
    Trouble.CONTENT: (
        "msg_too_long", "no_text", "invalid_blocks", "msg_blocks_too_long", "too_many_attachments",
        "invalid_arguments",
    ),
    Trouble.EDIT: ("message_not_found", "cant_update_message", "edit_window_closed"),
}  # fmt: skip
TABLE = [(code, trouble) for trouble, codes in CODES.items() for code in codes]
WEBHOOK_TABLE = [
    (Trouble.WAIT, "429 3"), (Trouble.TRANSIENT, "500 html"), (Trouble.TRANSIENT, "200 html"),
    (Trouble.CONFIGURATION, "403 html"), (Trouble.CONFIGURATION, "404 html"),
    (Trouble.CONFIGURATION, "410 html"), (Trouble.CONTENT, "400 html"),
    (Trouble.AMBIGUOUS, "drop"), (Trouble.AMBIGUOUS, "cut"),
]  # fmt: skip


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackDouble]:
    with serving(SlackDouble()) as double:
        yield double


def a_job(now: datetime, **known: Any) -> DeliveryJob:
    values: dict[str, Any] = {
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "kind": AlertKind.NEW,
    } | known
    return DeliveryJob(delivery_id=1, uid="u", alert_id=1, channel="C1", created=now, **values)


def send(sink: SlackSink | WebhookSink, job: DeliveryJob) -> SendFailure:
    failed = asyncio.run(sink.send(job, Message("text")))
    assert isinstance(failed, SendFailure)
    return failed


@pytest.mark.parametrize(("code", "trouble"), TABLE)
def test_each_error_of_slack_has_its_class_b12(
    slack: SlackDouble, now: datetime, code: str, trouble: Trouble
) -> None:
    slack.faults[:] = [code]
    failed = send(SlackSink("xoxb-secret", "C1", slack.base_url), a_job(now))
    assert failed.trouble is trouble
    assert "xoxb-secret" not in failed.detail


@pytest.mark.parametrize(("trouble", "fault"), WEBHOOK_TABLE)
def test_each_answer_to_a_webhook_has_its_class_b12(
    slack: SlackDouble, now: datetime, fault: str, trouble: Trouble
) -> None:
    slack.faults[:] = [fault]
    url = f"{slack.base_url}webhook"
    failed = send(WebhookSink(url), a_job(now))
    assert failed.trouble is trouble
    assert url not in failed.detail


def test_a_slow_reply_is_in_doubt_and_looked_up_later_than_a_lost_one_b2(now: datetime) -> None:
    with serving(SlackDouble(faults=["slow"])) as slack:
        failed = send(SlackSink("xoxb", "C1", slack.base_url, timeout=1), a_job(now))
    assert (failed.trouble, failed.retry_after) == (Trouble.AMBIGUOUS, SLOW_REPLY)


def test_where_nobody_listens_nothing_arrived_b12(now: datetime) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api/"
        assert send(SlackSink("xoxb", "C1", url), a_job(now)).trouble is Trouble.TRANSIENT


def test_a_history_without_messages_proves_nothing_b3(slack: SlackDouble, now: datetime) -> None:
    slack.workspace.methods["conversations.history"] = ("", lambda args: {})
    try:
        found = asyncio.run(SlackSink("xoxb", "C1", slack.base_url).find(a_job(now)))
    finally:
        del slack.workspace.methods["conversations.history"]
    assert isinstance(found, SendFailure)


ENDS = {
    Trouble.WAIT: (DeliveryState.PENDING, timedelta(seconds=7)),
    Trouble.TRANSIENT: (DeliveryState.PENDING, timedelta(seconds=20)),
    Trouble.AMBIGUOUS: (DeliveryState.UNKNOWN, RECONCILE_AFTER),
    Trouble.CONFIGURATION: (DeliveryState.HELD, timedelta()),
    Trouble.CONTENT: (DeliveryState.ABANDONED, None),
    Trouble.EDIT: (DeliveryState.PENDING, timedelta(seconds=20)),
}


@pytest.mark.parametrize("trouble", Trouble)
def test_each_class_leads_to_its_state_b12(now: datetime, trouble: Trouble) -> None:
    after = timedelta(seconds=7) if trouble is Trouble.WAIT else None
    found = after_failure(SendFailure(trouble, "why", after), a_job(now), now=now, can_look=True)
    state, wait = ENDS[trouble]
    assert (found.state, found.not_before) == (state, None if wait is None else now + wait)
    assert found.hold is (trouble is Trouble.CONFIGURATION)
    assert found.attempts == (-1 if trouble is Trouble.WAIT else 0)
    assert (found.pause_until is not None) is (trouble is Trouble.WAIT)
    assert found.error == "why"


@pytest.mark.parametrize("trouble", [Trouble.WAIT, Trouble.TRANSIENT, Trouble.CONFIGURATION])
def test_a_repeat_that_could_not_be_made_stays_in_doubt_and_is_not_counted_b20(
    now: datetime, trouble: Trouble
) -> None:
    """Otherwise a busy moment would lose the only, marked, repeat of a webhook's message."""
    job = a_job(now, state=DeliveryState.UNKNOWN, attempts=3)
    found = after_failure(SendFailure(trouble, "why"), job, now=now, can_look=False)
    assert (found.state, found.repeats) == (DeliveryState.UNKNOWN, -1)


def test_a_first_lost_reply_is_no_second_one_however_often_the_network_failed_before_b20(
    now: datetime,
) -> None:
    lost = SendFailure(Trouble.AMBIGUOUS, "lost")
    first = after_failure(lost, a_job(now, attempts=5), now=now, can_look=False)
    second = after_failure(lost, a_job(now, attempts=6, state=DeliveryState.UNKNOWN), now=now, can_look=False)  # fmt: skip
    assert (first.state, second.state) == (DeliveryState.UNKNOWN, DeliveryState.ABANDONED)


@pytest.mark.parametrize("trouble", Trouble)
def test_a_look_that_failed_leaves_the_doubt_and_holds_no_channel_b3(
    now: datetime, trouble: Trouble
) -> None:
    job = a_job(now, state=DeliveryState.SENDING, attempts=1)
    found = after_vain_look(SendFailure(trouble, "why"), job, now=now)
    assert found is not None
    assert (found.state, found.hold, found.pause_until) == (DeliveryState.UNKNOWN, False, None)


def test_a_history_that_may_not_be_read_is_told_once_per_reason_b12(now: datetime) -> None:
    failed = SendFailure(Trouble.CONFIGURATION, "missing_scope")
    first = after_vain_look(failed, a_job(now, state=DeliveryState.UNKNOWN), now=now)
    again = after_vain_look(failed, a_job(now, state=DeliveryState.UNKNOWN, last_error="missing_scope"), now=now)  # fmt: skip
    assert first is not None
    assert again is not None
    assert first.told is not None
    assert again.told is None
    assert again.not_before == now + ASK_AGAIN


def test_a_retry_that_is_not_in_doubt_needs_no_history_b12(now: datetime) -> None:
    failed = SendFailure(Trouble.CONFIGURATION, "missing_scope")
    assert after_vain_look(failed, a_job(now, attempts=2), now=now) is None


def test_back_off_begins_within_a_minute_grows_and_is_capped() -> None:
    waits = [back_off(n) for n in range(40)]
    assert waits[0] < timedelta(minutes=1)
    assert waits == sorted(waits)
    assert waits[-1] == RETRY_CAP
