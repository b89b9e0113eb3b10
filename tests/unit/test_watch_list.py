"""The shipped watch list: what is on, what is off and why, and where else a source is found."""

from __future__ import annotations

import re

from monitor.config import load
from monitor.defaults import shipped

TEXT = shipped("feeds.yaml").read_text(encoding="utf-8")
FEEDS = load(shipped("feeds.yaml"), environ={}, builtin=shipped("seeds")).feeds
LISTINGS = {
    "ICO news and blogs (HTML)", "DPC Ireland", "BayLDA Bavaria (private sector)", "HmbBfDI Hamburg",
    "CPPA California (CalPrivacy)", "ANPD Brazil", "PIPC Korea (en)", "PIPC Korea (ko)",
    "Privacy Protection Authority Israel", "Information Regulator South Africa",
}  # fmt: skip


def test_authorities_without_a_feed_are_watched_by_their_listing_pages_h1() -> None:
    assert {f.name for f in FEEDS if f.watch and f.enabled} == LISTINGS


def test_no_selector_is_shipped_that_nobody_has_seen_work_h1() -> None:
    assert [f.name for f in FEEDS if f.selectors] == []


def test_whoever_is_switched_off_has_a_reason_beside_it() -> None:
    for block in re.split(r"\n(?=  - name:|  #)", TEXT):
        if "enabled: false" in block:
            line = next(x for x in block.splitlines() if "enabled: false" in x)
            assert "#" in line, block


def test_fallbacks_are_addresses_of_no_other_source_e4() -> None:
    taken = {f.url for f in FEEDS}
    used = [u for f in FEEDS for u in f.fallbacks]
    assert len(used) == len(set(used)) > 20
    assert not taken & set(used)


def test_full_texts_are_off_as_shipped() -> None:
    assert not any(f.fulltext for f in FEEDS)
