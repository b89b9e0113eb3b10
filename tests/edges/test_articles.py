"""Articles read in full, against a loopback site whose request log is the oracle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from classifiers.model import Model
from monitor.articles import Reader
from monitor.cycle import Report, Watch
from monitor.domain import (
    Feed,
    FeedName,
    HttpFacts,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
)
from monitor.errors import StoreError
from monitor.net import Net, NetSettings
from monitor.ports import Ports
from monitor.recording import Recorder, record_poll
from monitor.store import evidence, feeds, keeping
from monitor.store.archive import Archive
from monitor.store.codec import iso, state_from_row
from monitor.workers import ParserPool

pytestmark = pytest.mark.anyio

TITLE = "New decision on the use of AI"
SAID = "Personal data of users."
STORY = "The data protection authority has fined the chatbot provider Luka 5 million euros for training its artificial intelligence on the personal data of users without a legal basis. It ordered the company to stop processing the personal data of Italian users with its generative AI model."
PAGE = f"<html><head><title>{TITLE}</title></head><body><nav><a href='/'>Home</a></nav><article><h1>{TITLE}</h1><p>{STORY}</p><p>{STORY}</p></article></body></html>"
DULL = " ".join(f"On day {n} the conference heard opinions on copyright, antitrust and draft guidance." for n in range(9))  # fmt: skip
HIT = "ICO fines Clearview AI over facial recognition of UK residents"


class World:
    """A source, its archive, a clock that tests move, and a site of articles."""

    def __init__(self, archive: Archive, model: Model, site: HTTPServer) -> None:
        self.archive, self.site = archive, site
        self.moment = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
        self.feed = Feed(FeedName("A"), "https://feeds.example/a", SourceKind.REGULATOR, fulltext=True)  # fmt: skip
        feeds.sync(archive, [self.feed])
        recorder = Recorder(archive, model, ("console", "C1"), timedelta(days=3))
        ports = Ports(now=self.now, chance=lambda: 0.0, environ={})
        own: dict[str, Feed] = {self.feed.name: self.feed}
        self.watch = Watch(own, recorder, None, ports, host_gap=timedelta(0))  # type: ignore[arg-type]
        self.seen: list[str] = []

    def now(self) -> datetime:
        return self.moment

    def poll(self, *entries: ParsedEntry) -> None:
        row = self.archive.rows("SELECT * FROM feeds WHERE name = 'A'")[0]
        job = PollJob(self.feed, state_from_row(dict(row)))
        result = PollResult(job, HttpFacts(status=200, started=self.moment), Parsed(entries))
        record_poll(self.watch.recorder, result, now=self.moment, chance=0.0)

    def serve(self, path: str, answer: str | Callable[[Request], Response], kind: str = "text/html") -> str:  # fmt: skip
        def respond(request: Request) -> Response:
            self.seen.append(request.path)
            return answer(request) if callable(answer) else Response(answer, content_type=kind)

        self.site.expect_request(path).respond_with_handler(respond)
        return str(self.site.url_for(path))

    def one(self, sql: str) -> object:
        row = self.archive.row(sql)
        return None if row is None else row[0]

    def told(self) -> tuple[object, object]:
        return self.one("SELECT state FROM fulltexts"), self.one("SELECT reason FROM fulltexts")


@pytest.fixture
def world(archive: Archive, model: Model, httpserver: HTTPServer) -> World:
    made = World(archive, model, httpserver)
    made.poll()  # the first poll is a baseline
    return made


@pytest.fixture(scope="module")
def parsers() -> Iterator[ParserPool]:
    pool = ParserPool(processes=1)
    yield pool
    pool.close()


@pytest.fixture
async def reader(world: World, parsers: ParserPool) -> AsyncIterator[Reader]:
    settings = NetSettings(allow_addresses=(ip_network("127.0.0.0/8"),), timeout_s=2.0)
    async with Net(settings) as net:
        yield Reader(world.watch, net, parsers)


async def read(reader: Reader) -> Report:
    report = Report()
    await reader.read_due(report, stop=asyncio.Event())
    return report


def entry(url: str, title: str | None = None, said: str = SAID) -> ParsedEntry:
    return ParsedEntry(title or f"{TITLE} {url[-1]}", url=url, guid=url, summary=said)


async def test_an_entry_that_becomes_a_hit_by_its_article_is_alerted_once_with_evidence(
    world: World, reader: Reader
) -> None:
    world.serve("/robots.txt", "User-agent: *\nDisallow: /admin", "text/plain")
    url = world.serve("/a", PAGE)
    world.poll(entry(url))
    assert world.one("SELECT count(*) FROM alerts") == 0
    assert (await read(reader)).alerts == 1
    await read(reader)
    world.poll(entry(url))
    assert world.seen == ["/robots.txt", "/a"]
    assert world.one("SELECT count(*) FROM alerts WHERE kind = 'new'") == 1
    assert world.one("SELECT count(*) FROM deliveries") == 2
    assert world.told() == ("read", "allowed by robots.txt")
    said = json.loads(str(world.one("SELECT data FROM evidence WHERE what = 'article read'")))
    assert said["text"].startswith("New decision") or STORY[:40] in said["text"]
    assert said["sha256"] == world.one("SELECT hash FROM extracts")
    assert (
        evidence.broken_at(map(dict, world.archive.rows("SELECT * FROM evidence ORDER BY seq")))
        is None
    )


async def test_a_hit_is_alerted_before_its_article_is_read_and_keeps_its_alert(
    world: World, reader: Reader
) -> None:
    world.serve("/robots.txt", "", "text/plain")
    page = PAGE.replace(TITLE, HIT).replace(STORY, DULL)
    world.watch.recorder = replace(
        world.watch.recorder, threshold=0.92
    )  # above the article's score
    world.poll(entry(world.serve("/a", page), HIT, ""))
    assert world.one("SELECT count(*) FROM alerts") == 1
    before = world.one("SELECT score FROM verdicts")
    await read(reader)
    assert world.told()[0] == "read"
    assert world.one("SELECT count(*) FROM alerts") == 1
    assert world.one("SELECT count(*) FROM hits") == 1
    assert world.one("SELECT score FROM verdicts") == before


async def test_only_entries_that_pass_the_screen_on_few_words_are_read(
    world: World, reader: Reader
) -> None:
    url = world.serve("/a", PAGE)
    world.poll(
        entry(f"{url}?1", "The weather is fine", "Nothing else."),
        entry(f"{url}?2", TITLE, SAID + " More words than few." * 60),
        ParsedEntry(TITLE, guid="no link", summary=SAID),
    )
    world.feed = replace(world.feed, fulltext=False)
    world.poll(entry(f"{url}?4"))
    await read(reader)
    assert (world.seen, world.one("SELECT count(*) FROM fulltexts")) == ([], 0)


async def test_where_no_source_asks_for_articles_any_more_none_is_read(
    world: World, reader: Reader
) -> None:
    world.poll(entry(world.serve("/a", PAGE)))
    world.watch.feeds = {}
    await read(reader)
    assert (world.seen, world.told()[0]) == ([], "due")


async def test_what_cannot_be_begun_in_time_is_left_for_the_next_time(
    world: World, reader: Reader
) -> None:
    world.poll(entry(world.serve("/a", PAGE)))
    await reader.read_due(Report(), stop=asyncio.Event(), within_s=-1)
    assert (world.seen, world.told()[0]) == ([], "due")


async def test_what_a_first_poll_would_only_store_is_not_read(
    archive: Archive, model: Model, httpserver: HTTPServer
) -> None:
    world = World(archive, model, httpserver)
    old = replace(entry("https://a.example/1"), published=world.moment - timedelta(days=9))
    world.poll(old, entry("https://a.example/2"), replace(entry("https://a.example/3"), published=world.moment))  # fmt: skip
    assert world.one("SELECT group_concat(url) FROM fulltexts") == "https://a.example/3"


async def test_a_page_that_robots_txt_forbids_is_not_fetched_and_the_reason_kept(
    world: World, reader: Reader
) -> None:
    world.serve("/robots.txt", "User-agent: regwatch\nDisallow: /a", "text/plain")
    for path in ("/a", "/a2"):
        world.poll(entry(world.serve(path, PAGE)))
        await read(reader)
    assert world.seen == ["/robots.txt"]
    state, reason = world.told()
    assert state == "refused"
    assert "/robots.txt forbids it (Disallow: /a)" in str(reason)
    assert world.one("SELECT count(*) FROM evidence WHERE what = 'article not read'") == 2


async def test_robots_txt_is_kept_for_as_long_as_it_says_and_at_most_a_day(
    world: World, reader: Reader
) -> None:
    fresh = {"Cache-Control": "max-age=7200"}
    world.serve("/robots.txt", lambda _: Response("", headers=fresh, content_type="text/plain"))
    for n, hours in enumerate((0, 1, 2)):
        world.moment += timedelta(hours=hours)
        world.poll(entry(world.serve(f"/{n}", PAGE)))
        await read(reader)
    assert world.seen == ["/robots.txt", "/0", "/1", "/robots.txt", "/2"]


@pytest.mark.parametrize("status", [404, 403])
async def test_a_site_without_robots_txt_allows_all(
    world: World, reader: Reader, status: int
) -> None:
    world.serve("/robots.txt", lambda _: Response("", status))
    world.poll(entry(world.serve("/a", PAGE)))
    await read(reader)
    assert world.told()[0] == "read"


async def test_a_robots_txt_that_cannot_be_reached_forbids_for_the_time_being(
    world: World, reader: Reader
) -> None:
    answers = [Response("", 500), Response("User-agent: *\nAllow: /", content_type="text/plain")]
    world.serve("/robots.txt", lambda _: answers.pop(0))
    world.poll(entry(world.serve("/a", PAGE)))
    await read(reader)
    assert world.seen == ["/robots.txt"]
    assert world.told()[0] == "due"
    world.moment += timedelta(hours=2)
    await read(reader)
    assert world.seen == ["/robots.txt", "/robots.txt", "/a"]
    assert world.told()[0] == "read"


async def test_a_failing_page_is_tried_three_times_and_then_left(
    world: World, reader: Reader
) -> None:
    world.serve("/robots.txt", "", "text/plain")
    world.poll(entry(world.serve("/a", lambda _: Response("", 502)), HIT, ""))
    for _ in range(6):
        await read(reader)
        world.moment += timedelta(hours=3)
    assert world.seen == ["/robots.txt", "/a", "/a", "/a"]
    state, reason = world.told()
    assert (state, "given up after 3 tries" in str(reason)) == ("failed", True)
    assert world.one("SELECT count(*) FROM alerts") == 1


async def test_a_retry_after_holds_the_whole_host_back_b5(world: World, reader: Reader) -> None:
    world.serve("/robots.txt", "", "text/plain")
    slow = Response("", 429, {"Retry-After": "86400"})
    world.poll(entry(world.serve("/a", lambda _: slow)))
    await read(reader)
    world.moment += timedelta(hours=12)
    world.poll(entry(world.serve("/b", PAGE)))
    await read(reader)
    assert world.seen == ["/robots.txt", "/a"]


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        ("%PDF-1.7", "application/pdf", "not a page but application/pdf"),
        ("<html><body><p>Short.</p></body></html>", "text/html", "characters of text"),
        ("<html><title>Before you continue</title><body><article>" + "".join(f"<p>Choice {n}: we and {n * 7} partners store cookies on your device.</p>" for n in range(9)) + "</article></body></html>", "text/html", "speaks of something else"),
        ("<html><title>Just a moment...</title></html>", "text/html", "blocked"),
    ],
)  # fmt: skip
async def test_what_is_no_article_is_not_judged(
    world: World, reader: Reader, body: str, kind: str, reason: str
) -> None:
    world.serve("/robots.txt", "", "text/plain")
    world.poll(entry(world.serve("/a", body, kind)))
    await read(reader)
    assert world.told()[0] == "failed"
    assert reason in str(world.told()[1])
    assert world.one("SELECT count(*) FROM extracts") == 0


async def test_a_redirect_to_another_site_takes_its_turn_and_its_robots_txt(
    world: World, reader: Reader
) -> None:
    world.serve("/robots.txt", "User-agent: *\nDisallow: /b", "text/plain")
    world.serve("/b", PAGE)
    elsewhere = world.site.url_for("/b").replace("localhost", "127.0.0.1")
    world.poll(entry(world.serve("/a", lambda _: Response("", 302, {"Location": elsewhere})).replace("127.0.0.1", "localhost")))  # fmt: skip
    await read(reader)
    assert world.seen == ["/robots.txt", "/a", "/robots.txt"]
    assert world.told()[0] == "refused"


async def test_a_link_into_a_private_network_is_not_followed_d1(
    world: World, parsers: ParserPool
) -> None:
    world.poll(entry(world.serve("/a", PAGE)))
    async with Net(NetSettings()) as net:
        for _ in range(3):
            await Reader(world.watch, net, parsers).read_due(Report(), stop=asyncio.Event())
            world.moment += timedelta(hours=2)
    assert world.seen == []
    assert world.told()[0] == "failed"


async def test_requests_to_one_host_keep_their_distance_and_polls_keep_theirs_b9(
    world: World,
) -> None:
    from monitor.store import fulltexts

    for n in range(3):
        world.poll(entry(f"https://feeds.example/{n}"))
    gap = timedelta(seconds=1)

    def claimed() -> int:
        return len(fulltexts.claim(world.archive, world.moment, 9, lease=timedelta(minutes=2), host_gap=gap))  # fmt: skip

    def polls() -> int:
        feed: dict[str, Feed] = {world.feed.name: world.feed}
        later = world.moment + timedelta(days=1)
        return len(feeds.claim(world.archive, feed, later, 9, owner="o", lease=gap, host_gap=gap))

    world.moment += gap * 5  # past the poll itself
    assert claimed() == 1
    world.moment += gap * 5
    assert claimed() == 0  # one in flight on this host
    fulltexts.release(world.archive)
    world.archive.connection.execute("UPDATE fulltexts SET lease_until = '2026-12-31'")
    assert polls() == 0
    fulltexts.release(world.archive)
    assert polls() == 1


async def test_a_crawl_delay_spaces_a_hosts_articles(world: World, reader: Reader) -> None:
    world.serve("/robots.txt", "User-agent: *\nCrawl-delay: 30", "text/plain")
    world.watch.host_gap = timedelta(seconds=0.1)
    world.poll(*(entry(world.serve(f"/{n}", PAGE)) for n in range(2)))

    def tick() -> datetime:
        world.moment += timedelta(seconds=0.2)
        return world.moment

    world.watch.ports = replace(world.watch.ports, now=tick)
    await read(reader)
    assert len(world.seen) == 2
    world.moment += timedelta(seconds=60)
    await read(reader)
    assert len(world.seen) == 3


async def test_a_crash_before_recording_leaves_the_article_due_and_nothing_doubled_a7(
    world: World, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.serve("/robots.txt", "", "text/plain")
    world.poll(entry(world.serve("/a", PAGE)))

    def crash(*_: object, **__: object) -> None:
        raise StoreError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr("monitor.articles.record_article", crash)
        with pytest.raises(StoreError):
            await read(reader)
    world.moment += timedelta(minutes=5)
    await read(reader)
    assert world.one("SELECT count(*) FROM alerts") == 1


async def test_a_bug_costs_one_article_and_is_counted(
    world: World, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.serve("/robots.txt", "", "text/plain")
    world.poll(entry(world.serve("/a", PAGE)))

    def broken(*_: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr("monitor.articles.read_robots", broken)
    assert (await read(reader)).bugs == 1
    assert world.told()[0] == "failed"


async def test_an_edit_and_another_model_judge_with_the_article(
    world: World, reader: Reader
) -> None:
    world.serve("/robots.txt", "", "text/plain")
    url = world.serve("/a", PAGE)
    world.poll(entry(url))
    await read(reader)
    score = world.one("SELECT score FROM verdicts")
    world.poll(entry(url, said="Personal data of the users."))
    assert abs(float(str(world.one("SELECT score FROM verdicts"))) - float(str(score))) < 0.2
    assert world.one("SELECT count(*) FROM alerts") == 1


async def test_retention_takes_the_extract_with_the_text(world: World, reader: Reader) -> None:
    world.serve("/robots.txt", "", "text/plain")
    dull = PAGE.replace(STORY, DULL)
    world.poll(entry(world.serve("/a", dull)))
    await read(reader)
    assert world.one("SELECT count(*) FROM extracts") == 1
    assert json.loads(str(world.one("SELECT data FROM evidence WHERE what = 'article read'")))["text"] is None  # fmt: skip
    keeping.prune(world.archive, world.moment + timedelta(days=400), text=timedelta(days=1), fetches=timedelta(days=1))  # fmt: skip
    assert world.one("SELECT count(*) FROM extracts") == 0


async def test_a_claim_never_forgets_a_later_start_on_its_host_b9(world: World) -> None:
    from monitor.store import fulltexts

    world.poll(entry("https://feeds.example/1"))
    later = iso(world.moment + timedelta(hours=1))
    world.archive.connection.execute("UPDATE hosts SET last_start = ?", (later,))
    world.moment += timedelta(seconds=5)
    fulltexts.claim(world.archive, world.moment, 9, lease=timedelta(minutes=2), host_gap=timedelta(0))  # fmt: skip
    assert [r[0] for r in world.archive.rows("SELECT last_start FROM hosts")] == [later]
