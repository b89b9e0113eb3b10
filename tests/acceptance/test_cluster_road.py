"""Both ends of the road in one process, over a real PostgreSQL: what gets lost, what is a bug, what hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from monitor.domain import (
    Failed,
    Feed,
    FeedName,
    HttpFacts,
    OpsEvent,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    PollState,
    SourceKind,
    Unchanged,
)

from .postgres import WHY_SKIPPED, Postgres, programs, running

pytest.importorskip("procrastinate", reason="the extra `cluster` is not installed")

from monitor.cluster.poller import serve
from monitor.cluster.queue import Queue, Timing
from monitor.cluster.remote import PollerBug, RemotePolls

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(programs() is None, reason=WHY_SKIPPED),
]

JOB = PollJob(Feed(FeedName("F"), "https://f.example/feed", SourceKind.PRESS), PollState())
Poll = Callable[[PollJob], Awaitable[PollResult]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
    """A real PostgreSQL, running."""
    with running() as server:
        yield server


def queue_on(cluster: Postgres, name: str, seconds: float = 2.4) -> Queue:
    return Queue(cluster.dsn, name, Timing(timedelta(seconds=seconds)))


@asynccontextmanager
async def poller(queue: Queue, poll: Poll) -> AsyncIterator[None]:
    task = asyncio.create_task(serve(queue, poll, name="p", concurrency=2))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def ignore(told: OpsEvent | BaseException) -> None:
    """What the operator would be told does not matter here."""


async def answer(job: PollJob) -> PollResult:
    # a NUL and half a surrogate pair: PostgreSQL's text takes neither as it is
    entry = ParsedEntry("Titel \x00 \ud83d 例", url="https://f.example/1")
    return PollResult(job, HttpFacts(status=200), Parsed((entry,)))


def test_a_result_comes_back_letter_by_letter(cluster: Postgres) -> None:
    async def scenario() -> PollResult:
        queue = queue_on(cluster, "letters")
        async with RemotePolls(queue, True, ignore, ignore) as remote, poller(queue, answer):
            return await asyncio.wait_for(remote.poll(JOB), 30)

    assert asyncio.run(scenario()) == asyncio.run(answer(JOB))


def test_a_bug_of_a_poller_is_told_where_polls_are_recorded(cluster: Postgres) -> None:
    async def broken(job: PollJob) -> PollResult:
        raise ZeroDivisionError("by nothing")

    async def scenario() -> None:
        queue = queue_on(cluster, "bug")
        async with RemotePolls(queue, True, ignore, ignore) as remote, poller(queue, broken):
            with pytest.raises(PollerBug, match="ZeroDivisionError: by nothing"):
                await asyncio.wait_for(remote.poll(JOB), 30)

    asyncio.run(scenario())


def test_a_poll_that_hangs_ends_before_its_poller_could_be_taken_for_dead(cluster: Postgres) -> None:  # fmt: skip
    polls: list[PollJob] = []

    async def hanging(job: PollJob) -> PollResult:
        polls.append(job)
        await asyncio.Event().wait()
        raise AssertionError

    async def scenario() -> PollResult:
        queue = queue_on(cluster, "hanging")
        async with RemotePolls(queue, True, ignore, ignore) as remote, poller(queue, hanging):
            return await asyncio.wait_for(remote.poll(JOB), 30)

    outcome = asyncio.run(scenario()).outcome
    assert isinstance(outcome, Failed)
    assert (outcome.error_class, len(polls)) == ("timeout", 1)
    timing = Timing(timedelta(minutes=3))
    assert 2 * timing.beat_s + timing.deadline_s < timing.stalled_after.total_seconds()


def emptied(other: Any) -> bool:
    """Whether there was something to lose; the tables may not be there yet."""
    if other.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()[0] is None:
        return False
    return bool(other.execute("DELETE FROM procrastinate_jobs WHERE queue_name = 'emptied'").rowcount)  # fmt: skip


def test_a_poll_lost_with_an_emptied_queue_is_handed_out_again(cluster: Postgres) -> None:
    import psycopg

    async def scenario() -> PollResult:
        queue = queue_on(cluster, "emptied")
        async with RemotePolls(queue, True, ignore, ignore) as remote:
            waiting = asyncio.create_task(remote.poll(JOB))
            with psycopg.connect(cluster.dsn, autocommit=True) as other:
                while not emptied(other):
                    await asyncio.sleep(0.05)
            async with poller(queue, answer):
                return await asyncio.wait_for(waiting, 30)

    assert isinstance(asyncio.run(scenario()).outcome, Parsed)


def test_the_operator_is_told_once_that_no_poller_is_there_and_once_that_one_is(cluster: Postgres) -> None:  # fmt: skip
    told: list[OpsEvent] = []

    async def unchanged(job: PollJob) -> PollResult:
        return PollResult(job, HttpFacts(status=304), Unchanged())

    async def scenario() -> None:
        queue = queue_on(cluster, "nobody")
        async with RemotePolls(queue, True, told.append, ignore) as remote:
            waiting = asyncio.create_task(remote.poll(JOB))
            while not told:
                await asyncio.sleep(0.05)
            async with poller(queue, unchanged):
                await asyncio.wait_for(waiting, 30)
                await asyncio.wait_for(remote.poll(JOB), 30)

    asyncio.run(scenario())
    assert [event.condition for event in told] == ["no_poller", "polled_again"]


def test_the_connection_string_shows_nowhere() -> None:
    from monitor.config.loading import ClusterConfig

    assert "secret" not in repr(ClusterConfig("q", timedelta(minutes=3), "postgresql://u:secret@h/d"))  # fmt: skip
    assert "secret" not in repr(Queue("postgresql://u:secret@h/d", "q", Timing(timedelta(minutes=3))))  # fmt: skip
