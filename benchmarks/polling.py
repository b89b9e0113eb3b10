"""Cycles over local feeds beside peers in the same run, and captured feeds beside plain feedparser.

Usage: python -m benchmarks.polling [peers] [many] [captured]     (all of them where none is named)

`reader` is measured with the Python that READER_PYTHON names (or this one), `newsboat` where it
is installed; captured feeds are the files of the folder REGWATCH_CAPTURED_FEEDS. Each feed is on
a loopback address of its own. Every figure stands beside its goal.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from .memory import Peak

HERE = Path(__file__).parent
LATENCY_S = 0.2
IN_FLIGHT = 20
READER = """
import sys, time, warnings
warnings.simplefilter("ignore")
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in open(sys.argv[2]).read().split():
    reader.add_feed(url, exist_ok=True)
for _ in "cold", "again":
    began = time.perf_counter()
    reader.update_feeds(workers=20, scheduled=False)
    print(time.perf_counter() - began)
"""


@contextmanager
def farm(latency: float, entries: int = 20) -> Iterator[int]:
    """The farm as a process of its own."""
    command = [sys.executable, str(HERE / "farm.py"), str(latency), str(entries)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline())
        process.stdin.close()


def urls(port: int, count: int) -> list[str]:
    """An address of its own for each feed."""
    return [
        f"http://127.{1 + n // 60000}.{n // 250 % 240}.{1 + n % 250}:{port}/{n}.xml"
        for n in range(count)
    ]


def configure(folder: Path, addresses: list[str]) -> Path:
    """A configuration of these feeds."""
    path = folder / "feeds.yaml"
    feeds = "".join(
        f"  - {{name: F{n}, url: '{u}', kind: press}}\n" for n, u in enumerate(addresses)
    )
    path.write_text(
        "archive: regwatch.db\nalerts: {console: true}\n"
        f"poll: {{allow_addresses: [127.0.0.0/8], concurrency: {IN_FLIGHT}}}\nfeeds:\n{feeds}"
    )
    return path


def cycle(config: Path) -> tuple[dict[str, float], float]:
    """What a cycle took, and the peak of all its processes in megabytes."""
    command = [sys.executable, str(HERE / "cycles.py"), str(config)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        Peak(process.pid) as peak,
    ):
        out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"the cycle ended with {process.returncode}")
    found: dict[str, float] = json.loads(out)
    return found, peak.mb


def seconds_of(command: list[str], **environment: str) -> float:
    """How long a command takes, its start included."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment})  # fmt: skip
    return time.perf_counter() - began


def goal(what: str, value: float, bound: float, unit: str, *, least: bool = False) -> None:
    """One figure beside its goal."""
    met = value >= bound if least else value <= bound
    word = "at least" if least else "at most"
    print(f"{'  ' if met else '! '}{what}: {value:.2f} {unit} (goal: {word} {bound:g})")


def peers(count: int = 200) -> None:
    """200 feeds with latency: cold and all-304, beside other readers."""
    print(f"\n{count} feeds of 20 entries, {LATENCY_S * 1000:.0f} ms latency, {IN_FLIGHT} at once")
    with tempfile.TemporaryDirectory() as name, farm(LATENCY_S) as port:
        folder, addresses = Path(name), urls(port, count)
        config = configure(folder, addresses)
        cold, _ = cycle(config)
        again, _ = cycle(config)
        whole = seconds_of([sys.executable, "-m", "monitor", "--config", str(config), "once", "--now"])  # fmt: skip
        print(f"  regwatch: cold {cold['seconds']:.2f} s, all-304 {again['seconds']:.2f} s; `once --now`, start-up included, all-304 {whole:.2f} s")  # fmt: skip
        theirs = reader(folder, addresses)
        boat = newsboat(folder, addresses)
        floor = count / IN_FLIGHT * LATENCY_S
        goal("all-304, beside the latency's floor", again["seconds"] / floor, 1.15, "x")
        if theirs:
            print(f"  reader, {IN_FLIGHT} workers: cold {theirs[0]:.2f} s, all-304 {theirs[1]:.2f} s")  # fmt: skip
            goal("cold, beside reader", cold["seconds"] / theirs[0], 0.9, "x")
        if boat:
            print(f"  newsboat, {IN_FLIGHT} threads: cold {boat[0]:.2f} s, third run {boat[1]:.2f} s")  # fmt: skip


def reader(folder: Path, addresses: list[str]) -> tuple[float, float] | None:
    """The updates of the library `reader`, its start-up left out."""
    python = os.environ.get("READER_PYTHON") or (sys.executable if find_spec("reader") else None)
    if python is None:
        print("  reader: not installed, not measured")
        return None
    script, listed = folder / "reader_run.py", folder / "urls.txt"
    script.write_text(READER)
    listed.write_text("\n".join(addresses))
    command = [python, str(script), str(folder / "reader.db"), str(listed)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(out[0]), float(out[1])


def newsboat(folder: Path, addresses: list[str]) -> tuple[float, float] | None:
    """The program `newsboat`, its start-up included; validators stand from its third run on."""
    program = shutil.which("newsboat")
    if program is None:
        print("  newsboat: not installed, not measured")
        return None
    listed, settings = folder / "boat-urls", folder / "boat-config"
    listed.write_text("\n".join(addresses) + "\n")
    settings.write_text(f"reload-threads {IN_FLIGHT}\n")
    command = [program, "-C", str(settings), "-u", str(listed), "-c", str(folder / "boat.db"), "-x", "reload"]  # fmt: skip
    home = {"HOME": str(folder), "LC_ALL": "C.UTF-8"}
    runs = [seconds_of(command, **home) for _ in range(3)]
    return runs[0], runs[2]


def many(counts: tuple[int, ...] = (2_000, 10_000)) -> None:
    """Thousands of unchanged feeds without latency."""
    for count in counts:
        print(f"\n{count:,} feeds, no added latency")
        with tempfile.TemporaryDirectory() as name, farm(0.0, entries=5) as port:
            config = configure(Path(name), urls(port, count))
            cold, _ = cycle(config)
            print(f"  cold, 5 entries each: {cold['seconds']:.1f} s, {count / cold['seconds']:.0f} feeds/s")  # fmt: skip
            again, peak = cycle(config)
            goal("all-304", count / again["seconds"], 400, "feeds/s", least=True)
            print(f"  {again['cpu'] / count * 1000:.2f} ms CPU per feed, start-up included")
            goal("the loop's lag, 99th percentile", again["lag_p99"] * 1000, 100, "ms")
            print(f"  the loop's lag, median: {again['lag_p50'] * 1000:.1f} ms")
            goal("peak of all processes", peak, 250, "MB")


def captured() -> None:
    """Real feeds from a folder, parsed in this process beside plain feedparser, and polled."""
    place = os.environ.get("REGWATCH_CAPTURED_FEEDS")
    if place is None:
        print("\ncaptured feeds: REGWATCH_CAPTURED_FEEDS names no folder, not measured")
        return
    bodies = [p.read_bytes() for p in sorted(Path(place).iterdir()) if p.suffix != ".csv"]
    print(f"\n{len(bodies)} captured feeds, {sum(map(len, bodies)) / 1e6:.1f} MB, parsed in one process")  # fmt: skip
    ours, our_entries = _parsed_by_us(bodies)
    plain, plain_entries = _parsed_plainly(bodies)
    print(f"  regwatch {ours:.2f} s, {our_entries} entries; feedparser {plain:.2f} s, {plain_entries} entries")  # fmt: skip
    goal("speed, beside plain feedparser", plain / ours, 3, "x", least=True)
    goal("entries, beside plain feedparser", our_entries / plain_entries, 1, "x", least=True)


def _parsed_by_us(bodies: list[bytes]) -> tuple[float, int]:
    from monitor.errors import FeedError
    from monitor.parse import parse_feed

    began, entries = time.perf_counter(), 0
    for body in bodies:
        try:
            found = parse_feed(body, "application/xml", "https://example.org/")
        except FeedError:
            continue
        entries += len(found.entries) + found.hints.dropped
    return time.perf_counter() - began, entries


def _parsed_plainly(bodies: list[bytes]) -> tuple[float, int]:
    import feedparser

    began, entries = time.perf_counter(), 0
    for body in bodies:
        entries += len(feedparser.parse(io.BytesIO(body)).entries)
    return time.perf_counter() - began, entries


def main() -> None:
    """Run what was asked for."""
    parts: dict[str, Callable[[], None]] = {"peers": peers, "many": many, "captured": captured}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
