"""What becomes of a document's entries over several polls (table F, D8, G3, H3)."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from monitor.dates import parse_date
from monitor.errors import FeedError
from monitor.parse import parse_feed
from monitor.state import source_rows
from monitor.store import keeping

RSS = {"Content-Type": "application/rss+xml"}
PARTIES = ("Clearview AI", "OpenAI", "Meta", "LinkedIn", "DeepSeek", "Worldcoin")


def hit(n: int, published: str = "", *, guid: str | None = None, link: str | None = None) -> str:
    """An entry that tells an event of its own."""
    date = f"<pubDate>{published}</pubDate>" if published else ""
    return (
        f"<item><title>ICO fines {PARTIES[n]} over facial recognition of UK residents</title><link>{link or f'https://news.example/{n}'}</link>"
        f"<guid isPermaLink='false'>{guid or n}</guid>{date}<description>The fine of {n + 3} million pounds follows breaches of UK data protection law.</description></item>"
    )


def feed(*items: str) -> str:
    """A document of these items."""
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>{''.join(items)}</channel></rss>"


def alerts(stack: Any) -> int:
    """Alerts about stories so far."""
    return int(stack.archive.rows("SELECT count(*) FROM alerts WHERE kind = 'new'")[0][0])


def serve(stack: Any, farm: Any, *documents: str) -> None:
    """One poll per document, two hours apart."""
    if "S" not in stack.feeds:
        stack.watch("S", farm.url("/f"))
    for text in documents:
        farm.pages["/f"] = (200, RSS, text)
        stack.cycle()
        stack.clock.forward(hours=2)


def test_dates_in_the_future_long_past_or_missing_hold_no_alert_back_f14(stack: Any, farm: Any) -> None:  # fmt: skip
    """After the baseline each is told once, however it is dated, and at no later poll again."""
    old = format_datetime(stack.clock.time - timedelta(days=30))
    new = feed(hit(0, "Tue, 24 Nov 2041 08:00:00 GMT"), hit(1), hit(2, old), hit(3, "last Tuesday, perhaps"))  # fmt: skip
    serve(stack, farm, feed(), new, new, feed(), new)
    assert alerts(stack) == 4
    rows = stack.archive.rows(
        "SELECT published, published_raw, first_seen FROM entries ORDER BY id"
    )
    assert rows[0]["published"][:10] == "2026-11-24"
    assert rows[0]["published_raw"].endswith("2041 08:00:00 GMT")
    assert (rows[1]["published"], rows[3]["published"]) == (None, None)


def test_the_first_poll_is_a_baseline_that_tells_only_what_is_fresh_f15(stack: Any, farm: Any) -> None:  # fmt: skip
    dates = [format_datetime(stack.clock.time - timedelta(days=d)) for d in (1, 2, 4, 30)]
    ordinary = [f"<item><title>Town notes {n}</title><guid>{n}</guid></item>" for n in range(50)]
    serve(stack, farm, feed(*(hit(n, date) for n, date in enumerate(dates)), hit(4), *ordinary))
    assert alerts(stack) == 2
    assert stack.archive.rows("SELECT count(*) FROM hits")[0][0] == 5
    assert stack.archive.rows("SELECT count(*) FROM verdicts")[0][0] == 55


def test_what_returns_after_its_texts_were_trimmed_is_not_new_f12(stack: Any, farm: Any) -> None:
    full = feed(hit(0), "<item><title>Town notes</title><guid>t</guid><description>Long ago.</description></item>")  # fmt: skip
    serve(stack, farm, feed(), full, feed())
    assert alerts(stack) == 1
    stack.clock.forward(hours=24 * 500)
    keeping.prune(stack.archive, stack.clock.time, text=timedelta(days=30), fetches=timedelta(days=30))  # fmt: skip
    assert stack.archive.rows("SELECT count(*) FROM entries WHERE trimmed = 1")[0][0] >= 1
    serve(stack, farm, full)
    assert (alerts(stack), len(stack.titles("S"))) == (1, 2)


def test_rewritten_guids_are_no_news_f10(stack: Any, farm: Any) -> None:
    before = feed(*(hit(n, guid=f"a{n}") for n in range(6)))
    after = feed(*(hit(n, guid=f"b{n}", link=f"https://news.example/{n}?utm_source=rss") for n in range(6)))  # fmt: skip
    serve(stack, farm, feed(), before, after, before, after)
    assert (alerts(stack), len(stack.titles("S"))) == (6, 6)


def test_a_guid_that_stands_twice_is_two_entries_at_every_poll_f9(stack: Any, farm: Any) -> None:
    doubled = feed(hit(0, guid="same"), hit(1, guid="same"))
    serve(stack, farm, feed(), doubled, doubled, feed(hit(1, guid="same"), hit(0, guid="same")))
    assert (alerts(stack), len(stack.titles("S"))) == (2, 2)


def test_entries_without_guid_link_or_date_are_told_once_f8(stack: Any, farm: Any) -> None:
    bare = feed(*(f"<item><title>ICO fines {p} over facial recognition of UK residents</title><description>A breach of UK data protection law, {p}.</description></item>" for p in PARTIES[:3]))  # fmt: skip
    serve(stack, farm, feed(), bare, bare, bare)
    assert (alerts(stack), len(stack.titles("S"))) == (3, 3)
    assert stack.archive.rows("SELECT count(*) FROM entries WHERE key = '' OR key IS NULL")[0][0] == 0  # fmt: skip


def test_an_edit_is_archived_and_tells_nothing_again_however_often_f11(stack: Any, farm: Any) -> None:  # fmt: skip
    texts = [feed(hit(0).replace("million", f"million and {n}")) for n in range(40)]
    serve(stack, farm, feed(), *texts)
    assert alerts(stack) == 1
    assert stack.archive.rows("SELECT count(*) FROM entry_versions")[0][0] <= 24


def test_a_source_that_loses_all_its_entries_is_told_once_and_nothing_is_lost_f5(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    serve(stack, farm, document("A", "B"), feed(), feed(), feed())
    assert (stack.told("empty"), stack.titles("S")) == (1, ["A", "B"])


LETTERS = "Année à Köln: “décision” – Ł"
CYRILLIC = "Решение суда"
ENCODINGS = [
    (LETTERS, "utf-8", "utf-8", ""), (LETTERS, "utf-8-sig", "utf-8", ""), (LETTERS, "utf-8", None, ""), (LETTERS, "utf-16", "utf-16", ""),
    (LETTERS, "utf-16-le", "utf-16-le", "utf-16le"), (LETTERS, "utf-8", "utf-8", "iso-8859-1"), (LETTERS, "utf-8", "iso-8859-1", "utf-8"),
    ("Année à Köln", "iso-8859-1", "iso-8859-1", ""), ("Année – “x”", "windows-1252", "windows-1252", ""), ("Année – “x”", "windows-1252", "iso-8859-1", ""),
    (CYRILLIC, "koi8-r", "koi8-r", ""), (CYRILLIC, "windows-1251", "windows-1251", ""), (CYRILLIC, "windows-1251", None, "windows-1251"), (CYRILLIC, "utf-8", "us-ascii", "us-ascii"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "encoding", "declared", "charset"), ENCODINGS)
def test_letters_are_right_whatever_is_declared_f6(
    text: str, encoding: str, declared: str | None, charset: str
) -> None:
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else "<?xml version='1.0'?>"  # fmt: skip
    body = f"{declaration}<rss version='2.0'><channel><title>T</title><item><title>{text}</title><guid>1</guid></item></channel></rss>"
    kind = f"application/rss+xml; charset={charset}" if charset else "application/rss+xml"
    found = parse_feed(body.encode(encoding), kind, "https://example.org/")
    assert [e.title for e in found.entries] == [text]


def test_ten_thousand_entries_are_five_hundred_the_newest_d8(stack: Any, farm: Any) -> None:
    start = stack.clock.time - timedelta(days=400)
    items = (f"<item><title>{'n' * 3000} {n}</title><guid isPermaLink='false'>{n}</guid><link>https://news.example/{'x' * 5000}{n}</link><pubDate>{format_datetime(start + timedelta(hours=n))}</pubDate></item>" for n in range(900))  # fmt: skip
    serve(stack, farm, feed(*items))
    rows = stack.archive.rows("SELECT title, url, guid FROM entries")
    assert len(rows) == 500
    assert min(int(r["guid"]) for r in rows) == 400
    assert max(len(r["title"]) for r in rows) <= 1000
    assert {r["url"] for r in rows if r["url"] and len(r["url"]) > 2000} == set()


SITEMAP = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
)
INDEX = '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'


def page_of(n: int, day: int = 20) -> str:
    """An address in a sitemap."""
    return f"<url><loc>https://authority.example/news/decision-{n}</loc><lastmod>2026-11-{day:02d}</lastmod></url>"


def test_a_sitemap_that_gains_an_address_gains_an_entry_packed_or_not_h3(stack: Any, farm: Any) -> None:  # fmt: skip
    """An index leads to its youngest parts; a part may be a gzip file, and an index within an index."""

    def part(name: str, day: int) -> str:
        return f"<sitemap><loc>{farm.url(name)}</loc><lastmod>2026-11-{day:02d}</lastmod></sitemap>"  # fmt: skip

    farm.pages["/old.xml"] = (200, {}, SITEMAP.format(page_of(99)))
    farm.pages["/inner.xml"] = (200, {}, INDEX.format(part("/young.xml.gz", 20)))
    farm.pages["/young.xml.gz"] = (200, {"Content-Type": "application/gzip"}, gzip.compress(SITEMAP.format(page_of(1)).encode()))  # fmt: skip
    farm.pages["/f"] = (200, {}, INDEX.format(part("/old.xml", 1) + part("/inner.xml", 20)))
    stack.watch("S", farm.url("/f"))
    stack.cycle()
    assert stack.titles("S") == ["decision 1", "decision 99"]
    farm.pages["/young.xml.gz"] = (200, {}, gzip.compress(SITEMAP.format(page_of(1) + page_of(2, 24)).encode()))  # fmt: skip
    farm.pages["/f"] = (200, {}, INDEX.format(part("/old.xml", 1) + part("/inner.xml", 24)))
    stack.clock.forward(hours=2)
    stack.cycle()
    assert stack.titles("S") == ["decision 1", "decision 99", "decision 2"]


def test_sitemap_indexes_that_lead_in_a_circle_are_an_error_and_not_no_news_h3(stack: Any, farm: Any) -> None:  # fmt: skip
    farm.pages["/f"] = (200, {}, INDEX.format(f"<sitemap><loc>{farm.url('/f')}</loc></sitemap>"))
    stack.watch("S", farm.url("/f"))
    stack.cycle()
    assert stack.row("S")["error_class"] == "parse"
    assert len(farm.requests) <= 5


def test_a_bomb_in_a_gzip_file_is_cut_off_h3_d3(stack: Any, farm: Any) -> None:
    farm.pages["/f"] = (200, {"Content-Type": "application/gzip"}, gzip.compress(b" " * 30_000_000))
    stack.watch("S", farm.url("/f"))
    stack.cycle()
    assert stack.row("S")["error_class"] == "too_large"


def test_status_tells_of_each_source_when_how_and_why_g3(
    stack: Any, farm: Any, document: Callable[..., str]
) -> None:
    serve(stack, farm, document("A", "B"))
    farm.pages["/f"] = (304, {}, "")
    stack.cycle()
    (row,) = source_rows(stack.archive)
    told = {k: row[k] for k in ("state", "error_class", "last_status", "next_reason", "polls", "entries_seen", "per_week", "url")}  # fmt: skip
    assert told == {"state": "failing", "error_class": "http_304", "last_status": 304, "next_reason": "back-off after http_304", "polls": 2, "entries_seen": 2, "per_week": 2.0, "url": farm.url("/f")}  # fmt: skip
    assert row["last_ok"] < row["last_polled"] < row["next_due"]
    assert row["bytes"] > 0


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("Tue, 24 Nov 2026 10:00:00 CET", "2026-11-24T09:00:00+00:00"),
        ("Fri, 24 Jul 2026 10:00:00 CEST", "2026-07-24T08:00:00+00:00"),
        ("Tue, 24 Nov 2026 10:00:00 -0400", "2026-11-24T14:00:00+00:00"),
        ("mardi 3 juin 2025", "2025-06-03"),
        ("martedì 24 novembre 2026", "2026-11-24"),
        ("24. November 2026", "2026-11-24"),
    ],
)
def test_dates_are_read_as_their_authors_mean_them_f14(raw: str, iso: str) -> None:
    found = parse_date(raw)
    assert found is not None
    assert found.isoformat().startswith(iso)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"[1, 2", b'{"items": 3}', b'{"version": "x", "items": {}}'])  # fmt: skip
def test_json_that_is_no_json_feed_is_an_error_f18(body: bytes) -> None:
    with pytest.raises(FeedError):
        parse_feed(body, "application/json", "https://example.org/")
