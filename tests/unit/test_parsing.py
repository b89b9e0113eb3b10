"""Bytes to entries, or to one named error (table F)."""

from __future__ import annotations

import json

import pytest

from monitor.domain import Parsed, Selectors
from monitor.errors import FeedError
from monitor.listing import parse_listing
from monitor.parse import MAX_ENTRIES, parse_feed

URL = "https://example.org/news/feed"
ITEM = "<item><title>{t}</title><link>/n/{n}</link><guid>g{n}</guid><description>{d}</description></item>"


def rss(*items: str, head: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title>{head}{"".join(items)}</channel></rss>'.encode()  # fmt: skip


def item(n: int, title: str = "Title", text: str = "Text") -> str:
    return ITEM.format(n=n, t=title, d=text)


def parsed(body: bytes, content_type: str = "") -> Parsed:
    return parse_feed(body, content_type, URL)


def error(body: bytes) -> str:
    with pytest.raises(FeedError) as caught:
        parsed(body)
    return caught.value.error_class


@pytest.mark.parametrize(
    ("written", "read"),
    [("&#55357;&#56832;", "😀"), ("&#xD83D;&#xDE00;", "😀"), ("&#xd800;", "\ufffd")],
)
def test_an_emoji_written_in_halves_costs_nothing(written: str, read: str) -> None:
    body = rss(item(1)).replace(b"<title>", f"<title>{written} ".encode())
    assert parsed(body).entries[0].title.startswith(read)


def test_relative_links_are_resolved_f16() -> None:
    assert parsed(rss(item(1))).entries[0].url == "https://example.org/n/1"


@pytest.mark.parametrize("body", [b"", b"   \n", b"\xef\xbb\xbf"])
def test_nothing_is_empty_f4(body: bytes) -> None:
    assert error(body) == "empty"


@pytest.mark.parametrize(
    "body",
    [b"<!doctype html><html><body>Hello</body></html>", b'{"a": 1}', b"just text", b"<a><b/></a>"],
)
def test_what_is_no_feed_is_not_a_feed_f1(body: bytes) -> None:
    assert error(body) == "not_a_feed"


def test_malformed_feeds_keep_what_can_be_read_f2() -> None:
    broken = rss(item(1), item(2), item(3)).replace(b"</channel></rss>", b"<item><title>cut")
    assert len(parsed(broken).entries) >= 3
    assert parsed(broken).hints.malformed
    assert len(parsed(b"\n\n  " + rss(item(1), item(2))).entries) == 2
    assert len(parsed(rss(item(1, "A & B"), item(2, "nul\x00 here"))).entries) == 2


def test_one_bad_entry_never_loses_the_rest_f3() -> None:
    items = [item(n) for n in range(19)]
    assert len(parsed(rss(*items[:9], "<item></item>", *items[9:])).entries) == 19


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("A &amp;amp; B", "A & B"),
        ("&lt;script&gt;x&lt;/script&gt;Hi", "Hi"),
        ("bad\x0b control\u202e", "bad control"),
        ("caf\u00e9 \u201cq\u201d", "caf\u00e9 \u201cq\u201d"),
    ],
)
def test_titles_are_plain_text_f7(raw: str, shown: str) -> None:
    assert parsed(rss(item(1, raw))).entries[0].title == shown


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "utf-8-sig"])
def test_encodings_give_the_same_text_f6(encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    text = rss(item(1, "Année à Köln")).decode().replace("utf-8", declared)
    assert parsed(text.encode(encoding)).entries[0].title == "Année à Köln"


def test_an_entity_for_a_letter_stays_and_those_that_multiply_go_d6() -> None:
    """Also where all declarations stand on one line."""
    letters = '<!DOCTYPE rss [<!ENTITY eacute "&#233;"><!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    body = rss(item(1, "D&eacute;cision &a;&b;")).decode().replace("<rss", f"{letters}<rss", 1)
    assert parsed(body.encode()).entries[0].title.startswith("Décision ")
    assert "aaaaaaaaaaa" not in parsed(body.encode()).entries[0].title


def test_entities_read_no_file_and_do_not_explode_d6() -> None:
    xxe = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item(1, "&x; title"))[38:]
    assert "root:" not in parsed(xxe).entries[0].title


def test_a_huge_feed_keeps_the_newest_d8() -> None:
    dated = "".join(
        f"<item><title>n{n}</title><guid>{n}</guid><pubDate>{1 + n // 1000:02d} Nov 2026 00:{n // 60 % 60:02d}:{n % 60:02d} GMT</pubDate></item>"
        for n in range(1200)
    )
    found = parsed(rss(dated))
    assert (len(found.entries), found.hints.dropped) == (MAX_ENTRIES, 700)
    assert any(e.title == "n1199" for e in found.entries)


def test_skip_hours_and_days_and_ttl_are_read_b3_b4() -> None:
    head = "<ttl>90</ttl><skipHours><hour>1</hour><hour>2</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
    hints = parsed(rss(item(1), head=head)).hints
    assert (hints.skip_hours, hints.skip_days, hints.ttl_s) == ((1, 2), ("Sunday",), 5400)


def test_json_feed_f18() -> None:
    body = b'{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": 1, "url": "/a", "title": "T", "content_html": "<p>Hi &amp; bye</p>", "date_published": "2026-11-24T10:00:00Z"}, 5]}'
    entry = parsed(body).entries[0]
    assert (entry.title, entry.url, entry.guid) == ("T", "https://example.org/a", "1")
    assert entry.summary == "Hi & bye"


def test_a_news_sitemap_h3() -> None:
    body = b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://example.org/authority-fines-firm</loc><lastmod>2026-11-20</lastmod></url><url><loc>https://example.org/b</loc><n:news><n:publication_date>2026-11-23</n:publication_date><n:title>A title</n:title></n:news></url></urlset>'
    assert [e.title for e in parsed(body).entries] == ["A title", "authority fines firm"]


def test_a_sitemaps_images_are_not_its_pages_h3() -> None:
    body = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:i="http://www.google.com/schemas/sitemap-image/1.1" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><i:image><i:loc>https://example.org/i.jpg</i:loc><i:title>A logo</i:title></i:image><loc>https://example.org/a</loc><n:news><n:title>A title</n:title><n:keywords>AI, privacy</n:keywords></n:news></url></urlset>'
    entry = parsed(body).entries[0]
    assert (entry.url, entry.title, entry.summary) == (
        "https://example.org/a",
        "A title",
        "AI, privacy",
    )


def test_a_sitemap_index_names_its_youngest_parts_h3() -> None:
    def index(*parts: tuple[str, str]) -> tuple[str, ...]:
        rows = "".join(f"<sitemap><loc>https://e.org/{n}</loc><lastmod>{d}</lastmod></sitemap>" for n, d in parts)  # fmt: skip
        return parsed(f"<sitemapindex>{rows}</sitemapindex>".encode()).hints.parts

    dated = index(
        ("a", "2026-01-01"), ("b", "2026-03-01"), ("c", "2026-02-01"), ("d", "2025-01-01")
    )
    assert dated == ("https://e.org/b", "https://e.org/c", "https://e.org/a")
    assert index(("posts-1", ""), ("news", ""), ("posts-2", ""))[0] == "https://e.org/news"
    assert index() == ()


def test_a_json_feed_keeps_the_newest_and_names_its_next_page_f18_d8() -> None:
    items = [{"id": n, "title": f"t{n}", "date_published": f"20{10 + n // 60:02d}-01-01T00:00:00Z"} for n in range(900)]  # fmt: skip
    found = parsed(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "language": "en-GB", "items": items, "next_url": "https://e.org/2"}).encode())  # fmt: skip
    assert (len(found.entries), found.hints.dropped) == (500, 400)
    assert found.entries[-1].guid == "899"
    assert (found.hints.prev_archive, found.hints.language) == ("https://e.org/2", "en")


PAGE = """<html><body><nav><ul><li><a href="/">Home of the authority</a></li></ul></nav><main>
<ul class="news">{rows}</ul></main><footer><a href="/imprint">Imprint and privacy policy</a></footer></body></html>"""
ROW = '<li class="item"><time datetime="2026-11-{d:02d}">{d} November 2026</time><h3><a href="/n/{d}">Authority decides matter number {d}</a></h3><p>Some words.</p></li>'


def page(count: int) -> bytes:
    return PAGE.format(rows="".join(ROW.format(d=d) for d in range(1, count + 1))).encode()


def test_a_listing_is_watched_without_selectors_h1() -> None:
    found = parse_listing(page(5), "text/html", "https://example.org/news", None)
    assert [e.url for e in found.entries] == [f"https://example.org/n/{d}" for d in range(1, 6)]
    assert found.entries[0].published is not None
    assert found.hints.selectors is not None


def test_a_listing_that_gains_a_row_gains_an_entry_h1() -> None:
    selectors = parse_listing(page(5), "text/html", URL, None).hints.selectors
    assert len(parse_listing(page(6), "text/html", URL, selectors).entries) == 6


@pytest.mark.parametrize("selectors", [None, Selectors("li.gone"), Selectors("li[")])
def test_a_listing_without_a_match_is_an_error_and_never_no_news_h2(
    selectors: Selectors | None,
) -> None:
    with pytest.raises(FeedError) as caught:
        parse_listing(b"<html><body><p>Maintenance</p></body></html>", "", URL, selectors)
    assert caught.value.error_class == "parse"


@pytest.mark.parametrize("half", ["&#xd800;", "&#x0D83d;", "&#55296;", "&#0057343;", "&#XD800;"])
def test_half_a_surrogate_pair_in_a_sitemap_costs_its_letter(half: str) -> None:
    page = (
        "<url><loc>https://e.org/a</loc><title>A{0}B</title></url><url><loc>https:{0}</loc></url>"
    )
    (entry,) = parsed(f"<urlset>{page.format(half)}</urlset>".encode()).entries
    assert (entry.url, entry.title) == ("https://e.org/a", "A\ufffdB")
    whole = page.replace("{0}", "&#xd83d;&#xde00;", 1)
    assert parsed(f"<urlset>{whole.format('')}</urlset>".encode()).entries[0].title == "A😀B"


def test_a_sitemap_with_an_undeclared_prefix_is_read() -> None:
    body = b"<urlset><url><loc>https://e.example/decision-on-x</loc><news:title>A decision</news:title></url></urlset>"  # fmt: skip
    assert [e.url for e in parsed(body).entries] == ["https://e.example/decision-on-x"]


def test_a_language_that_is_none_is_none() -> None:
    for said, read in (("de-AT", "de"), ("\\ud800", None), ("中文", None)):
        body = f'{{"items": [{{"id": "1", "title": "T", "language": "{said}"}}]}}'.encode()
        assert parsed(body).entries[0].language == read
