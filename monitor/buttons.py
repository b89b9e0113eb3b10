"""Judgement in Slack as a part of the service: keeps the socket, takes what comes over it.

Threads of the socket hand envelopes to the loop; there each click is written down, then answered.
A click that a bug stops is logged and dropped; the socket, the other clicks and the alerts go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from . import judging
from .clicks import Act, Click, Envelope, parse_click
from .domain import OpsEvent
from .ledger import SendFailure, Trouble
from .log import CLICK_ANSWER_FAILED, CLICK_TAKEN, SOCKET_LOST, SOCKET_OPEN, event
from .onethread import OneThread
from .replies import reason_form, sources_text, why_text
from .store.archive import Archive
from .store.stories import story_view

log = logging.getLogger("monitor.buttons")

LOOK_S = 1.0
LONGEST_WAIT_S = 300.0
ANSWERS_END_S = 3.0
TOLD_AFTER = timedelta(minutes=2)


Work = Callable[[], Awaitable[None]]


class Socket(Protocol):
    """The connection; ``look`` and ``close`` may block for seconds."""

    def listen(self, hand_on: Callable[[Envelope], None]) -> None: ...
    def look(self) -> SendFailure | None: ...
    def close(self) -> None: ...


class Answers(Protocol):
    """What a click brings up for the one who clicked."""

    def ask(self, click: Click, form: Mapping[str, Any]) -> SendFailure | None: ...
    def say(self, click: Click, text: str) -> SendFailure | None: ...


@dataclass(slots=True)
class Link:
    """What is known of the connection: when it broke, how often it was tried, what was told."""

    failures: int = 0
    down_since: datetime | None = None
    told: bool = False

    def after(self, trouble: SendFailure | None, now: datetime) -> tuple[float, OpsEvent | None]:
        """The seconds until the next look, and what the operator should know."""
        if trouble is None:
            was_told, self.failures, self.down_since, self.told = self.told, 0, None, False
            back = OpsEvent("buttons_back", "slack buttons", "Buttons in Slack work again.")
            return LOOK_S, back if was_told else None
        self.down_since = self.down_since or now
        self.failures += 1
        least = trouble.retry_after.total_seconds() if trouble.retry_after else 0.0
        wait = max(least, min(LONGEST_WAIT_S, LOOK_S * 2 ** min(self.failures - 1, 12)))
        lasting = now - self.down_since >= TOLD_AFTER or trouble.trouble is Trouble.CONFIGURATION
        if self.told or not lasting:
            return wait, None
        self.told = True
        return wait, OpsEvent("buttons_lost", "slack buttons", f"Buttons in Slack do not work: {trouble.detail}. Alerts go out all the same; see docs/slack.md.")  # fmt: skip


@dataclass(slots=True)
class Desk:
    """Takes one envelope: written down at once; what it answers may take its time."""

    archive: Archive
    answers: Answers
    now: Callable[[], datetime]
    model: Callable[[], str]
    snooze: Callable[[], timedelta]
    _thread: OneThread = field(default_factory=OneThread)

    def keep(self, envelope: Envelope) -> Work | None:
        """Keep what a click says; returns how it is answered, where it is.

        Raises:
            StoreError: the archive failed; the click was not kept.
        """
        click = parse_click(envelope)
        if click is None:
            return None
        taken = judging.take(self.archive, click, model=self.model(), snooze=self.snooze(), now=self.now())  # fmt: skip
        log.info(event(CLICK_TAKEN, act=click.act.value, story=click.story_id, author=click.author, outcome=taken.outcome))  # fmt: skip
        if taken.story_row is None or taken.outcome not in (judging.KEPT, judging.ASKED):
            return None
        return partial(self._answer, click, taken.story_row)

    async def _answer(self, click: Click, story_row: int) -> None:
        trouble = None
        if click.act is Act.IRRELEVANT and click.trigger_id:
            trouble = await self._thread.run(self.answers.ask, click, reason_form(click))
        elif click.act in (Act.WHY, Act.SOURCES):
            view = story_view(self.archive, story_row)
            text = why_text(view) if click.act is Act.WHY else sources_text(view)
            trouble = await self._thread.run(self.answers.say, click, text)
        if trouble is not None:
            log.warning(event(CLICK_ANSWER_FAILED, act=click.act.value, reason=trouble.detail))


@dataclass(slots=True)
class Buttons:
    """The running part; ``guard`` is the boundary behind which a bug costs one click."""

    socket: Socket
    desk: Desk
    guard: Callable[[Work], Awaitable[None]]
    tell: Callable[[OpsEvent], None]
    _came: asyncio.Queue[Envelope | None] = field(default_factory=asyncio.Queue)
    _answering: set[asyncio.Future[None]] = field(default_factory=set)
    _thread: OneThread = field(default_factory=OneThread)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the socket and take clicks until asked to stop; what came in by then is taken."""
        loop = asyncio.get_running_loop()
        self.socket.listen(lambda envelope: _hand_over(loop, self._came, envelope))
        taking = asyncio.create_task(self._take_all())
        keeping = asyncio.create_task(self._keep_connected(stop))
        try:
            await asyncio.wait({taking, keeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await asyncio.to_thread(self.socket.close)
            self._came.put_nowait(None)
            await taking
            await self._end_answers()
        if not keeping.cancelled():
            keeping.result()

    async def _take_all(self) -> None:
        while (envelope := await self._came.get()) is not None:
            await self.guard(partial(self._take, envelope))

    async def _take(self, envelope: Envelope) -> None:
        answer = self.desk.keep(envelope)
        if answer is not None:
            # the next click is kept while this one is answered
            answering = asyncio.ensure_future(self.guard(answer))
            self._answering.add(answering)
            answering.add_done_callback(self._answering.discard)

    async def _end_answers(self) -> None:
        if self._answering:
            _, late = await asyncio.wait(self._answering, timeout=ANSWERS_END_S)
            for answering in late:
                answering.cancel()

    async def _keep_connected(self, stop: asyncio.Event) -> None:
        link = Link()
        while not stop.is_set():
            trouble = await self._thread.run(self.socket.look)
            _log_change(link, trouble)
            wait, told = link.after(trouble, self.desk.now())
            if told is not None:
                self.tell(told)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)


def _log_change(link: Link, trouble: SendFailure | None) -> None:
    if trouble is not None and not link.failures:
        log.warning(event(SOCKET_LOST, reason=trouble.detail))
    elif trouble is None and link.failures:
        log.info(event(SOCKET_OPEN))


def _hand_over(
    loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[Envelope | None], envelope: Envelope
) -> None:
    loop.call_soon_threadsafe(queue.put_nowait, envelope)
