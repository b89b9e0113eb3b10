"""A year of service under a fake clock: outages, moves, restarts, clock jumps, daylight saving, a new
model, and nothing lost or doubled.

Polls come in at the seam; scheduling, recording, judging, stories, decisions, quiet hours, digests,
ledger, pump, rejudging, retention and copies are the real ones, on a real archive.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger

from classifiers.model import Model
from monitor.defaults import shipped, shipped_model
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
from monitor.rejudging import rejudge
from monitor.store import alerts, feeds, keeping, periods
from monitor.store.archive import Archive
from monitor.store.deliveries import DeliveryLedger
from monitor.tiers import Policy, QuietHours

# half a minute of work for one core; longer where the machine does other things as well
pytestmark = pytest.mark.timeout(300)

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
SOURCES = 100
STEP = timedelta(hours=6)
DOCUMENT = 8  # entries that a source keeps in its feed
HITS = 120
MOVING = 10  # sources that move for good
REDIRECTS_FOR = timedelta(days=60)  # afterwards the old address is gone
BERLIN = ZoneInfo("Europe/Berlin")
QUIET = QuietHours(time(22), time(7), BERLIN)

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
    moves: dict[int, datetime] = field(default_factory=dict)

    def where(self, source: int, asked: str, now: datetime) -> str | None:
        """Where an address leads: itself, the new one, or nowhere."""
        moved = self.moves.get(source)
        if moved is None or now < moved:
            return asked if "new" not in asked else None
        new = new_address(source)
        return new if asked == new or now < moved + REDIRECTS_FOR else None

    def poll(self, source: int, last_ok: datetime | None, now: datetime) -> Parsed | Unchanged | Failed:  # fmt: skip
        began, ended = self.outages[source]
        if began <= now < ended:
            return Failed("connect", "refused")
        seen = [e for e in self.entries[source] if e.at <= now][-DOCUMENT:]
        if last_ok is not None and not any(e.at > last_ok - timedelta(days=3) for e in seen):
            return Unchanged()
        return Parsed(tuple(_as_read(e, now) for e in seen))


def new_address(source: int) -> str:
    return f"https://new{source}.example/feed"


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
    moves = {n: START + timedelta(days=20 + 28 * n) for n in range(MOVING)}
    return World(entries, outages, moves)


@dataclass(slots=True)
class Channel:
    """A channel that is down for a day now and then, and loses replies."""

    chance: random.Random
    now: datetime = START
    posts: dict[str, DeliveryJob] = field(default_factory=dict)
    posted: Counter[str] = field(default_factory=Counter)
    at_once: list[datetime] = field(default_factory=list)  # stories posted at the first attempt
    can_look: bool = True

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        if self.now.day == 13:
            return SendFailure(Trouble.TRANSIENT, "Slack is down")
        if self.now.day == 20 and self.now.month % 3 == 0:
            return SendFailure(Trouble.CONFIGURATION, "token_revoked")
        # the night after a day without Slack is for debts
        if job.kind is AlertKind.NEW and job.attempts == 0 and self.now.day not in (14, 21):
            self.at_once.append(self.now)
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
    later_model: Model  # in force from the seventh month on
    told: list[OpsEvent] = field(default_factory=list)
    bytes_by_month: list[int] = field(default_factory=list)
    memory_by_month: list[int] = field(default_factory=list)
    files_by_month: list[int] = field(default_factory=list)
    digests: list[tuple[datetime, list[str]]] = field(default_factory=list)
    trigger: CronTrigger = field(default_factory=lambda: CronTrigger(hour=8, minute=30, timezone=BERLIN))  # fmt: skip
    next_digest: datetime = START + timedelta(hours=7, minutes=30)
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
        self.recorder = Recorder(self.archive, self.model, ("C1",), timedelta(days=3), policy=Policy(quiet=QUIET))  # fmt: skip
        feeds.release_leases(self.archive)
        self.pump = Pump(DeliveryLedger(self.archive, ("C1",)), {"C1": self.channel}, lambda: self.channel.now, self.told.append)  # fmt: skip

    def step(self, now: datetime) -> None:
        """Poll what is due, then deliver what is owed."""
        self.channel.now = now
        while jobs := feeds.claim(self.archive, self.feeds, now, 50, owner="year", lease=timedelta(minutes=5), host_gap=timedelta(seconds=1)):  # fmt: skip
            for job in jobs:
                self._poll(job, now)
        if now >= self.next_digest:
            self._digest(now)
        for second in range(60):
            self.channel.now = now + timedelta(seconds=2 * second)
            asyncio.run(self.pump.run_once())
            due = self.pump.next_due()
            if due is None or due > now + timedelta(minutes=2):
                return

    def _digest(self, now: datetime) -> None:
        """As the service does it: what is new since the last one, once however many were missed."""
        since = self.digests[-1][0] if self.digests else START - timedelta(days=1)
        digest = periods.digest_since(self.archive, since)
        with self.archive.write() as connection:
            alerts.raise_digest(connection, digest.as_text(), ("C1",), now, "regular")
        self.digests.append((now + timedelta(milliseconds=1), [row["story_id"] for row in digest.new]))  # fmt: skip
        self.next_digest = self.trigger.get_next_fire_time(None, now)

    def _poll(self, job: PollJob, now: datetime) -> None:
        source, asked = int(job.feed.name[1:]), job.state.active_url or job.feed.url
        found = self.world.where(source, asked, now)
        outcome = self.world.poll(source, job.state.last_ok, now) if found else Failed("http_404", "gone")  # fmt: skip
        moved = found if found != asked else None
        http = HttpFacts(status=200 if found else 404, etag='"e"', started=now, final_url=found or asked, permanent_url=moved)  # fmt: skip
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


OWN_SEEDS = """
- {event: own-1, lang: en, label: relevant, kind: enforcement, register: wire, title: "Regulator bans speech recogniser from judging applicants by their voices", summary: "The authority found no legal basis for the biometric voiceprints that the AI drew from recorded interviews.", why: "A ban on an AI system for its use of biometric data"}
- {event: own-2, lang: en, label: irrelevant, kind: general, register: wire, title: "Town opens skating rink a week early", summary: "Visitors find hot drinks and longer evenings from Friday on.", why: "Nothing of the topic"}
"""


def trained_with_own_seeds(folder: Path) -> Model:
    """The model that `regwatch train` makes from the shipped seeds and two examples more."""
    (folder / "stories").mkdir(parents=True)
    (folder / "stories" / "own.yaml").write_text(OWN_SEEDS, encoding="utf-8")
    request = {"seeds": [str(shipped("seeds")), str(folder)], "out": str(folder / "model.json"), "current": str(shipped_model()), "labels": [], "background": [], "force": False}  # fmt: skip
    subprocess.run([sys.executable, "-P", "-m", "classifiers.workshop", "train", "--json"], input=json.dumps(request), text=True, check=True, capture_output=True)  # fmt: skip
    return Model.load(folder / "model.json")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Iterator[Year]:
    """The service after its year."""
    folder: Path = tmp_path_factory.mktemp("year")
    chance = random.Random(2026)
    later = trained_with_own_seeds(folder / "seeds")
    with Archive.open(folder / "a.db") as archive:
        made = Year(archive, model, make_world(chance), chance, Channel(chance), later)
        month = 0
        for now in clock(chance):
            made.step(now)
            if (now - START).days // 30 > month:
                month += 1
                _each_month(made, month, now)
        made.step(START + timedelta(days=DAYS + 2, hours=12))
        yield made


def _each_month(year: Year, month: int, now: datetime) -> None:
    keeping.rotate(year.archive, now, keep=2)
    keeping.prune(year.archive, now, text=timedelta(days=60), fetches=timedelta(days=90))
    pages = year.archive.rows("PRAGMA page_count")[0][0] - year.archive.rows("PRAGMA freelist_count")[0][0]  # fmt: skip
    year.bytes_by_month.append(pages * year.archive.rows("PRAGMA page_size")[0][0])
    gc.collect()
    year.memory_by_month.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096)
    year.files_by_month.append(len(list(Path("/proc/self/fd").iterdir())))
    # a restart each month; in the middle of the year with a new model, by which all is judged anew
    year.start(year.later_model if month == 6 else None)
    if month == 6:
        rejudge(year.recorder, alert=True, now=lambda: now, tell=lambda source: None)


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


def test_each_move_of_the_year_is_followed_and_told(year: Year) -> None:
    rows = year.archive.rows("SELECT name, active_url, state FROM feeds WHERE active_url IS NOT NULL")  # fmt: skip
    assert {(row["name"], row["active_url"], row["state"]) for row in rows} == {(f"S{n}", new_address(n), "ok") for n in range(MOVING)}  # fmt: skip
    told = year.archive.rows("SELECT text FROM alerts WHERE kind = 'ops' AND reason = 'moved'")
    assert {row["text"].split()[0] for row in told} == {f"S{n}" for n in range(MOVING)}


def test_in_the_quiet_hours_of_the_year_no_story_is_posted_summer_and_winter(year: Year) -> None:
    local = [moment.astimezone(BERLIN) for moment in year.channel.at_once]
    assert [moment for moment in local if not time(7) <= moment.time() < time(22)] == []
    assert {moment.utcoffset() for moment in local} == {timedelta(hours=1), timedelta(hours=2)}
    # some came in the night, and waited
    waited = year.archive.rows("SELECT count(*) FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE a.kind = 'new' AND d.not_before > a.created")  # fmt: skip
    assert waited[0][0] > HITS // 6


def test_each_story_of_the_year_stands_in_one_daily_digest(year: Year) -> None:
    stories = {row[0] for row in year.archive.rows("SELECT public_id FROM stories WHERE merged_into IS NULL")}  # fmt: skip
    told = Counter(story for _, found in year.digests for story in found)
    assert set(told.values()) == {1}
    assert set(told) == stories
    days = [moment.astimezone(BERLIN).date() for moment, _ in year.digests]
    # after each of the two absences the missed one comes first, then the day's own
    assert DAYS - 10 < len(days) <= len(set(days)) + 2


def test_the_new_model_of_the_year_judged_everything_and_told_nothing_twice(year: Year) -> None:
    unjudged = year.archive.rows("SELECT count(*) FROM entries e WHERE e.trimmed = 0 AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.entry_id = e.id AND v.model = ?)", (year.later_model.id,))  # fmt: skip
    assert unjudged[0][0] == 0
    twice = year.archive.rows("SELECT count(*) FROM verdicts v JOIN verdicts w ON w.entry_id = v.entry_id AND w.model <> v.model WHERE v.model = ?", (year.later_model.id,))  # fmt: skip
    assert twice[0][0] > 100
    moved = year.archive.rows("SELECT count(*) FROM verdicts v JOIN verdicts w ON w.entry_id = v.entry_id WHERE v.model = ? AND w.model <> v.model AND w.score <> v.score", (year.later_model.id,))  # fmt: skip
    assert moved[0][0] > 0  # it is another model indeed


def test_memory_and_open_files_of_the_year_stay_flat(year: Year) -> None:
    """In its last nine months the service grows by less than a tenth, and opens nothing it does not close."""
    warm, end = year.memory_by_month[2], year.memory_by_month[-1]
    assert end < warm * 1.1 + 5_000_000
    assert len(set(year.files_by_month[2:])) == 1


def test_the_archive_of_the_year_grows_in_a_straight_line(year: Year) -> None:
    """Once retention drops as much as comes, each third of the rest adds about the same."""
    months = year.bytes_by_month
    thirds = [months[n + 3] - months[n] for n in (2, 5, 8)]
    middle = sorted(thirds)[1]
    assert all(0.4 * middle < third < 2.2 * middle for third in thirds), thirds
