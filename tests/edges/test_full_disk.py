"""A full disk or a read-only medium: a clear error, and nothing lost that was promised."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from classifiers.model import Model
from monitor.domain import (
    DeliveryState,
    Feed,
    FeedName,
    HttpFacts,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
)
from monitor.errors import ArchiveFull
from monitor.ledger import Settlement
from monitor.recording import Recorder, record_poll
from monitor.store import feeds, keeping
from monitor.store.archive import Archive
from monitor.store.codec import state_from_row
from monitor.store.deliveries import DeliveryLedger

FEED = Feed(FeedName("A"), "https://a.example/feed", SourceKind.PRESS)
HIT = ParsedEntry(
    "ICO fines Clearview AI over facial recognition of UK residents",
    url="https://example.org/1",
    guid="1",
    summary="The company's database of faces breached UK data protection law. " * 400,
)


def poll(archive: Archive, model: Model, now: datetime, *found: ParsedEntry) -> None:
    recorder = Recorder(archive, model, ("C1",), timedelta(days=3))
    state = state_from_row(dict(archive.rows("SELECT * FROM feeds")[0]))
    result = PollResult(PollJob(FEED, state), HttpFacts(status=200, etag=f'"{len(found)}"', started=now), Parsed(found))  # fmt: skip
    record_poll(recorder, result, now=now, chance=0.0)


def content(archive: Archive) -> dict[str, list[tuple[object, ...]]]:
    tables = [r["name"] for r in archive.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT%'")]  # fmt: skip
    return {t: [tuple(r) for r in archive.rows(f"SELECT * FROM {t}")] for t in tables}


def fill_up(archive: Archive) -> None:
    """No page more, as on a disk that is full."""
    archive.rows(f"PRAGMA max_page_count = {archive.rows('PRAGMA page_count')[0][0]}")


def test_a_poll_on_a_full_disk_is_as_if_it_had_not_been_and_its_hit_is_told_later(
    archive: Archive, model: Model, now: datetime
) -> None:
    feeds.sync(archive, [FEED])
    poll(archive, model, now)
    fill_up(archive)
    before = content(archive)
    with pytest.raises(ArchiveFull, match="not writable"):
        poll(archive, model, now + timedelta(hours=1), HIT)
    assert content(archive) == before
    archive.rows("PRAGMA max_page_count = 1000000")
    poll(archive, model, now + timedelta(hours=2), HIT)
    assert archive.rows("SELECT count(*) FROM deliveries WHERE state = 'pending'")[0][0] == 1


def test_a_delivery_that_could_not_be_noted_is_not_taken_for_owed_anew(
    archive: Archive, model: Model, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds.sync(archive, [FEED])
    poll(archive, model, now)
    poll(archive, model, now + timedelta(hours=1), HIT)
    ledger = DeliveryLedger(archive, ("C1",))
    number = archive.rows("SELECT id FROM deliveries")[0]["id"]
    ledger.mark_sending(number, now)
    fill_up(archive)
    with pytest.raises(ArchiveFull):
        ledger.settle(ledger.job(number), Settlement(DeliveryState.SENT, ts="1.2", permalink="x" * 100_000), now)  # fmt: skip
    # the attempt was on the disk before the post: whoever starts next looks it up first
    assert archive.rows("SELECT state, attempts FROM deliveries")[0][:] == ("sending", 1)


def limited(limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def regwatch(folder: Path, *arguments: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "monitor", "--config", str(folder / "feeds.yaml"), *arguments],
        preexec_fn=None if limit is None else lambda: limited(limit),
        capture_output=True,
        text=True,
        check=False,
        env={n: os.environ[n] for n in ("PATH", "HOME", "PYTHONPATH") if n in os.environ},
    )


def test_an_import_that_meets_a_full_disk_ends_with_3_and_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("archive: regwatch.db\nfeeds: []\n")
    lines = [json.dumps({"title": f"Title {n}", "summary": "word " * 50, "id": n}) for n in range(3000)]  # fmt: skip
    (tmp_path / "items.jsonl").write_text("\n".join(lines))
    done = regwatch(tmp_path, "ingest", str(tmp_path / "items.jsonl"), limit=1_500_000)
    assert done.returncode == 3, done.stderr
    assert "not writable" in done.stderr
    assert "Traceback" not in done.stderr
    assert keeping.quick_check(tmp_path / "regwatch.db") == "ok"
    assert regwatch(tmp_path, "ingest", str(tmp_path / "items.jsonl")).returncode == 0
    with Archive.open_readonly(tmp_path / "regwatch.db") as archive:
        assert archive.rows("SELECT count(*) FROM entries")[0][0] == 3000


def test_a_copy_that_does_not_fit_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("archive: regwatch.db\nfeeds: []\n")
    Archive.open(tmp_path / "regwatch.db").close()
    (tmp_path / "copies").mkdir()
    done = regwatch(tmp_path, "backup", str(tmp_path / "copies" / "copy.db"), limit=40_000)
    assert (done.returncode, "copy.db" in done.stderr) == (3, True), done.stderr
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_medium_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("archive: /proc/self/regwatch/regwatch.db\nfeeds: []\n")
    (tmp_path / "items.jsonl").write_text('{"title": "A title"}')
    done = regwatch(tmp_path, "ingest", str(tmp_path / "items.jsonl"))
    assert (done.returncode, "not writable" in done.stderr) == (3, True), done.stderr


def test_an_archive_on_a_read_only_medium_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "medium" / "regwatch.db"
    with Archive.open(path) as archive:
        keeping.backup(archive, tmp_path / "medium" / "copy.db")
    path.parent.chmod(0o555)
    try:
        with Archive.open_readonly(tmp_path / "medium" / "copy.db") as archive:
            assert archive.rows("SELECT count(*) FROM hits")[0][0] == 0
    finally:
        path.parent.chmod(0o755)
