"""Nothing can be fetched at all: told once, and once when it is over (B14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from monitor.cycle import Watch
from monitor.notify import Notifier
from monitor.ports import Ports
from monitor.service import Service
from monitor.state import health_problems
from monitor.store import runs

pytestmark = pytest.mark.anyio
RSS = {"Content-Type": "application/rss+xml"}


async def test_no_source_in_two_hours_turns_health_red_and_is_told_once_b14(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    """Every source fails: after two hours one message and a red probe; then one message again."""
    farm.pages["/f"] = (200, RSS, document("A"))
    stack.watch("S", farm.url("/f"))
    run, _ = runs.begin(stack.archive, stack.clock(), command="run", version="1", model="m")
    ports = Ports(now=stack.clock, chance=lambda: 0.0, environ={})
    watch = Watch(feeds=stack.feeds, recorder=stack.recorder, poll=nobody, ports=ports)
    nothing: Any = None
    service = Service(stack.archive, watch, nothing, run, Notifier({}))
    await stack.poll_all()
    farm.pages["/f"] = (500, {}, "")
    told, red = [], []
    for _ in range(20):
        stack.clock.forward(minutes=20)
        await stack.poll_all()
        await service._beat()
        told.append(stack.told("blind"))
        red.append(is_blind(stack))
    assert told == [0] * 5 + [1] * 15
    assert red == [n >= 6 for n in range(20)]
    farm.pages["/f"] = (200, RSS, document("A"))
    stack.clock.forward(minutes=20)
    await stack.poll_all()
    for _ in range(3):
        await service._beat()
    assert (stack.told("blind"), stack.told("sighted")) == (1, 1)
    assert not is_blind(stack)


def is_blind(stack: Any) -> bool:
    """Whether the probe is red for want of sources."""
    problems = health_problems(stack.archive, stack.clock())
    return any(p.startswith("no source was fetched") for p in problems)


async def nobody(job: Any) -> Any:
    """No poll comes from the service itself here."""
    raise AssertionError(job)
