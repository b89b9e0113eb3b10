"""The hostile server's whole set in one cycle: seconds, memory, and the class each endpoint ends in.

Usage: python -m benchmarks.hostile
"""

from __future__ import annotations

import runpy
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from .polling import cycle, goal

TESTS = Path(__file__).parents[1] / "tests" / "polling"
EXPECTED: dict[str, str | int] = runpy.run_path(str(TESTS / "test_hostile_server.py"))["EXPECTED"]


@contextmanager
def hostile() -> Iterator[int]:
    """The server as a process of its own."""
    command = [sys.executable, str(TESTS / "hostile.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline())
        process.stdin.close()


def configure(folder: Path, port: int, endpoints: list[str]) -> Path:
    """A configuration of endpoints, each on a host of its own, with the limits as shipped."""
    feeds = "".join(f"  - {{name: {e} {n}, url: 'http://127.0.1.{n}:{port}/{e}', kind: press}}\n" for n, e in enumerate(endpoints, 1))  # fmt: skip
    path = folder / "feeds.yaml"
    path.write_text(f"archive: a.db\nalerts: {{console: true}}\npoll: {{allow_addresses: [127.0.0.0/8]}}\nfeeds:\n{feeds}")  # fmt: skip
    return path


def found(archive: Path) -> dict[str, str | int]:
    """What each source ended in: its error class, or how many entries."""
    with closing(sqlite3.connect(archive)) as connection:
        rows = connection.execute("SELECT name, coalesce(error_class, (SELECT count(*) FROM entries e WHERE e.feed_id = f.id)) FROM feeds f")  # fmt: skip
        return {name.partition(" ")[0]: value for name, value in rows}


def main() -> int:
    """Run and print; 1 where an endpoint ends in another class than it should."""
    with hostile() as port:
        with tempfile.TemporaryDirectory() as folder:
            _, harmless = cycle(configure(Path(folder), port, ["ok"] * len(EXPECTED)))
        with tempfile.TemporaryDirectory() as folder:
            took, peak = cycle(configure(Path(folder), port, list(EXPECTED)))
            ended = found(Path(folder) / "a.db")
    print(f"{len(EXPECTED)} hostile endpoints in one cycle, limits as shipped")
    goal("seconds", took["seconds"], 60, "s")
    goal(f"growth of all processes over the same number of harmless feeds ({harmless:.0f} MB)", peak - harmless, 60, "MB")  # fmt: skip
    goal("the loop's lag, 99th percentile", took["lag_p99"] * 1000, 100, "ms")
    wrong = {e: (ended.get(e), EXPECTED[e]) for e in EXPECTED if ended.get(e) != EXPECTED[e]}
    print("  every endpoint ends in its class" if not wrong else f"! (found, expected): {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
