"""An archive with a history, and a real Chromium to look at what is made of it.

Where there is no Chromium, or no Datasette, the tests are skipped and say so.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.store import evidence
from monitor.store.archive import Archive
from monitor.store.codec import iso

UNTIL = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HOSTILE = (
    '<script>document.title="owned"</script><img src=x onerror=alert(1)> & "quoted" \u202e=1+1'
)
KINDS = ("regulator", "regulator", "court", "ngo", "press", "law", "aggregator")
STEPS = (
    ("ICO", "LinkedIn", "GB", "suspension", None, None, "LinkedIn pauses AI training on members' posts"),
    ("CNIL", "Clearview AI", "FR", "fine", 20_000_000.0, "EUR", "La CNIL inflige une amende à Clearview AI pour la reconnaissance faciale"),
    ("Garante", "Replika", "IT", "fine", 5_000_000.0, "EUR", "Garante multa il chatbot Replika"),
    ("FTC", "Rite Aid", "US", "settlement", None, None, "FTC settles over facial recognition"),
    ("DPC", "X", "IE", "court-ruling", None, None, "Court hears DPC against X over training of Grok"),
    ("noyb", "Meta", "AT", "complaint", None, None, "noyb files complaint against Meta AI"),
    ("ICO", "Snap", "GB", "reprimand", None, None, "ICO reprimands Snap over My AI"),
    ("ICO", "Clearview AI", "GB", "fine", 7_500_000.0, "GBP", "Tribunal restores £7.5m fine on Clearview AI"),
    (None, None, None, "other", None, None, HOSTILE),
)  # fmt: skip


@dataclass(frozen=True)
class History:
    """How much of a history to make."""

    sources: int = 9
    days: int = 30
    every: timedelta = timedelta(hours=3)
    hits_per_day: float = 1.5
    background: int = 3


def fill(path: Path, size: History, until: datetime = UNTIL) -> None:
    """Write a plausible past, the same at every run: polls, outages, entries, hits, alerts, judgements."""
    chance, since = random.Random(7), until - timedelta(days=size.days)
    with Archive.open(path) as archive, archive.write() as connection:
        put = connection.execute
        away = (since + timedelta(days=size.days * 0.6), since + timedelta(days=size.days * 0.6, hours=20))  # fmt: skip
        put("INSERT INTO runs (started, heartbeat, ended, command, version, model, cycles, last_cycle) VALUES (?,?,?,'run','1','m1',9,?)", (iso(since), iso(away[0]), iso(away[0]), iso(away[0])))  # fmt: skip
        put("INSERT INTO runs (started, heartbeat, command, version, model, cycles, last_cycle) VALUES (?,?,'run','1','m1',9,?)", (iso(away[1]), iso(until), iso(until)))  # fmt: skip
        put(
            "INSERT INTO models (model, adopted, threshold, origin) VALUES ('m1', ?, 0.5, 'service')",
            (iso(since),),
        )
        put("INSERT INTO channels (channel, held_since, held_reason) VALUES ('C1', ?, 'channel_not_found')", (iso(until),))  # fmt: skip
        for n in range(1, size.sources + 1):
            _source(put, n, size, since, until, away, chance)
        _entries(put, size, since, chance)
        _rest(connection, since)


def _rest(connection: sqlite3.Connection, since: datetime) -> None:
    """A row in each of the tables that the past above leaves empty."""
    at = iso(since)
    for sql in (
        "INSERT INTO entry_versions (entry_id, seen, title, summary, text, content_hash) VALUES (1, ?, 'Before', '', '', 'x')",
        "INSERT INTO story_corrections (made, author, kind, entry_a, entry_b) VALUES (?, 'ann', 'apart', 1, 5)",
        "INSERT INTO silences (field, value, author, reason, made, ends) VALUES ('term', 'x', 'ann', 'noise', ?, '2027-01-01')",
        "INSERT INTO extracts (entry_id, url, fetched, hash, text) VALUES (1, 'https://news.example/0', ?, 'h', 'text')",
        "INSERT INTO hosts (host, last_start) VALUES ('s1.example', ?)",
        "INSERT INTO notes (key, value) VALUES ('digest', ?)",
        "INSERT INTO story_index (key, day, entry_id) VALUES (?, 20000, 1)",
        "INSERT INTO story_cases (key, began, story_id, sought) VALUES ('case', ?, 1, 1)",
        "INSERT INTO fulltexts (entry_id, url, host, state, not_before, asked) VALUES (1, 'https://news.example/0', 'news.example', 'due', '2026-01-01', ?)",
        "INSERT INTO robots (origin, fetched, expires, text) VALUES ('https://news.example', ?, '2026-01-02', '')",
        "INSERT INTO clicks (key, story, act, author, author_name, channel, made, outcome) VALUES ('k', 'S-2026-000001', 'relevant', 'U1', 'ann', 'C1', ?, 'kept')",
    ):
        connection.execute(sql, (at,))
    evidence.append(connection, since, "decision", {"alert": None, "reason": "older than fresh_for"}, entry_id=1)  # fmt: skip


def _source(put: Any, n: int, size: History, since: datetime, until: datetime, away: tuple[datetime, datetime], chance: random.Random) -> None:  # fmt: skip
    begin = since + timedelta(days=size.days / 2) if n % 11 == 5 else since
    state, error = ("failing", "timeout") if n % 7 == 3 else ("gone", "http_404") if n % 29 == 4 else ("ok", None)  # fmt: skip
    name = f"Authority for the protection of data and its long name no. {n}" if n % 9 == 0 else f"Source {n:03}"  # fmt: skip
    put("INSERT INTO feeds (id, name, url, host, kind, jurisdiction, language, state, error_class, error, first_polled, last_polled, last_ok, next_due, next_reason, polls, entries_seen, last_new) "
        "VALUES (?,?,?,?,?,'GB','en',?,?,?,?,?,?,?,'usual interval',?,40,?)",
        (n, name, f"https://s{n}.example/feed", f"s{n}.example", KINDS[n % len(KINDS)], state, error, error and "no answer within 30 s", iso(begin), iso(until), iso(until - timedelta(hours=40 if error else 1)), iso(until + timedelta(hours=1)), 24 * size.days, iso(until - timedelta(days=2))))  # fmt: skip
    broken = since + timedelta(days=chance.random() * size.days)
    for k in range(int((until - begin) / size.every)):
        at = begin + k * size.every + timedelta(minutes=n % 60)
        if away[0] <= at < away[1]:
            continue
        dead = state == "gone" and at > until - timedelta(days=size.days / 3)
        bad = dead or (n % 4 == 0 and broken <= at < broken + timedelta(days=1 + n % 5)) or chance.random() < 0.01  # fmt: skip
        fresh = 0 if bad or chance.random() < 0.7 else 1 + k % 2
        put("INSERT INTO fetches (feed_id, started, seconds, outcome, status, error_class, error, entries, new) VALUES (?,?,0.4,?,?,?,?,?,?)",
            (n, iso(at), "failed" if bad else "parsed" if fresh else "unchanged", None if bad else 200, ("http_404" if dead else "timeout") if bad else None, "no answer" if bad else None, 20 if fresh else 0, 20 if n % 8 == 0 and fresh else fresh))  # fmt: skip


def _entries(put: Any, size: History, since: datetime, chance: random.Random) -> None:
    hits = int(size.days * size.hits_per_day)
    number = 0
    for k in range(hits * (1 + size.background)):
        seen = since + timedelta(days=size.days * k / (hits * (1 + size.background)), hours=3)
        is_hit = k % (1 + size.background) == 0
        source = 1 + chance.randrange(size.sources)
        step = STEPS[number % len(STEPS)]
        title = step[6] if is_hit else f"Ordinary notice number {k}"
        published = seen - timedelta(minutes=5 + chance.paretovariate(0.6) * 10) if k % 9 else None
        put("INSERT INTO entries (id, feed_id, source, kind, key, title_key, content_hash, title, url, guid, summary, text, language, published, first_seen, last_seen) "
            "SELECT ?, id, name, kind, ?, ?, ?, ?, ?, ?, ?, '', 'en', ?, ?, ? FROM feeds WHERE id = ?",
            (k + 1, f"k{k}", f"t{k}", f"h{k}", title, f"https://news.example/{k}?a=1&b=2", f"g{k}", f"Summary {k} about data protection.", published and iso(max(published, since)), iso(seen), iso(seen), source))  # fmt: skip
        score = 0.6 + 0.4 * chance.random() if is_hit else 0.45 * chance.random()
        put("INSERT INTO verdicts (entry_id, model, score, threshold, label, legs, why, judged) VALUES (?, 'm1', ?, 0.5, ?, '{}', '[[\"fine\", 0.8]]', ?)", (k + 1, score, "relevant" if is_hit else "irrelevant", iso(seen)))  # fmt: skip
        if is_hit:
            _hit(put, k + 1, number, step, seen, score, chance)
            number += 1


def _hit(put: Any, entry: int, number: int, step: Any, seen: datetime, score: float, chance: random.Random) -> None:  # fmt: skip
    joins = number % 4 == 3
    story = number - 1 if joins else number
    if not joins:
        scale = 1 + number % 7 / 3
        put("INSERT INTO stories (id, public_id, title, lead_entry_id, lead_url, first_seen, last_seen, regulator, regulators, organisation, jurisdiction, action, amount, currency) "
            "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (story + 1, f"S-2026-{story + 1:06}", step[6], entry, f"https://news.example/{entry}", iso(seen), iso(seen), step[0], f'["{step[0]}"]' if step[0] else "[]", step[1], step[2], step[3], step[4] and step[4] * scale, step[5]))  # fmt: skip
        put("INSERT INTO alerts (id, story_id, kind, reason, created) VALUES (?,?,'new','new story',?)", (story + 1, story + 1, iso(seen)))  # fmt: skip
        state = "pending" if number % 10 == 9 else "sent"
        put("INSERT INTO deliveries (alert_id, channel, uid, state, attempts, not_before, created, last_error, sent_at) VALUES (?,'C1',?,?,1,?,?,?,?)",
            (story + 1, f"u{story}", state, iso(seen), iso(seen), None if state == "sent" else "ratelimited", iso(seen + timedelta(seconds=4)) if state == "sent" else None))  # fmt: skip
        if number % 6 == 5:
            put(
                "INSERT OR IGNORE INTO story_links (story_id, follows_id) VALUES (?, ?)",
                (story + 1, 1),
            )
    put("INSERT INTO story_entries (entry_id, story_id, added, score, model) VALUES (?,?,?,?,'m1')", (entry, story + 1, iso(seen), score))  # fmt: skip
    if number % 2:
        put("INSERT INTO labels (entry_id, label, why, author, model, made) VALUES (?,?,?,'ann','m1',?)", (entry, "irrelevant" if chance.random() < 0.15 else "relevant", "seen", iso(seen)))  # fmt: skip


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of thirty days; read it, do not write."""
    path = tmp_path_factory.mktemp("history") / "regwatch.db"
    fill(path, History())
    return path


@pytest.fixture(scope="session")
def fill_history() -> Callable[[Path, datetime], None]:
    """Make a history that ends when you say."""
    return lambda path, until: fill(path, History(), until)


@pytest.fixture(scope="session")
def until() -> datetime:
    """The end of the history."""
    return UNTIL


def chromium() -> str | None:
    """The browser of the system."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")  # fmt: skip


FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium driven by Playwright.

    It ends with the module: while it lives, its event loop runs, and no other test could have one.
    """
    found = chromium()
    if found is None:
        pytest.skip("no Chromium on this machine: pages were NOT looked at (.ci/run installs it)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()
