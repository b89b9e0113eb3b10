"""What becomes of a delivery after an attempt: pure, the arrows of the ledger's state machine.

pending → sending → sent | unknown | pending (later) | held | abandoned; unknown → sent (found in
the channel) | pending (proved absent). Nothing here sends or writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .domain import DeliveryState

FIRST_RETRY = timedelta(seconds=20)
RETRY_CAP = timedelta(hours=1)
CONTENT_TRIES = 2
RECONCILE_AFTER = timedelta(seconds=5)


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
class Settlement:
    """What the ledger writes after an attempt."""

    state: DeliveryState
    attempts: int = 0  # added to the count, which mark_sending has raised already
    not_before: datetime | None = None
    error: str | None = None
    ts: str | None = None
    permalink: str | None = None


def sent(receipt: Receipt) -> Settlement:
    """The delivery stands in the channel."""
    return Settlement(DeliveryState.SENT, ts=receipt.ts, permalink=receipt.permalink)


def after_failure(
    failure: SendFailure, *, attempts: int, now: datetime, can_look: bool
) -> Settlement:
    """What follows a failed attempt; ``can_look`` says that the channel's history can be read.

    Without it a lost reply is answered by one repeat, marked as such, and no more.
    """
    if failure.trouble is Trouble.WAIT:
        later = now + (failure.retry_after or timedelta(seconds=30))
        return Settlement(DeliveryState.PENDING, -1, later, failure.detail)
    if failure.trouble is Trouble.AMBIGUOUS:
        if can_look or attempts == 0:
            return Settlement(DeliveryState.UNKNOWN, 0, now + RECONCILE_AFTER, failure.detail)
        return Settlement(DeliveryState.ABANDONED, 0, None, f"reply lost twice: {failure.detail}")
    if failure.trouble is Trouble.CONFIGURATION:
        return Settlement(DeliveryState.HELD, 0, None, failure.detail)
    if failure.trouble is Trouble.CONTENT and attempts + 1 >= CONTENT_TRIES:
        return Settlement(DeliveryState.ABANDONED, 0, None, failure.detail)
    wait = timedelta(0) if failure.trouble is Trouble.CONTENT else back_off(attempts)
    return Settlement(DeliveryState.PENDING, 0, now + wait, failure.detail)


def proved_absent(now: datetime) -> Settlement:
    """The channel's history does not show the delivery: it is owed again, at once."""
    return Settlement(DeliveryState.PENDING, 0, now, "not found in the channel's history")


def back_off(attempts: int) -> timedelta:
    """The wait after the n-th failed attempt: 20 s, doubling, at most an hour; for ever."""
    return min(RETRY_CAP, FIRST_RETRY * (1 << min(attempts, 12)))
