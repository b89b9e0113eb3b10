"""Listing pages and what a page names: the news list is found, and not the menu (H1, H4)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dates import dates_in, month_comes_first, parse_date
from monitor.discover import named_feeds
from monitor.domain import HttpFacts, Selectors
from monitor.errors import FeedError
from monitor.fetch import Page
from monitor.listing import parse_listing

PAGES = sorted((Path(__file__).parent.parent / "data" / "pages").glob("*.html"))
URL = "https://example.org/news"
DAYS = (27, 20, 12, 9, 4, 2)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_the_news_list_is_found_among_menus_teasers_and_footers_h1_h4(path: Path) -> None:
    found = parse_listing(path.read_bytes(), "text/html", URL, None)
    assert len(found.entries) == 6
    assert len({e.url for e in found.entries}) == 6
    if path.stem != "plain":  # the page that names no dates
        assert [e.published.day for e in found.entries if e.published] == list(DAYS)
        assert {e.published.month for e in found.entries if e.published} == {3}
    for entry in found.entries:
        assert not any(c.isdigit() for c in entry.title), entry.title
        assert "/m/" not in str(entry.url)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_a_derived_selector_holds_when_the_list_grows_h1(path: Path) -> None:
    body = path.read_text(encoding="utf-8")
    selectors = parse_listing(body.encode(), "text/html", URL, None).hints.selectors
    assert selectors is not None
    again = parse_listing(body.encode(), "text/html", URL, Selectors(selectors.entry))
    assert len(again.entries) == 6
    assert '"' not in selectors.entry  # it is pasted between quotes


def test_a_page_of_chrome_alone_is_no_listing_h2() -> None:
    links = "".join(f"<li><a href='/{n}'>A section of the site with a long name {n}</a></li>" for n in range(9))  # fmt: skip
    body = f"<html><body><nav><ul>{links}</ul></nav><p>Maintenance</p><footer><ul>{links}</ul></footer></body></html>"
    with pytest.raises(FeedError) as caught:
        parse_listing(body.encode(), "text/html", URL, None)
    assert caught.value.error_class == "parse"


def test_a_wrapper_named_like_a_menu_does_not_hide_the_list_h1() -> None:
    rows = "".join(f"<li><a href='/{n}'>A decision of the authority of some length {n}</a></li>" for n in range(5))  # fmt: skip
    body = f"<html><body><div class='page menu-open'><ul>{rows}</ul></div></body></html>"
    assert len(parse_listing(body.encode(), "text/html", URL, None).entries) == 5


@given(st.text("<>/ =\"'abdhilmnrtuvdiv", max_size=300))
def test_any_page_gives_entries_or_a_named_error_h2(text: str) -> None:
    rows = "<ul>" + "<li><a href='/a'>Some headline of length</a></li>" * 3 + "</ul>"
    with suppress(FeedError):
        parse_listing((rows + text).encode(), "text/html", URL, None)


@pytest.mark.parametrize(
    "text",
    ["12 mars 2026", "12. März 2026", "March 12, 2026", "12 March 2026", "12th March 2026", "2026년 3월 12일",
     "2026. 3. 12.", "12 de marzo de 2026", "12 de março de 2026", "12 de març del 2026", "12.03.2026", "12.3.26",
     "2026-03-12", "2026/03/12", "12-03-2026", "12 maart 2026", "12. marts 2026", "12. maaliskuuta 2026",
     "12 marca 2026", "12. března 2026", "12 martie 2026", "2026年3月12日", "令和8年3月12日", "12 Μαρτίου 2026",
     "12 март 2026 г.", "2026. március 12.", "2026 m. kovo 12 d.", "2026. gada 12. martā", "12. marec 2026",
     "12 ožujka 2026", "12 Mart 2026", "Thursday, 12 March 2026", "03/12/2026"],
)  # fmt: skip
def test_dates_as_authorities_write_them_h1(text: str) -> None:
    month_first = text == "03/12/2026"
    found = [parse_date(d, month_first=month_first) for d in dates_in(f"Press release – {text} – decision 17/2025")]  # fmt: skip
    assert next(d.date().isoformat() for d in found if d) == "2026-03-12"


def test_what_the_other_dates_of_a_page_say_decides_between_day_and_month_h1() -> None:
    assert month_comes_first(["1/2/2026", "3/14/2026"]) is True
    assert month_comes_first(["1/2/2026", "14/3/2026"]) is False
    assert month_comes_first(["1/2/2026", "4/4/2026"]) is None
    assert parse_date("3/4/2026") is None  # nobody can tell
    assert str(parse_date("3/4/2026", month_first=False)) == "2026-04-03 00:00:00+00:00"


def test_feeds_named_by_header_head_and_links_are_found_comments_last_h4() -> None:
    body = b"""<html><head><link rel="alternate" type="application/rss+xml" href="/comments/feed/">
    <link rel="alternate" type="application/atom+xml" href="atom.xml"><link rel="alternate" hreflang="fr" href="/fr"></head>
    <body><a href="/service/rss/news.xml">RSS</a><a href="/feedback">Feedback</a><a href="http://[bad/rss">x</a>
    <a href="javascript:rss/feed">x</a></body></html>"""
    header = '</all.json>; rel="alternate"; type="application/feed+json", </style.css>; rel=preload'
    page = Page(HttpFacts(), body, "text/html", link_header=header)
    assert named_feeds(page, "https://example.org/en/news") == [
        "https://example.org/all.json",
        "https://example.org/en/atom.xml",
        "https://example.org/service/rss/news.xml",
        "https://example.org/comments/feed/",
    ]
