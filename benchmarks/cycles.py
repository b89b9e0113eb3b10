"""Cycles over every source of a configuration, in this process: a line of JSON for each.

Usage: python -m benchmarks.cycles FEEDS_YAML [MINUTES]     (one cycle where no time is given)
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path

from monitor.cli.app import App
from monitor.cycle import Report, poll_due
from monitor.net import Net
from monitor.store.archive import Archive
from monitor.workers import ParserPool

BEAT_S = 0.005


async def heartbeat(lags: list[float]) -> None:
    """How much later than asked the loop comes round, again and again."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(BEAT_S)
        lags.append(time.perf_counter() - before - BEAT_S)


async def cycle(app: App, archive: Archive, net: Net, parsers: ParserPool) -> dict[str, float]:
    """Poll all sources once, due or not."""
    report, lags = Report(), [0.0]
    watch = app.watch(archive, net, parsers)
    beating = asyncio.create_task(heartbeat(lags))
    began = time.perf_counter()
    await poll_due(watch, report, stop=asyncio.Event(), polled_before=app.ports.now())
    seconds = time.perf_counter() - began
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating
    lags.sort()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "polled": report.polled,
        "failed": report.failed,
        "bugs": report.bugs,
        "lag_p50": lags[len(lags) // 2],
        "lag_p99": lags[len(lags) * 99 // 100],
        "cpu": used.ru_utime + used.ru_stime,
        "files": len(list(Path("/proc/self/fd").iterdir())),
    }


async def cycles(app: App, parsers: ParserPool, minutes: float) -> None:
    """Cycle after cycle until the time is over; at least one."""
    until = time.monotonic() + minutes * 60
    with app.archive(write=True) as archive:
        async with Net(app.net_settings()) as net:
            while True:
                sys.stdout.write(json.dumps(await cycle(app, archive, net, parsers)) + "\n")
                sys.stdout.flush()
                if time.monotonic() >= until:
                    return


def main() -> None:
    """Run and print."""
    parsers = ParserPool()
    parsers.warm()
    app = App(config_path=Path(sys.argv[1]))
    _ = app.config  # told at once where it is wrong
    logging.getLogger("monitor").setLevel(logging.WARNING)
    try:
        asyncio.run(cycles(app, parsers, float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
    finally:
        parsers.close()


if __name__ == "__main__":
    main()
