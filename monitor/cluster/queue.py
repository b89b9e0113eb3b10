"""The road between recording and polling processes: the only importer of procrastinate and psycopg.

A poll that is handed out is a procrastinate job, locked by its host; its result is a row in
``regwatch_results`` until it is fetched. Knows nothing of archives and nothing of HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

LOST = (ConnectorException, psycopg.OperationalError)
"""What PostgreSQL raises while it cannot be reached."""
RECONNECT_S = 1.0
"""Between two attempts to reach it."""

Work = Callable[[str, str], Awaitable[None]]
"""Token and job, as text."""

_TASK = "regwatch_poll"
_RESULTS = """
CREATE TABLE IF NOT EXISTS regwatch_results (
  token text PRIMARY KEY, result text, bug text, at timestamptz NOT NULL DEFAULT now()
)
"""
_UNFETCHED_FOR = "1 day"


@dataclass(frozen=True, slots=True)
class Timing:
    """What follows from the time after which a silent poller is taken for dead.

    A poll ends, by force, well before its poller can be taken for dead: last sign, missed sign,
    its wait for a connection and the longest poll together take five sixths of that time. So a
    poll that is given to another poller has ended, even where the first one is only cut off.
    """

    stalled_after: timedelta

    @property
    def beat_s(self) -> float:
        """Between two signs of life; also the longest wait for a connection."""
        return self.stalled_after.total_seconds() / 6

    @property
    def deadline_s(self) -> float:
        """For one whole poll: fetching and parsing."""
        return self.stalled_after.total_seconds() / 2


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came back for a token: a result, or the bug that a poller met."""

    token: str
    result: str | None
    bug: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """Where PostgreSQL is, and which of its queues is ours. ``dsn`` is a secret."""

    dsn: str = field(repr=False)
    name: str
    timing: Timing

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Road]:
        """A connection for the time of the block.

        Raises:
            one of ``LOST``: PostgreSQL cannot be reached, now or later.
        """
        connector = PsycopgConnector(conninfo=self.dsn, min_size=1, max_size=6, timeout=self.timing.beat_s)  # fmt: skip
        try:
            await self._open(connector)
            yield Road(App(connector=connector), self.name, self.timing)
        finally:
            await connector.close_async()

    async def _open(self, connector: PsycopgConnector) -> None:
        try:
            async with asyncio.timeout(self.timing.beat_s):
                await connector.open_async()
        except TimeoutError as error:
            raise psycopg.OperationalError("no connection in time") from error


class Road:
    """An open queue: both ends of it."""

    def __init__(self, app: App, name: str, timing: Timing) -> None:
        self._app = app
        self._name = name
        self._timing = timing
        self._task = app.task(name=_TASK, queue=name)(_never)

    async def prepare(self) -> None:
        """Make the tables that are missing, and drop results that nobody fetched for a day."""
        rows = await self._rows("SELECT to_regclass('procrastinate_jobs') IS NOT NULL AS there")
        if not rows[0]["there"]:
            await self._app.schema_manager.apply_schema_async()
        await self._app.connector.execute_query_async(_RESULTS)
        await self._app.connector.execute_query_async(f"DELETE FROM regwatch_results WHERE at < now() - interval '{_UNFETCHED_FOR}'")  # fmt: skip

    async def is_ready(self) -> bool:
        """Whether a recording process has made the tables."""
        rows = await self._rows("SELECT to_regclass('regwatch_results') IS NOT NULL AS there")
        return bool(rows[0]["there"])

    async def _rows(self, query: Any, **values: Any) -> list[dict[str, Any]]:
        return await self._app.connector.execute_query_all_async(query, **values)

    # the recording process

    async def hand_out(self, token: str, job: str, *, lock: str) -> None:
        """Queue one poll; no two with the same lock run at the same time."""
        try:
            await self._task.configure(lock=lock, queueing_lock=token).defer_async(token=token, job=job)  # fmt: skip
        except AlreadyEnqueued:
            return  # the connection broke after the first attempt had come through

    async def fetch_results(self, tokens: Iterable[str]) -> list[Arrived]:
        """Take the results that are there; each is given once."""
        rows = await self._rows(
            "DELETE FROM regwatch_results WHERE token = ANY(%(tokens)s) RETURNING token, result, bug",
            tokens=list(tokens),
        )
        return [Arrived(**row) for row in rows]

    async def unfinished(self) -> dict[str, bool]:
        """Tokens of the polls that wait or run, each with whether it runs."""
        jobs = [*await self._jobs(Status.TODO), *await self._jobs(Status.DOING)]
        return {_token(job): job.status == Status.DOING.value for job in jobs}

    async def _jobs(self, status: Status) -> Iterable[Job]:
        return await self._app.job_manager.list_jobs_async(queue=self._name, status=status.value)

    async def withdraw_waiting(self, keep: Iterable[str] = ()) -> None:
        """Forget the polls that no poller has begun, but for those to keep."""
        kept = set(keep)
        for job in await self._jobs(Status.TODO):
            if job.id is not None and _token(job) not in kept:
                await self._app.job_manager.cancel_job_by_id_async(job.id, delete_job=True)

    async def rescue(self, wanted: Iterable[str]) -> int:
        """Queue again what pollers that died had begun; returns how many.

        What nobody waits for any more is forgotten.
        """
        silence = self._timing.stalled_after.total_seconds()
        manager, rescued = self._app.job_manager, 0
        keep = set(wanted)
        for job in await manager.get_stalled_jobs(queue=self._name, seconds_since_heartbeat=silence):  # fmt: skip
            if _token(job) in keep:
                await manager.retry_job(job)
                rescued += 1
            else:
                await manager.finish_job(job, Status.FAILED, delete_job=True)
        return rescued

    # the polling process

    async def work(self, work: Work, *, name: str, concurrency: int) -> None:
        """Take polls until cancelled, or until PostgreSQL is lost; what runs may end within the deadline."""

        async def once_each(token: str, job: str) -> None:
            if not await self._rows("SELECT 1 FROM regwatch_results WHERE token = %(token)s", token=token):  # fmt: skip
                await work(token, job)

        self._task.func = once_each
        await self._app.run_worker_async(
            queues=[self._name],
            name=name,
            concurrency=concurrency,
            fetch_job_polling_interval=1.0,
            delete_jobs="always",
            install_signal_handlers=False,
            shutdown_graceful_timeout=min(6.0, self._timing.deadline_s),
            update_heartbeat_interval=self._timing.beat_s,
            stalled_worker_timeout=self._timing.stalled_after.total_seconds(),
        )

    async def send_result(self, token: str, result: str | None, *, bug: str | None = None) -> None:
        """Leave a result for the recording process; a second one for the same poll is dropped."""
        await self._app.connector.execute_query_async(
            "INSERT INTO regwatch_results (token, result, bug) VALUES (%(token)s, %(result)s, %(bug)s) "
            "ON CONFLICT (token) DO NOTHING",
            token=token,
            result=result,
            bug=bug,
        )


def _token(job: Job) -> str:
    return str(job.task_kwargs.get("token"))


async def _never(token: str, job: str) -> None:
    raise RuntimeError("this process hands polls out, it makes none")
