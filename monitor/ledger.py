"""What becomes of a delivery after an attempt: pure, the arrows of the ledger's state machine.

pending → sending → sent | unknown | pending (later) | held | abandoned; unknown → sent (found in
the channel) | pending (proved absent). Nothing here sends or writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .domain import DeliveryJob, DeliveryState, OpsEvent

FIRST_RETRY = timedelta(seconds=20)
RETRY_CAP = timedelta(minutes=10)
RECONCILE_AFTER = timedelta(seconds=5)
"""How long after a lost reply, or a process's death, what was on its way may still arrive."""
ASK_AGAIN = timedelta(minutes=5)
"""When the channel's history may not be read: how often it is tried."""
WAIT_UNSAID = timedelta(seconds=30)
"""The pause after "rate limited" without a time."""
NOT_CONFIGURED = "the channel is no longer configured"
TOLD_OTHERWISE = "another message of the channel tells the story"
NOTHING_TO_EDIT = "no post of the story stands that could be edited"
GIVEN_UP_FOR_GOOD = (NOT_CONFIGURED, TOLD_OTHERWISE, NOTHING_TO_EDIT)
"""Why a delivery is abandoned that nobody needs to look after or owe again."""


class Trouble(StrEnum):
    """How an attempt failed; each class is treated differently."""

    WAIT = "wait"  # rate limited: not an attempt, the whole channel pauses
    TRANSIENT = "transient"  # the message did certainly not arrive
    AMBIGUOUS = "ambiguous"  # it may have arrived
    CONFIGURATION = "configuration"  # the channel needs the operator
    CONTENT = "content"  # refused for what it says
    EDIT = "edit"  # the post to be edited is not there any more


@dataclass(frozen=True, slots=True)
class Receipt:
    """The sink said yes; ``ts`` and ``permalink`` where it names the message."""

    ts: str | None = None
    permalink: str | None = None


@dataclass(frozen=True, slots=True)
class SendFailure:
    """The sink said no, or nothing; ``detail`` is free of secrets."""

    trouble: Trouble
    detail: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What the ledger knows of a channel: a Retry-After, and whether it needs the operator."""

    paused_until: datetime | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the ledger writes after an attempt, in one transaction."""

    state: DeliveryState
    attempts: int = 0  # added to the count, which mark_sending has raised already
    repeats: int = 0  # the same for attempts made while an earlier one might have arrived
    not_before: datetime | None = None
    error: str | None = None
    ts: str | None = None
    permalink: str | None = None
    pause_until: datetime | None = None  # for the whole channel
    hold: bool = False  # the whole channel, until it works again
    posted: bool = False  # the channel took a message just now
    told: OpsEvent | None = None  # in every channel


def sent(receipt: Receipt, *, posted: bool) -> Settlement:
    """The delivery stands in the channel: ``posted`` just now, or found there."""
    return Settlement(DeliveryState.SENT, ts=receipt.ts, permalink=receipt.permalink, posted=posted)


def nothing_to_edit() -> Settlement:
    """An edit that was to make no noise finds no post: to post it would be the noise."""
    return Settlement(DeliveryState.ABANDONED, error=NOTHING_TO_EDIT)


def after_failure(
    failure: SendFailure, job: DeliveryJob, *, now: datetime, can_look: bool
) -> Settlement:
    """What follows a failed attempt; ``can_look`` says that the channel's history can be read.

    Without it a lost reply is answered by one repeat, marked as such, and no more; until then
    the delivery stays in doubt, whatever else keeps the repeat from being made.
    """
    doubt = job.in_doubt and not can_look
    again = DeliveryState.UNKNOWN if doubt else DeliveryState.PENDING
    untried = -1 if doubt else 0
    match failure.trouble:
        case Trouble.WAIT:
            later = now + (failure.retry_after or WAIT_UNSAID)
            return Settlement(again, -1, untried, later, failure.detail, pause_until=later)
        case Trouble.AMBIGUOUS if doubt:
            return given_up(job, f"reply lost twice: {failure.detail}")
        case Trouble.AMBIGUOUS:
            soon = now + max(failure.retry_after or RECONCILE_AFTER, look_after(job.attempts))
            return Settlement(DeliveryState.UNKNOWN, not_before=soon, error=failure.detail)
        case Trouble.CONFIGURATION:
            state = again if doubt else DeliveryState.HELD
            return Settlement(state, 0, untried, now, failure.detail, hold=True)
        case Trouble.CONTENT:
            return given_up(job, failure.detail)
        case _:
            later = now + back_off(job.attempts)
            return Settlement(again, 0, untried, later, failure.detail)


def given_up(job: DeliveryJob, why: str) -> Settlement:
    """The delivery is abandoned, and the operator is told of it, unless it is itself such word."""
    about = f"the alert about {job.story.story_id}" if job.story else f"a message ({job.kind})"
    told = OpsEvent("abandoned", job.channel, f"{about} could not be delivered to {job.channel}: {why}. `regwatch health` shows it; the story is in the archive.")  # fmt: skip
    return Settlement(DeliveryState.ABANDONED, error=why, told=told if job.story else None)


def after_vain_look(failure: SendFailure, job: DeliveryJob, *, now: datetime) -> Settlement | None:
    """What follows when the history could not be read; None: send, for nothing is in doubt.

    The channel itself goes on: whoever may not read may well post.
    """
    told = None
    if failure.trouble is Trouble.CONFIGURATION:
        if not job.in_doubt:
            return None
        later = now + ASK_AGAIN
        if failure.detail != job.last_error:
            told = OpsEvent("cannot_look", job.channel, f"A reply of {job.channel} was lost, and its history cannot be read to see whether the alert stands there: {failure.detail}. That alert waits; it goes on by itself after the repair.")  # fmt: skip
    else:
        later = now + (failure.retry_after or back_off(job.attempts))
    state = DeliveryState.UNKNOWN if job.in_doubt else job.state
    return Settlement(state, not_before=later, error=failure.detail, told=told)


def proved_absent(now: datetime) -> Settlement:
    """The channel's history does not show the delivery: it is owed again, at once."""
    return Settlement(DeliveryState.PENDING, not_before=now, error="not found in the channel's history")  # fmt: skip


def back_off(attempts: int) -> timedelta:
    """The wait of a delivery after its n-th failed attempt: 20 s, doubling, at most 10 min."""
    return min(RETRY_CAP, FIRST_RETRY * (1 << min(attempts, 12)))


def look_after(attempts: int) -> timedelta:
    """How long after a lost reply it is looked up; whose replies are lost again and again waits."""
    return RECONCILE_AFTER if attempts == 0 else back_off(attempts - 1)


def held_event(channel: str, why: str) -> OpsEvent:
    """A channel needs the operator."""
    return OpsEvent("held", channel, f"Channel {channel} does not take messages: {why}. Alerts to it are held and go out by themselves after the repair; see docs/slack.md.")  # fmt: skip


def released_event(channel: str) -> OpsEvent:
    """A held channel works again."""
    return OpsEvent("released", channel, f"Channel {channel} takes messages again; what was held goes out now.")  # fmt: skip
