"""Facts and story of a hit in an archive of many stories; parties are as uneven as in the news."""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classifiers.facts import Facts, find_facts
from classifiers.model import Model
from classifiers.topic import Topic
from classifiers.verdict import Item, Label, Verdict
from monitor.defaults import shipped, shipped_model
from monitor.domain import EntryId, ParsedEntry
from monitor.identity import entry_keys
from monitor.store import entries, feeds, placing
from monitor.store.archive import Archive
from monitor.stories import Arrangement, Group

from .million import about

YEARS = 10
WEEKS = 25  # days around a step in which another of its party may be the same
BEGAN = datetime(2016, 1, 1, tzinfo=UTC)


def main() -> None:
    """Fill an archive, then place hits and print the milliseconds."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--stories", type=int, default=100_000)
    arguments.add_argument("--hits", type=int, default=300)
    chosen = arguments.parse_args()
    model = Model.load(shipped_model())
    told = [e.item for e in Topic.load([shipped("seeds")]).examples if e.label is Label.RELEVANT]
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "a.db") as archive:
        chance = random.Random(1)
        began = time.perf_counter()
        _fill(archive, model, told, chosen.stories, chance)
        print(f"{chosen.stories:,} stories written in {time.perf_counter() - began:.0f} s")
        spent = [_place(archive, model, item, when) for item, when in _drawn(told, chosen.hits, chance)]  # fmt: skip
        for name, times in zip(("elapsed", "processor"), zip(*spent, strict=True), strict=True):
            mean, p95 = sum(times) / len(times), sorted(times)[int(0.95 * len(times))]
            print(f"facts and story of a hit, {name}: mean {mean:.2f} ms, p95 {p95:.2f} ms, worst {max(times):.2f} ms")  # fmt: skip


def _drawn(told: list[Item], count: int, chance: random.Random) -> Iterator[tuple[Item, datetime]]:
    for _ in range(count):
        yield chance.choice(told), BEGAN + timedelta(days=chance.uniform(0, 365 * YEARS))


def _fill(
    archive: Archive, model: Model, told: list[Item], count: int, chance: random.Random
) -> None:
    """As many stories as asked for, written as arranging would leave them.

    A fifth are about the parties of the seeds, the others about many small ones; a step that falls
    into the weeks of another one of its party is arranged, the rest stand alone.
    """
    facts = [find_facts(item, model.gazetteer) for item in told]
    verdict = Verdict(0.9, Label.RELEVANT, {}, (), model.id, 0.5, screened=False)
    days: dict[str, list[int]] = {}
    with archive.write() as connection:
        row = feeds.ensure_source(connection, "benchmark", "press")
        made, n = 0, 0
        while made < count:
            n += 1
            place, day = chance.randrange(len(told)), chance.uniform(0, 365 * YEARS)
            when = BEGAN + timedelta(days=day)
            entry = ParsedEntry(f"{told[place].title} ({n})", guid=str(n), summary=told[place].summary, published=when)  # fmt: skip
            (entry_id,) = entries.insert(connection, row, [(entry, entry_keys(entry), when)], fetch_id=None, baseline=False)  # fmt: skip
            if entry_id is None:
                continue
            said = about(facts[place], chance)
            party = said.organisation or said.regulator or ""
            busy = any(abs(day - other) < WEEKS for other in days.setdefault(party, []))
            days[party].append(int(day))
            if busy:
                made += placing.place(connection, entry_id, said, verdict, model.vector, when)[1]
                continue
            entering = placing.enter(connection, entry_id, said, verdict, model.vector)
            alone = Arrangement((Group((entering.hit,), None),), {})
            placing.settle(connection, alone, {}, (), when, entering)
            made += 1


def _place(archive: Archive, model: Model, item: Item, when: datetime) -> tuple[float, float]:
    """Milliseconds elapsed and spent by the processor, which other programs do not disturb."""
    with archive.write() as connection:
        row = feeds.ensure_source(connection, "benchmark", "press")
        entry = ParsedEntry(item.title, guid=f"new {when}", summary=item.summary, published=when)
        (entry_id,) = entries.insert(connection, row, [(entry, entry_keys(entry), when)], fetch_id=None, baseline=False)  # fmt: skip
        verdict = model.judge(item)
        began, spent = time.perf_counter(), time.process_time()
        facts: Facts = find_facts(item, model.gazetteer)
        placing.place(connection, EntryId(entry_id or 0), facts, verdict, model.vector, when)
        return (time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000


if __name__ == "__main__":
    main()
