"""A year of service under a fake clock: outages, restarts, clock jumps, and nothing lost or doubled.

Polls come in at the seam; scheduling, recording, judging, stories, decisions, ledger, pump,
retention and copies are the real ones, on a real archive.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from classifiers.model import Model
from monitor.deliver import Pump
from monitor.domain import (
    AlertKind,
    DeliveryJob,
    Failed,
    Feed,
    FeedName,
    HttpFacts,
    OpsEvent,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
    Unchanged,
)
from monitor.ledger import Receipt, SendFailure, Trouble
from monitor.message import Message
from monitor.recording import Recorder, record_poll
from monitor.store import feeds, keeping
from monitor.store.archive import Archive
from monitor.store.deliveries import DeliveryLedger

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
SOURCES = 100
STEP = timedelta(hours=6)
DOCUMENT = 20  # entries that a source keeps in its feed
HITS = 120

AUTHORITIES = ("ICO", "CNIL", "Garante", "AEPD", "Dutch AP", "OAIC")
PARTIES = ("OpenAI", "Clearview AI", "Meta", "LinkedIn", "DeepSeek", "Worldcoin", "Snap", "TikTok", "Uber", "Deliveroo", "PimEyes", "Bunnings", "Kmart", "Rite Aid", "Mercadona", "LaLiga", "Google", "Amazon", "Microsoft", "Apple")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Published:
    """An entry in a source's world: when it appears, and whether it tells a step."""

    at: datetime
    guid: str
    title: str
    summary: str
    hit: bool


@dataclass(slots=True)
class World:
    """What each source has published, when it is down, and when its entries are edited."""

    entries: list[list[Published]]
    outages: list[tuple[datetime, datetime]]

    def poll(self, source: int, last_ok: datetime | None, now: datetime) -> Parsed | Unchanged | Failed:  # fmt: skip
        began, ended = self.outages[source]
        if began <= now < ended:
            return Failed("connect", "refused")
        seen = [e for e in self.entries[source] if e.at <= now][-DOCUMENT:]
        if last_ok is not None and not any(e.at > last_ok - timedelta(days=3) for e in seen):
            return Unchanged()
        return Parsed(tuple(_as_read(e, now) for e in seen))


def _as_read(entry: Published, now: datetime) -> ParsedEntry:
    """An entry as it stands now: every seventh is edited after a day."""
    edited = int(entry.guid.rpartition("-")[2]) % 7 == 0 and now - entry.at > timedelta(days=1)
    summary = f"{entry.summary} Corrected." if edited else entry.summary
    return ParsedEntry(entry.title, url=f"https://{entry.guid}.example/", guid=entry.guid, summary=summary, published=entry.at)  # fmt: skip


def make_world(chance: random.Random) -> World:
    entries: list[list[Published]] = []
    for source in range(SOURCES):
        quiet = timedelta(days=chance.uniform(0, 300))
        mine = []
        at, n = START - timedelta(days=30), 0
        while at < START + timedelta(days=DAYS):
            spell = timedelta(days=45) if quiet < at - START < quiet + timedelta(days=8) else timedelta()  # fmt: skip
            mine.append(Published(at, f"s{source}-{n}", f"Town notes {source}/{n}: the bridge, the market and the weather", "Nothing of note.", hit=False))  # fmt: skip
            at += timedelta(days=chance.uniform(2, 12)) + spell
            n += 1
        entries.append(mine)
    for n in range(HITS):
        authority, party = AUTHORITIES[n % 6], PARTIES[n // 6 % 20]
        at = START + timedelta(days=5 + n * (DAYS - 20) / HITS)
        published = entries[chance.randrange(SOURCES)]
        summary = f"The penalty of {n + 3}.{n % 9} million euros over facial recognition of customers follows a breach of data protection law."  # fmt: skip
        published.append(Published(at, f"hit-{n}", f"{authority} fines {party} over AI training with biometric personal data", summary, hit=True))  # fmt: skip
    for mine in entries:
        mine.sort(key=lambda e: e.at)
    outages = [(began := START + timedelta(days=chance.uniform(10, 330)), began + timedelta(days=chance.choice([0.5, 2, 6]))) for _ in range(SOURCES)]  # fmt: skip
    return World(entries, outages)


@dataclass(slots=True)
class Channel:
    """A channel that is down for a day now and then, and loses replies."""

    chance: random.Random
    now: datetime = START
    posts: dict[str, DeliveryJob] = field(default_factory=dict)
    posted: Counter[str] = field(default_factory=Counter)
    can_look: bool = True

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        if self.now.day == 13:
            return SendFailure(Trouble.TRANSIENT, "Slack is down")
        if self.now.day == 20 and self.now.month % 3 == 0:
            return SendFailure(Trouble.CONFIGURATION, "token_revoked")
        if job.kind is not AlertKind.UPDATE:
            self.posts[job.uid] = job
            self.posted[job.uid] += 1
        if self.chance.random() < 0.05:
            return SendFailure(Trouble.AMBIGUOUS, "the reply was lost")
        return Receipt(job.uid)

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        return Receipt(job.uid) if job.uid in self.posts else None


@dataclass(slots=True)
class Year:
    """The service through the year, one step at a time."""

    archive: Archive
    model: Model
    world: World
    chance: random.Random
    channel: Channel
    told: list[OpsEvent] = field(default_factory=list)
    bytes_by_month: list[int] = field(default_factory=list)
    feeds: dict[str, Feed] = field(init=False)
    recorder: Recorder = field(init=False)
    pump: Pump = field(init=False)

    def __post_init__(self) -> None:
        self.feeds = {f"S{n}": Feed(FeedName(f"S{n}"), f"https://s{n}.example/feed", SourceKind.PRESS, interval=timedelta(hours=24)) for n in range(SOURCES)}  # fmt: skip
        feeds.sync(self.archive, list(self.feeds.values()))
        self.start()

    def start(self, model: Model | None = None) -> None:
        """A (re)start: nothing is in memory that the archive does not say."""
        self.model = model or self.model
        self.recorder = Recorder(self.archive, self.model, ("C1",), timedelta(days=3))
        feeds.release_leases(self.archive)
        self.pump = Pump(DeliveryLedger(self.archive, ("C1",)), {"C1": self.channel}, lambda: self.channel.now, self.told.append)  # fmt: skip

    def step(self, now: datetime) -> None:
        """Poll what is due, then deliver what is owed."""
        self.channel.now = now
        while jobs := feeds.claim(self.archive, self.feeds, now, 50, owner="year", lease=timedelta(minutes=5), host_gap=timedelta(seconds=1)):  # fmt: skip
            for job in jobs:
                self._poll(job, now)
        for second in range(60):
            self.channel.now = now + timedelta(seconds=2 * second)
            asyncio.run(self.pump.run_once())
            due = self.pump.next_due()
            if due is None or due > now + timedelta(minutes=2):
                return

    def _poll(self, job: PollJob, now: datetime) -> None:
        outcome = self.world.poll(int(job.feed.name[1:]), job.state.last_ok, now)
        http = HttpFacts(status=200, etag='"e"', started=now, final_url=job.feed.url)
        record_poll(self.recorder, PollResult(job, http, outcome), now=now, chance=self.chance.random())  # fmt: skip


def clock(chance: random.Random) -> Iterator[datetime]:
    """A year in steps: twice the machine is off for days, and the clock jumps both ways."""
    now = START
    while now < START + timedelta(days=DAYS):
        day = (now - START).days
        if day in (100, 250) and now.hour == 0:
            now += timedelta(days=2)  # switched off
        elif day % 60 == 30 and now.hour == 6:
            yield now + timedelta(hours=3)  # set ahead and back again
            yield now + timedelta(hours=1)
        yield now
        now += STEP + timedelta(minutes=chance.uniform(-20, 20))


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Iterator[Year]:
    """The service after its year."""
    folder: Path = tmp_path_factory.mktemp("year")
    chance = random.Random(2026)
    with Archive.open(folder / "a.db") as archive:
        made = Year(archive, model, make_world(chance), chance, Channel(chance))
        month = 0
        for now in clock(chance):
            made.step(now)
            if (now - START).days // 30 > month:
                month += 1
                _each_month(made, month, now)
        made.step(START + timedelta(days=DAYS + 2))
        yield made


def _each_month(year: Year, month: int, now: datetime) -> None:
    keeping.rotate(year.archive, now, keep=2)
    keeping.prune(year.archive, now, text=timedelta(days=60), fetches=timedelta(days=90))
    pages = year.archive.rows("PRAGMA page_count")[0][0] - year.archive.rows("PRAGMA freelist_count")[0][0]  # fmt: skip
    year.bytes_by_month.append(pages * year.archive.rows("PRAGMA page_size")[0][0])
    # a restart each month; in the middle of the year with a new model
    year.start(replace(year.model, id="m-next-seeds") if month == 6 else None)


def told_stories(year: Year) -> Counter[str]:
    return Counter(j.story.story_id for j in year.channel.posts.values() if j.kind is AlertKind.NEW and j.story)  # fmt: skip


def test_no_hit_of_the_year_is_lost(year: Year) -> None:
    found = {row["guid"] for row in year.archive.rows("SELECT e.guid FROM story_entries s JOIN entries e ON e.id = s.entry_id")}  # fmt: skip
    assert found == {f"hit-{n}" for n in range(HITS)}


def test_every_story_of_the_year_stands_in_the_channel_exactly_once(year: Year) -> None:
    stories = {row[0] for row in year.archive.rows("SELECT public_id FROM stories WHERE merged_into IS NULL")}  # fmt: skip
    told = told_stories(year)
    assert set(told) == stories
    assert set(told.values()) == {1}
    assert set(year.channel.posted.values()) == {1}
    left = year.archive.rows("SELECT state, count(*) FROM deliveries WHERE state <> 'sent' GROUP BY state")  # fmt: skip
    assert [tuple(row) for row in left] == []


def test_every_entry_of_the_year_is_archived_once(year: Year) -> None:
    rows = year.archive.rows("SELECT count(*) AS n, count(DISTINCT guid) AS g FROM entries")[0]
    published = sum(e.at <= START + timedelta(days=DAYS) for mine in year.world.entries for e in mine)  # fmt: skip
    assert rows["n"] == rows["g"] == published


def test_each_outage_of_the_year_is_told_at_most_once_and_recovery_as_often(year: Year) -> None:
    rows = year.archive.rows("SELECT reason, count(*) AS n FROM alerts WHERE kind = 'ops' GROUP BY reason")  # fmt: skip
    counts = {row["reason"]: row["n"] for row in rows}
    assert 0 < counts["broken"] <= SOURCES
    assert counts["recovered"] == counts["broken"]


def test_the_archive_of_the_year_grows_no_faster_than_its_entries(year: Year) -> None:
    """After three months poll rows and texts are dropped as fast as they come."""
    months = year.bytes_by_month
    assert len(months) == 12
    second, fourth = months[5] - months[3], months[11] - months[9]
    assert fourth < 1.5 * max(second, 200_000)


def test_the_two_latest_copies_of_the_year_are_sound(year: Year) -> None:
    copies = sorted((year.archive.path.parent / "backups").glob("*.db"))
    assert len(copies) == 2
    assert [keeping.quick_check(copy) for copy in copies] == ["ok", "ok"]
