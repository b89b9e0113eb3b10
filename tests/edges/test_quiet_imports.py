"""What is imported without --alert: archived, and in nobody's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from classifiers.model import Model
from monitor.domain import ParsedEntry
from monitor.recording import Recorder, record_items
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
