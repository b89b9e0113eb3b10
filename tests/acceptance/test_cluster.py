"""Pollers in other processes, a real PostgreSQL between them, one process that records.

The sources' own request log is the oracle: what was polled, by whom, from when to when.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from .conftest import base_environment, command_line
from .postgres import WHY_SKIPPED, Postgres, programs, running

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(programs() is None, reason=WHY_SKIPPED),
]
procrastinate = pytest.importorskip("procrastinate", reason="the extra `cluster` is not installed")

HOSTS, PER_HOST = 6, 5
GAP_S = 0.2
RSS = "<?xml version='1.0'?><rss version='2.0'><channel><title>T</title><item><title>From {path}</title><guid>tag:news.example,2026:{path}</guid><link>https://news.example{path}</link></item></channel></rss>"


@dataclass
class Request:
    """What a source saw of one request."""

    host: str
    path: str
    poller: str
    began: float
    ended: float = float("inf")


@dataclass
class Sources:
    """Sources on several addresses of loopback; ``hold`` keeps one path unanswered."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    hold: str = ""
    held: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def polled(self) -> Counter[str]:
        return Counter(r.path for r in self.requests)

    def overlapping(self, key: Callable[[Request], str]) -> list[tuple[Request, Request]]:
        """Requests of the same key that were open at the same time."""
        by_key: dict[str, list[Request]] = {}
        for request in sorted(self.requests, key=lambda r: r.began):
            by_key.setdefault(key(request), []).append(request)
        return [(a, b) for group in by_key.values() for a, b in pairwise(group) if b.began < a.ended]  # fmt: skip


@pytest.fixture
def sources() -> Iterator[Sources]:
    """The sources, served in threads of this process."""
    import time

    made = Sources()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"].partition(":")[0]
            request = Request(host, self.path, self.headers["User-Agent"], time.monotonic())
            made.requests.append(request)
            if self.path == made.hold and not made.held.is_set():
                made.held.set()
                made.go_on.wait(60)
                request.ended = time.monotonic()
                self.close_connection = True
                return
            body = RSS.format(path=self.path).encode()
            request.ended = time.monotonic()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("0.0.0.0", 0), Handler) as server:
        made.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        made.go_on.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
    """A real PostgreSQL, running."""
    with running() as server:
        yield server


@dataclass
class Fleet:
    """Processes of regwatch in one folder, ended with the test."""

    folder: Path
    cluster: Postgres
    sources: Sources
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def configure(self, name: str, feeds: int) -> Path:
        lines = [
            "archive: regwatch.db",
            f"poll: {{host_gap: {GAP_S}s, allow_addresses: [127.0.0.0/8], timeout: 5s, contact: {name}, concurrency: 10}}",
            "cluster: {stalled_after: 10s}",
            "feeds:" if feeds else "",
        ]
        lines += [f"  - {{name: F{n}, url: 'http://127.0.1.{1 + n % HOSTS}:{self.sources.port}/{n}', kind: press}}" for n in range(feeds)]  # fmt: skip
        path = self.folder / f"{name}.yaml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def start(self, command: str, name: str, feeds: int = 0) -> subprocess.Popen[str]:
        """Start ``run`` or ``poller``; its log goes to a file, its User-Agent carries its name."""
        with (self.folder / f"{name}.log").open("a") as log:
            process = subprocess.Popen(
                [*command_line(), "--config", str(self.configure(name, feeds)), command],
                cwd=self.folder,
                stderr=log,
                stdout=subprocess.DEVNULL,
                text=True,
                env=base_environment() | {"REGWATCH_CLUSTER_DSN": self.cluster.dsn},
            )
        self.processes.append(process)
        return process

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(f"file:{self.folder / 'regwatch.db'}?mode=ro", uri=True)) as archive:  # fmt: skip
            return archive.execute(query).fetchall()

    def recorded(self) -> set[object]:
        if not (self.folder / "regwatch.db").exists():
            return set()
        try:
            return {row[0] for row in self.rows("SELECT substr(title, 6) FROM entries")}
        except sqlite3.OperationalError:  # not there yet
            return set()

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Until something is so; at most a minute, on a machine that does other things too."""
        waiting = threading.Event()
        for _ in range(600):
            if condition():
                return
            waiting.wait(0.1)
        logs = "\n".join(f"== {p.name}\n{p.read_text()[-3000:]}" for p in self.folder.glob("*.log"))
        raise AssertionError(f"waited a minute for {what}\n{logs}")

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(30)


@pytest.fixture
def fleet(tmp_path: Path, cluster: Postgres, sources: Sources) -> Iterator[Fleet]:
    """An empty fleet."""
    made = Fleet(tmp_path, cluster, sources)
    try:
        yield made
    finally:
        sources.go_on.set()
        for process in made.processes:
            if process.poll() is None:
                process.kill()
                process.wait(30)


def test_a_poller_is_killed_and_nothing_is_lost_or_polled_twice_at_once(
    fleet: Fleet, sources: Sources
) -> None:
    total = HOSTS * PER_HOST
    sources.hold = f"/{total - 1}"
    recording = fleet.start("run", "recorder", total)
    pollers = {name: fleet.start("poller", name) for name in ("one", "two")}
    fleet.wait(sources.held.is_set, "the held poll")
    victim = next(r.poller for r in sources.requests if r.path == sources.hold)
    name = next(n for n in pollers if f"+{n})" in victim)
    pollers[name].send_signal(signal.SIGKILL)
    sources.go_on.set()
    fleet.wait(lambda: len(fleet.recorded()) == total, "every source's entry")
    fleet.end()
    assert fleet.recorded() == {f"/{n}" for n in range(total)}
    assert recording.returncode == 0
    assert sorted(p.returncode for p in pollers.values()) == [-signal.SIGKILL, 0]
    # both had work, and the recording process fetched nothing by itself
    assert {r.poller.rpartition("+")[2] for r in sources.requests} == {"one)", "two)"}
    # only what the dead poller had in hand was asked again, by the other one
    twice = [path for path, times in sources.polled().items() if times != 1]
    assert sources.hold in twice
    for path in twice:
        first, second = [r.poller for r in sources.requests if r.path == path]
        assert (first, second != victim) == (victim, True)
    assert sources.overlapping(lambda r: r.path) == []
    assert sources.overlapping(lambda r: r.host) == []
    assert "cluster_rescued" in fleet.log("recorder")


def test_the_gap_between_two_polls_of_a_host_is_kept_across_pollers(
    fleet: Fleet, sources: Sources
) -> None:
    total = HOSTS * PER_HOST
    fleet.start("run", "recorder", total)
    for name in ("one", "two"):
        fleet.start("poller", name)
    fleet.wait(lambda: len(fleet.recorded()) == total, "every source's entry")
    fleet.end()
    starts: dict[object, list[datetime]] = {}
    for host, started in fleet.rows("SELECT f.host, p.started FROM fetches p JOIN feeds f ON f.id = p.feed_id ORDER BY 2"):  # fmt: skip
        starts.setdefault(host, []).append(datetime.fromisoformat(str(started)))
    gaps = [(b - a).total_seconds() for times in starts.values() for a, b in pairwise(times)]
    assert len(gaps) == HOSTS * (PER_HOST - 1)
    assert min(gaps) >= GAP_S - 0.001  # times are kept in milliseconds
    assert sources.overlapping(lambda r: r.host) == []
    assert max(sources.polled().values()) == 1


def test_a_killed_recording_process_begins_again_where_it_was(
    fleet: Fleet, sources: Sources
) -> None:
    sources.hold = "/0"
    first = fleet.start("run", "recorder", 12)
    fleet.start("poller", "one")
    fleet.wait(sources.held.is_set, "the held poll")
    first.kill()
    first.wait(30)
    fleet.start("run", "recorder", 12)
    fleet.wait(lambda: len(fleet.recorded()) == 10, "what is on other hosts than the held source")
    sources.go_on.set()
    fleet.wait(lambda: len(fleet.recorded()) == 12, "every source's entry")
    fleet.end()
    assert [p.returncode for p in fleet.processes] == [-signal.SIGKILL, 0, 0]
    assert sources.overlapping(lambda r: r.path) == []
    assert sources.overlapping(lambda r: r.host) == []


def test_while_postgresql_is_away_sources_wait_and_none_is_blamed(
    fleet: Fleet, cluster: Postgres
) -> None:
    cluster.stop()
    try:
        fleet.start("run", "recorder", 4)
        fleet.start("poller", "one")
        fleet.wait(lambda: "cluster_lost" in fleet.log("recorder") and "cluster_lost" in fleet.log("one"), "both to notice")  # fmt: skip
    finally:
        cluster.start()
    fleet.wait(lambda: len(fleet.recorded()) == 4, "every source's entry")
    fleet.end()
    assert fleet.rows("SELECT DISTINCT state, failures FROM feeds") == [("ok", 0)]
    told = [row[0] for row in fleet.rows("SELECT reason FROM alerts WHERE kind = 'ops' ORDER BY id")]  # fmt: skip
    assert told == ["cluster_lost", "polled_again"]


def test_a_poller_needs_a_cluster_and_a_connection_string(fleet: Fleet, regwatch: Callable[..., subprocess.CompletedProcess[str]]) -> None:  # fmt: skip
    config = fleet.configure("alone", 0)
    done = regwatch("--config", str(config), "poller")
    assert (done.returncode, "REGWATCH_CLUSTER_DSN" in done.stderr) == (2, True)
    config.write_text("feeds: []\n", encoding="utf-8")
    done = regwatch("--config", str(config), "poller")
    assert (done.returncode, "no poller is needed" in done.stderr) == (2, True)
