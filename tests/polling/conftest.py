"""The real polling stack against loopback servers, with a clock that a test sets."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from classifiers.model import Model
from monitor.cycle import Report, Watch, poll_due
from monitor.domain import Feed, FeedName, SourceKind
from monitor.net import Net, NetSettings
from monitor.poll import poll
from monitor.ports import Ports
from monitor.recording import Recorder
from monitor.store import feeds as feed_rows
from monitor.store.archive import Archive
from monitor.workers import ParserPool

LOOPBACK = (ip_network("127.0.0.0/8"),)


@dataclass
class Clock:
    """A clock that goes only when a test says so."""

    time: datetime = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        """Let time pass: ``hours=2``."""
        self.time += timedelta(**by)


@dataclass
class Stack:
    """Sources, archive and clock; ``cycle`` polls for real."""

    archive: Archive
    model: Model
    parsers: ParserPool
    clock: Clock = field(default_factory=Clock)
    feeds: dict[str, Feed] = field(default_factory=dict)
    host_gap: timedelta = timedelta(seconds=1)
    chance: Callable[[], float] = lambda: 0.0
    net: dict[str, Any] = field(default_factory=dict)
    recording: dict[str, Any] = field(default_factory=dict)

    def watch(self, name: str, url: str, **keys: Any) -> None:
        """Add a source, or change its address."""
        self.feeds[name] = Feed(FeedName(name), url, SourceKind.PRESS, **keys)
        feed_rows.sync(self.archive, list(self.feeds.values()))

    def cycle(self, *, due_only: bool = False) -> Report:
        """Poll every source once, or those that are due."""
        report = Report()
        asyncio.run(self._cycle(report, due_only=due_only))
        assert not report.bugs
        return report

    async def poll_all(self) -> None:
        """``cycle`` for a test that has a loop already."""
        await self._cycle(Report(), due_only=False)

    async def _cycle(self, report: Report, *, due_only: bool) -> None:
        settings = NetSettings(**{"allow_addresses": LOOPBACK, "timeout_s": 15.0, **self.net})
        async with Net(settings) as net:
            watch = Watch(
                feeds=self.feeds,
                recorder=self.recorder,
                poll=partial(poll, net=net, parsers=self.parsers, now=self.clock, environ={}),
                ports=Ports(now=self.clock, chance=self.chance, environ={}),
                concurrency=settings.concurrency,
                host_gap=self.host_gap,
            )
            before = None if due_only else self.clock()
            await poll_due(watch, report, stop=asyncio.Event(), polled_before=before)

    @property
    def recorder(self) -> Recorder:
        """Recording into the archive; a host's pause is off, as all hosts here are private."""
        given = {"pause_whole_host": False, **self.recording}
        return Recorder(self.archive, self.model, ("console",), timedelta(days=3), **given)

    def row(self, name: str) -> dict[str, Any]:
        """A source's row."""
        return dict(self.archive.rows("SELECT * FROM feeds WHERE name = ?", (name,))[0])

    def titles(self, name: str) -> list[str]:
        """What is archived of a source."""
        rows = self.archive.rows("SELECT title FROM entries WHERE source = ? ORDER BY id", (name,))
        return [row["title"] for row in rows]

    def told(self, condition: str) -> int:
        """How often the operator was told of a condition."""
        return int(self.archive.rows("SELECT count(*) FROM alerts WHERE reason = ?", (condition,))[0][0])  # fmt: skip


@dataclass
class Hostile:
    """The server of ``hostile.py`` in a process of its own."""

    port: int
    canary: str

    def url(self, name: str, host: str = "127.0.0.1") -> str:
        """An endpoint's address."""
        return f"http://{host}:{self.port}/{name}"

    def log(self, name: str | None = None) -> list[dict[str, Any]]:
        """The requests so far, of one endpoint or all."""
        with urlopen(self.url("log")) as answer:
            entries: list[dict[str, Any]] = json.load(answer)
        return [e for e in entries if name is None or e["path"] == f"/{name}"]


Answer = tuple[int, dict[str, str], bytes | str]


@dataclass
class Farm:
    """A server on all of loopback whose pages a test sets, with a log and a count of what is in flight."""

    port: int = 0
    pages: dict[str, Answer | Callable[[dict[str, str]], Answer]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    most_at_once: Counter[str] = field(default_factory=Counter)
    _now: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """A page's address on one of loopback's hosts."""
        return f"http://{host}:{self.port}{path}"

    def asked(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for a path, names in lower case."""
        return [r["headers"] for r in self.requests if r["path"] == path]

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """What to say, with the request noted."""
        host = headers.get("host", "").partition(":")[0]
        with self._lock:
            self.requests.append({"path": path, "host": host, "headers": headers, "time": time.monotonic()})  # fmt: skip
            self._now[host] += 1
            self.most_at_once[host] = max(self.most_at_once[host], self._now[host])
        try:
            found = self.pages.get(path, (404, {}, b""))
            return found(headers) if callable(found) else found
        finally:
            with self._lock:
                self._now[host] -= 1


def rss(*titles: str, head: str = "", guid: str = "{title}", link: str = "https://news.example/{title}", extra: str = "") -> str:  # fmt: skip
    """A plain document."""
    items = "".join(
        f"<item><title>{t}</title><guid isPermaLink='false'>{guid.format(title=t)}</guid>"
        f"<link>{link.format(title=t.replace(' ', '-'))}</link>{extra}</item>"
        for t in titles
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>{head}{items}</channel></rss>"


@pytest.fixture
def document() -> Callable[..., str]:
    """The maker of plain documents."""
    return rss


@pytest.fixture
def farm() -> Iterator[Farm]:
    """A server whose pages a test sets."""
    made = Farm()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {k.lower(): v for k, v in self.headers.items()}
            status, sent, body = made.answer(self.path, headers)
            body = body.encode() if isinstance(body, str) else body
            self.send_response_only(status)
            for name, value in sent.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 200

    with Server(("0.0.0.0", 0), Handler) as server:
        made.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def parsers() -> Iterator[ParserPool]:
    """One pool of parser processes for all tests here."""
    pool = ParserPool(processes=2)
    yield pool
    pool.close()


@pytest.fixture
def stack(archive: Archive, model: Model, parsers: ParserPool) -> Stack:
    """The polling stack on a fresh archive."""
    return Stack(archive, model, parsers)


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Hostile]:
    """The hostile server, fresh."""
    canary = tmp_path / "canary.txt"
    canary.write_text("THE CANARY SINGS")
    command = [sys.executable, str(Path(__file__).with_name("hostile.py")), str(canary)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        yield Hostile(int(process.stdout.readline()), str(canary))
        process.stdin.close()
