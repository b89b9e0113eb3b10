"""``check URL``: what can be watched at an address, asked of a loopback site (H4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
import yaml
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor.config import load
from monitor.defaults import shipped
from monitor.discover import Discovery, discover
from monitor.net import Net, NetSettings
from monitor.workers import ParserPool

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
RSS = "<rss version='2.0'><channel><title>The authority's \"news\"</title><language>en</language><item><title>Authority fines firm</title><link>/a</link></item></channel></rss>"
LISTING = (Path(__file__).parent.parent / "data" / "pages" / "cards.html").read_text("utf-8")
Pages = dict[str, str | Callable[[], Response]]


@pytest.fixture(scope="module")
def parsers() -> Iterator[ParserPool]:
    pool = ParserPool(processes=1)
    yield pool
    pool.close()


async def look(site: HTTPServer, parsers: ParserPool, pages: Pages, path: str) -> tuple[Discovery, list[str]]:  # fmt: skip
    seen: list[str] = []

    def answer(request: Request) -> Response:
        seen.append(request.path)
        page = pages.get(request.path)
        if page is None:
            return Response("", 404)
        return page() if callable(page) else Response(page, content_type="")

    site.expect_request(re.compile("/.*")).respond_with_handler(answer)
    async with Net(NetSettings(allow_addresses=(ip_network("127.0.0.0/8"),))) as net:
        found = await discover(net, parsers, site.url_for(path), NOW, gap_s=0)
    return found, seen


async def test_a_feed_is_shown_with_its_entries_ready_to_paste_h4(
    httpserver: HTTPServer, parsers: ParserPool, tmp_path: Path
) -> None:
    found, seen = await look(httpserver, parsers, {"/feed": RSS}, "/feed")
    assert seen == ["/feed"]
    assert "Authority fines firm" in found.text
    pasted(found, tmp_path)


def pasted(found: Discovery, folder: Path) -> dict[str, str]:
    """The proposal, put into a configuration that must be valid."""
    assert found.usable
    block = found.text.partition("For feeds.yaml:\n")[2].partition("\n\n")[0]
    path = folder / "feeds.yaml"
    path.write_text(f"feeds:\n{block}\n", encoding="utf-8")
    load(path, environ={}, builtin=shipped("seeds"))
    value: dict[str, str] = yaml.safe_load(path.read_text("utf-8"))["feeds"][0]
    return value


@pytest.mark.parametrize(
    "pages",
    [
        {"/news": "<html><head><link rel=alternate type=application/rss+xml href=/f></head></html>", "/f": RSS},
        {"/news": lambda: Response("<html><p>News</p></html>", headers={"Link": '</f>; rel="alternate"; type="application/atom+xml"'}), "/f": RSS},
        {"/news": "<html><a href='/rss/all'>Subscribe</a></html>", "/rss/all": RSS},
        {"/news": "<html><p>News</p></html>", "/news/feed": RSS},
        {"/news": "<html><p>News</p></html>", "/rss.xml": RSS},
    ],
)  # fmt: skip
async def test_a_pages_feed_is_found_by_head_header_link_and_usual_place_h4(
    httpserver: HTTPServer, parsers: ParserPool, pages: Pages, tmp_path: Path
) -> None:
    found, _ = await look(httpserver, parsers, pages, "/news")
    assert pasted(found, tmp_path)["url"] == httpserver.url_for(next(p for p in pages if p != "/news"))  # fmt: skip


async def test_a_page_without_a_feed_is_proposed_as_a_listing_with_a_preview_h4(
    httpserver: HTTPServer, parsers: ParserPool, tmp_path: Path
) -> None:
    found, _ = await look(httpserver, parsers, {"/news": LISTING}, "/news")
    assert "No feed was found. A listing of 6 entries, 6 of them dated" in found.text
    assert "2026-03-27  Authority fines chatbot provider" in found.text
    proposed = pasted(found, tmp_path)
    assert proposed["watch"] == httpserver.url_for("/news")
    assert proposed["entry"].startswith("div.card")


async def test_the_feed_of_a_whole_site_does_not_hide_the_page_that_was_given_h4(
    httpserver: HTTPServer, parsers: ParserPool, tmp_path: Path
) -> None:
    found, _ = await look(httpserver, parsers, {"/en/news": LISTING, "/feed": RSS}, "/en/news")
    assert pasted(found, tmp_path)["url"] == httpserver.url_for("/feed")
    itself = found.text.partition("That feed is the whole site's. The page itself:\n")[2]
    assert pasted(Discovery(itself, usable=True), tmp_path)["watch"] == httpserver.url_for("/en/news")  # fmt: skip


async def test_a_site_that_asks_to_wait_is_not_asked_further_h4(
    httpserver: HTTPServer, parsers: ParserPool
) -> None:
    pages: Pages = {"/news": LISTING, "/news/feed": lambda: Response("", 429)}
    found, seen = await look(httpserver, parsers, pages, "/news")
    assert seen == ["/news", "/news/feed"]
    assert found.usable


async def test_nothing_to_watch_is_said_with_the_reason_h4(
    httpserver: HTTPServer, parsers: ParserPool
) -> None:
    found, _ = await look(httpserver, parsers, {"/x": "<html><p>Maintenance</p></html>"}, "/x")
    assert not found.usable
    assert "no repeated structure" in found.text
    gone, _ = await look(httpserver, parsers, {}, "/gone")
    assert (gone.usable, "http_404" in gone.text) == (False, True)
