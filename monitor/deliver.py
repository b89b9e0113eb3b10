"""The delivery pump: what is owed and due goes to its sink, and how it ended goes to the ledger.

Knows the order of things and decides none: ``ledger`` says what follows an attempt, ``message``
what is sent. One message a second per channel; a paused, held or flooded channel holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from .domain import CONSOLE, AlertKind, DeliveryJob, DeliveryState, OpsEvent
from .ledger import (
    Receipt,
    SendFailure,
    Settlement,
    Trouble,
    after_failure,
    proved_absent,
    sent,
)
from .message import Message, headline, render

PACE = timedelta(seconds=1)
HELD_RETRY = timedelta(minutes=5)


class Sink(Protocol):
    """A way into one channel."""

    can_look: bool

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        """Try once."""
        ...

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        """Whether an earlier attempt stands in the channel."""
        ...


class Ledger(Protocol):
    """What the pump needs of the archive."""

    def due_deliveries(self, now: datetime, limit: int) -> list[DeliveryJob]: ...
    def mark_sending(self, delivery_id: int, now: datetime) -> None: ...
    def settle(self, delivery_id: int, settlement: Settlement, now: datetime) -> None: ...
    def pause_channel(self, channel: str, until: datetime, reason: str) -> None: ...
    def hold_channel(self, channel: str, reason: str, now: datetime) -> bool: ...
    def release_channel(self, channel: str, now: datetime) -> bool: ...
    def held_channels(self) -> dict[str, tuple[datetime, str]]: ...
    def oldest_held(self, channel: str) -> DeliveryJob | None: ...
    def posts_since(self, channel: str, since: datetime) -> int: ...
    def fold_into_digest(self, delivery_ids: list[int], text: str, now: datetime) -> int: ...


@dataclass(slots=True)
class Pump:
    """Delivers what is owed; ``tell`` gets what the operator should know."""

    ledger: Ledger
    sinks: Mapping[str, Sink]
    now: Callable[[], datetime]
    tell: Callable[[OpsEvent], None]
    flood: int = 60
    buttons: bool = False
    limit: int = 50
    _paused: dict[str, datetime] = field(default_factory=dict)

    async def run_once(self) -> int:
        """One round; at most one attempt per channel and second, the console aside.

        Returns how many deliveries were settled as sent.
        """
        now = self.now()
        delivered = 0
        busy: set[str] = set()
        for job in self._after_flood_guard(self.ledger.due_deliveries(now, self.limit), now):
            sink = self.sinks.get(job.channel)
            if sink is None or job.channel in busy:
                continue
            delivered += await self._attempt(job, sink)
            if job.channel != CONSOLE:
                busy.add(job.channel)
                self.ledger.pause_channel(job.channel, max(self.now() + PACE, self._paused.pop(job.channel, now)), "pace")  # fmt: skip
        delivered += await self._retry_held(busy)
        return delivered

    async def _attempt(self, job: DeliveryJob, sink: Sink) -> int:
        if job.state is not DeliveryState.PENDING:
            settled = await self._reconcile(job, sink)
            if settled is not None:
                self.ledger.settle(job.delivery_id, settled, self.now())
                return int(settled.state is DeliveryState.SENT)
        return await self._send(job, sink)

    async def _reconcile(self, job: DeliveryJob, sink: Sink) -> Settlement | None:
        """What became of an attempt whose reply was lost, or whose process died in the middle.

        None: send it (again).
        """
        if job.kind is AlertKind.UPDATE:
            return None  # an edit may be repeated without harm
        if not sink.can_look:
            if job.channel != CONSOLE and job.attempts >= 2:
                return Settlement(
                    DeliveryState.ABANDONED, error="reply lost twice; not repeated again"
                )
            return None
        found = await sink.find(job)
        if isinstance(found, Receipt):
            return sent(found)
        if isinstance(found, SendFailure):
            settlement = after_failure(found, attempts=job.attempts, now=self.now(), can_look=True)
            self._follow(job, found)
            # the question stays open, whatever kept it from being answered
            later = settlement.not_before or self.now() + HELD_RETRY
            return Settlement(DeliveryState.UNKNOWN, 0, later, found.detail)
        self.ledger.settle(job.delivery_id, proved_absent(self.now()), self.now())
        return None

    async def _send(self, job: DeliveryJob, sink: Sink) -> int:
        self.ledger.mark_sending(job.delivery_id, self.now())
        result = await sink.send(job, render(job, buttons=self.buttons))
        if isinstance(result, SendFailure) and result.trouble is Trouble.CONTENT:
            result = await sink.send(job, render(job, plain=True))
        if isinstance(result, SendFailure) and result.trouble is Trouble.EDIT:
            result = await sink.send(job.as_new(), render(job, buttons=self.buttons))
        now = self.now()
        if isinstance(result, Receipt):
            self.ledger.settle(job.delivery_id, sent(result), now)
            return 1
        settlement = after_failure(result, attempts=job.attempts, now=now, can_look=sink.can_look)
        self.ledger.settle(job.delivery_id, settlement, now)
        self._follow(job, result)
        return 0

    def _follow(self, job: DeliveryJob, failure: SendFailure) -> None:
        """What a failure means for the whole channel."""
        now = self.now()
        if failure.trouble is Trouble.WAIT:
            self._paused[job.channel] = now + (failure.retry_after or timedelta(seconds=30))
        elif failure.trouble is Trouble.CONFIGURATION and self.ledger.hold_channel(job.channel, failure.detail, now):  # fmt: skip
            self.tell(OpsEvent("held", job.channel, f"Channel {job.channel} does not take messages: {failure.detail}. Alerts to it are held and go out by themselves after the repair; see docs/slack.md."))  # fmt: skip

    async def _retry_held(self, busy: set[str]) -> int:
        """Every few minutes one held delivery tries whether the channel works again."""
        delivered = 0
        for channel in self.ledger.held_channels():
            sink, job = self.sinks.get(channel), self.ledger.oldest_held(channel)
            if sink is None or job is None or channel in busy:
                continue
            if job.last_tried is not None and self.now() - job.last_tried < HELD_RETRY:
                continue
            if await self._send(job, sink):
                self.ledger.release_channel(channel, self.now())
                self.tell(OpsEvent("released", channel, f"Channel {channel} takes messages again; what was held goes out now."))  # fmt: skip
                delivered += 1
        return delivered

    def _after_flood_guard(self, jobs: list[DeliveryJob], now: datetime) -> list[DeliveryJob]:
        """New posts beyond the hour's allowance become one digest per channel."""
        if not self.flood:
            return jobs
        kept: list[DeliveryJob] = []
        over: dict[str, list[DeliveryJob]] = {}
        left: dict[str, int] = {}
        for job in jobs:
            if job.kind is not AlertKind.NEW or job.state is not DeliveryState.PENDING:
                kept.append(job)
                continue
            if job.channel not in left:
                left[job.channel] = self.flood - self.ledger.posts_since(job.channel, now - timedelta(hours=1))  # fmt: skip
            left[job.channel] -= 1
            (kept if left[job.channel] >= 0 else over.setdefault(job.channel, [])).append(job)
        for folded in over.values():
            text = "\n".join([f"{len(folded)} more stories within the hour:", *(f"• {headline(j.story)} — {j.story.title} ({j.story.story_id})" for j in folded if j.story)])  # fmt: skip
            self.ledger.fold_into_digest([j.delivery_id for j in folded], text, now)
        return kept
