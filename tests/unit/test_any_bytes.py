"""Any bytes, in any of the forms that are read, give entries or one named error, and nothing else."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain import Parsed, Selectors
from monitor.errors import FeedError
from monitor.identity import sort_out
from monitor.listing import parse_listing
from monitor.parse import MAX_ENTRIES, parse_feed
from monitor.plaintext import SUMMARY_CAP, TITLE_CAP

URL = "https://example.org/news/feed"
ERRORS = ("parse", "empty", "not_a_feed")
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
RSS = b"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title><item><title>A</title><guid>1</guid><link>https://x.example/1</link><pubDate>Tue, 24 Nov 2026 08:00:00 GMT</pubDate><description>&lt;p&gt;Text&lt;/p&gt;</description></item></channel></rss>"
ATOM = b"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>1</id><title type='html'>A</title><link href='/1'/><updated>2026-11-24T08:00:00Z</updated><content type='html'>x</content></entry></feed>"
RDF = b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><item rdf:about='https://x.example/1'><title>A</title><link>https://x.example/1</link></item></rdf:RDF>"
JSON_FEED = b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "url": "/1", "title": "A", "content_html": "<p>x</p>", "date_published": "2026-11-24T08:00:00Z"}]}'
URLS = f"<?xml version='1.0'?><urlset xmlns='{SITEMAP}'><url><loc>https://x.example/a-fine</loc><lastmod>2026-11-20</lastmod></url></urlset>".encode()
INDEX = f"<sitemapindex xmlns='{SITEMAP}'><sitemap><loc>https://x.example/s.xml</loc></sitemap></sitemapindex>".encode()
PAGE = (
    b"<html><body><ul>"
    + b"".join(
        b"<li class='n'><time>%d November 2026</time><a href='/n/%d'>The authority decides matter %d</a></li>"
        % (d, d, d)
        for d in range(1, 6)
    )
    + b"</ul></body></html>"
)
DOCUMENTS = (RSS, ATOM, RDF, JSON_FEED, URLS, INDEX, PAGE, gzip.compress(RSS))


def mutated(document: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    """A document with pieces taken out, moved or put in."""
    body = bytearray(document)
    for start, length, piece in cuts:
        at = start % (len(body) + 1)
        body[at : at + length] = piece
    return bytes(body)


PIECES = st.binary(max_size=6) | st.sampled_from(
    [
        b"<",
        b">",
        b"&",
        b"]]>",
        b"<![CDATA[",
        b"<item>",
        b"</item>",
        b"<entry>",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"<!--",
        b"<!DOCTYPE x [<!ENTITY e 'x'>]>",
        b"&e;",
        b"{",
        b"[",
        b'"',
        b"xmlns='x'",
        b" encoding='utf-7'",
        b" encoding='no-such'",
        b"xml:base='::'",
        b"http://[",
        b"\r\n\r\n",
        b"<ttl>\xc2\xb2</ttl>",
        b"<hour>99</hour>",
        b"99999999999999999999",
    ]
)
MUTATIONS = st.builds(
    mutated,
    st.sampled_from(DOCUMENTS),
    st.lists(st.tuples(st.integers(0, 700), st.integers(0, 30), PIECES), max_size=5),
)
ANY = (
    st.binary(max_size=300)
    | MUTATIONS
    | st.binary(max_size=120).map(lambda b: b"<rss><channel>" + b)
)
KINDS = st.sampled_from(
    [
        "",
        "application/rss+xml",
        "text/html; charset=utf-16",
        "text/xml; charset=\xb2",
        "application/json; charset=no-such",
        "text/plain; charset=utf-7",
    ]
) | st.text(max_size=20)


def sound(found: Parsed) -> None:
    """What any document's entries keep to."""
    assert len(found.entries) <= MAX_ENTRIES
    for entry in found.entries:
        assert entry.title
        assert len(entry.title) <= TITLE_CAP
        assert max(len(entry.summary), len(entry.text)) <= SUMMARY_CAP
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert entry.published is None or entry.published.tzinfo is not None
        assert not any(
            ord(c) < 32 and c not in "\n\t"
            for c in entry.title + entry.summary + entry.text + (entry.guid or "")
        )
    keys = [k.key for _, k in sort_out(found.entries, []).new]
    assert len(keys) == len(set(keys))
    json.dumps([e.title.encode().decode() for e in found.entries])  # no lone surrogates


@settings(max_examples=300)
@given(ANY, KINDS)
def test_any_bytes_give_entries_or_a_named_error(body: bytes, kind: str) -> None:
    """RSS, Atom, RDF, JSON Feed, sitemaps and their indexes, strictly or tolerantly (F2, F3, F4)."""
    try:
        found = parse_feed(body, kind, URL)
    except FeedError as error:
        assert error.error_class in ERRORS
    else:
        sound(found)


@settings(max_examples=120)
@given(
    ANY,
    KINDS,
    st.sampled_from(
        [
            None,
            Selectors("li.n"),
            Selectors("li", link="a", title="a", date="time"),
            Selectors("li["),
            Selectors(""),
        ]
    ),
)
def test_any_bytes_as_a_listing_give_entries_or_a_named_error_h2(
    body: bytes, kind: str, selectors: Any
) -> None:
    try:
        found = parse_listing(body, kind, URL, selectors)
    except FeedError as error:
        assert error.error_class in ERRORS
    else:
        assert found.entries
        sound(found)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
ITEMS = st.lists(
    VALUES
    | st.dictionaries(
        st.sampled_from(
            [
                "id",
                "url",
                "external_url",
                "title",
                "content_html",
                "content_text",
                "summary",
                "date_published",
                "language",
            ]
        ),
        VALUES,
        max_size=6,
    ),
    max_size=4,
)


@settings(max_examples=120)
@given(
    st.dictionaries(
        st.sampled_from(["version", "title", "language", "next_url", "items"]), VALUES, max_size=5
    ),
    ITEMS,
)
def test_any_json_gives_entries_or_a_named_error_f18(
    head: dict[str, Any], items: list[Any]
) -> None:
    try:
        found = parse_feed(
            json.dumps({**head, "items": items}).encode(), "application/feed+json", URL
        )
    except FeedError as error:
        assert error.error_class in ERRORS
    else:
        sound(found)


@pytest.mark.parametrize("depth", [500, 20_000])
@pytest.mark.parametrize(
    "opening",
    [b"<rss><channel><item>" + b"<a>" * 10, b'{"items": [', b"[", b"<urlset>" * 5, b"<div>"],
)
def test_depth_is_an_error_or_nothing_and_never_a_crash_d7(opening: bytes, depth: int) -> None:
    try:
        sound(parse_feed(opening * (depth // 10), "", URL))
    except FeedError as error:
        assert error.error_class in ERRORS
    except (RecursionError, MemoryError):
        pass  # the worker's boundary makes it a `parse` error
