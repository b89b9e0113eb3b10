"""What must hold for any bytes at all, as functions of bytes: for hypothesis, atheris, or by hand.

Each target reads hostile input as the service would, and asserts what the service relies on.
``SAMPLES`` are ordinary inputs to begin from. No input may raise anything but a named error.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from classifiers.facts import find_facts
from classifiers.model import Model
from classifiers.verdict import Item
from monitor.config import load
from monitor.dates import parse_date
from monitor.defaults import shipped, shipped_model
from monitor.domain import (
    AlertKind,
    DeliveryJob,
    DeliveryState,
    EntryId,
    Feed,
    FeedName,
    HitView,
    HttpFacts,
    Parsed,
    PollJob,
    PollResult,
    PollState,
    SourceKind,
    StoryId,
    StoryView,
)
from monitor.errors import ConfigError, FeedError
from monitor.identity import canonical_url, entry_keys
from monitor.listing import parse_listing
from monitor.message import console_text, render
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
_CONFIG = b"""archive: a.db\npoll: {interval: 1h, allow_addresses: [127.0.0.0/8]}\nalerts:\n  quiet_hours: {begins: "22:00", ends: "07:00", zone: Europe/Berlin}\nfeeds:\n  - {name: A, url: 'https://e.example/feed', kind: press, jurisdiction: GB}\n  - {name: B, watch: 'https://e.example/news', kind: ngo, entry: li}\n"""


@cache
def _model() -> Model:
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
    verdict = _model().judge(item, brief=True)
    assert 0.0 <= verdict.score <= 1.0
    find_facts(item, _model().gazetteer, source_jurisdiction=None, source_host="e.example")


def message(data: bytes) -> None:
    """Any words in any place of an alert: within Slack's limits, and nobody is mentioned."""
    words = [*data.decode("utf-8", "surrogateescape").split("\n"), *[""] * 6]
    title, url, source, party, term, label = words[:6]
    hit = HitView(EntryId(1), title or "T", url or None, source, SourceKind.PRESS, NOW, NOW, 0.9)
    story = StoryView(
        story_id=StoryId("S-2026-000001"),
        title=title or "T",
        lead_url=url or None,
        first_seen=NOW,
        last_seen=NOW,
        hits=(hit, hit),
        regulator=party or None,
        regulators=(party,),
        organisation=party or None,
        jurisdiction=label or None,
        action="fine",
        amount_text=term or None,
        legs={"step": (term,), "privacy": (), "ai": (label,)},
        why=((term, 0.5),),
        score=0.9,
    )
    for kind in (AlertKind.NEW, AlertKind.UPDATE):
        _told(DeliveryJob(1, "u", 1, "C1", kind, DeliveryState.PENDING, 0, NOW, story=story))
    for kind in (AlertKind.OPS, AlertKind.DIGEST):
        _told(DeliveryJob(1, "u", 1, "C1", kind, DeliveryState.PENDING, 0, NOW, text="\n".join(words)))  # fmt: skip


def _told(job: DeliveryJob) -> None:
    for plain in (False, True):
        rendered = render(job, buttons=True, plain=plain)
        assert len(rendered.text) <= 4000
        assert len(rendered.blocks) <= 50
        json.dumps(rendered.blocks).encode()
        for text in (rendered.text, *_texts(rendered.blocks)):
            text.encode()  # half a surrogate pair is refused by Slack
            assert len(text) <= 3000 or text == rendered.text
            assert not {"\u202e", "\x00", "\x1b"} & set(text)
            assert "<!" not in text
            assert "<@" not in text
    shown = console_text(job)
    assert not {"\u202e", "\x00", "\x1b"} & set(shown)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for nested in value.values():
            yield from _texts(nested)
    elif isinstance(value, list | tuple):
        for nested in value:
            yield from _texts(nested)


def configuration(data: bytes) -> None:
    """Any file: a configuration, or every problem with its line."""
    path = _folder() / "feeds.yaml"
    path.write_bytes(data)
    try:
        config = load(path, environ={}, builtin=shipped("seeds"))
    except ConfigError as error:
        assert error.problems
        assert all(problem.strip() for problem in error.problems)
        return
    assert len({feed.name for feed in config.feeds}) == len(config.feeds)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="regwatch-fuzz-"))


def words(data: bytes) -> None:
    """Any line of text where a date or an address is expected."""
    text = data.decode("utf-8", "surrogateescape")
    moment = parse_date(text)
    assert moment is None or moment.tzinfo is not None
    once = canonical_url(text)
    assert canonical_url(once) == once


TARGETS: dict[str, Callable[[bytes], None]] = {
    "feed": feed,
    "listing": listing,
    "message": message,
    "configuration": configuration,
    "words": words,
}
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
    "message": (
        "T<!channel>\nhttps://e.example/?a=1|2>3\nS\nParty <@U1>\n*term*\n\u202eGB".encode(),
    ),
    "configuration": (_CONFIG,),
    "words": (
        b"Tue, 24 Nov 2026 08:00:00 +0100",
        "24. März 2026".encode(),
        b"2026-11-24T08:00:00Z",
        b"https://e.example/a/../b?utm_source=x&b=%7e#f",
    ),  # fmt: skip
}
