"""What is told of the service and its sources: blindness once over restarts, and the digest's lines (B14, G2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from classifiers.model import Model
from monitor.cycle import Watch
from monitor.domain import (
    Failed,
    Feed,
    FeedName,
    HttpFacts,
    Parsed,
    PollJob,
    PollResult,
    SourceKind,
)
from monitor.notify import Notifier
from monitor.ports import Ports
from monitor.recording import Recorder, record_poll
from monitor.service import Service
from monitor.state import health_problems
from monitor.store import feeds, runs
from monitor.store.archive import Archive
from monitor.store.codec import iso, state_from_row
from monitor.store.periods import digest_since

pytestmark = pytest.mark.anyio
FEED = Feed(FeedName("A"), "https://a.example/feed", SourceKind.PRESS)


class World:
    """A service whose clock and polls a test makes."""

    def __init__(self, archive: Archive, model: Model, now: datetime) -> None:
        self.archive, self.now = archive, now
        self.recorder = Recorder(archive, model, ("console",), timedelta(days=3))
        feeds.sync(archive, [FEED])
        self.start()

    def start(self) -> None:
        ports = Ports(now=lambda: self.now, chance=lambda: 0.0, environ={})
        watch = Watch({}, self.recorder, None, ports)  # type: ignore[arg-type]
        run_id, _ = runs.begin(self.archive, self.now, command="run", version="1", model="m")
        self.service = Service(self.archive, watch, None, run_id, Notifier({}))  # type: ignore[arg-type]

    def poll(self, outcome: Parsed | Failed) -> None:
        state = state_from_row(dict(self.archive.rows("SELECT * FROM feeds")[0]))
        result = PollResult(PollJob(FEED, state), HttpFacts(started=self.now), outcome)
        record_poll(self.recorder, result, now=self.now, chance=0.0)

    async def hours(self, count: float, outcome: Parsed | Failed) -> None:
        for _ in range(int(count * 4)):
            self.poll(outcome)
            await self.service._beat()
            self.now += timedelta(minutes=15)

    def told(self) -> list[str]:
        return [row["reason"] for row in self.archive.rows("SELECT reason FROM alerts WHERE kind = 'ops' ORDER BY id")]  # fmt: skip


async def test_a_dead_network_is_told_once_over_restarts_and_once_when_it_ends_b14(
    archive: Archive, model: Model, now: datetime
) -> None:
    world = World(archive, model, now)
    await world.hours(1, Parsed(()))
    assert not blind(world)
    for _ in range(3):
        await world.hours(4, Failed("dns", "x"))
        world.start()
    assert world.told() == ["blind"]
    assert blind(world)
    await world.hours(1, Parsed(()))
    world.start()
    await world.hours(1, Parsed(()))
    assert world.told() == ["blind", "sighted"]
    assert not blind(world)


async def test_what_is_told_of_blindness_and_that_it_was_told_stand_together(
    archive: Archive, model: Model, now: datetime
) -> None:
    world = World(archive, model, now)
    archive.connection.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON notes BEGIN SELECT raise(ABORT, 'full'); END")  # fmt: skip
    with pytest.raises(Exception, match="full"):
        await world.hours(4, Failed("dns", "x"))
    assert world.told() == []
    archive.connection.execute("DROP TRIGGER full")
    await world.hours(1, Failed("dns", "x"))
    assert world.told() == ["blind"]


async def test_a_bug_outside_a_cycle_is_counted_and_is_no_cycle(
    archive: Archive, model: Model, now: datetime
) -> None:
    world = World(archive, model, now)
    runs.cycle_done(archive, world.service.run_id, now, bugs=0)
    world.now += timedelta(hours=1)

    async def broken() -> None:
        raise ZeroDivisionError

    await world.service.take_click(broken)
    run = archive.rows("SELECT last_cycle, cycles, bugs FROM runs")[0]
    assert tuple(run) == (iso(now), 1, 1)


def blind(world: World) -> bool:
    return "no source was fetched since" in " ".join(health_problems(world.archive, world.now))


async def test_a_restart_after_a_long_absence_is_not_blindness_b14(
    archive: Archive, model: Model, now: datetime
) -> None:
    world = World(archive, model, now)
    await world.hours(1, Parsed(()))
    world.now += timedelta(days=3)
    world.start()
    await world.hours(1, Failed("dns", "x"))
    assert world.told() == []


def test_the_digest_lists_what_is_down_on_and_off_on_a_fallback_or_quiet_g2(
    archive: Archive, now: datetime
) -> None:
    names = ("Down", "Fine", "Flapping", "Quiet", "Serving")
    feeds.sync(archive, [replace(FEED, name=FeedName(n), url=f"https://{n}.example/") for n in names])  # fmt: skip
    with archive.write() as connection:
        connection.execute("UPDATE feeds SET state = 'ok', newest_published = '2026-01-02T00:00:00.000Z'")  # fmt: skip
        connection.execute("UPDATE feeds SET state = 'failing', error_class = 'tls' WHERE name = 'Down'")  # fmt: skip
        for name, told in (("Flapping", "flapping"), ("Quiet", "quiet"), ("Serving", "fallback")):
            connection.execute(f"UPDATE feeds SET told = '[\"{told}\"]' WHERE name = ?", (name,))
    assert digest_since(archive, now).as_text().splitlines()[1:] == [
        "Sources to look at (4):",
        "• Down: failing (tls; last success never)",
        "• Flapping: fails on and off",
        "• Quiet: quiet, nothing new since 2026-01-02T00:00:00.000Z",
        "• Serving: polled at its fallback",
    ]
