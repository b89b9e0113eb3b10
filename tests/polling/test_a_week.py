"""Two hundred sources over a week of a fake clock: the log of requests is the oracle.

Only the sockets are replaced: resolving, the address guard, HTTP, parsing, scheduling, recording
and the archive are the real ones.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpcore
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

START = datetime(2026, 11, 23, tzinfo=UTC)
WEEK = timedelta(days=7)
SOURCES = 200
HOSTS = 150
STEP = timedelta(minutes=10)
FLOOR = timedelta(minutes=15)
OUTAGE = timedelta(hours=10)
LIMIT = 200_000

Wire = bytes | Exception | None  # None: the server hangs


def answer(status: int, body: str = "", **headers: str) -> bytes:
    """An HTTP answer; underscores in names are hyphens."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body.encode())}"]
    lines += [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]
    return "\r\n".join([*lines, "", body]).encode()


def self_signed() -> Exception:
    """What a bad certificate becomes in the HTTP library."""
    error = httpcore.ConnectError("tls")
    error.__cause__ = ssl.SSLCertVerificationError("CERTIFICATE_VERIFY_FAILED: self-signed")
    return error


def good(body: str, etag: str) -> bytes:
    """The document."""
    return answer(200, body, Content_Type="application/rss+xml", ETag=etag)


# kind of failure → what the wire brings instead of the document
FAILURES: dict[str, Callable[[str, str], Wire]] = {
    "connect": lambda body, etag: httpcore.ConnectError("refused"),
    "tls": lambda body, etag: self_signed(),
    "timeout": lambda body, etag: None,
    "http_404": lambda body, etag: answer(404),
    "http_410": lambda body, etag: answer(410),
    "http_500": lambda body, etag: answer(500, ETag='"bad"'),
    "rate_limited": lambda body, etag: answer(429, Retry_After="7200"),
    "http_503": lambda body, etag: answer(503, Retry_After="7200"),
    "blocked": lambda body, etag: answer(403, "<html><title>Just a moment...</title>", Content_Type="text/html"),
    "redirect": lambda body, etag: answer(302, Location="file:///etc/passwd"),
    "address": lambda body, etag: answer(302, Location="http://169.254.169.254/"),
    "too_large": lambda body, etag: good(body + " " * LIMIT, '"bad"'),
    "not_a_feed": lambda body, etag: answer(200, "<!doctype html><html>Down</html>", ETag='"bad"'),
    "empty": lambda body, etag: answer(200, ETag='"bad"'),
    "parse": lambda body, etag: answer(200, "<rss><channel><it", Content_Type="text/xml", ETag=etag),
    "dns": lambda body, etag: OSError("no such name"),
}  # fmt: skip
KINDS = tuple(FAILURES)


@dataclass(slots=True)
class Source:
    """One source's world: when it publishes, and when and how it fails."""

    number: int
    interval: timedelta
    outage: datetime
    published: list[datetime]

    @property
    def name(self) -> str:
        return f"S{self.number}"

    @property
    def host(self) -> str:
        return f"h{self.number % HOSTS}.example"

    @property
    def kind(self) -> str:
        return KINDS[self.number % len(KINDS)]

    def document(self, now: datetime) -> tuple[str, str]:
        """The document of this moment and its ETag."""
        there = [n for n, at in enumerate(self.published) if at <= now]
        items = "".join(f"<item><title>Town notes {self.number}/{n}</title><guid isPermaLink='false'>{self.number}-{n}</guid><pubDate>{format_datetime(self.published[n])}</pubDate></item>" for n in there)  # fmt: skip
        return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>", f'"e{len(there)}"'  # fmt: skip

    def wire(self, now: datetime, sent: str | None) -> Wire:
        """What the wire brings at this moment to a request with this validator."""
        body, etag = self.document(now)
        if self.outage <= now < self.outage + OUTAGE:
            return FAILURES[self.kind](body, etag)
        return answer(304, ETag=etag) if sent == etag else good(body, etag)


@dataclass(slots=True)
class World(httpcore.AsyncNetworkBackend):
    """The network: names, and at every address the sources; keeps the log."""

    sources: list[Source]
    time: datetime = START
    log: list[tuple[datetime, str, bool]] = field(default_factory=list)
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    refused: list[tuple[datetime, str]] = field(default_factory=list)

    def now(self) -> datetime:
        """A clock that goes a little with every look."""
        self.time += timedelta(milliseconds=300)
        return self.time

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        number = int(host[1:].partition(".")[0])
        mine = [s for s in self.sources if s.host == host and s.kind == "dns"]
        if any(s.outage <= self.time < s.outage + OUTAGE for s in mine):
            self.refused.append((self.time, mine[0].name))
            raise OSError("no such name")
        return [f"93.184.{number // 250}.{number % 250 + 1}"]

    async def connect_tcp(self, host: str, *arguments: Any, **named: Any) -> Any:
        return Line(self, host)


class Line(httpcore.AsyncNetworkStream):
    """One connection: takes a request, gives the answer."""

    def __init__(self, world: World, address: str) -> None:
        self.world, self.address, self.sent = world, address, b""
        self.left: bytes | None = None
        world.at_once[address] += 1
        world.most_at_once = max(world.most_at_once, world.at_once[address])

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.sent += buffer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self.left is None:
            self.left = await self._answer()
        part, self.left = self.left[:max_bytes], self.left[max_bytes:]
        return part

    async def _answer(self) -> bytes:
        head, *lines = self.sent.decode().split("\r\n")
        source = self.world.sources[int(head.split("/")[1].partition(" ")[0])]
        headers = {k.lower(): v.strip() for k, _, v in (x.partition(":") for x in lines if x)}
        etag = headers.get("if-none-match")
        self.world.log.append((self.world.time, source.name, etag is None))
        await asyncio.sleep(0)  # others get their turn while this one is under way
        wire = source.wire(self.world.time, etag)
        if wire is None:
            await asyncio.sleep(3600)
        if isinstance(wire, Exception):
            raise wire
        assert wire is not None
        return wire

    async def aclose(self) -> None:
        self.world.at_once[self.address] -= 1

    def get_extra_info(self, info: str) -> Any:
        return None


def make_world() -> World:
    """Sources that poll every 2, 6 or 12 hours; each publishes now and then and fails once."""
    chance = random.Random(4)
    sources = []
    for n in range(SOURCES):
        interval = timedelta(hours=2 if n < 20 else 6 if n < 80 else 12)
        outage = START + timedelta(hours=chance.uniform(20, 120))
        moments = sorted(START + timedelta(hours=chance.uniform(0, 150)) for _ in range(5))
        sources.append(Source(n, interval, outage, [START - timedelta(days=1), *moments]))
    return World(sources)


async def live(world: World, archive: Archive, model: Model, parsers: ParserPool) -> Report:
    """The week, a cycle every ten minutes."""
    settings = NetSettings(timeout_s=0.2, max_body=LIMIT)
    book = {s.name: Feed(FeedName(s.name), f"http://{s.host}/{s.number}", SourceKind.PRESS, interval=s.interval) for s in world.sources}  # fmt: skip
    feed_rows.sync(archive, list(book.values()))
    chance = random.Random(5)
    report = Report()
    async with Net(settings, resolve=world.resolve, network=world) as net:
        watch = Watch(
            feeds=book,
            recorder=Recorder(archive, model, ("console",), timedelta(days=3), pause_whole_host=False),
            poll=partial(poll, net=net, parsers=parsers, now=world.now, environ={}),
            ports=Ports(now=world.now, chance=chance.random, environ={}),
            look_again_s=0.005,
        )  # fmt: skip
        moment = START
        while moment < START + WEEK:
            world.time = max(world.time, moment)
            await poll_due(watch, report, stop=asyncio.Event())
            moment += STEP
    return report


@dataclass(slots=True)
class Lived:
    """The week when it is over."""

    world: World
    archive: Archive
    report: Report


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory, model: Model, parsers: ParserPool) -> Iterator[Lived]:  # fmt: skip
    """Live it once for all claims."""
    folder: Path = tmp_path_factory.mktemp("week")
    world = make_world()
    with Archive.open(folder / "a.db") as archive:
        report = asyncio.run(live(world, archive, model, parsers))
        yield Lived(world, archive, report)


def moments(week: Lived) -> dict[str, list[datetime]]:
    """When each source was asked."""
    found: dict[str, list[datetime]] = {s.name: [] for s in week.world.sources}
    for at, name, _ in week.world.log:
        found[name].append(at)
    return found


def test_each_source_was_asked_without_validators_exactly_once_in_the_week_a2_a6(
    week: Lived,
) -> None:
    counts = Counter(name for _, name, unconditional in week.world.log if unconditional)
    assert counts == dict.fromkeys(moments(week), 1)


def test_no_source_was_asked_below_the_floor_or_before_a_retry_after_b2_b5(week: Lived) -> None:
    held = []
    for source in week.world.sources:
        asked = moments(week)[source.name]
        assert min(b - a for a, b in pairwise(asked)) >= FLOOR
        if source.kind in ("rate_limited", "http_503"):
            held += [b - a for a, b in pairwise(asked) if source.outage <= a < source.outage + OUTAGE]  # fmt: skip
    assert len(held) > 10
    # this clock goes on between the request and its note in the log: some seconds of leeway
    assert min(held) >= timedelta(hours=2) - timedelta(seconds=20)


def test_a_host_had_never_more_than_one_request_in_flight_b9(week: Lived) -> None:
    assert week.world.most_at_once == 1
    by_host: dict[str, list[datetime]] = {}
    for at, name, _ in week.world.log:
        by_host.setdefault(f"h{int(name[1:]) % HOSTS}", []).append(at)
    assert min(b - a for times in by_host.values() for a, b in pairwise(sorted(times))) >= timedelta(seconds=1)  # fmt: skip


def test_every_kind_of_failure_was_met_and_every_source_came_back_b7_g4(week: Lived) -> None:
    assert week.report.bugs == 0
    assert set(week.report.errors) == set(KINDS)
    rows = week.archive.rows("SELECT name, state, error_class, failures FROM feeds")
    assert [tuple(r) for r in rows if r["state"] != "ok" or r["failures"]] == []
    for source in week.world.sources:
        after = [at for at in moments(week)[source.name] if at >= source.outage + OUTAGE]
        assert after[0] - (source.outage + OUTAGE) <= timedelta(hours=24) + STEP


def test_every_entry_of_the_week_is_archived_once_a7(week: Lived) -> None:
    rows = week.archive.rows("SELECT count(*) AS n, count(DISTINCT guid) AS g FROM entries")[0]
    assert rows["n"] == rows["g"] == sum(len(s.published) for s in week.world.sources)
    assert len(week.world.log) > 3000
