"""An archive as it would be after years: a million entries, 20,000 hits, a year of polls.

Rows are written straight into the tables, by the archive's own functions where there are any;
the speed of the real pipeline is measured elsewhere, on top of what is made here.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from classifiers.facts import Facts, find_facts
from classifiers.model import Model
from classifiers.topic import Topic
from classifiers.verdict import Item, Label, Verdict
from monitor.defaults import shipped
from monitor.domain import AlertKind, EntryId, Feed, FeedName, ParsedEntry, SourceKind
from monitor.identity import entry_keys
from monitor.store import alerts, entries, evidence, feeds, labels, placing, runs
from monitor.store.archive import Archive
from monitor.store.codec import iso

BEGAN = datetime(2023, 1, 1, tzinfo=UTC)
DAYS = 1000
SOURCES = 200
POLLS_A_DAY = 12
_BATCH = 5000
FAMOUS = 0.2
"""Share of the steps against a party that the examples name, as uneven as in the news."""
SMALL = 300
"""Parties like each of theirs."""
_SYLLABLES = [a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er")]
_COMMON = [
    "the",
    "of",
    "to",
    "in",
    "and",
    "for",
    "on",
    "with",
    "by",
    "at",
    "from",
    "new",
    "says",
    "after",
    "over",
    "as",
    "der",
    "die",
    "und",
    "in",
    "den",
    "für",
    "de",
    "la",
    "le",
    "les",
    "et",
    "des",
    "en",
    "el",
    "los",
    "un",
    "per",
    "il",
    "di",
]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made."""

    entries: int = 1_000_000
    hits: int = 20_000
    polled_days: int = 400  # as long as poll rows are kept


class Prose:
    """Ordinary headlines and summaries: 60,000 invented words, as uneven as in a language."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        words = {"".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(70_000)}
        self._words = sorted(words)[:60_000]
        chance.shuffle(self._words)
        self._weights = list(accumulate(1 / (n + 10) for n in range(len(self._words))))

    def item(self, number: int, when: datetime) -> ParsedEntry:
        """An entry that no screen lets pass; 14 words of headline, 30 of summary."""
        host = number % SOURCES
        slug = "-".join(self._chance.choices(self._words, cum_weights=self._weights, k=4))
        return ParsedEntry(
            title=self._text(11).capitalize(),
            url=f"https://www.source{host}.example/news/{when:%Y/%m}/{slug}-{number}",
            guid=f"https://www.source{host}.example/?p={number}",
            summary=self._text(30).capitalize() + ".",
            published=when - timedelta(minutes=self._chance.randint(5, 300)),
            published_raw=f"{when:%a, %d %b %Y %H:%M:%S} +0000",
        )

    def _text(self, length: int) -> str:
        rare = self._chance.choices(self._words, cum_weights=self._weights, k=length)
        return " ".join(w if n % 3 else self._chance.choice(_COMMON) for n, w in enumerate(rare, 1))


def fill(archive: Archive, model: Model, size: Size, tell: Callable[[str], None]) -> None:
    """Make the archive's content."""
    chance = random.Random(7)
    feeds.sync(archive, [_feed(n) for n in range(SOURCES)])
    tell("polls")
    _polls(archive, chance, size.polled_days)
    tell("entries")
    told = [e.item for e in Topic.load([shipped("seeds")]).examples if e.label is Label.RELEVANT]
    _Writer(archive, model, told, chance).write(size, tell)
    now = BEGAN + timedelta(days=DAYS)
    run, _ = runs.begin(
        archive, now - timedelta(days=3), command="run", version="0", model=model.id
    )
    runs.cycle_done(archive, run, now, bugs=0)
    for (entry_id,) in archive.rows("SELECT entry_id FROM story_entries WHERE entry_id % 40 = 0"):
        labels.add(archive, entry_id, chance.choice(["relevant"] * 9 + ["irrelevant"]), "seen", "a colleague", model.id, now)  # fmt: skip


def _feed(number: int) -> Feed:
    kinds = list(SourceKind)
    return Feed(
        name=FeedName(f"Source {number:03d}"),
        url=f"https://www.source{number}.example/feed.xml",
        kind=kinds[number % len(kinds)],
        jurisdiction=("DE", "FR", "IT", "EU", "US")[number % 5],
        language="en",
    )


def _polls(archive: Archive, chance: random.Random, days: int) -> None:
    """The poll rows of the last days: most unchanged, some failed."""
    end = BEGAN + timedelta(days=DAYS)
    step = timedelta(days=1) / POLLS_A_DAY
    with archive.write() as connection:
        for turn in range(days * POLLS_A_DAY):
            when = end - step * (days * POLLS_A_DAY - turn)
            connection.executemany(
                "INSERT INTO fetches (feed_id, started, seconds, outcome, status, error_class, "
                "final_url, etag, bytes, conditional) SELECT id, ?, 0.3, ?, ?, ?, url, ?, 0, 1 "
                "FROM feeds WHERE id = ?",
                [
                    (iso(when + timedelta(seconds=n)), *_outcome(chance), f'"{turn:x}{n:x}"', n + 1)
                    for n in range(SOURCES)
                ],
            )
        connection.execute(
            "UPDATE feeds SET state = 'ok', first_polled = ?, last_polled = ?, last_ok = ?, "
            "next_due = ?, next_reason = 'interval', polls = 10000",
            (iso(BEGAN), iso(end), iso(end), iso(end + step)),
        )


def _outcome(chance: random.Random) -> tuple[str, int | None, str | None]:
    drawn = chance.random()
    if drawn < 0.02:
        return "failed", None, "timeout"
    return ("unchanged", 304, None) if drawn < 0.8 else ("parsed", 200, None)


class _Writer:
    """Entries in the order of time, hits strewn among them."""

    def __init__(
        self, archive: Archive, model: Model, told: Sequence[Item], chance: random.Random
    ) -> None:
        self.archive, self.model, self.told, self.chance = archive, model, told, chance
        self.facts = [find_facts(item, model.gazetteer) for item in told]
        self.prose = Prose(chance)
        self.rows: dict[int, sqlite3.Row] = {}

    def write(self, size: Size, tell: Callable[[str], None]) -> None:
        self.rows = {r["id"]: r for r in self.archive.rows("SELECT * FROM feeds")}
        screened = Verdict(0.001, Label.IRRELEVANT, {}, (), self.model.id, self.model.threshold, screened=True)  # fmt: skip
        hits = set(self.chance.sample(range(size.entries), size.hits))
        for start in range(0, size.entries, _BATCH):
            with self.archive.write() as connection:
                for n in range(start, min(start + _BATCH, size.entries)):
                    when = BEGAN + timedelta(days=DAYS * n / size.entries)
                    if n in hits:
                        self._hit(connection, n, when)
                    else:
                        self._ordinary(connection, n, when, screened)
            if start % 100_000 == 0:
                tell(f"{start:,} of {size.entries:,} entries")

    def _ordinary(self, connection: sqlite3.Connection, n: int, when: datetime, verdict: Verdict) -> None:  # fmt: skip
        entry_id = self._entry(connection, n, self.prose.item(n, when), when)
        entries.save_verdict(connection, entry_id, verdict, when)

    def _entry(self, connection: sqlite3.Connection, n: int, entry: ParsedEntry, when: datetime) -> int:  # fmt: skip
        row = self.rows[n % SOURCES + 1]
        (entry_id,) = entries.insert(connection, row, [(entry, entry_keys(entry), when)], fetch_id=None, baseline=False)  # fmt: skip
        return entry_id or 0

    def _hit(self, connection: sqlite3.Connection, n: int, when: datetime) -> None:
        place = self.chance.randrange(len(self.told))
        item, facts = self.told[place], about(self.facts[place], self.chance)
        entry = replace(self.prose.item(n, when), title=f"{item.title} ({n})", summary=item.summary)
        verdict = Verdict(0.9, Label.RELEVANT, {"step": ("fine",)}, (), self.model.id, self.model.threshold, screened=False)  # fmt: skip
        entry_id = EntryId(self._entry(connection, n, entry, when))
        entries.save_verdict(connection, entry_id, verdict, when)
        evidence.append(connection, when, "entry first seen", {"title": entry.title, "url": entry.url, "summary": entry.summary}, entry_id=entry_id)  # fmt: skip
        story, alone = placing.place(connection, entry_id, facts, verdict, self.model.vector, when)
        if alone:
            self._tell(connection, entry_id, story, when)

    def _tell(self, connection: sqlite3.Connection, entry_id: int, story: int, when: datetime) -> None:  # fmt: skip
        """The first hit of a story is told, and its post stands."""
        alert = alerts.raise_alert(connection, kind=AlertKind.NEW, reason="new story", channels=["console", "C1"], now=when, story_row=story)  # fmt: skip
        connection.execute(
            "UPDATE deliveries SET state = 'sent', attempts = 1, sent_at = ? WHERE alert_id = ?",
            (iso(when + timedelta(seconds=20)), alert),
        )
        evidence.append(connection, when, "decision", {"alert": "new", "reason": "new story"}, entry_id=entry_id)  # fmt: skip


def about(facts: Facts, chance: random.Random) -> Facts:
    """The facts of a step, four times of five against one of many small parties."""
    if facts.organisation is None or chance.random() < FAMOUS:
        return facts
    name = f"{facts.organisation} {chance.randrange(SMALL)}"
    return replace(facts, organisation=name, organisations=(name,))


def ordinary_items(count: int, start: int, model: Model) -> Iterator[tuple[str, ParsedEntry]]:
    """Items for the real pipeline: ordinary ones, and one in fifty that the screen lets pass."""
    chance = random.Random(start)
    prose = Prose(chance)
    seeds = [e.item for e in Topic.load([shipped("seeds")]).examples if e.label is Label.IRRELEVANT]
    passing = [s for s in seeds if not model.judge(s, brief=True).screened]
    for n in range(start, start + count):
        entry = prose.item(n, BEGAN + timedelta(days=DAYS))
        if passing and n % 50 == 0:
            item = chance.choice(passing)
            entry = replace(entry, title=f"{item.title} ({n})", summary=item.summary)
        yield f"Source {n % SOURCES:03d}", entry
