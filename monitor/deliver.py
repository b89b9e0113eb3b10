"""The delivery pump: what is owed and due goes to its sink, and how it ended goes to the ledger.

Knows the order of things and decides none: ``ledger`` says what follows an attempt, ``message``
what is sent. Each channel goes at its own pace, one message a second; none holds up another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from .domain import CONSOLE, DeliveryJob, DeliveryState, Following, OpsEvent
from .ledger import (
    RETRY_CAP,
    WAIT_UNSAID,
    ChannelState,
    Receipt,
    SendFailure,
    Settlement,
    Trouble,
    after_failure,
    after_vain_look,
    given_up,
    nothing_to_edit,
    proved_absent,
    sent,
)
from .message import Message, headline, render

PACE = timedelta(seconds=1)
OUTAGE_FIRST = timedelta(seconds=5)
OUTAGE_CAP = timedelta(minutes=5)
LONGEST_REST = timedelta(minutes=10)
"""A rest that seems longer was reckoned before the clock was set back."""
LONGEST_PAUSE = timedelta(days=1, minutes=1)
FOLD_EVERY = timedelta(minutes=10)
HOUR = timedelta(hours=1)
OUTAGE = 2
"""From so many failures on the channel was down, rather than a delivery unlucky."""


class Sink(Protocol):
    """A way into one channel."""

    can_look: bool
    """Whether an earlier attempt is no reason for fear: it can be looked up, or does no harm."""

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        """Try once."""
        ...

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        """Whether an earlier attempt stands in the channel; None: send it."""
        ...


class Ledger(Protocol):
    """What the pump needs of the archive."""

    def channel(self, channel: str) -> ChannelState: ...
    def head(self, channel: str, now: datetime, *, posts: bool = True) -> int | None: ...
    def next_due(self, channel: str, *, posts: bool = True) -> datetime | None: ...
    def job(self, delivery_id: int) -> DeliveryJob: ...
    def mark_sending(self, delivery_id: int, now: datetime) -> int: ...
    def settle(self, job: DeliveryJob, settlement: Settlement, now: datetime) -> list[OpsEvent]: ...
    def postpone(self, delivery_id: int, until: datetime, why: str) -> None: ...
    def hasten(self, channel: str, now: datetime) -> None: ...
    def posts_since(self, channel: str, since: datetime) -> int: ...
    def fresh_posts(self, channel: str, now: datetime, limit: int) -> list[int]: ...
    def last_fold(self, channel: str) -> datetime | None: ...
    def fold_into_digest(self, delivery_ids: Sequence[int], text: str, now: datetime) -> int: ...


@dataclass(slots=True)
class Pump:
    """Delivers what is owed; ``tell`` gets what the ledger has told the operator.

    What it keeps in memory is no more than haste: a restart tries every channel at once.
    """

    ledger: Ledger
    sinks: Mapping[str, Sink]
    now: Callable[[], datetime]
    tell: Callable[[OpsEvent], None]
    flood: int = 60
    buttons: bool = False
    following: Mapping[str, Following] = field(default_factory=dict)  # by channel; else edits only
    _rest: dict[str, datetime] = field(default_factory=dict)
    _failing: dict[str, int] = field(default_factory=dict)
    _in_hand: dict[str, int] = field(default_factory=dict)

    async def run_once(self) -> int:
        """One round over all channels; returns how many deliveries were settled as sent."""
        return sum(await asyncio.gather(*(self.run_channel(channel) for channel in self.sinks)))

    async def run_channel(self, channel: str) -> int:
        """At most one attempt, on the console all that is due; returns how many were sent."""
        delivered, before = 0, None
        while (head := await self._head(channel)) is not None and head != before:
            self._in_hand[channel] = before = head
            delivered += await self._attempt(self._job(head), self.sinks[channel])
            del self._in_hand[channel]
            if channel != CONSOLE:
                break
        return delivered

    def set_aside(self, channel: str) -> None:
        """After a bug: the delivery in hand waits, so that those behind it go on."""
        delivery_id = self._in_hand.pop(channel, None)
        if delivery_id is not None:
            self.ledger.postpone(delivery_id, self.now() + RETRY_CAP, "internal error; see the log")

    def next_due(self) -> datetime | None:
        """When a channel has something to do again; None where nothing is owed or all fails."""
        now = self.now()
        found = [due for channel in self.sinks if (due := self._next_due(channel, now))]
        return min(found, default=None)

    def _next_due(self, channel: str, now: datetime) -> datetime | None:
        failed = self._failing.get(channel, 0)
        if failed >= OUTAGE or (failed and self.ledger.channel(channel).held):
            return None
        due = self.ledger.next_due(channel, posts=self._allowance(channel, now) > 0)
        return None if due is None else max(due, self._rests_until(channel, now))

    def _rests_until(self, channel: str, now: datetime) -> datetime:
        """When the channel may be tried again, by its pause and by what happened last."""
        paused = self.ledger.channel(channel).paused_until or now
        rest = self._rest.get(channel, now)
        return max(
            now,
            paused if paused - now <= LONGEST_PAUSE else now,
            rest if rest - now <= LONGEST_REST else now,
        )

    async def _head(self, channel: str) -> int | None:
        now = self.now()
        if self._rests_until(channel, now) > now:
            return None
        left = self._allowance(channel, now)
        if not self.ledger.channel(channel).held:
            await self._guard(channel, left, now)
        return self.ledger.head(channel, now, posts=left > 0)

    def _job(self, delivery_id: int) -> DeliveryJob:
        job = self.ledger.job(delivery_id)
        return replace(job, replies=self._render(job).reply is not None)

    def _render(self, job: DeliveryJob, *, plain: bool = False) -> Message:
        following = self.following.get(job.channel, Following.EDIT)
        return render(job, buttons=self.buttons, plain=plain, following=following)

    async def _attempt(self, job: DeliveryJob, sink: Sink) -> int:
        settlement: Settlement | None
        if job.edits_only and job.root_ts is None:
            settlement = nothing_to_edit()
        elif sink.can_look and (job.in_doubt or job.attempts):
            settlement = await self._look(job, sink)
        elif job.in_doubt and job.repeats:
            settlement = given_up(job, "reply lost twice; not repeated again")
        else:
            settlement = None
        if settlement is None:
            settlement = await self._send(job, sink)
        for event in self.ledger.settle(job, settlement, self.now()):
            self.tell(event)
        return int(settlement.state is DeliveryState.SENT)

    async def _look(self, job: DeliveryJob, sink: Sink) -> Settlement | None:
        """What became of an earlier attempt: whose reply was lost, or whose process died.

        None: send it (again).
        """
        found = await sink.find(job)
        now = self.now()
        if (
            isinstance(found, SendFailure)
            and found.trouble is Trouble.CONFIGURATION
            and job.replies
        ):
            # where the thread cannot be read, the post is kept true and nothing is said twice
            return await self._send(replace(job, mute=True), sink)
        if isinstance(found, SendFailure):
            # another method's limit or scope says nothing of posting
            quiet = found.trouble in (Trouble.WAIT, Trouble.CONFIGURATION)
            self._take_rest(job.channel, None if quiet else found)
            return after_vain_look(found, job, now=now)
        self._take_rest(job.channel, found)
        if found is not None:
            return sent(found, posted=False)
        if job.in_doubt:
            self.ledger.settle(job, proved_absent(now), now)
        return None

    async def _send(self, job: DeliveryJob, sink: Sink) -> Settlement:
        if self.ledger.mark_sending(job.delivery_id, self.now()) != job.as_of:
            # what is said from here on is owed an edit; what was said before is in the message
            job = job.saying(self.ledger.job(job.delivery_id))
        result = await self._say(job, sink)
        self._take_rest(job.channel, result)
        if job.edits_only and isinstance(result, SendFailure) and result.trouble is Trouble.EDIT:
            return nothing_to_edit()
        if isinstance(result, Receipt):
            return sent(result, posted=True)
        return after_failure(result, job, now=self.now(), can_look=sink.can_look)

    async def _say(self, job: DeliveryJob, sink: Sink) -> Receipt | SendFailure:
        """Send; as a post of its own where the one to edit is gone, plain where it is refused."""
        result = await sink.send(job, self._render(job))
        gone = isinstance(result, SendFailure) and result.trouble is Trouble.EDIT
        if gone and not job.edits_only:
            job = job.as_new()
            result = await sink.send(job, self._render(job))
        if isinstance(result, SendFailure) and result.trouble is Trouble.CONTENT:
            result = await sink.send(job, self._render(job, plain=True))
        return result

    def _take_rest(self, channel: str, result: Receipt | SendFailure | None) -> None:
        """When the channel is tried next; after an outage what waited goes out in its order."""
        now = self.now()
        if not isinstance(result, SendFailure) or result.trouble in (Trouble.CONTENT, Trouble.EDIT):
            if result is not None and self._failing.pop(channel, 0) >= OUTAGE:
                self.ledger.hasten(channel, now)
            rest = PACE
        elif result.trouble is Trouble.WAIT:
            rest = result.retry_after or WAIT_UNSAID
        else:
            failed = self._failing[channel] = self._failing.get(channel, 0) + 1
            rest = min(OUTAGE_CAP, OUTAGE_FIRST * (1 << min(failed - 1, 12)))
        if channel != CONSOLE:
            self._rest[channel] = now + rest

    def _allowance(self, channel: str, now: datetime) -> int:
        """How many more posts the channel takes within the hour."""
        if not self.flood:
            return 1
        return max(0, self.flood - self.ledger.posts_since(channel, now - HOUR))

    async def _guard(self, channel: str, left: int, now: datetime) -> None:
        """Posts beyond the hour's allowance become one digest, every ten minutes at most."""
        if not self.flood or len(self.ledger.fresh_posts(channel, now, left + 1)) <= left:
            return
        last = self.ledger.last_fold(channel)
        if last is not None and timedelta() <= now - last < FOLD_EVERY:
            return
        folded, lines = self.ledger.fresh_posts(channel, now, -1)[left:], []
        for delivery_id in folded:
            story = self.ledger.job(delivery_id).story
            if story is not None:
                lines.append(
                    f"• {headline(story)} — {story.title[:200]} ({story.story_id})\t{story.lead_url or ''}".rstrip()
                )
            await asyncio.sleep(0)  # hundreds of stories: let the polls breathe between
        text = "\n".join([f"{len(folded)} more stories within the hour:", *lines])
        self.ledger.fold_into_digest(folded, text, now)
