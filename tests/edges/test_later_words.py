"""What an entry says later: by an edit, by its article, under another model."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from classifiers.model import Model
from monitor.domain import (
    Article,
    EntryId,
    Feed,
    FeedName,
    HttpFacts,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
)
from monitor.recording import Recorder, record_article, record_poll, record_verdicts
from monitor.store import entries, feeds
from monitor.store.archive import Archive
from monitor.store.codec import state_from_row

FEED = Feed(FeedName("A"), "https://a.example/feed", SourceKind.PRESS)
HOUR = timedelta(hours=1)
HIT = ParsedEntry(
    "ICO fines Clearview AI over facial recognition of UK residents",
    url="https://example.org/1",
    guid="1",
    summary="The company's database of faces breached UK data protection law.",
)
SUM = "The ICO fined Clearview AI £7,552,800 over facial recognition of UK residents."
FLAGS_NOTHING = 0.9999


@pytest.fixture
def recorder(archive: Archive, model: Model) -> Recorder:
    feeds.sync(archive, [FEED])
    return Recorder(archive, model, ("console", "C1"), timedelta(days=3))


def record(recorder: Recorder, now: datetime, *found: ParsedEntry) -> None:
    row = recorder.archive.rows("SELECT * FROM feeds")[0]
    job = PollJob(FEED, state_from_row(dict(row)))
    http = HttpFacts(status=200, etag='"e"', started=now)
    record_poll(recorder, PollResult(job, http, Parsed(found)), now=now, chance=0.0)


def tell_hit(recorder: Recorder, now: datetime) -> None:
    """A hit whose post stands in Slack."""
    record(recorder, now - 3 * HOUR)
    record(recorder, now, HIT)
    with recorder.archive.write() as connection:
        connection.execute("UPDATE deliveries SET state = 'sent', ts = '1.0' WHERE channel = 'C1'")


def amounts(recorder: Recorder) -> list[float | None]:
    return [row["amount"] for row in recorder.archive.rows("SELECT amount FROM stories")]


def updates(recorder: Recorder) -> list[tuple[str, int]]:
    rows = recorder.archive.rows("SELECT d.channel, a.quiet FROM alerts a JOIN deliveries d ON d.alert_id = a.id WHERE a.kind = 'update'")  # fmt: skip
    return [(row["channel"], row["quiet"]) for row in rows]


def said(recorder: Recorder, what: str) -> list[dict[str, object]]:
    return [json.loads(r["data"]) for r in recorder.archive.rows("SELECT data FROM evidence WHERE what = ? ORDER BY seq", (what,))]  # fmt: skip


def test_an_amount_that_an_edit_states_reaches_the_story_and_its_post(
    recorder: Recorder, now: datetime
) -> None:
    tell_hit(recorder, now)
    record(recorder, now + HOUR, replace(HIT, summary=SUM))
    assert amounts(recorder) == [7_552_800]
    assert updates(recorder) == [("C1", 1)]
    assert said(recorder, "entry edited")[0]["facts"]["amount"] == 7_552_800  # type: ignore[index]


def test_an_amount_that_the_article_states_reaches_the_story_and_its_post(
    recorder: Recorder, now: datetime
) -> None:
    tell_hit(recorder, now)
    article = Article(EntryId(1), HIT.url or "", (SUM + " ") * 10, "allowed")
    record_article(recorder, article, now=now + HOUR)
    assert amounts(recorder) == [7_552_800]
    assert updates(recorder) == [("C1", 1)]


def test_an_edit_that_changes_no_fact_touches_no_post(recorder: Recorder, now: datetime) -> None:
    tell_hit(recorder, now)
    record(recorder, now + HOUR, replace(HIT, summary=HIT.summary + " Updated."))
    assert updates(recorder) == []


def test_a_hit_that_an_edit_would_not_confirm_keeps_its_verdict_and_facts(
    recorder: Recorder, now: datetime
) -> None:
    tell_hit(recorder, now)
    record(recorder, now + HOUR, replace(HIT, title="Page removed", summary="Nothing here."))
    (verdict,) = recorder.archive.rows("SELECT label FROM verdicts WHERE entry_id = 1")
    assert verdict["label"] == "relevant"
    assert [r["organisation"] for r in recorder.archive.rows("SELECT organisation FROM stories")] == ["Clearview AI"]  # fmt: skip
    assert said(recorder, "entry edited")[0]["label"] == "irrelevant"


def test_a_hit_that_an_edit_makes_another_event_is_told_as_that(
    recorder: Recorder, now: datetime
) -> None:
    tell_hit(recorder, now)
    record(recorder, now + HOUR / 2, HIT, replace(HIT, guid="9", url="https://example.com/9"))
    other = replace(HIT, title="Garante bans Replika's AI chatbot over personal data of Italian users", summary="The Italian data protection authority blocks the AI chatbot.")  # fmt: skip
    record(recorder, now + HOUR, other)
    rows = recorder.archive.rows("SELECT story_id, kind FROM alerts WHERE kind = 'new' ORDER BY id")
    assert [row["story_id"] for row in rows] == [1, 2]


@pytest.mark.parametrize("age", [timedelta(days=400), None])
@pytest.mark.parametrize("way", ["edit", "article", "rescore"])
def test_what_was_old_before_its_source_was_watched_is_no_news_later(
    recorder: Recorder, now: datetime, age: timedelta | None, way: str
) -> None:
    old = replace(HIT, published=now - age if age else None)
    record(replace(recorder, threshold=FLAGS_NOTHING), now, old)
    if way == "edit":
        record(recorder, now + HOUR, replace(old, summary=old.summary + " Updated."))
    elif way == "article":
        article = Article(EntryId(1), HIT.url or "", (SUM + " ") * 10, "allowed")
        record_article(recorder, article, now=now + HOUR)
    else:
        record_verdicts(recorder, entries.after(recorder.archive, 0, 9), now=now + HOUR, alert=True)
    assert recorder.archive.rows("SELECT count(*) FROM story_entries")[0][0] == 1
    assert recorder.archive.rows("SELECT count(*) FROM alerts")[0][0] == 0


def test_a_hit_judged_anew_is_evidence(recorder: Recorder, now: datetime) -> None:
    tell_hit(recorder, now)
    rows = entries.after(recorder.archive, 0, 9)
    strict = replace(recorder, threshold=FLAGS_NOTHING)
    record_verdicts(strict, rows, now=now + HOUR, alert=False)
    assert [data["label"] for data in said(recorder, "entry judged anew")] == ["irrelevant"]
