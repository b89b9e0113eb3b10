"""The short way past feedparser gives what feedparser gives, or steps aside (table F)."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain import Parsed
from monitor.errors import FeedError
from monitor.parse import parse_feed, parse_tolerantly
from monitor.strict import read_strictly

URL = "https://example.org/news/feed"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)


def rss(items: str, head: str = "", root: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMESPACES} {root}><channel><title>T</title>{head}{items}</channel></rss>'.encode()  # fmt: skip


def atom(entries: str, head: str = "") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="de-AT"><title>T</title>{head}{entries}</feed>'.encode()  # fmt: skip


def either(body: bytes, content_type: str) -> tuple[Parsed | str, Parsed | str]:
    """What both ways say; ``malformed`` is feedparser's own view of headers and left out."""
    found: list[Parsed | str] = []
    for way in (parse_feed, parse_tolerantly):
        try:
            read = way(body, content_type, URL)
            found.append(replace(read, hints=replace(read.hints, malformed=False)))
        except FeedError as error:
            found.append(error.error_class)
    return found[0], found[1]


TEXT = st.text(
    alphabet="ab <>&\"'é€ßﬁ\x92\u202e\u3042\n;:/#?=", min_size=0, max_size=40
) | st.sampled_from(["<p>Fine &amp; ban</p>", "A &lt;b&gt; c", "dÃ©cision", "https://x.example/a?b=1&c=2", "/relative/path", "#f", "2026-11-24T08:00:00Z", "Tue, 24 Nov 2026 08:00:00 +0100", "24 novembre 2026"])  # fmt: skip
DATES = st.sampled_from(["2026-11-24T08:00:00Z", "Tue, 24 Nov 2026 08:00:00 +0100", "24.11.2026", "yesterday", ""])  # fmt: skip
RSS_TAGS = ("title", "description", "link", "guid", "content:encoded", "itunes:summary", "itunes:subtitle", "media:title", "media:description", "dc:creator", "category", "comments", "author", "atom:updated", "x")  # fmt: skip
ATTRIBUTES = st.sampled_from(["", "", "", ' isPermaLink="false"', ' type="html"', ' type="xhtml"', ' xml:lang="fr"', ' lang="pt_BR"'])  # fmt: skip


def element(tag: str, text: str, attributes: str = "", *, cdata: bool = False) -> str:
    inner = f"<![CDATA[{text}]]>" if cdata and "]]>" not in text else escape(text)
    return f"<{tag}{attributes}>{inner}</{tag}>"


ELEMENTS = st.one_of(
    st.builds(element, st.sampled_from(RSS_TAGS), TEXT, ATTRIBUTES, cdata=st.booleans()),
    st.builds(element, st.sampled_from(["pubDate", "dc:date", "updated"]), DATES),
    st.sampled_from([
        '<enclosure url="https://x.example/a.mp3" type="audio/mpeg"/>', '<atom:link href="/from-atom" rel="alternate"/>',
        '<source url="https://s.example/">Source</source>', "<media:group><media:title>M</media:title><media:description>D</media:description></media:group>",
        "<description><b>inline</b></description>", '<media:content url="https://x.example/p.png"/>', "<author><name>N</name></author>",
    ]),
)  # fmt: skip
ITEMS = st.lists(st.lists(ELEMENTS, max_size=6).map(lambda e: f"<item>{''.join(e)}</item>"), max_size=3).map("".join)  # fmt: skip
HEADS = st.sampled_from(["", "<language>en-GB</language>", "<ttl>60</ttl>", "<dc:language>it</dc:language>", "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", '<atom:link rel="prev-archive" href="/old"/>', "<image><title>I</title><url>u</url></image>"])  # fmt: skip


@settings(max_examples=400)
@given(ITEMS, HEADS, st.sampled_from(["", 'xml:lang="nl"', 'lang="sv"']), st.sampled_from(["", "text/xml", "application/rss+xml; charset=utf-8", "text/html; charset=iso-8859-1"]))  # fmt: skip
def test_any_rss_is_read_alike_on_both_ways(items: str, head: str, root: str, kind: str) -> None:
    strict, tolerant = either(rss(items, head, root), kind)
    assert strict == tolerant


ATOM_ELEMENTS = st.one_of(
    st.builds(element, st.sampled_from(["title", "summary", "content", "id", "rights", "author"]), TEXT, ATTRIBUTES, cdata=st.booleans()),
    st.builds(element, st.sampled_from(["published", "updated"]), DATES),
    st.sampled_from([
        '<link href="/a"/>', '<link rel="alternate" type="text/html" href="https://x.example/b?c=1&amp;d=2"/>', '<link rel="enclosure" href="/e.pdf"/>',
        '<link rel="self" href="/self"/>', '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></content>', '<content src="/elsewhere"/>',
        "<source><title>S</title></source>", '<category term="t"/>',
    ]),
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.lists(ATOM_ELEMENTS, max_size=6).map(lambda e: f"<entry>{''.join(e)}</entry>"), max_size=3).map("".join))  # fmt: skip
def test_any_atom_is_read_alike_on_both_ways(entries: str) -> None:
    strict, tolerant = either(atom(entries), "application/atom+xml")
    assert strict == tolerant


PLAIN = "<item><title>A fine</title><link>https://x.example/1</link><guid>1</guid><description>&lt;p&gt;Text&lt;/p&gt;</description><pubDate>Tue, 24 Nov 2026 08:00:00 GMT</pubDate></item>"


def test_a_plain_document_takes_the_short_way() -> None:
    assert read_strictly(rss(PLAIN), "application/rss+xml", URL) is not None


@pytest.mark.parametrize(
    "body",
    [
        rss(PLAIN).replace(b"<rss", b"<!DOCTYPE rss><rss", 1),
        rss(PLAIN).replace(b"</guid>", b"</guid><guid>2</guid>"),
        rss(PLAIN).replace(b"</channel>", b""),
        rss(PLAIN).replace(b"utf-8", b"utf-16", 1),
        rss(PLAIN, root='xml:base="https://elsewhere.example/"'),
        b"<rss><channel/><item/></rss>",
    ],
)
def test_at_the_first_doubt_it_steps_aside(body: bytes) -> None:
    assert read_strictly(body, "", URL) is None


@pytest.mark.skipif(
    "REGWATCH_CAPTURED_FEEDS" not in os.environ,
    reason="REGWATCH_CAPTURED_FEEDS names no folder of captured feeds",
)
def test_captured_feeds_are_read_alike_on_both_ways() -> None:
    folder = Path(os.environ["REGWATCH_CAPTURED_FEEDS"])
    taken = 0
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        if path.suffix == ".csv" or body.lstrip()[:1] in (b"{", b"["):
            continue
        strict, tolerant = either(body, "application/xml")
        assert strict == tolerant, path.name
        taken += read_strictly(body, "application/xml", URL) is not None
    assert taken
