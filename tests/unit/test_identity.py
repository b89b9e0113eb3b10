"""What makes an entry the same entry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import ParsedEntry
from monitor.identity import (
    EntryKeys,
    KnownEntry,
    canonical_url,
    entry_keys,
    link_key,
    sort_out,
)

DAY = datetime(2026, 11, 20, tzinfo=UTC)


def known(entry: ParsedEntry, number: int = 1) -> KnownEntry:
    keys = entry_keys(entry)
    return KnownEntry(number, keys.key, keys.link_key, keys.title_key, keys.content_hash)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("http://Example.org:80/a?utm_source=x&b=2&a=1#top", "https://example.org/a?a=1&b=2"),
        ("https://example.org/?id=7", "https://example.org/?id=7"),
        ("https://www.google.com/url?q=https://example.org/a&sa=D", "https://example.org/a"),
        ("https://www.google.com/amp/s/example.org/a", "https://example.org/a"),
        ("https://example.org", "https://example.org/"),
        ("http://example.org:443/a", "https://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("http://[::1]:8080/a", "https://[::1]:8080/a"),
        (
            "https://google.com/url?q=https://google.com/amp/s/google.com/%2561mp/s/example.org/a",
            "https://example.org/a",
        ),
        ("https://example.org/?b=1&\udc80=2", "https://example.org/?%3F=2&b=1"),
    ],
)
def test_a_canonical_url_drops_only_what_tracks(raw: str, canonical: str) -> None:
    assert canonical_url(raw) == canonical
    assert canonical_url(canonical) == canonical


@given(st.text(max_size=80))
def test_canonical_url_takes_any_text_and_is_idempotent(text: str) -> None:
    once = canonical_url(f"https://example.org/{text}")
    assert canonical_url(once) == once


def test_mobile_amp_and_plain_links_match() -> None:
    assert link_key("https://m.example.org/news/1/amp/") == link_key(
        "http://www.example.org/news/1"
    )


@given(st.text(), st.one_of(st.none(), st.text(min_size=1)), st.text())
def test_an_entry_always_has_a_key_f8(title: str, guid: str | None, summary: str) -> None:
    keys = entry_keys(ParsedEntry(title=title, guid=guid, summary=summary))
    assert keys.key
    assert keys.title_key


def test_the_same_guid_twice_with_other_links_is_two_entries_f9() -> None:
    a = ParsedEntry("One", url="https://example.org/1", guid="same")
    b = ParsedEntry("Two", url="https://example.org/2", guid="same")
    assert len(sort_out([a, b], []).new) == 2


def test_both_entries_of_a_doubled_guid_are_known_at_the_next_poll_f9() -> None:
    a = ParsedEntry("One", url="https://example.org/1", guid="same")
    b = ParsedEntry("Two", url="https://example.org/2", guid="same")
    first = sort_out([a, b], [])
    stored = [
        KnownEntry(n, k.key, k.link_key, k.title_key, k.content_hash)
        for n, (_, k) in enumerate(first.new)
    ]
    again = sort_out([a, b], stored)
    assert (again.new, again.edited, sorted(again.unchanged)) == ((), (), [0, 1])


def test_a_changed_guid_with_the_same_link_is_the_same_entry_f10() -> None:
    old = ParsedEntry("Title", url="https://example.org/1", guid="a", published=DAY)
    new = ParsedEntry("Title", url="https://example.org/1?utm_source=rss", guid="b", published=DAY)
    assert sort_out([new], [known(old)]).unchanged == (1,)


def test_a_changed_guid_and_link_with_the_same_title_and_day_is_the_same_entry_f10() -> None:
    old = ParsedEntry("Title", url="https://old.example/1", guid="a", published=DAY)
    new = ParsedEntry("Title", url="https://new.example/1", guid="b", published=DAY)
    assert sort_out([new], [known(old)]).unchanged == (1,)


def test_an_edited_text_is_an_edit_and_not_a_new_entry_f11() -> None:
    old = ParsedEntry("Title", guid="a", summary="before")
    new = ParsedEntry("Title, corrected", guid="a", summary="after")
    assert [e[2] for e in sort_out([new], [known(old)]).edited] == [1]


def test_a_recycled_guid_with_another_story_is_a_new_entry() -> None:
    old = ParsedEntry("Old news", url="https://example.org/1", guid="a", summary="x")
    new = ParsedEntry("Other news", url="https://example.org/2", guid="a", summary="y")
    assert len(sort_out([new], [known(old)]).new) == 1


def test_entries_that_share_a_home_page_link_stay_apart() -> None:
    entries = [ParsedEntry(f"News {n}", url="https://example.org/") for n in range(3)]
    stored: list[KnownEntry] = []
    for n, (_, keys) in enumerate(sort_out(entries, []).new):
        stored.append(KnownEntry(n, keys.key, keys.link_key, keys.title_key, keys.content_hash))
    assert isinstance(entry_keys(entries[0]), EntryKeys)
    assert sort_out(entries, stored).new == ()


@pytest.mark.parametrize("url", ["http://[", "https://[::1/a", "//[", "http://a]b/"])
def test_a_link_that_is_no_address_still_has_a_key(url: str) -> None:
    assert link_key(url) == link_key(url) != ""
    assert entry_keys(ParsedEntry("A title", url=url)).link_key == link_key(url)
