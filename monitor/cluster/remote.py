"""The recording process's end: a poll is handed out, and its result awaited.

One loop does all the talking to PostgreSQL. While PostgreSQL or every poller is away nothing
fails: what was claimed waits, and the operator is told once. What got lost on the way (a queue
that was emptied, a poll given up by a poller that was stopped) is handed out again.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from ..domain import OpsEvent, PollJob, PollResult
from ..identity import host_of
from ..log import CLUSTER_LOST, CLUSTER_RESCUED, event
from ..poll import result_from_json, to_json
from .queue import LOST, RECONNECT_S, Arrived, Queue, Road

log = logging.getLogger("monitor.cluster")

_LOOK_S = 0.1


class PollerBug(Exception):
    """A poller met a bug of ours, or sent what cannot be read; its log has the traceback."""


@dataclass(slots=True)
class _Wanted:
    """A poll that somebody waits for."""

    job: PollJob
    done: asyncio.Future[PollResult]
    since: float
    handed_out: bool = False


@dataclass(slots=True)
class RemotePolls:
    """``poll`` is the cycle's seam; the block of ``async with`` is its life.

    ``polite``: one poll per host at a time, as the claim has it; else one per source.
    ``fail`` is told what ended the loop, should anything do so: nothing is polled from then on.
    """

    queue: Queue
    polite: bool
    tell: Callable[[OpsEvent], None]
    fail: Callable[[BaseException], None]
    _wanted: dict[str, _Wanted] = field(default_factory=dict)
    _told: str | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.Task[None] | None = None

    async def poll(self, job: PollJob) -> PollResult:
        """The result, whoever made it and however long it took.

        Raises:
            PollerBug: the poller failed in a way that is no property of the source.
        """
        loop = asyncio.get_running_loop()
        token = uuid.uuid4().hex
        wanted = self._wanted[token] = _Wanted(job, loop.create_future(), loop.time())
        self._news.set()
        try:
            return await wanted.done
        finally:
            del self._wanted[token]

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(self._run())
        self._loop.add_done_callback(self._ended)
        return self

    def _ended(self, loop: asyncio.Task[None]) -> None:
        error = None if loop.cancelled() else loop.exception()
        if error is not None:
            self.fail(error)

    async def __aexit__(self, *_: object) -> None:
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        with suppress(*LOST):
            async with self.queue.open() as road:
                await road.withdraw_waiting()

    async def _run(self) -> None:
        while True:
            try:
                async with self.queue.open() as road:
                    await road.prepare()
                    # of a recording process that was killed: what it had claimed is due again
                    await road.withdraw_waiting(keep=self._wanted)
                    await self._tend(road)
            except LOST as error:
                log.warning(event(CLUSTER_LOST, reason=type(error).__name__))
                self._say("cluster_lost", "PostgreSQL cannot be reached; no source is polled until it can.")  # fmt: skip
                await asyncio.sleep(RECONNECT_S)

    async def _tend(self, road: Road) -> None:
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK_S if self._wanted else self.queue.timing.beat_s)  # fmt: skip
            self._news.clear()
            await self._hand_out(road)
            await self._fetch(road)
            if loop.time() - looked >= self.queue.timing.beat_s:
                looked = loop.time()
                await self._repair(road, looked)

    async def _hand_out(self, road: Road) -> None:
        for token, wanted in [*self._wanted.items()]:
            if not wanted.handed_out:
                feed = wanted.job.feed
                lock = host_of(feed.url) if self.polite else feed.name
                await road.hand_out(token, to_json(wanted.job), lock=lock)
                wanted.handed_out = True

    async def _fetch(self, road: Road) -> None:
        """Take what has come."""
        if not self._wanted:
            return
        for arrived in await road.fetch_results(self._wanted):
            wanted = self._wanted.get(arrived.token)
            if wanted is None or wanted.done.done():
                continue  # cancelled meanwhile: the source is still due
            _settle(wanted, arrived)
            if self._told is not None:
                self._told = None
                self.tell(OpsEvent("polled_again", "cluster", "Sources are polled again."))

    async def _repair(self, road: Road, now: float) -> None:
        """Give the polls of dead pollers to others; hand out again what got lost."""
        rescued = await road.rescue(self._wanted)
        if rescued:
            log.warning(event(CLUSTER_RESCUED, polls=rescued))
        handed_out = [t for t, wanted in self._wanted.items() if wanted.handed_out]
        unfinished = await road.unfinished()
        # a result is there before its job is gone: in this order nothing that came is missed
        await self._fetch(road)
        for token in handed_out:
            if token in self._wanted and token not in unfinished:
                self._wanted[token].handed_out = False
        patience = self.queue.timing.stalled_after.total_seconds()
        waiting = [self._wanted[t] for t in handed_out if t in self._wanted]
        if waiting and not any(unfinished.values()) and all(now - w.since > patience for w in waiting):  # fmt: skip
            self._say("no_poller", f"No poller takes what is due ({len(waiting)} polls wait); is `regwatch poller` running?")  # fmt: skip

    def _say(self, condition: str, text: str) -> None:
        """Tell the operator, once until results come again."""
        if self._told is None:
            self._told = condition
            self.tell(OpsEvent(condition, "cluster", text))


def _settle(wanted: _Wanted, arrived: Arrived) -> None:
    """Give a poll what came of it; a poller of another version may send what is none to us."""
    if arrived.result is None:
        wanted.done.set_exception(PollerBug(arrived.bug))
        return
    try:
        result = result_from_json(arrived.result)
    except Exception as error:  # noqa: BLE001 - the poll that waits raises it
        bug = PollerBug(f"a result of another form, of another version?: {error!r}")
        bug.__cause__ = error
        wanted.done.set_exception(bug)
    else:
        wanted.done.set_result(result)
