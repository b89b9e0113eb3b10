"""The service: a handful of scheduled jobs, signals, and a clean end.

State lives in rows, not in timers: what is due is a query, so that a restart needs nothing.
APScheduler runs the jobs; each starts work of ours and never waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from .articles import Reader
from .cycle import Report, Watch, deliver_channel, log_cycle, poll_due, take_click
from .deliver import Pump
from .domain import OpsEvent
from .errors import MonitorError
from .health import BLIND_AFTER, blind
from .log import JOB_FAILED, OPS, SERVICE_STARTED, SERVICE_STOPPED, SERVICE_STOPPING, event
from .notify import Notifier
from .state import NIGHTLY_AT
from .store import alerts, runs
from .store.archive import Archive
from .store.codec import from_iso

log = logging.getLogger("monitor.service")

Job = tuple[str, Callable[[], Awaitable[None]], int]
"""A name, its work, and the seconds between two starts."""

TICK_S = 5
DELIVER_S = 1
BEAT_S = 30
STOP_WITHIN_S = 8.0


@dataclass(slots=True)
class Service:
    """A running service; ``run`` returns after a stop signal or raises what ended it."""

    archive: Archive
    watch: Watch
    pump: Pump
    run_id: int
    notifier: Notifier
    nightly: Callable[[], Awaitable[None]] | None = None
    digest: Callable[[], Awaitable[None]] | None = None
    digest_when: Mapping[str, Any] | None = None  # APScheduler's cron fields; None: no digest
    reload: Callable[[], None] | None = None
    reload_if_changed: Callable[[], None] | None = None
    buttons: Callable[[asyncio.Event], Awaitable[None]] | None = None  # runs until the event is set
    remind: Callable[[], None] | None = None
    after_cycle: Callable[[Report], Awaitable[None]] | None = None
    articles: Reader | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    _insisted: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _failure: BaseException | None = None
    _scheduler: Any = None

    async def run(self) -> None:
        """Run until asked to stop.

        Raises:
            StoreError: the archive failed.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop, number)
        if self.reload is not None:
            loop.add_signal_handler(signal.SIGHUP, self.reload)
        scheduler = self._scheduler = self._scheduled()
        scheduler.start()
        log.info(event(SERVICE_STARTED, sources=len(self.watch.feeds), archive=self.archive.path))
        self.notifier.ready()
        await self._start("poll", self._poll)
        if self.buttons is not None:
            await self._start("buttons", partial(self.buttons, self.stop))
        await self.stop.wait()
        log.info(event(SERVICE_STOPPING))
        self.notifier.stopping()
        scheduler.pause()
        await self._finish()
        scheduler.shutdown(wait=False)
        if self._failure is not None:
            raise self._failure
        log.info(event(SERVICE_STOPPED))

    def digest_at(self, when: Mapping[str, Any] | None) -> None:
        """Send the digest at other times from now on, or none."""
        self.digest_when = when
        if self._scheduler is None:
            return
        if self._scheduler.get_job("digest") is not None:
            self._scheduler.remove_job("digest")
        self._plan_digest(self._scheduler)

    def _plan_digest(self, scheduler: Any) -> None:
        if self.digest is not None and self.digest_when is not None:
            scheduler.add_job(self._start, "cron", args=("digest", self.digest), id="digest", **self.digest_when)  # fmt: skip

    def _scheduled(self) -> Any:
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            # the default drops a run that is a second late
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        jobs: tuple[Job, ...] = (("poll", self._poll, TICK_S), ("deliver", self._deliver, DELIVER_S), ("beat", self._beat, BEAT_S))  # fmt: skip
        if self.articles is not None:
            jobs = (*jobs, ("articles", self._read_articles, TICK_S))
        for name, work, seconds in jobs:
            scheduler.add_job(self._start, "interval", args=(name, work), seconds=seconds, id=name)
        if self.nightly is not None:
            scheduler.add_job(self._start, "cron", args=("nightly", self.nightly), hour=NIGHTLY_AT.hour, minute=NIGHTLY_AT.minute, id="nightly")  # fmt: skip
        self._plan_digest(scheduler)
        scheduler.add_listener(self._job_failed, EVENT_JOB_ERROR)
        return scheduler

    def _job_failed(self, failed: Any) -> None:
        log.error(event(JOB_FAILED, job=failed.job_id, error=repr(failed.exception)))

    async def _start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Start a job's work as a task of ours, unless the last one still runs."""
        running = self._tasks.get(name)
        if self.stop.is_set() or (running is not None and not running.done()):
            return
        self._tasks[name] = asyncio.create_task(self._guarded(name, work))

    async def _guarded(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """An archive that fails ends the service; everything else has its own boundary."""
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except MonitorError as error:
            self.fail(error)
        except BaseException as error:
            log.exception(event(JOB_FAILED, job=name))
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """End the service: ``run`` raises ``error``."""
        self._failure = error
        self.stop.set()

    async def _poll(self) -> None:
        report = Report()
        await poll_due(self.watch, report, stop=self.stop)
        if report.polled:
            runs.cycle_done(self.archive, self.run_id, self.watch.ports.now(), bugs=report.bugs)
            log_cycle(report)
            if self.after_cycle is not None:
                await self.after_cycle(report)

    async def _read_articles(self) -> None:
        report = Report()
        if self.articles is not None:
            await self.articles.read_due(report, stop=self.stop)
        self._count_bugs(report)

    async def _deliver(self) -> None:
        """A task per channel, so that a slow one holds up neither the others nor the polls."""
        for channel in self.pump.sinks:
            await self._start(f"deliver to {channel}", partial(self._deliver_to, channel))

    async def _deliver_to(self, channel: str) -> None:
        report = Report()
        await deliver_channel(self.pump, channel, report)
        self._count_bugs(report)

    async def take_click(self, take: Callable[[], Awaitable[None]]) -> None:
        """Take a click behind its boundary."""
        report = Report()
        await take_click(take, report)
        self._count_bugs(report)

    def _count_bugs(self, report: Report) -> None:
        if report.bugs:
            runs.count_bugs(self.archive, self.run_id, report.bugs)

    async def _beat(self) -> None:
        now = self.watch.ports.now()
        runs.beat(self.archive, self.run_id, now)
        self.notifier.alive()
        if self.reload_if_changed is not None:
            self.reload_if_changed()
        if self.remind is not None:
            self.remind()
        row = self.archive.row(
            "SELECT max(last_ok) AS ok, count(*) AS n, (SELECT started FROM runs WHERE id = ?) AS s "
            "FROM feeds WHERE configured = 1 AND enabled = 1",
            (self.run_id,),
        )
        if row is None or not row["n"]:
            return
        self._blindness(from_iso(row["ok"]), from_iso(row["s"]) or now, now)

    def _blindness(self, last_ok: datetime | None, started: datetime, now: datetime) -> None:
        """Told once, and once when it ends; what was told outlives a restart."""
        trouble = blind(last_ok, started, now)
        told = runs.noted(self.archive, "blind") == "told"
        if trouble is not None and not told:
            self.tell(trouble, note=("blind", "told"))
        elif told and last_ok is not None and now - last_ok < BLIND_AFTER:
            over = OpsEvent("sighted", "service", "Sources can be fetched again.")
            self.tell(over, note=("blind", "over"))

    def tell(self, told: OpsEvent, *, note: tuple[str, str] | None = None) -> None:
        """Tell the operator: in the log, and as an alert in every channel; and note that it was."""
        log.warning(event(OPS, condition=told.condition, subject=told.subject, text=told.text))
        with self.archive.write() as connection:
            alerts.raise_ops(connection, told, self.watch.recorder.channels, self.watch.ports.now())
            if note is not None:
                runs.note(connection, *note)

    def _asked_to_stop(self, number: int) -> None:
        """The first signal asks; the second insists, and what is in hand is not waited for."""
        if not self.stop.is_set():
            self.stop.set()
            return
        self._insisted.set()
        with suppress(ValueError):
            asyncio.get_running_loop().remove_signal_handler(number)

    async def _finish(self) -> None:
        """Let what is in hand end by itself for a while, then cancel it; leases end with it."""
        running = [t for t in self._tasks.values() if not t.done()]
        if not running:
            return
        ended = asyncio.gather(*running, return_exceptions=True)
        insisted = asyncio.create_task(self._insisted.wait())
        either: set[asyncio.Future[Any]] = {ended, insisted}
        await asyncio.wait(either, timeout=STOP_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        insisted.cancel()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, insisted, return_exceptions=True)
