"""What leaves the archive: valid for every reader, harmless for every spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from monitor.atom import SHOWN, atom
from monitor.exporting import as_csv, as_jsonl
from monitor.parse import parse_feed
from monitor.strict import read_strictly

NS = {"a": "http://www.w3.org/2005/Atom"}
ANY = st.text(max_size=60)


def hit(number: int = 1, **given: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "entry_id": number, "story_id": f"S-2026-{number:06}", "title": "CNIL fines X", "url": f"https://cnil.example/{number}?a=1&b=2",
        "source": "CNIL", "kind": "regulator", "published": None, "first_seen": "2026-11-24T08:00:00.000Z", "regulator": "CNIL",
        "organisation": "X", "jurisdiction": "FR", "action": "fine", "amount": 20e6, "currency": "EUR",
    }  # fmt: skip
    return usual | given


def read(*rows: dict[str, Any], name: str = "hits") -> etree._Element:
    return etree.fromstring("".join(atom(rows, archive="abc", name=name)).encode())


@given(ANY, ANY, ANY, ANY)
def test_any_text_gives_a_feed_that_feedparser_and_our_own_reader_read(
    title: str, source: str, url: str, regulator: str
) -> None:
    body = "".join(atom([hit(title=title, source=source, url=url, regulator=regulator)], archive="abc", name="hits")).encode()  # fmt: skip
    etree.fromstring(body)
    told = feedparser.parse(io.BytesIO(body))
    assert not told.bozo
    assert len(told.entries) == 1
    assert len(parse_feed(body, "application/atom+xml", "https://regwatch.example/hits.atom").entries) == 1  # fmt: skip


def test_our_strict_reader_takes_the_feed_with_title_link_date_and_id() -> None:
    body = "".join(atom([hit(title="A & B < C")], archive="abc", name="hits")).encode()
    assert read_strictly(body, "application/atom+xml", "https://r.example/") is not None
    entry = parse_feed(body, "application/atom+xml", "https://r.example/").entries[0]
    assert (entry.title, entry.url, entry.guid) == ("A & B < C", "https://cnil.example/1?a=1&b=2", "tag:regwatch,2026:abc/entry/1")  # fmt: skip
    assert entry.published is not None


@pytest.mark.parametrize("rows", [[], [hit()], [hit(url=None)], [hit(url="javascript:alert(1)")], [hit(n) for n in range(3)]])  # fmt: skip
def test_the_feed_has_all_that_rfc_4287_demands(rows: list[dict[str, Any]]) -> None:
    feed = read(*rows)
    for part in ("id", "title", "updated"):
        assert len(feed.findall(f"a:{part}", NS)) == 1
    entries = feed.findall("a:entry", NS)
    ids = [e.findtext("a:id", namespaces=NS) for e in entries]
    assert len(set(ids)) == len(rows)
    for entry in entries:
        for part in ("id", "title", "updated"):
            assert len(entry.findall(f"a:{part}", NS)) == 1
        linked = entry.find("a:link[@rel='alternate']", NS) is not None
        assert linked or entry.find("a:content", NS) is not None
        assert entry.find("a:author", NS) is not None or feed.find("a:author", NS) is not None


def test_ids_stay_when_facts_change_and_differ_between_archives() -> None:
    def ids(archive: str, **given: Any) -> list[str | None]:
        feed = etree.fromstring(
            "".join(atom([hit(**given)], archive=archive, name="hits")).encode()
        )
        return [e.text for e in feed.iter("{http://www.w3.org/2005/Atom}id")]

    assert ids("abc") == ids("abc", title="Edited", action="order", url="https://elsewhere.example/")  # fmt: skip
    assert not set(ids("abc")) & set(ids("other"))


def test_a_feed_shows_the_newest_and_says_when_something_last_changed() -> None:
    rows = [hit(n, first_seen=f"2026-11-{30 - n // 40:02}T00:00:00.000Z") for n in range(SHOWN + 9)]
    feed = read(*rows)
    assert len(feed.findall("a:entry", NS)) == SHOWN
    assert feed.findtext("a:updated", namespaces=NS) == "2026-11-30T00:00:00.000Z"


@given(ANY, st.sampled_from("=+-@|%＝＋－＠"), st.sampled_from(["", " ", "\t", "\n ", "\u00a0"]))
def test_no_cell_begins_as_a_formula(text: str, sign: str, before: str) -> None:
    title = before + sign + text
    rows = list(csv.DictReader(io.StringIO("".join(as_csv([hit(title=title)], list(hit()))), newline="")))  # fmt: skip
    assert len(rows) == 1
    assert rows[0]["title"] == "'" + title.replace("\0", "")


def test_numbers_stay_numbers_and_an_empty_export_has_its_header() -> None:
    assert "".join(as_csv([], ["a", "b"])) == "a,b\r\n"
    assert "".join(as_csv([{"a": -5.5, "b": None}], ["a", "b"])) == "a,b\r\n-5.5,\r\n"


@given(ANY)
def test_json_lines_hold_any_text_on_one_line(title: str) -> None:
    lines = "".join(as_jsonl([hit(title=title), hit()])).split("\n")
    assert [json.loads(line)["title"] for line in lines[:2]] == [title, "CNIL fines X"]
    assert lines[2] == ""
