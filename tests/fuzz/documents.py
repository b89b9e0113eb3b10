"""What a source sends: feeds of every form, listing pages. Any bytes give entries or a named error."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache, partial

from classifiers.facts import find_facts
from classifiers.model import Model
from classifiers.verdict import Item
from monitor.defaults import shipped_model
from monitor.domain import (
    Feed,
    FeedName,
    HttpFacts,
    Parsed,
    PollJob,
    PollResult,
    PollState,
    SourceKind,
)
from monitor.errors import FeedError
from monitor.identity import entry_keys
from monitor.listing import parse_listing
from monitor.parse import parse_feed
from monitor.poll import result_from_json, to_json

NOW = datetime(2026, 11, 24, tzinfo=UTC)
BASE = "https://source.example/news/feed"
JOB = PollJob(Feed(FeedName("F"), BASE, SourceKind.PRESS), PollState())

_RSS = b"""<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>T</title><ttl>60</ttl><skipHours><hour>3</hour></skipHours><item><title>ICO fines &lt;b&gt;X&lt;/b&gt;</title><link>/a?utm_source=x</link><guid isPermaLink='false'>g-1</guid><pubDate>Tue, 24 Nov 2026 08:00:00 GMT</pubDate><description><![CDATA[<p>over <i>AI</i></p>]]></description><content:encoded>text</content:encoded></item></channel></rss>"""
_ATOM = b"""<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><title>T</title><entry><id>urn:1</id><title type='html'>A &amp;amp; B</title><link rel='alternate' href='https://e.example/1'/><updated>2026-11-24T08:00:00+01:00</updated><summary type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>s</div></summary></entry></feed>"""
_RDF = b"""<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel/><item rdf:about='https://e.example/1'><title>T</title><link>https://e.example/1</link><dc:date>2026-11-24</dc:date></item></rdf:RDF>"""
_JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "url": "https://e.example/1", "title": "T", "content_html": "<p>x</p>", "date_published": "2026-11-24T08:00:00Z"}]}"""
_SITEMAP = b"""<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://e.example/decision-on-x</loc><lastmod>2026-11-24</lastmod></url></urlset>"""
_PAGE = b"""<html><body><nav><a href='/'>Home</a></nav><main>""" + b"".join(b"<article class='item'><h2><a href='/n/%d'>The authority said %d</a></h2><time datetime='2026-11-%02d'>then</time><p>More</p></article>" % (n, n, n) for n in range(1, 7)) + b"""</main></body></html>"""  # fmt: skip


@cache
def shipped() -> Model:
    """The shipped model, loaded once."""
    return Model.load(shipped_model())


def feed(data: bytes) -> None:
    """Any body of any source, under any content type."""
    kind, _, body = data.partition(b"\n")
    _document(parse_feed, data, "application/xml")
    _document(parse_feed, body, kind.decode("latin-1"))


def listing(data: bytes) -> None:
    """Any page, with selectors derived from it."""
    _document(partial(parse_listing, selectors=None), data, "text/html")


def _document(parse: Callable[[bytes, str, str], Parsed], body: bytes, content_type: str) -> None:
    try:
        parsed = parse(body, content_type, BASE)
    except FeedError as error:
        assert error.error_class in ("parse", "empty", "not_a_feed"), error
        return
    for entry in parsed.entries:
        assert entry.title.strip()
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert entry.published is None or entry.published.tzinfo is not None
        entry_keys(entry)
        _judged(entry.title, entry.summary, entry.url)
    result = PollResult(JOB, HttpFacts(status=200, started=NOW), parsed)
    json.dumps(asdict(parsed), default=str, ensure_ascii=False).encode()  # SQLite takes it
    text = to_json(result)
    assert text.isascii()
    assert result_from_json(text) == result


def _judged(title: str, summary: str, url: str | None) -> None:
    item = Item(title, summary, "", None, url, "F")
    verdict = shipped().judge(item, brief=True)
    assert 0.0 <= verdict.score <= 1.0
    find_facts(item, shipped().gazetteer, source_jurisdiction=None, source_host="e.example")


TARGETS: dict[str, Callable[[bytes], None]] = {"feed": feed, "listing": listing}
SAMPLES: dict[str, tuple[bytes, ...]] = {
    "feed": (
        _RSS,
        _ATOM,
        _RDF,
        _JSON,
        _SITEMAP,
        b"text/xml; charset=utf-16\n" + _RSS,
        _JSON.replace(b'"title"', b'"language": "\\ud800", "title"'),
    ),
    "listing": (_PAGE,),
}
