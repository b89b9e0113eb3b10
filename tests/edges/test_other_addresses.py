"""Fallbacks, older pages and sitemap parts, polled from a loopback site and recorded."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from classifiers.model import Model
from monitor.domain import Asked, Failed, Feed, FeedName, PollJob, PollState, SourceKind
from monitor.net import Net, NetSettings
from monitor.poll import poll
from monitor.recording import Recorded, Recorder, record_poll
from monitor.store import feeds
from monitor.store.archive import Archive
from monitor.store.codec import state_from_row
from monitor.workers import ParserPool

pytestmark = pytest.mark.anyio

HIT = "Authority {n} fines Clearview AI over facial recognition of residents"
PAGE = "<html><body><main><ul>{rows}</ul></main></body></html>"


def rss(*numbers: int, older: str = "") -> str:
    items = "".join(
        f"<item><title>{HIT.format(n=n)}</title><link>/n/{n}</link><guid>{n}</guid>"
        f"<pubDate>{datetime(2026, 11, 24, 8, tzinfo=UTC) - timedelta(hours=n):%a, %d %b %Y %H:%M:%S GMT}</pubDate></item>"
        for n in numbers
    )
    link = f"<atom:link rel='prev-archive' href='{older}'/>" if older else ""
    return f"<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>T</title>{link}{items}</channel></rss>"


def listing(*numbers: int) -> str:
    return PAGE.format(rows="".join(f"<li><h3><a href='/n/{n}'>{HIT.format(n=n)}</a></h3></li>" for n in numbers))  # fmt: skip


class World:
    """One source on a loopback site, its archive, and a clock that follows its due times."""

    def __init__(self, archive: Archive, model: Model, site: HTTPServer, net: Net, parsers: ParserPool) -> None:  # fmt: skip
        self.archive, self.site, self.net, self.parsers = archive, site, net, parsers
        self.pages: dict[str, str | bytes | int] = {}
        self.seen: list[str] = []
        self.moment = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
        self.recorder = Recorder(archive, model, ("console",), timedelta(days=3))
        site.expect_request(re.compile("/.*")).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.seen.append(request.path)
        page = self.pages.get(request.path, 404)
        return Response("", page) if isinstance(page, int) else Response(page, content_type="")

    def url(self, path: str) -> str:
        return str(self.site.url_for(path))

    def configure(self, path: str, *fallbacks: str) -> None:
        self.feed = Feed(FeedName("A"), self.url(path), SourceKind.REGULATOR, fallbacks=tuple(map(self.url, fallbacks)))  # fmt: skip
        feeds.sync(self.archive, [self.feed])

    def state(self) -> PollState:
        return state_from_row(dict(self.archive.rows("SELECT * FROM feeds WHERE name = 'A'")[0]))

    async def poll(self) -> Recorded:
        job = PollJob(self.feed, self.state())
        result = await poll(job, net=self.net, parsers=self.parsers, now=lambda: self.moment, environ={}, part_gap_s=0)  # fmt: skip
        recorded = record_poll(self.recorder, result, now=self.moment, chance=0.0)
        self.moment = self.state().next_due or self.moment
        return recorded

    def count(self, what: str) -> int:
        return int(self.archive.rows(f"SELECT count(*) FROM {what}")[0][0])


@pytest.fixture(scope="module")
def parsers() -> Iterator[ParserPool]:
    pool = ParserPool(processes=1)
    yield pool
    pool.close()


@pytest.fixture
async def world(archive: Archive, model: Model, httpserver: HTTPServer, parsers: ParserPool) -> AsyncIterator[World]:  # fmt: skip
    async with Net(NetSettings(allow_addresses=(ip_network("127.0.0.0/8"),))) as net:
        yield World(archive, model, httpserver, net, parsers)


async def test_a_blocked_feed_goes_on_by_its_listing_page_and_comes_back_e4(world: World) -> None:
    challenge = "<html><title>Just a moment...</title></html>"
    world.configure("/feed", "/news")
    world.pages = {"/feed": rss(1, 2, 3), "/news": listing(1, 2, 3, 4, 5)}
    await world.poll()
    world.pages["/feed"] = challenge
    world.moment += timedelta(hours=1)
    assert (await world.poll()).error_class == "blocked"
    assert (await world.poll()).new == 2  # what stands in both is known by its link
    row = world.archive.rows("SELECT state, coalesce(active_url, url) AS url FROM feeds")[0]
    assert (row["state"], row["url"]) == ("ok", world.url("/news"))
    del world.seen[:]
    for _ in range(40):
        await world.poll()
    assert world.seen.count("/feed") in (1, 2)
    world.pages["/feed"] = rss(0, 1, 2, 3)
    while world.state().active_url:
        await world.poll()
    assert world.count("entries") == 6


async def test_the_past_of_a_fallback_page_is_a_baseline_and_raises_no_alerts_f15(
    world: World,
) -> None:
    world.configure("/feed", "/news")
    world.pages = {"/feed": rss(*range(100, 103)), "/news": listing(*range(100, 130))}
    await world.poll()
    world.pages["/feed"] = "<html><title>Access Denied</title></html>"
    await world.poll()
    told = world.count("alerts WHERE kind = 'new'")
    assert (await world.poll()).new == 27
    assert world.count("alerts WHERE kind = 'new'") == told
    world.pages["/news"] = listing(*range(99, 130))
    assert (await world.poll()).alerts == 1


async def test_where_entries_may_be_missing_the_older_page_is_read_once_f17(world: World) -> None:
    world.configure("/feed")
    world.pages = {"/feed": rss(60, 61, older=world.url("/older"))}
    await world.poll()
    assert world.seen == ["/feed"]  # a first document is no gap
    world.pages |= {"/feed": rss(1, 2, older=world.url("/older")), "/older": rss(3, 4, 60)}
    assert (await world.poll()).new == 2
    assert world.state().next_reason == "gap suspected; its older page is next"
    validators = (world.state().body_hash, world.state().validators_url)
    found = await world.poll()
    assert (found.new, found.hits) == (2, 2)
    assert world.seen[-1] == "/older"
    assert world.state().next_reason == "gap suspected; its older page brought 2 entries"
    assert validators == (world.state().body_hash, world.state().validators_url)
    assert (world.state().next_due or world.moment) - world.moment < timedelta(hours=1)
    await world.poll()
    assert world.seen.count("/older") == 1


async def test_what_is_old_on_an_older_page_is_stored_and_not_alerted_f17(world: World) -> None:
    world.configure("/feed")
    world.pages = {"/feed": rss(60, 61, older=world.url("/older"))}
    await world.poll()
    world.pages |= {"/feed": rss(1, 2, older=world.url("/older")), "/older": rss(*range(100, 130))}
    await world.poll()
    told = world.count("alerts WHERE kind = 'new'")
    found = await world.poll()
    assert found.new == 30
    assert world.count("alerts WHERE kind = 'new'") == told
    assert world.count("alerts WHERE kind = 'ops'") == 0


@pytest.mark.parametrize("answer", [500, "<html>no feed</html>", rss(3, older="http://10.0.0.1/")])
async def test_an_older_page_that_fails_or_leads_on_costs_the_source_nothing_f17(
    world: World, answer: str | int
) -> None:
    world.configure("/feed")
    world.pages = {"/feed": rss(60, older=world.url("/older")), "/older": answer}
    await world.poll()
    world.pages["/feed"] = rss(1, older=world.url("/older"))
    for _ in range(4):
        await world.poll()
    state = world.state()
    assert (state.state, state.failures, state.archive_url) == ("ok", 0, None)
    assert world.seen.count("/older") == 1


def sitemap(*urls: str) -> str:
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{''.join(f'<url><loc>https://a.example/{u}</loc><lastmod>2026-11-2{n}</lastmod></url>' for n, u in enumerate(urls))}</urlset>"


def index(*parts: tuple[str, str]) -> str:
    return f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{''.join(f'<sitemap><loc>{u}</loc><lastmod>{d}</lastmod></sitemap>' for u, d in parts)}</sitemapindex>"


async def test_a_sitemap_index_gives_its_youngest_parts_packed_and_nested_h3(world: World) -> None:
    world.configure("/sitemap.xml")
    world.pages = {
        "/sitemap.xml": index(*((world.url(f"/{n}"), f"2026-11-{day}") for n, day in (("old", "01"), ("pages.xml.gz", "22"), ("deep", "23"), ("blog", "20")))),
        "/pages.xml.gz": gzip.compress(sitemap("authority-fines-firm").encode()),
        "/deep": index((world.url("/news"), "2026-11-23")),
        "/news": sitemap("court-decides-case", "guidance-on-ai"),
        "/blog": sitemap("blog-post"),
    }  # fmt: skip
    assert (await world.poll()).new == 4
    assert world.seen == ["/sitemap.xml", "/deep", "/news", "/pages.xml.gz", "/blog"]
    assert (await world.poll()).new == 0
    assert world.seen[5:] == ["/sitemap.xml"]  # the index is as it was


async def test_a_sitemap_bomb_and_an_endless_index_are_bounded_d3_h3(world: World) -> None:
    world.configure("/sitemap.xml")
    world.pages = {"/sitemap.xml": gzip.compress(b"<urlset>" + b" " * 60_000_000)}
    assert (await world.poll()).error_class == "too_large"
    loop = index(*((world.url(f"/{n}"), "2026-11-20") for n in range(3)))
    world.pages = {f"/{n}": loop for n in ("sitemap.xml", 0, 1, 2)}
    del world.seen[:]
    await world.poll()
    assert len(world.seen) == 5


async def test_a_part_that_fails_is_the_sources_failure_and_is_read_again_h3(world: World) -> None:
    world.configure("/sitemap.xml")
    world.pages = {"/sitemap.xml": index((world.url("/gone"), "2026-11-20"))}
    assert (await world.poll()).error_class == "http_404"
    world.pages["/gone"] = sitemap("a-case")
    assert (await world.poll()).new == 1


@pytest.mark.parametrize("body", [b"\x1f\x8bnot gzip", gzip.compress(b"<urlset/>", mtime=0)[:-9]])
async def test_a_broken_gzip_file_is_a_named_error(parsers: ParserPool, body: bytes) -> None:
    found = await parsers.feed(body, "application/gzip", "https://a.example/sitemap.xml.gz")
    assert isinstance(found, Failed)
    assert found.error_class == "parse"


def test_a_job_knows_which_address_is_asked() -> None:
    feed = Feed(FeedName("A"), "https://a.example/", SourceKind.PRESS)
    state = PollState(active_url="https://b.example/", archive_url="https://c.example/")
    job = PollJob(feed, state)
    assert [job.address(a) for a in Asked] == ["https://b.example/", "https://a.example/", "https://c.example/"]  # fmt: skip
    assert replace(job, state=PollState()).address(Asked.USUAL) == "https://a.example/"
