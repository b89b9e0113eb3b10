"""One poll cycle, a function per stage. The file to read first.

::

    feeds.claim      leases: who polls what, one per host
     -> poll         fetch and parse, N in flight, each under one deadline
     -> record_poll  identity, verdict, facts, story, decision, in ONE transaction
     -> deliver      what is owed, also last run's debts
     -> Report       one line per source, one per cycle

Decides nothing: what is due, new, relevant, the same story or worth an alert is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .deliver import Pump
from .domain import Failed, Feed, HttpFacts, PollJob, PollResult
from .errors import MonitorError
from .log import CLICK_BUG, CYCLE_DONE, DELIVERY_BUG, POLL_BUG, SOURCE_DONE, event
from .ports import Ports
from .recording import Recorded, Recorder, record_poll
from .store import feeds as feed_rows

log = logging.getLogger("monitor.cycle")

Poll = Callable[[PollJob], Awaitable[PollResult]]
"""The seam: any way to get a feed polled, here or on another machine."""

LEASE_MARGIN = timedelta(seconds=90)
STOP_WITHIN_S = 6.0
"""How long polls in flight may go on after the wish to stop."""
AHEAD = 2
"""Claimed per fetch in flight: while some documents are parsed, others are fetched."""


@dataclass(slots=True)
class Report:
    """What a cycle came to."""

    polled: int = 0
    failed: int = 0
    new: int = 0
    hits: int = 0
    alerts: int = 0
    delivered: int = 0
    bugs: int = 0
    errors: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The report as plain values."""
        names = ("polled", "failed", "new", "hits", "alerts", "delivered", "bugs", "errors")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class Watch:
    """What a cycle works with."""

    feeds: Mapping[str, Feed]
    recorder: Recorder
    poll: Poll
    ports: Ports
    concurrency: int = 20
    host_gap: timedelta = timedelta(seconds=1)
    timeout: timedelta = timedelta(seconds=30)
    look_again_s: float = 0.2  # while hosts must be left alone
    owner: str = field(default_factory=lambda: uuid.uuid4().hex[:12])


async def poll_due(
    watch: Watch,
    report: Report,
    *,
    stop: asyncio.Event,
    polled_before: datetime | None = None,
    on_done: Callable[[str], None] = lambda _: None,
) -> None:
    """Poll every due source once and record each as soon as it is there.

    Raises:
        StoreError: the archive failed; nothing of the source in hand was kept.
    """
    in_flight: dict[asyncio.Task[PollResult], PollJob] = {}
    stopping: list[float] = []
    try:
        while True:
            if not stop.is_set():
                _start_claimed(watch, in_flight, report, polled_before)
            if _patience_is_over(stop, stopping):
                return
            if not in_flight:
                waiting = feed_rows.count_due(watch.recorder.archive, watch.ports.now(), polled_before=polled_before)  # fmt: skip
                if stop.is_set() or not waiting:
                    return
                await asyncio.sleep(watch.look_again_s)  # a host's gap, or another process's lease
                continue
            done, _ = await asyncio.wait(
                in_flight, timeout=watch.look_again_s, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                del in_flight[task]
                _record(watch, task.result(), report)
                on_done(task.result().job.feed.name)
                await asyncio.sleep(0)  # recording holds the loop: let the sockets breathe between
    finally:
        for task in in_flight:
            task.cancel()
        await asyncio.gather(*in_flight, return_exceptions=True)
        feed_rows.release_leases(watch.recorder.archive, watch.owner)


def _start_claimed(
    watch: Watch,
    in_flight: dict[asyncio.Task[PollResult], PollJob],
    report: Report,
    polled_before: datetime | None,
) -> None:
    room = watch.concurrency * AHEAD - len(in_flight)
    if in_flight and room < watch.concurrency // 2:
        return  # enough are waiting for their turn: one claim for several
    running = {job.feed.name for job in in_flight.values()}
    for job in _claim(watch, room, polled_before):
        if job.feed.name in running:
            continue  # its lease ran out while pollers elsewhere were busy; it is leased anew
        in_flight[asyncio.create_task(_poll(watch, job, report))] = job


def _patience_is_over(stop: asyncio.Event, stopping: list[float]) -> bool:
    """Whether what is in flight had its time to end after the wish to stop."""
    if not stop.is_set():
        return False
    stopping.append(asyncio.get_running_loop().time())
    return stopping[-1] - stopping[0] > STOP_WITHIN_S


def _claim(watch: Watch, limit: int, polled_before: datetime | None) -> list[PollJob]:
    return feed_rows.claim(
        watch.recorder.archive,
        watch.feeds,
        watch.ports.now(),
        limit,
        owner=watch.owner,
        lease=watch.timeout * 2 + LEASE_MARGIN,
        host_gap=watch.host_gap,
        polled_before=polled_before,
    )


async def _poll(watch: Watch, job: PollJob, report: Report) -> PollResult:
    """The first of three boundaries for bugs: one source backs off, the others go on."""
    started = watch.ports.now()
    try:
        return await watch.poll(job)
    except Exception as error:
        log.exception(event(POLL_BUG, feed=job.feed.name))
        report.bugs += 1
        failed = Failed("parse", f"internal error: {type(error).__name__}; see the log")
        return PollResult(job, HttpFacts(started=started), failed)


def _record(watch: Watch, result: PollResult, report: Report) -> None:
    now = watch.ports.now()
    try:
        recorded = record_poll(watch.recorder, result, now=now, chance=watch.ports.chance())
    except MonitorError:
        raise
    except Exception as error:
        log.exception(event(POLL_BUG, feed=result.job.feed.name))
        report.bugs += 1
        failed = Failed("parse", f"internal error: {type(error).__name__}; see the log")
        result = PollResult(result.job, result.http, failed)
        recorded = record_poll(watch.recorder, result, now=now, chance=watch.ports.chance())
    _count(report, recorded)
    log.log(
        logging.WARNING if recorded.error_class else logging.INFO,
        event(
            SOURCE_DONE,
            feed=result.job.feed.name,
            outcome=recorded.error_class or type(result.outcome).__name__.lower(),
            status=result.http.status,
            new=recorded.new,
            hits=recorded.hits,
            seconds=round(result.http.seconds, 2),
        ),
    )


def _count(report: Report, recorded: Recorded) -> None:
    report.polled += 1
    report.new += recorded.new
    report.hits += recorded.hits
    report.alerts += recorded.alerts
    if recorded.error_class:
        report.failed += 1
        report.errors[recorded.error_class] = report.errors.get(recorded.error_class, 0) + 1


async def deliver_due(pump: Pump, report: Report) -> None:
    """One round of deliveries over all channels.

    Raises:
        StoreError: the archive failed.
    """
    rounds = [deliver_channel(pump, channel, report) for channel in pump.sinks]
    ended = await asyncio.gather(*rounds, return_exceptions=True)
    for error in filter(None, ended):
        raise error


async def deliver_channel(pump: Pump, channel: str, report: Report) -> None:
    """The second boundary for bugs: the delivery in hand is set aside, those behind it go on."""
    try:
        report.delivered += await pump.run_channel(channel)
    except MonitorError:
        raise
    except Exception:
        log.exception(event(DELIVERY_BUG, channel=channel))
        report.bugs += 1
        pump.set_aside(channel)


async def take_click(take: Callable[[], Awaitable[None]], report: Report) -> None:
    """One click on a button; the third boundary for bugs: one click is lost, the service goes on."""
    try:
        await take()
    except MonitorError:
        raise
    except Exception:
        log.exception(event(CLICK_BUG))
        report.bugs += 1


def log_cycle(report: Report) -> None:
    """The cycle's one line."""
    log.info(event(CYCLE_DONE, **report.as_dict()))
