"""What is kept, what is trimmed, and the service's night."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from classifiers.model import Model
from monitor.cli.app import App
from monitor.cli.nightly import nightly
from monitor.cli.reload import Reloader
from monitor.cycle import Watch
from monitor.domain import OpsEvent, ParsedEntry, PollJob, PollResult
from monitor.net import Net
from monitor.ports import Ports
from monitor.recording import Recorder, record_items
from monitor.service import Service
from monitor.state import health_problems
from monitor.store import keeping, labels
from monitor.store.archive import Archive
from monitor.workers import ParserPool

YEAR = timedelta(days=365)
HIT = ("ICO fines Clearview AI over facial recognition of UK residents", "The company's database of faces breached UK data protection law.")  # fmt: skip


@pytest.fixture
def filled(archive: Archive, model: Model, now: datetime) -> Archive:
    """A hit, an entry that was judged, and 3,000 ordinary ones, one of them edited."""
    recorder = Recorder(archive, model, (), timedelta(days=3))
    plain = [ParsedEntry(f"Title {n}", guid=str(n), summary="word " * 20, text="word " * (2000 if n < 200 else 0), url=f"https://a.example/{n}") for n in range(3000)]  # fmt: skip
    hit = ParsedEntry(*HIT[:1], guid="hit", summary=HIT[1])
    record_items(recorder, [("A", e) for e in (hit, *plain)], now=now, alert=False)
    edited = ParsedEntry("Title 7, corrected", guid="7", summary="word", url="https://a.example/7")
    record_items(recorder, [("A", edited)], now=now + timedelta(hours=1), alert=False)
    labels.add(archive, 2, "irrelevant", None, "dpo", model.id, now)
    return archive


def prune(archive: Archive, now: datetime) -> dict[str, int]:
    return keeping.prune(archive, now, text=YEAR, fetches=timedelta(days=400))


def test_only_the_text_of_old_irrelevant_unjudged_entries_goes(
    filled: Archive, now: datetime
) -> None:
    assert prune(filled, now + timedelta(days=364)) == {"texts": 0, "versions": 0, "fetches": 0}
    assert prune(filled, now + timedelta(days=366)) == {"texts": 2999, "versions": 1, "fetches": 0}
    kept = filled.rows("SELECT id, title FROM entries WHERE summary <> '' ORDER BY id")
    assert [tuple(r) for r in kept] == [(1, HIT[0]), (2, "Title 0")]
    assert filled.rows("SELECT count(*) FROM entries WHERE title <> '' AND key <> ''")[0][0] == 3001
    assert filled.rows("SELECT count(*) FROM verdicts")[0][0] == 3001
    assert prune(filled, now + timedelta(days=366))["texts"] == 0


def test_a_trimmed_entry_is_known_again_and_still_found_by_its_title(
    filled: Archive, model: Model, now: datetime
) -> None:
    prune(filled, now + timedelta(days=366))
    again = ParsedEntry(
        "Title 1003", guid="1003", summary="word " * 20, url="https://a.example/1003"
    )
    done = record_items(Recorder(filled, model, (), timedelta(days=3)), [("A", again)], now=now + timedelta(days=367), alert=False)  # fmt: skip
    assert (done.new, done.edited) == (0, 0)
    found = filled.rows("SELECT count(*) FROM entries_fts WHERE entries_fts MATCH '\"2711\"'")
    assert found[0][0] == 1
    filled.rows("INSERT INTO entries_fts(entries_fts, rank) VALUES ('integrity-check', 1)")


def test_freed_pages_go_back_to_the_file_system(filled: Archive, now: datetime) -> None:
    before = filled.rows("PRAGMA page_count")[0][0]
    prune(filled, now + timedelta(days=366))
    assert filled.rows("PRAGMA freelist_count")[0][0] == 0
    assert filled.rows("PRAGMA page_count")[0][0] < before - 300


def test_a_trim_waits_for_nobody_and_nobody_for_it_longer_than_a_batch(
    filled: Archive, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 1000)
    written = 0

    def write_between(statement: str) -> None:
        nonlocal written
        if statement == "COMMIT":
            with closing(sqlite3.connect(filled.path, timeout=0)) as other:
                other.execute("INSERT INTO notes (key, value) VALUES (?, 'x')", (str(written),))
                other.commit()
            written += 1

    filled.connection.set_trace_callback(lambda s: write_between("COMMIT") if s == "BEGIN IMMEDIATE" else None)  # fmt: skip
    prune(filled, now + timedelta(days=366))
    filled.connection.set_trace_callback(None)
    assert written >= 5


def test_a_copy_made_while_others_write_is_whole(filled: Archive, tmp_path: Path) -> None:
    with closing(sqlite3.connect(filled.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM notes")
        keeping.backup(filled, tmp_path / "copy.db")
        other.rollback()
    with Archive.open_readonly(tmp_path / "copy.db") as copy:
        assert copy.rows("SELECT count(*) FROM entries")[0][0] == 3001


def test_only_the_last_copies_stay(archive: Archive, now: datetime) -> None:
    for day in range(5):
        keeping.rotate(archive, now + timedelta(days=day), keep=3)
        keeping.rotate(archive, now + timedelta(days=day), keep=3)
    names = sorted(p.name for p in (archive.path.parent / "backups").iterdir())
    assert names == [f"regwatch-2026-11-{d}.db" for d in (26, 27, 28)]


def test_a_name_is_no_pattern_and_a_folder_no_copy(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "backups" / "a[1]-2020-01-01.db").mkdir(parents=True)
    with Archive.open(tmp_path / "a[1].db") as archive:
        for day in range(4):
            keeping.rotate(archive, now + timedelta(days=day), keep=1)
    names = sorted(p.name for p in (tmp_path / "backups").iterdir())
    assert names == ["a[1]-2020-01-01.db", "a[1]-2026-11-27.db"]


@pytest.fixture
def night(tmp_path: Path, now: datetime) -> Iterator[tuple[Reloader, Watch, list[OpsEvent]]]:
    """A service with an archive, as its nightly job sees it."""
    (tmp_path / "feeds.yaml").write_text("archive: regwatch.db\nfeeds: []\n")
    ports = Ports(now=lambda: now + timedelta(days=366), chance=lambda: 0.0, environ={})
    app = App(config_path=tmp_path / "feeds.yaml", ports=ports)

    async def poll(job: PollJob) -> PollResult:
        raise AssertionError(job)

    told: list[OpsEvent] = []
    with app.archive(write=True) as archive:
        items = [("A", ParsedEntry("Title", guid="1", summary="word"))]
        record_items(app.recorder(archive), items, now=now, alert=False)
        watch = Watch(feeds={}, recorder=app.recorder(archive), poll=poll, ports=ports)
        service = cast(Service, SimpleNamespace(tell=told.append))
        net, parsers = cast(Net, None), cast(ParserPool, None)  # a night fetches nothing
        yield Reloader(app, archive, service, net, parsers), watch, told


def test_the_night_copies_and_then_trims(
    night: tuple[Reloader, Watch, list[OpsEvent]], tmp_path: Path
) -> None:
    files, watch, told = night
    asyncio.run(nightly(files, watch))
    copy = next((tmp_path / "backups").iterdir())
    with Archive.open_readonly(copy) as archive:
        assert archive.rows("SELECT summary FROM entries")[0][0] == "word"
    assert files.archive.rows("SELECT summary FROM entries")[0][0] == ""
    assert told == []


def test_a_copy_that_fails_is_told_and_then_nothing_is_trimmed(
    night: tuple[Reloader, Watch, list[OpsEvent]], tmp_path: Path
) -> None:
    files, watch, told = night
    (tmp_path / "backups").write_text("a file where the folder should be")
    asyncio.run(nightly(files, watch))
    assert [e.condition for e in told] == ["backup_failed"]
    assert files.archive.rows("SELECT summary FROM entries")[0][0] == "word"


def test_health_is_red_from_a_copy_that_failed_to_the_next_good_one(
    night: tuple[Reloader, Watch, list[OpsEvent]], tmp_path: Path, now: datetime
) -> None:
    files, watch, _ = night
    (tmp_path / "backups").write_text("a file where the folder should be")
    asyncio.run(nightly(files, watch))
    (problem,) = health_problems(files.archive, now)
    assert problem.startswith("the last nightly copy failed: ")
    (tmp_path / "backups").unlink()
    asyncio.run(nightly(files, watch))
    assert health_problems(files.archive, now) == []


def test_a_copy_of_a_damaged_archive_is_found_out_in_the_same_night(
    night: tuple[Reloader, Watch, list[OpsEvent]], tmp_path: Path
) -> None:
    """A page nobody reads would else be missed until it is wanted."""
    files, watch, told = night
    root = files.archive.rows("SELECT rootpage FROM sqlite_master WHERE name = 'labels'")[0][0]
    size = files.archive.rows("PRAGMA page_size")[0][0]
    files.archive.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    with files.archive.path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\x17" * size)
    asyncio.run(nightly(files, watch))
    assert [e.condition for e in told] == ["backup_failed"]
    assert not list((tmp_path / "backups").iterdir())


def test_a_reload_during_the_copy_keeps_its_threshold(
    night: tuple[Reloader, Watch, list[OpsEvent]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, watch, _ = night

    def reload_meanwhile(app: App) -> None:
        config = tmp_path / "feeds.yaml"
        config.write_text("archive: regwatch.db\nalerts: {threshold: 0.87}\nfeeds: []\n")
        files.app = App(config_path=config, ports=app.ports)

    monkeypatch.setattr("monitor.cli.nightly._copy", reload_meanwhile)
    asyncio.run(nightly(files, watch))
    assert watch.recorder.threshold == 0.87
