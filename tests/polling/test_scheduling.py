"""When sources are asked and when they are left alone; the farm's log is the oracle (table B, E4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch import freshness, retry_after
from monitor.notify import Notifier
from monitor.service import Service
from monitor.store.archive import Archive
from monitor.store.codec import from_iso

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
RSS = {"Content-Type": "application/rss+xml"}


def due(stack: Any, name: str = "S") -> datetime:
    """When a source is polled next."""
    found = from_iso(stack.row(name)["next_due"])
    assert found is not None
    return found


def test_restarts_within_the_interval_ask_nothing_b1(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    farm.pages["/f"] = (200, RSS, document("A"))
    stack.watch("S", farm.url("/f"))
    stack.cycle(due_only=True)
    for _ in range(5):
        stack.watch("S", farm.url("/f"))
        stack.clock.forward(minutes=9)
        stack.cycle(due_only=True)
    assert len(farm.requests) == 1
    stack.clock.forward(minutes=60)
    stack.cycle(due_only=True)
    assert len(farm.requests) == 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("3600", 3600, 6 * 3600),
        ("Tue, 24 Nov 2026 13:00:00 GMT", 5 * 3600, 6 * 3600),
        ("garbage", 900, 6 * 3600),
        ("-5", 900, 6 * 3600),
        ("\xb2", 900, 6 * 3600),
        ("0", 900, 6 * 3600),
        ("1000000000", 7 * 86400, 7 * 86400 + 60),
        ("9" * 5000, 7 * 86400, 7 * 86400 + 60),
    ],
)
def test_no_request_comes_before_a_retry_after_whatever_it_says_b5(
    stack: Any, farm: Any, status: int, value: str, least: int, most: int
) -> None:
    """Neither a due poll nor one that was asked for (``--now``)."""
    farm.pages["/f"] = (status, {"Retry-After": value, "Date": "Tue, 24 Nov 2026 08:00:00 GMT"}, "")
    stack.watch("S", farm.url("/f"))
    stack.cycle()
    wait = (due(stack) - NOW).total_seconds()
    assert least <= wait <= most
    stack.clock.forward(seconds=least - 1)
    stack.cycle(due_only=True)
    if least >= 3600:
        stack.cycle()
    assert len(farm.requests) == 1
    stack.clock.forward(seconds=wait - least + 2)
    stack.cycle(due_only=True)
    assert len(farm.requests) == 2


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30))
def test_no_header_of_a_server_is_more_than_a_wait_b3_b5(one: str, two: str, age: str) -> None:
    """Any text in the headers gives a wait within bounds, or none."""
    until = retry_after({"retry-after": one, "date": two}, NOW)
    assert until is None or NOW <= until <= NOW + timedelta(days=7)
    for headers in ({"cache-control": f"max-age={one}", "age": age}, {"expires": one, "date": two}):
        seconds, _ = freshness(headers)
        assert seconds is None or seconds >= 0


@pytest.mark.parametrize(("private", "asked"), [(False, 1), (True, 3)])
def test_a_429_holds_back_its_host_unless_that_is_private_b6(
    stack: Any, farm: Any, private: bool, asked: int
) -> None:
    for n in range(3):
        farm.pages[f"/{n}"] = (429, {"Retry-After": "3600"}, "")
        stack.watch(f"S{n}", farm.url(f"/{n}", "127.0.0.5"))
    stack.recording |= {"pause_whole_host": True, "private_hosts": lambda host: private}
    for _ in range(3):
        stack.host_gap = timedelta(seconds=1)
        stack.clock.forward(seconds=2)
        stack.cycle(due_only=True) if not private else _one_at_a_time(stack)
    assert len(farm.requests) == asked


def _one_at_a_time(stack: Any) -> None:
    # on a standing clock, sources of one host would wait for each other
    stack.host_gap = timedelta(0)
    stack.cycle(due_only=True)


def test_ten_failures_then_a_good_answer_and_all_is_as_before_b7(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    farm.pages["/f"] = (500, {}, "")
    stack.watch("S", farm.url("/f"))
    waits = []
    for _ in range(10):
        stack.cycle(due_only=True)
        waits.append(due(stack) - stack.clock.time)
        stack.clock.time = due(stack)
    assert len(farm.requests) == 10
    assert all(timedelta(minutes=15) <= wait <= timedelta(hours=24) for wait in waits)
    assert all(a <= b for a, b in pairwise(waits))
    farm.pages["/f"] = (200, RSS, document("A"))
    stack.cycle(due_only=True)
    row = stack.row("S")
    assert (row["state"], row["failures"], row["error_class"]) == ("ok", 0, None)
    assert due(stack) - stack.clock.time == timedelta(hours=1)


def test_a_host_is_asked_one_thing_at_a_time_with_its_gap_and_others_do_not_wait_b9(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    """Eight sources on one host, twenty on hosts of their own; with the real clock."""
    gap = timedelta(seconds=0.15)
    for n in range(28):
        farm.pages[f"/{n}"] = (200, RSS, document("A"))
        stack.watch(f"S{n}", farm.url(f"/{n}", "127.0.0.9" if n < 8 else f"127.0.1.{n}"))
    stack.clock, stack.host_gap = (lambda: datetime.now(UTC)), gap
    stack.net["timeout_s"] = 20
    stack.cycle()
    crowded = [r["time"] for r in farm.requests if r["host"] == "127.0.0.9"]
    others = [r["time"] for r in farm.requests if r["host"] != "127.0.0.9"]
    assert (len(crowded), len(others)) == (8, 20)
    assert farm.most_at_once["127.0.0.9"] == 1
    # the server sees a request a moment after it began: a few milliseconds of leeway
    assert min(b - a for a, b in pairwise(crowded)) >= gap.total_seconds() - 0.05
    assert max(others) < crowded[-1]


def test_after_a_long_sleep_each_source_is_polled_once_and_they_part_again_b10(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    chances = iter(n / 150 for n in range(10_000))
    stack.chance = lambda: next(chances) % 1
    for n in range(60):
        farm.pages[f"/{n}"] = (200, RSS, document("A"))
        stack.watch(f"S{n}", farm.url(f"/{n}", f"127.0.2.{n + 1}"))
    stack.cycle(due_only=True)
    stack.clock.forward(hours=8)
    stack.cycle(due_only=True)
    assert len(farm.requests) == 120
    moments = sorted(due(stack, f"S{n}") for n in range(60))
    assert moments[0] - stack.clock.time >= timedelta(minutes=15)
    assert moments[-1] - moments[0] >= timedelta(minutes=10)
    assert len({m.replace(second=0, microsecond=0) for m in moments}) >= 10


def test_ten_sources_that_hang_hold_up_none_of_forty_others_b11(stack: Any, hostile: Any) -> None:
    for n in range(10):
        stack.watch(f"hang {n}", hostile.url("hang", f"127.0.3.{n + 1}"))
    for n in range(40):
        stack.watch(f"ok {n}", hostile.url("ok", f"127.0.4.{n + 1}"))
    stack.net["timeout_s"] = 8.0
    stack.cycle()
    order = [r["name"] for r in stack.archive.rows("SELECT f.name FROM fetches x JOIN feeds f ON f.id = x.feed_id ORDER BY x.id")]  # fmt: skip
    assert {name.partition(" ")[0] for name in order[:40]} == {"ok"}
    assert len(hostile.log("hang")) == 10


class Ticks(Service):
    """A service that only notes which of its jobs came round."""

    came: list[str]
    all_came: asyncio.Event

    async def _start(self, name: str, work: object) -> None:
        self.came.append(name)
        if {"poll", "deliver", "beat"} <= set(self.came):
            self.all_came.set()


@pytest.mark.anyio
async def test_a_tick_that_comes_an_hour_late_is_made_up_for_once_b12(archive: Archive) -> None:
    nothing: Any = None
    service = Ticks(archive, nothing, nothing, 1, Notifier({}))
    service.came, service.all_came = [], asyncio.Event()
    scheduler = service._scheduled()
    scheduler.start(paused=True)
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC) - timedelta(hours=1))
    scheduler.resume()
    await asyncio.wait_for(service.all_came.wait(), 30)
    scheduler.shutdown(wait=False)
    assert service.came.count("poll") == 1


def test_a_blocked_source_lives_on_its_fallback_and_is_tried_at_its_own_address_daily_e4(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    farm.pages["/f"] = (403, {"cf-mitigated": "challenge"}, "<html>")
    farm.pages["/alt"] = (200, RSS, document("A"))
    stack.watch("S", farm.url("/f"), fallbacks=(farm.url("/alt"),))
    stack.cycle()
    for _ in range(72):
        stack.clock.forward(hours=1)
        stack.cycle()
    assert stack.row("S")["active_url"] == farm.url("/alt")
    assert 3 <= len(farm.asked("/f")) <= 4
    assert stack.titles("S") == ["A"]
    farm.pages["/f"] = (200, RSS, document("A", "B"))
    for _ in range(25):
        stack.clock.forward(hours=1)
        stack.cycle()
    row = stack.row("S")
    assert (row["active_url"], row["primary_retry"], row["state"]) == (None, None, "ok")
    assert stack.titles("S") == ["A", "B"]
