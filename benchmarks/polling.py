"""Cold and all-304 cycles over local feeds, beside the `reader` library in the same run.

Usage: python benchmarks/polling.py [FEEDS] [LATENCY_MS]
`reader` is measured where it is installed, here or for the Python that READER_PYTHON names; each feed is on a loopback address of its own.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
READER = """
import sys, time, warnings
warnings.simplefilter("ignore")
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in sys.argv[2:]:
    reader.add_feed(url, exist_ok=True)
for name in ("cold", "again"):
    began = time.perf_counter()
    reader.update_feeds(workers=20)
    print(f"reader {name} {time.perf_counter() - began:.2f}")
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


def ours(folder: Path, addresses: list[str]) -> list[tuple[str, float, float]]:
    """Seconds and peak megabytes of `once --now`, cold and again."""
    config = folder / "feeds.yaml"
    feeds = "".join(
        f"  - {{name: F{n}, url: '{u}', kind: press}}\n" for n, u in enumerate(addresses)
    )
    config.write_text(
        f"archive: regwatch.db\nalerts: {{console: true}}\npoll: {{allow_addresses: [127.0.0.0/8]}}\nfeeds:\n{feeds}"
    )
    found = []
    for name in ("cold", "all-304"):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "monitor", "--config", str(config), "once", "--now"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        seconds = time.perf_counter() - began
        found.append((name, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
    return found


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    latency = float(sys.argv[2]) / 1000 if len(sys.argv) > 2 else 0.2
    with tempfile.TemporaryDirectory() as folder, farm(latency) as port:
        addresses = urls(port, count)
        print(f"{count} feeds of 20 entries, {latency * 1000:.0f} ms latency, start-up included")
        for name, seconds, peak in ours(Path(folder), addresses):
            print(
                f"regwatch {name}: {seconds:.2f} s, {count / seconds:.0f} feeds/s, largest process {peak:.0f} MB"
            )
        python = os.environ.get("READER_PYTHON") or (
            sys.executable if find_spec("reader") else None
        )
        if python is None:
            print("reader: not installed, not measured")
            return
        script = Path(folder) / "reader_run.py"
        script.write_text(READER)
        began = time.perf_counter()
        subprocess.run(
            [python, str(script), str(Path(folder) / "reader.db"), *addresses], check=True
        )
        seconds = time.perf_counter() - began
        print(f"reader, start-up and both updates included: {seconds:.2f} s")


if __name__ == "__main__":
    main()
