"""Words of strangers where something is looked for: a date, a sum, an address, a rule, a search."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import isfinite

from classifiers.imposed import imposed
from classifiers.matching import fold
from classifiers.money import Sum, find_sums
from classifiers.told_dates import told_date
from monitor.dates import EARLIEST, LATEST, dates_in, month_comes_first, parse_date
from monitor.identity import canonical_url
from monitor.robots import Rule, Rules, origin_of, read_robots
from monitor.store.reading import list_hits, list_stories

from .archives import TOLD, opened

_FORMS = (
    "%d.%m.%Y",
    "%Y-%m-%d",
    "%d %B %Y",
    "%B %d, %Y",
    "%Y年%m月%d日",
    "%a, %d %b %Y 00:00:00 GMT",
)
_BORN = datetime(2000, 1, 1, tzinfo=UTC)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def addresses(data: bytes) -> None:
    """Any line where an address is expected: what is made of it does not change again."""
    once = canonical_url(_text(data))
    assert canonical_url(once) == once


def dates(data: bytes) -> None:
    """Any line where a date is expected: a plausible moment or none, and a real day is read."""
    text = _text(data)
    for month_first in (None, False, True):
        moment = parse_date(text, month_first=month_first)
        assert moment is None or (moment.tzinfo is UTC and EARLIEST <= moment <= LATEST)
    assert month_comes_first([text]) in (None, False, True)
    for found in dates_in(text):
        assert found
        parse_date(found)
    told = told_date(fold(text))
    assert told is None or 2000 <= date.fromisoformat(told).year <= 2099
    day = _BORN + timedelta(days=int.from_bytes(data[:2]) % 36_000)
    assert all(parse_date(f"{day:{form}}") == day for form in _FORMS), day


def sums(data: bytes) -> None:
    """Any text where a sum is looked for: each stands where it is said to stand."""
    text = _text(data)
    found = find_sums(text, (None, "AUD", "SEK")[len(data) % 3])
    assert all(_stands(one, text) for one in found)
    assert all(a.start <= b.start and a.end <= b.end for a, b in pairwise(found))
    title, _, body = text.partition("\n")
    paid = imposed(title, body, None)
    assert paid is None or paid.words in title or paid.words in body
    amount = 50 + int.from_bytes(data[:4])
    said = find_sums(f"fined €{amount:,} today")
    assert [(s.money.amount, s.money.currency) for s in said] == [(amount, "EUR")]


def _stands(one: Sum, text: str) -> bool:
    money = one.money
    return (
        0 <= one.start < one.end <= len(text)
        and text.startswith(money.words, one.start)
        and isfinite(money.amount)
        and 50 <= money.amount <= 2e14
        and re.fullmatch(r"[A-Z]{3}|", money.currency) is not None
    )


def robots(data: bytes) -> None:
    """A robots.txt and, in its first line, an address: rules, and what they say of it."""
    first, _, text = data.decode("utf-8", "replace").partition("\n")
    url = f"https://e.example/{first.strip()}"
    rules = read_robots(text)
    assert rules.crawl_delay_s is None or 0 <= rules.crawl_delay_s <= 3600
    assert all(rule.pattern for rule in rules.rules)
    found = rules.forbidding(url)
    assert found is None or (found in rules.rules and not found.allow)
    assert Rules((*rules.rules, Rule(allow=True, pattern="/"))).forbidding(url) in (None, found)
    assert origin_of(url) == "https://e.example"
    if re.fullmatch(r"[a-z/.-]{0,60}", first) and len(rules.rules) <= 20:
        _agrees(rules, "/" + first, found)


def _agrees(rules: Rules, path: str, found: Rule | None) -> None:
    """The same by regular expressions, where all patterns are plain enough for them."""
    if not all(re.fullmatch(r"/[a-z/.*-]{0,20}\$?", r.pattern) and r.pattern.count("*") <= 3 for r in rules.rules):  # fmt: skip
        return
    fitting = [r for r in rules.rules if re.match(_expression(r.pattern), path)]
    best = max(fitting, key=lambda r: (len(r.pattern), r.allow), default=None)
    assert (best is None or best.allow) is (found is None), (rules, path)


def _expression(pattern: str) -> str:
    parts = (re.escape(part) for part in pattern.removesuffix("$").split("*"))
    return ".*".join(parts) + (r"\Z" if pattern.endswith("$") else "")


def search(data: bytes) -> None:
    """Any words after ``--search``: rows or none, and a word of a title finds its entry."""
    text = _text(data)
    with opened(told=True) as archive:
        hits = list_hits(archive, since=None, search=None)
        stories = list_stories(archive, since=None, search=None)
        assert (len(hits), len(stories)) == (len(TOLD), len(TOLD))
        assert all(row in hits for row in list_hits(archive, since=None, search=text))
        assert all(row in stories for row in list_stories(archive, since=None, search=text))
        marks = re.sub(r"[^\W_]", "", text)
        for word, row in (("Clearview", "Clearview AI"), ("DEEPSEEK", "Garante")):
            found = list_hits(archive, since=None, search=f"{marks}{word}{marks}")
            assert [one["title"].startswith(row) for one in found] == [True]


TARGETS: dict[str, Callable[[bytes], None]] = {
    "addresses": addresses,
    "dates": dates,
    "sums": sums,
    "robots": robots,
    "search": search,
}
SAMPLES: dict[str, tuple[bytes, ...]] = {
    "addresses": (
        b"https://e.example/a/../b?utm_source=x&b=%7e#f",
        b"http://www.e.example:8080/a",
        b"https://www.google.com/url?sa=D&q=https://google.com/amp/s/e.example/a%3Fb",
    ),
    "dates": (
        b"Tue, 24 Nov 2026 08:00:00 +0100",
        "24. März 2026".encode(),
        b"2026-11-24T08:00:00Z",
        b"Fri, 31 Dec 9999 23:00:00 EST",
        "令和8年11月24日 / 3/4/2026 10:15 CET / den 2. maj 2026".encode(),
    ),
    "sums": (
        "ICO fines X £7.5m; 20 Mio. Euro, 1.234.567,89 €\nUS$5 billion, 3,2 mln zł, kr 500 000".encode(),
        "과징금 5천550만원과 과태료 360만원, 15億円, thirty mıllion dollars".encode(),
    ),
    "robots": (
        b"news/a-fine\nUser-agent: *\nDisallow: /news/*fine$\nAllow: /news/\nCrawl-delay: 5\n",
        b"exact\nUser-agent: *\nDisallow: /exac$\nDisallow: /*t$\nAllow: /e\n",
        b"a%2Fb?c=d\nUser-Agent: regwatch/1.0\nDisallow: /a%2fb\nUser-agent: other\nDisallow: /\n",
    ),
    "search": (
        b'"Clearview" AND (face* OR NOT x) NEAR/2',
        "Garante’s {title} : ^DeepSeek -chatbot +a".encode(),
    ),  # fmt: skip
}
