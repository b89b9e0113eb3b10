"""The archive under another model: what would change, resumable, and never a hit undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from classifiers.model import Model
from monitor.domain import ParsedEntry
from monitor.recording import Recorder, record_items
from monitor.rejudging import changes, rejudge
from monitor.store import entries
from monitor.store.archive import Archive

HIT = ParsedEntry(
    "ICO fines Clearview AI over facial recognition of UK residents",
    url="https://example.org/hit",
    guid="hit",
    summary="The company's database of faces breached UK data protection law.",
)
OTHERS = [ParsedEntry(f"Local fair draws record crowd, day {n}", guid=str(n)) for n in range(7)]


def recorder_of(archive: Archive, model: Model, name: str, threshold: float) -> Recorder:
    other = replace_model(model, name, threshold)
    return Recorder(archive, other, ("console",), timedelta(days=3))


def replace_model(model: Model, name: str, threshold: float) -> Model:
    return replace(model, id=name, threshold=threshold)


@pytest.fixture
def strict(archive: Archive, model: Model, now: datetime) -> Recorder:
    """An archive judged by a model that flags nothing."""
    recorder = recorder_of(archive, model, "m-strict", 1.0)
    record_items(recorder, [("press", e) for e in (HIT, *OTHERS)], now=now, alert=True)
    return recorder


def count(archive: Archive, table: str) -> int:
    return int(archive.rows(f"SELECT count(*) FROM {table}")[0][0])


def test_what_a_model_would_change_is_named_and_nothing_is_written(
    strict: Recorder, model: Model
) -> None:
    looked_at: list[str] = []
    found = list(changes(strict.archive, model, None, tell=looked_at.append))
    assert [(c.title, c.now_a_hit) for c in found] == [(HIT.title, True)]
    assert len(looked_at) == 8
    assert count(strict.archive, "stories") == 0


def test_an_interrupted_run_goes_on_where_it_was(
    strict: Recorder, model: Model, now: datetime
) -> None:
    lenient = recorder_of(strict.archive, model, "m-lenient", model.threshold)

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rejudge(lenient, alert=False, now=lambda: now, tell=interrupt, batch=3)
    assert entries.count_unjudged(strict.archive, "m-lenient") == 5
    again = rejudge(lenient, alert=False, now=lambda: now, tell=lambda _: None)
    assert again.edited == 5
    assert (count(strict.archive, "story_entries"), count(strict.archive, "alerts")) == (1, 0)
    assert rejudge(lenient, alert=False, now=lambda: now, tell=lambda _: None).edited == 0


def test_what_becomes_a_hit_is_alerted_on_request(
    strict: Recorder, model: Model, now: datetime
) -> None:
    lenient = recorder_of(strict.archive, model, "m-lenient", model.threshold)
    assert rejudge(lenient, alert=True, now=lambda: now, tell=lambda _: None).alerts == 1


def test_a_hit_stays_a_hit_under_a_stricter_model(
    archive: Archive, model: Model, now: datetime
) -> None:
    lenient = recorder_of(archive, model, "m-lenient", model.threshold)
    record_items(lenient, [("press", HIT)], now=now, alert=True)
    rejudge(recorder_of(archive, model, "m-strict", 1.0), alert=True, now=lambda: now, tell=lambda _: None)  # fmt: skip
    assert (count(archive, "story_entries"), count(archive, "verdicts")) == (1, 2)


def test_an_entry_whose_text_was_trimmed_is_not_judged_by_its_title_alone(
    strict: Recorder, model: Model, now: datetime
) -> None:
    with strict.archive.write() as connection:
        connection.execute("UPDATE entries SET trimmed = 1, summary = '' WHERE guid = 'hit'")
    lenient = recorder_of(strict.archive, model, "m-lenient", model.threshold)
    assert rejudge(lenient, alert=False, now=lambda: now, tell=lambda _: None).hits == 0


def test_the_budget_counts_stories_once_and_first_polls_not_at_all(
    archive: Archive, model: Model, now: datetime
) -> None:
    lenient = recorder_of(archive, model, "m", model.threshold)
    twice = [("press", HIT), ("blog", replace(HIT, guid="2", url="https://example.org/2"))]
    record_items(lenient, twice, now=now, alert=True)
    found = entries.scores_since(archive, "m", model.threshold, now - timedelta(weeks=4))
    assert len(found) == 1
    with archive.write() as connection:
        connection.execute("UPDATE entries SET baseline = 1")
    assert entries.scores_since(archive, "m", model.threshold, now - timedelta(weeks=4)) == []


def test_the_budget_does_not_count_what_was_imported_quietly(
    archive: Archive, model: Model, now: datetime
) -> None:
    lenient = recorder_of(archive, model, "m", model.threshold)
    since = now - timedelta(weeks=4)
    record_items(lenient, [("press", HIT)], now=now, alert=False)
    assert count(archive, "story_entries") == 1
    assert entries.scores_since(archive, "m", model.threshold, since) == []
