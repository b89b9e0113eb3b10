"""How many sources one machine holds at an interval of 15 minutes, and what ends it.

Usage: python -m benchmarks.scale [LARGEST]
Doubles the number of sources up to LARGEST (16000). Each step polls all of them cold, then
once more as on an ordinary day: every fifth brings one new entry, the others answer 304. What is
printed is the second; the farm that answers runs on the same machine and is not counted.
The end is where a cycle would take longer than the interval.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
INTERVAL_S = 900
CHANGING = 5
LATENCY_S = 0.2
ENTRIES = 20
CONCURRENCY = 100
CORES = 2
MEMORY_MB = 2000
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Usage:
    """What a command and the processes below it took, at most and in all."""

    seconds: float = 0.0
    cpu: float = 0.0
    loop_cpu: float = 0.0  # of the main process alone: it schedules, judges and records
    memory_mb: float = 0.0
    written_mb: float = 0.0


def below(pid: int) -> list[int]:
    """The process and all its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(found for child in children for found in below(int(child)))]


def cpu_of(pid: int) -> float:
    """User and system seconds so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def value_of(path: str, name: str) -> int:
    """The first number after a name in a file of /proc."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def measure(command: list[str], folder: Path) -> Usage:
    """Run a command to its end, looking at it five times a second."""
    usage = Usage()
    cpu: dict[int, float] = {}
    began = time.perf_counter()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        while process.poll() is None:
            pids = below(process.pid)
            cpu |= {pid: max(cpu.get(pid, 0.0), cpu_of(pid)) for pid in pids}
            resident = sum(value_of(f"/proc/{pid}/status", "VmRSS:") for pid in pids) / 1024
            usage.memory_mb = max(usage.memory_mb, resident)
            written = value_of(f"/proc/{process.pid}/io", "write_bytes:") / 1e6
            usage.written_mb = max(usage.written_mb, written)
            time.sleep(0.2)
    assert process.returncode == 0, (folder / "log").read_text()[-2000:]
    usage.seconds = time.perf_counter() - began
    usage.cpu, usage.loop_cpu = sum(cpu.values()), cpu.get(process.pid, 0.0)
    return usage


def configuration(folder: Path, port: int, sources: int) -> Path:
    """So many sources, each on an address of its own."""
    lines = [
        "archive: regwatch.db",
        f"poll: {{interval: 15m, concurrency: {CONCURRENCY}, allow_addresses: [127.0.0.0/8]}}",
        "feeds:",
    ]
    lines += [
        f"  - {{name: F{n}, url: 'http://127.{1 + n // 60000}.{n // 250 % 240}.{1 + n % 250}:{port}/{n}.xml', kind: press}}"
        for n in range(sources)
    ]
    path = folder / "feeds.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def step(sources: int) -> Usage:
    """A cold cycle, then an ordinary one."""
    farm = [sys.executable, str(HERE / "farm.py"), str(LATENCY_S), str(ENTRIES), str(CHANGING)]
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(farm, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served,
    ):
        assert served.stdin is not None
        assert served.stdout is not None
        folder = Path(name)
        config = configuration(folder, int(served.stdout.readline()), sources)
        command = [sys.executable, "-m", "monitor", "--config", str(config), "once", "--now"]
        measure(command, folder)
        archive = folder / "regwatch.db"
        size = archive.stat().st_size
        usage = measure(command, folder)
        growth = (archive.stat().st_size - size) / 1e6
        served.stdin.close()
    print(
        f"{sources:>8,} {sources / usage.seconds:>9.0f} {1000 * usage.cpu / sources:>8.1f} {100 * usage.loop_cpu / usage.seconds:>7.0f} % "
        f"{usage.memory_mb:>7.0f} {1000 * usage.written_mb / sources:>9.1f} {size / 1e6:>8.0f} {growth:>7.1f}",
        flush=True,
    )
    return usage


def end_of(steps: dict[int, Usage]) -> str:
    """Where it ends, from the largest step; memory from what the last sources added."""
    sources, usage = list(steps.items())[-1]
    by_time = INTERVAL_S * sources / usage.seconds
    by_cpu = INTERVAL_S * CORES * sources / usage.cpu
    first, least = next(iter(steps.items()))
    each = max(0.0001, (usage.memory_mb - least.memory_mb) / max(1, sources - first))
    by_memory = sources + (MEMORY_MB - usage.memory_mb) / each
    by_loop = INTERVAL_S * sources / usage.loop_cpu
    return (
        f"At {sources:,} sources a cycle takes {usage.seconds:.0f} s of the {INTERVAL_S} s there are.\n"
        f"It ends at about {by_time:,.0f} sources by time as measured, {by_loop:,.0f} by the one process that records "
        f"(a core of its own), {by_cpu:,.0f} by both cores, {by_memory:,.0f} by {MEMORY_MB:,} MB of memory."
    )


def main() -> None:
    """Run and print."""
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 16000
    print(
        f"{CONCURRENCY} in flight, {LATENCY_S * 1000:.0f} ms latency, {ENTRIES} entries, one in {CHANGING} changed"
    )
    print(
        f"{'sources':>8} {'polls/s':>9} {'ms CPU':>8} {'process':>9} {'MB':>7} {'kB write':>9} {'archive':>8} {'growth':>7}"
    )
    sources, steps = 1000, {}
    while sources <= largest:
        steps[sources] = step(sources)
        if steps[sources].seconds > INTERVAL_S:
            break
        sources *= 2
    print(end_of(steps))


if __name__ == "__main__":
    main()
