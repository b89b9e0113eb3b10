"""The polling process's end: takes polls, makes them, sends back what they came to.

Keeps nothing. Knows no archive and no schedule.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ..domain import Failed, HttpFacts, PollJob, PollResult
from ..log import CLUSTER_LOST, CLUSTER_WAITS, POLL_BUG, POLLER_STARTED, SOURCE_POLLED, event
from ..poll import job_from_json, to_json
from .queue import LOST, RECONNECT_S, Queue, Road

log = logging.getLogger("monitor.cluster")

Poll = Callable[[PollJob], Awaitable[PollResult]]


async def serve(queue: Queue, poll: Poll, *, name: str, concurrency: int) -> None:
    """Take polls until cancelled; what is running then may end."""
    while True:
        try:
            async with queue.open() as road:
                await _until_ready(road)
                log.info(event(POLLER_STARTED, poller=name, queue=queue.name))
                await road.work(_work(road, poll, queue.timing.deadline_s), name=name, concurrency=concurrency)  # fmt: skip
        except LOST as error:
            log.warning(event(CLUSTER_LOST, reason=type(error).__name__))
        await asyncio.sleep(RECONNECT_S)


async def _until_ready(road: Road) -> None:
    if not await road.is_ready():
        log.info(event(CLUSTER_WAITS, reason="no recording process has begun yet"))
        while not await road.is_ready():
            await asyncio.sleep(RECONNECT_S)


def _work(road: Road, poll: Poll, deadline_s: float) -> Callable[[str, str], Awaitable[None]]:
    async def work(token: str, text: str) -> None:
        try:
            result = await _made(text, poll, deadline_s)
        except Exception as error:
            # the recording process's boundary takes it from here: there it is counted
            log.exception(event(POLL_BUG))
            await road.send_result(token, None, bug=f"{type(error).__name__}: {str(error)[:200]}")
        else:
            await road.send_result(token, result)

    return work


async def _made(text: str, poll: Poll, deadline_s: float) -> str:
    job = job_from_json(text)
    result = await _within(deadline_s, poll, job)
    failed = result.outcome if isinstance(result.outcome, Failed) else None
    log.info(
        event(
            SOURCE_POLLED,
            feed=job.feed.name,
            outcome=failed.error_class if failed else type(result.outcome).__name__.lower(),
            status=result.http.status,
            seconds=round(result.http.seconds, 2),
        )
    )
    return to_json(result)


async def _within(deadline_s: float, poll: Poll, job: PollJob) -> PollResult:
    try:
        async with asyncio.timeout(deadline_s):
            return await poll(job)
    except TimeoutError:
        return PollResult(job, HttpFacts(), Failed("timeout", f"not polled in {deadline_s:g} s"))
