"""The full text on demand, from the configuration to ``explain``."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.config import load
from monitor.defaults import shipped
from monitor.errors import ConfigError

from .conftest import Command, Site

STORY = "The data protection authority has fined the chatbot provider Luka 5 million euros for training its artificial intelligence on the personal data of users without a legal basis. It ordered the company to stop processing the personal data of Italian users with its generative AI model."
PAGE = f"<html><head><title>New decision on the use of AI</title></head><body><article><h1>New decision on the use of AI</h1><p>{STORY}</p></article></body></html>"


def serve(site: Site) -> str:
    article = site.page("/decision", PAGE)
    site.page("/robots.txt", "User-agent: *\nDisallow: /admin", "text/plain")
    item = f"<item><title>New decision on the use of AI</title><link>{article}</link><description>Personal data of users.</description><pubDate>{{}}</pubDate></item>"
    body = item.format(format_datetime(datetime.now(UTC)))
    return site.page("/feed", f"<rss version='2.0'><channel><title>T</title>{body}</channel></rss>", "application/rss+xml")  # fmt: skip


def test_a_short_entry_is_read_in_full_alerted_once_and_explained(
    regwatch: Command, site: Site, configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure(serve(site), extra="fulltext: {enabled: true}")
    first = regwatch("once")
    assert first.returncode == 0, first.stderr
    assert "New decision on the use of AI" in first.stdout
    assert "1 hits" in first.stdout
    assert regwatch("once", "--now").returncode == 0
    assert [path for path, _ in site.requests].count("/decision") == 1
    with sqlite3.connect(tmp_path / "data/regwatch.db") as archive:
        assert archive.execute("SELECT count(*), max(state) FROM deliveries").fetchone() == (1, "sent")  # fmt: skip
    explained = regwatch("explain", "1")
    assert "Article: read 20" in explained.stdout
    assert "allowed by robots.txt" in explained.stdout


@pytest.mark.parametrize(
    ("extra", "key", "line"),
    [("fulltext: {enabled: true}", "fulltext.enabled", 2), ("", "feeds[0].fulltext", 4)],
)
def test_without_the_extra_the_key_is_a_configuration_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: str, key: str, line: int
) -> None:
    own = "" if extra else ", fulltext: true"
    path = tmp_path / "feeds.yaml"
    path.write_text(f"archive: a.db\n{extra}\nfeeds:\n  - {{name: A, url: 'https://a.example', kind: press{own}}}\n")  # fmt: skip
    assert load(path, environ={}, builtin=shipped("seeds")).feeds[0].fulltext
    monkeypatch.setattr("monitor.config.loading.find_spec", lambda name: None)
    with pytest.raises(ConfigError) as caught:
        load(path, environ={}, builtin=shipped("seeds"))
    assert caught.value.problems == (f"feeds.yaml:{line}: {key}: needs the extra: pip install 'regwatch[fulltext]'",)  # fmt: skip
