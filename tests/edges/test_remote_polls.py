"""What a recording process does with what comes back from pollers. The road is a double."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.domain import (  # fmt: skip
    Feed,
    FeedName,
    HttpFacts,
    PollJob,
    PollResult,
    PollState,
    SourceKind,
    Unchanged,
)
from monitor.poll import job_from_json, to_json

pytest.importorskip("procrastinate", reason="the extra `cluster` is not installed")
from monitor.cluster.queue import Arrived, Timing
from monitor.cluster.remote import PollerBug, RemotePolls


def job(name: str) -> PollJob:
    feed = Feed(FeedName(name), f"https://{name}.example/", SourceKind.PRESS)
    return PollJob(feed, PollState())


@dataclass
class Road:
    """A road whose poller answers at once; the feed `old` gets an answer of another version."""

    arrived: list[Arrived] = field(default_factory=list)
    breaks: Exception | None = None

    async def prepare(self) -> None:
        """Nothing to make."""

    async def withdraw_waiting(self, keep: Collection[str] = ()) -> None:
        """Nothing waits."""

    async def hand_out(self, token: str, text: str, *, lock: str) -> None:
        result = json.loads(to_json(PollResult(job_from_json(text), HttpFacts(), Unchanged())))
        if result["job"]["feed"]["name"] == "old":
            result["http"]["a_new_field"] = 1
        self.arrived.append(Arrived(token, json.dumps(result), ""))

    async def fetch_results(self, tokens: Collection[str]) -> list[Arrived]:
        if self.breaks is not None:
            raise self.breaks
        found, self.arrived = self.arrived, []
        return found


def remote(road: Road, failed: list[BaseException]) -> RemotePolls:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Road]:
        yield road

    queue: Any = SimpleNamespace(open=opened, timing=Timing(timedelta(minutes=3)))
    return RemotePolls(queue, polite=True, tell=lambda _: None, fail=failed.append)


def test_a_result_of_another_version_fails_its_own_poll_and_the_others_go_on() -> None:
    failed: list[BaseException] = []

    async def scenario() -> None:
        async with asyncio.timeout(20), remote(Road(), failed) as polls:
            with pytest.raises(PollerBug, match="another version"):
                await polls.poll(job("old"))
            assert isinstance((await polls.poll(job("new"))).outcome, Unchanged)

    asyncio.run(scenario())
    assert failed == []


def test_the_death_of_the_loop_is_told_to_the_service_and_its_end_is_not() -> None:
    failed: list[BaseException] = []
    bug = RuntimeError("a bug")

    async def scenario() -> None:
        async with remote(Road(breaks=bug), failed) as polls:
            waiting = asyncio.create_task(polls.poll(job("any")))
            async with asyncio.timeout(20):
                while not failed:
                    await asyncio.sleep(0)
            waiting.cancel()

    asyncio.run(scenario())
    assert failed == [bug]
