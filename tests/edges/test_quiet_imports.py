"""What is imported without --alert: archived, and in nobody's way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from classifiers.model import Model
from monitor.cli import cli
from monitor.domain import ParsedEntry
from monitor.importing import import_archive
from monitor.portions import CHARACTERS
from monitor.recording import Recorded, Recorder, record_items
from monitor.rejudging import rejudge
from monitor.report.period import Rows
from monitor.store import reported
from monitor.store.archive import Archive
from monitor.store.codec import iso

HIT = ParsedEntry(
    "ICO fines Clearview AI over facial recognition of UK residents",
    url="https://example.org/hit",
    guid="hit",
    summary="The company's database of faces breached UK data protection law.",
)


@pytest.fixture
def recorder(archive: Archive, model: Model) -> Recorder:
    return Recorder(archive, model, ("C1",), timedelta(days=3))


def latencies(archive: Archive, now: datetime) -> Rows:
    since, until = now - timedelta(days=1), now + timedelta(days=2)
    return reported.period(archive, since, until, made=until, release="1").latencies


def test_a_story_that_was_imported_is_no_latency_of_the_report(
    recorder: Recorder, now: datetime
) -> None:
    record_items(recorder, [("press", HIT)], now=now, alert=False)
    assert latencies(recorder.archive, now) == []


def test_an_import_into_a_told_story_leaves_its_latency_as_it_was(
    recorder: Recorder, now: datetime
) -> None:
    told = replace(HIT, published=now - timedelta(hours=1))
    record_items(recorder, [("press", told)], now=now, alert=True)
    with recorder.archive.write() as connection:
        connection.execute("UPDATE deliveries SET state = 'sent', sent_at = ?", (iso(now),))
    before = latencies(recorder.archive, now)
    assert [(row["published"], row["sent"]) for row in before] == [(told.published, now)]
    past = replace(told, guid="2", url="https://example.org/2", published=now - timedelta(days=1))
    record_items(recorder, [("blog", past)], now=now + timedelta(hours=5), alert=False)
    rows = recorder.archive.rows("SELECT count(*), count(DISTINCT story_id) FROM story_entries")
    assert tuple(rows[0]) == (2, 1)
    assert latencies(recorder.archive, now) == before


LONG = "Nothing about data. " * 3_000


def begun(archive: Archive) -> list[str]:
    """Notes the transactions that are begun from now on."""
    seen: list[str] = []
    archive.connection.set_trace_callback(lambda sql: seen.append(sql) if sql.startswith("BEGIN") else None)  # fmt: skip
    return seen


def long_items(count: int) -> list[tuple[str, ParsedEntry]]:
    return [("press", ParsedEntry(f"A fair, day {n}", guid=str(n), text=LONG)) for n in range(count)]  # fmt: skip


def test_long_texts_are_rejudged_and_imported_a_few_at_a_time(
    recorder: Recorder, now: datetime, tmp_path: Path
) -> None:
    record_items(recorder, long_items(9), now=now, alert=False)
    other = replace(recorder, model=replace(recorder.model, id="m-other"))
    transactions = begun(recorder.archive)
    rejudge(other, alert=False, now=lambda: now, tell=lambda _: None)
    assert len(transactions) >= 9 * len(LONG) // CHARACTERS
    with Archive.open(tmp_path / "here.db") as here:
        transactions = begun(here)
        import_archive(replace(recorder, archive=here), recorder.archive, now=now, tell=lambda _: None)  # fmt: skip
        assert len(transactions) >= 2 * 9 * len(LONG) // CHARACTERS


def test_long_items_are_ingested_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [{"title": f"A fair, day {n}", "text": LONG} for n in range(9)]
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (tmp_path / "feeds.yaml").write_text(f"archive: {tmp_path}/a.db\n", encoding="utf-8")
    held: list[int] = []

    def counted(recorder: Recorder, items: list[object], **rest: Any) -> Recorded:
        held.append(len(items))
        return record_items(recorder, items, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr("monitor.cli.judge.record_items", counted)
    said = CliRunner().invoke(cli, ["--config", str(tmp_path / "feeds.yaml"), "ingest", str(tmp_path / "items.jsonl")])  # fmt: skip
    assert said.output.startswith("9 new entries"), said.output
    assert max(held) * len(LONG) <= CHARACTERS
