"""robots.txt as RFC 9309 reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.robots import origin_of, read_robots

SITE = "https://a.example"


@pytest.mark.parametrize(
    ("text", "path", "forbidden"),
    [
        ("", "/a", False),
        ("User-agent: *\nDisallow:", "/a", False),
        ("User-agent: *\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /private", "/private/1", True),
        ("User-agent: *\nDisallow: /private", "/public", False),
        ("User-agent: *\nDisallow: /private\nUser-agent\nDisallow", "/private", True),
        # the longest rule counts, not the first; of equals the one that allows
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/1", False),
        ("User-agent: *\nAllow: /\nDisallow: /news/draft", "/news/draft/1", True),
        ("User-agent: *\nDisallow: /news\nAllow: /news", "/news", False),
        # wildcards and ends
        ("User-agent: *\nDisallow: /*/search", "/en/search?q=1", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", False),
        ("User-agent: *\nDisallow: /*?", "/a?x=1", True),
        ("User-agent: *\nDisallow: /a$", "/a", True),
        ("User-agent: *\nDisallow: /a*b*c$", "/aXbXbc", True),
        # a group that names us is ours alone, wherever it stands and however it is written
        ("User-agent: *\nDisallow: /\n\nUser-agent: RegWatch/2.0\nDisallow: /x", "/a", False),
        ("User-agent: other\nUser-agent: regwatch\nDisallow: /x", "/x", True),
        ("User-agent: other\nDisallow: /\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: regwatch\nDisallow: /a\nUser-agent: *\nUser-agent: regwatch\nDisallow: /b", "/b", True),
        # spellings
        ("\ufeffuser-AGENT : *\r\ndisallow : /caf%C3%A9 # comment", "/café", True),
        ("User-agent: *\nDisallow: /%7Ejoe", "/~joe/x", True),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", False),
        ("Disallow: /", "/a", False),
        ("<html>Disallow: / is what we say</html>", "/a", False),
    ],
)  # fmt: skip
def test_what_is_forbidden_to_us(text: str, path: str, forbidden: bool) -> None:
    assert (read_robots(text).forbidding(SITE + path) is not None) is forbidden


def test_a_forbidding_rule_is_named_and_a_pause_is_read_within_bounds() -> None:
    rules = read_robots("User-agent: *\nCrawl-delay: 99999\nDisallow: /x\n")
    assert str(rules.forbidding(SITE + "/x/1")) == "Disallow: /x"
    assert rules.crawl_delay_s == 3600


@given(st.text(max_size=400), st.text(max_size=60))
def test_any_text_gives_rules(text: str, path: str) -> None:
    rules = read_robots(f"User-agent: *\n{text}\nDisallow: {path}")
    rules.forbidding(f"{SITE}/{path}")


def test_a_pattern_of_many_wildcards_costs_no_time() -> None:
    rules = read_robots("User-agent: *\nDisallow: /" + "a*" * 5000 + "b$")
    assert rules.forbidding(SITE + "/" + "a" * 100_000) is None


def test_a_robots_txt_speaks_for_scheme_host_and_port() -> None:
    assert origin_of("HTTPS://user@A.Example:8443/x?y") == "https://a.example:8443"


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\nDisallow: /a" + " " * 400_000 + "b\n",
        "User-agent: *\n" * 30_000,
        "User-agent: other\n" * 12_000 + "User-agent: *\n" + "Allow: /\n" * 25_000,
    ],
    ids=["blanks", "names", "rules for each of many names"],
)
def test_no_robots_txt_takes_more_than_its_size_in_time(text: str) -> None:
    """What grew with the square of the size would not end here before the test is given up."""
    rules = read_robots(text + "Disallow: /c/d")
    assert rules.forbidding(f"{SITE}/c/d") is not None
