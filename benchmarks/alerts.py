"""What alerts cost: rendering, a large digest, and a poll cycle beside a long queue."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classifiers.model import Model
from monitor.cycle import Report, Watch, poll_due
from monitor.defaults import shipped_model
from monitor.deliver import Pump
from monitor.digest import Digest, pages
from monitor.domain import (
    AlertKind,
    DeliveryJob,
    DeliveryState,
    EntryId,
    Feed,
    FeedName,
    HitView,
    HttpFacts,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
    StoryId,
    StoryView,
)
from monitor.ledger import Receipt
from monitor.message import Message, render
from monitor.ports import Ports
from monitor.recording import Recorder, record_items
from monitor.store import feeds
from monitor.store.archive import Archive
from monitor.store.deliveries import DeliveryLedger

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--pending", type=int, default=1000)
    arguments.add_argument("--sources", type=int, default=300)
    arguments.add_argument("--runs", type=int, default=3)
    chosen = arguments.parse_args()
    for name, title in (("plain", "ICO fines Clearview AI over faces"), ("hostile", "<!channel> & é\u0301 \u202e👨\u200d👩\u200d👧" * 400)):  # fmt: skip
        print(f"rendering a story of 50 sources, {name} titles: {_rendering(title):.2f} ms")
    _digest(500)
    _guard(chosen.pending)
    found: dict[int, list[float]] = {0: [], chosen.pending: []}
    for _ in range(chosen.runs):
        for pending, spent in found.items():
            spent.append(_cycle(chosen.sources, pending))
    for pending, spent in found.items():
        print(f"a cycle of {chosen.sources} sources beside {pending:,} pending deliveries: best {min(spent):.2f} s of {', '.join(f'{s:.2f}' for s in spent)}")  # fmt: skip


def _story(title: str, hits: int) -> StoryView:
    views = tuple(HitView(EntryId(n), title, f"https://example.org/{n}", f"{title[:40]} {n}", SourceKind.PRESS, NOW, NOW, 0.9) for n in range(hits))  # fmt: skip
    return StoryView(StoryId("S-2026-000001"), title, "https://example.org/0", NOW, NOW, views, regulator="ICO", regulators=("ICO",), organisation=title[:60], jurisdiction="GB", action="fine", amount=7.5e6, currency="GBP", legs={"step": (title,), "ai": (title,)}, score=0.9)  # fmt: skip


def _rendering(title: str) -> float:
    job = DeliveryJob(1, "u", 1, "C1", AlertKind.NEW, DeliveryState.PENDING, 0, NOW, story=_story(title, 50))  # fmt: skip
    spent = []
    for _ in range(200):
        began = time.perf_counter()
        render(job, buttons=True)
        spent.append(time.perf_counter() - began)
    return sorted(spent)[len(spent) // 2] * 1000


def _digest(count: int) -> None:
    rows = [{"story_id": f"S-2026-{n:06d}", "regulator": "ICO", "organisation": "LinkedIn", "action": "fine", "jurisdiction": "GB", "title": f"A headline & <more> of story {n}", "lead_url": f"https://example.org/{n}", "tier": None} for n in range(count)]  # fmt: skip
    began = time.perf_counter()
    parts = pages(Digest(NOW, rows, (), (), ()).as_text())
    job = DeliveryJob(1, "u", 1, "C1", AlertKind.DIGEST, DeliveryState.PENDING, 0, NOW)
    made = [render(replace(job, text=part)) for part in parts]
    spent = (time.perf_counter() - began) * 1000
    largest = max(sum(len(b["text"]["text"]) for b in m.blocks) for m in made)
    print(f"a digest of {count} stories: {spent:.0f} ms, {len(made)} messages, the largest of {largest:,} characters")  # fmt: skip


class _Slow:
    """A sink that answers after a while, as a network does."""

    can_look = True

    async def send(self, job: DeliveryJob, message: Message) -> Receipt:
        await asyncio.sleep(0.2)
        return Receipt(f"{job.delivery_id}.0")

    async def find(self, job: DeliveryJob) -> None:
        return None


def _owe(archive: Archive, model: Model, pending: int) -> Recorder:
    """An archive in which so many alerts are owed to a channel."""
    recorder = Recorder(archive, model, ("C1",), timedelta(days=3))
    told = ParsedEntry("ICO fines Clearview AI over facial recognition of UK residents", guid="1", summary="The database of faces breached UK data protection law.")  # fmt: skip
    record_items(recorder, [("press", told)], now=NOW, alert=True)
    with archive.write() as connection:
        (story,) = connection.execute("SELECT id FROM stories").fetchone()
        connection.execute("DELETE FROM deliveries")
        connection.execute("DELETE FROM alerts")
        for n in range(pending):
            connection.execute("INSERT INTO stories (public_id, title, first_seen, last_seen, lead_entry_id) SELECT ?, title, first_seen, last_seen, lead_entry_id FROM stories WHERE id = ?", (f"S-2026-1{n:05d}", story))  # fmt: skip
            connection.execute("INSERT INTO alerts (story_id, kind, reason, created) VALUES (last_insert_rowid(), 'new', 'a new story', '2026-11-24T08:00:00.000Z')")  # fmt: skip
            connection.execute("INSERT INTO deliveries (alert_id, channel, uid, state, not_before, created) VALUES (last_insert_rowid(), 'C1', ?, 'pending', '2026-11-24T08:00:00.000Z', '2026-11-24T08:00:00.000Z')", (f"u{n}",))  # fmt: skip
    return recorder


def _pump(archive: Archive, flood: int) -> Pump:
    ledger = DeliveryLedger(archive, ("C1",))
    return Pump(ledger, {"C1": _Slow()}, lambda: NOW + timedelta(seconds=time.perf_counter()), print, flood=flood)  # fmt: skip


def _guard(pending: int) -> None:
    """A round of the pump over a long queue, its waiting for the network aside."""
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "a.db") as archive:
        _owe(archive, Model.load(shipped_model()), pending)
        ledger = DeliveryLedger(archive, ("C1",))
        began = time.perf_counter()
        for _ in range(50):
            head = ledger.head("C1", NOW)
            ledger.job(head or 0)
        print(f"finding what is next among {pending:,}: {(time.perf_counter() - began) * 20:.2f} ms")  # fmt: skip


def _cycle(sources: int, pending: int) -> float:
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "a.db") as archive:
        recorder = _owe(archive, Model.load(shipped_model()), pending)
        return asyncio.run(_poll_beside(archive, recorder, sources))


async def _poll_beside(archive: Archive, recorder: Recorder, sources: int) -> float:
    watched = [Feed(FeedName(f"F{n}"), f"https://s{n}.example/feed", SourceKind.PRESS) for n in range(sources)]  # fmt: skip
    feeds.sync(archive, watched)

    async def poll(job: PollJob) -> PollResult:
        await asyncio.sleep(0.02)
        entries = tuple(ParsedEntry(f"Village fete {job.feed.name} {n} raises a sum", guid=f"{n}", summary="The vicar thanked all helpers.", published=NOW) for n in range(20))  # fmt: skip
        return PollResult(job, HttpFacts(status=200, started=NOW), Parsed(entries))

    ports = Ports(now=lambda: datetime.now(UTC), chance=lambda: 0.5, environ={})
    watch = Watch({f.name: f for f in watched}, recorder, poll, ports, host_gap=timedelta(0))
    stop, pump = asyncio.Event(), _pump(archive, flood=0)

    async def deliver() -> None:
        while not stop.is_set():
            await pump.run_once()
            await asyncio.sleep(1)

    delivering = asyncio.create_task(deliver())
    began = time.perf_counter()
    await poll_due(watch, Report(), stop=asyncio.Event())
    spent = time.perf_counter() - began
    stop.set()
    await delivering
    return spent


if __name__ == "__main__":
    main()
