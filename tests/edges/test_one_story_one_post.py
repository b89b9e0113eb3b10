"""Stories that turn out to be one: one post in every channel, also where a post cannot be edited."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from classifiers.model import Model
from monitor.clicks import Act, Click
from monitor.decide import Silence
from monitor.domain import (
    AlertKind,
    Feed,
    FeedName,
    HttpFacts,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
)
from monitor.judging import UNCHANGED, remind, take
from monitor.recording import Recorder, record_poll
from monitor.state import health_problems
from monitor.store import clicks, corrections, feeds, silences
from monitor.store.archive import Archive
from monitor.store.codec import state_from_row
from monitor.store.deliveries import DeliveryLedger
from monitor.store.stories import resolve

HIT = ParsedEntry(
    "ICO fines Clearview AI over facial recognition of UK residents",
    url="https://example.org/1",
    guid="1",
    summary="The company's database of faces breached UK data protection law.",
)
OTHER = ParsedEntry(
    "Garante orders Replika to stop processing personal data of Italian users by its AI chatbot",
    url="https://example.org/2",
    guid="2",
    summary="The Italian data protection authority orders the AI chatbot to stop.",
)
AGAIN = replace(HIT, url="https://example.com/again", guid="again")
HOUR = timedelta(hours=1)
FEEDS = [Feed(FeedName(n), f"https://{n.lower()}.example/feed", SourceKind.PRESS) for n in "ABC"]


def record(recorder: Recorder, found: Parsed, now: datetime, feed: Feed = FEEDS[0]) -> None:
    row = recorder.archive.rows("SELECT * FROM feeds WHERE name = ?", (feed.name,))[0]
    job = PollJob(feed, state_from_row(dict(row)))
    result = PollResult(job, HttpFacts(status=200, etag='"e"', started=now), found)
    record_poll(recorder, result, now=now, chance=0.0)


@pytest.fixture
def recorder(archive: Archive, model: Model, now: datetime) -> Recorder:
    """A recorder whose sources were all polled before."""
    feeds.sync(archive, FEEDS)
    made = Recorder(archive, model, ("console", "C1"), timedelta(days=3))
    for feed in FEEDS:
        record(made, Parsed(()), now - 3 * HOUR, feed)
    return made


def owed(recorder: Recorder, channel: str) -> list[tuple[str, str]]:
    """What a channel will hear: its owed deliveries as kind and story."""
    ledger = DeliveryLedger(recorder.archive, recorder.channels)
    rows = recorder.archive.rows("SELECT id FROM deliveries WHERE channel = ? AND state IN ('pending','held') ORDER BY id", (channel,))  # fmt: skip
    jobs = [ledger.job(row["id"]) for row in rows]
    return [(job.kind.value, job.story.story_id if job.story else "") for job in jobs]


def say_sent(recorder: Recorder, now: datetime) -> None:
    """Everything owed went out; only Slack gives a message an id."""
    with recorder.archive.write() as connection:
        connection.execute(
            "UPDATE deliveries SET state = 'sent', sent_at = ?, "
            "ts = CASE channel WHEN 'C1' THEN '1.0' END WHERE state = 'pending'",
            (now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),),
        )


def ids(recorder: Recorder) -> list[str]:
    return [r["public_id"] for r in recorder.archive.rows("SELECT public_id FROM stories ORDER BY id")]  # fmt: skip


def merge(recorder: Recorder, now: datetime) -> str:
    first, second = ids(recorder)
    return corrections.merge(recorder.archive, first, second, "dpo", now)


def settled(recorder: Recorder) -> int:
    return int(recorder.archive.rows("SELECT count(*) FROM evidence WHERE what = 'delivery'")[0][0])


def test_a_story_that_joins_a_told_one_is_not_posted_again_where_no_edit_is_possible(
    recorder: Recorder, now: datetime
) -> None:
    record(recorder, Parsed((HIT,)), now)
    say_sent(recorder, now)
    record(recorder, Parsed((HIT, OTHER)), now + HOUR)
    kept = merge(recorder, now + HOUR)
    assert owed(recorder, "console") == []
    assert {kind for kind, _ in owed(recorder, "C1")} == {AlertKind.UPDATE.value}
    assert kept == ids(recorder)[0]
    assert settled(recorder) == 1
    assert not health_problems(recorder.archive, now + HOUR)


def test_a_told_story_that_joins_one_that_waits_is_not_posted_again(
    recorder: Recorder, now: datetime
) -> None:
    record(recorder, Parsed((HIT,)), now)
    record(recorder, Parsed((HIT, OTHER)), now + HOUR)
    with recorder.archive.write() as connection:
        connection.execute("UPDATE deliveries SET state = 'sent' WHERE channel = 'console' AND alert_id = 2")  # fmt: skip
    merge(recorder, now + HOUR)
    assert owed(recorder, "console") == []


def test_of_two_that_wait_one_is_posted(recorder: Recorder, now: datetime) -> None:
    record(recorder, Parsed((HIT, OTHER)), now)
    kept = merge(recorder, now)
    for channel in recorder.channels:
        assert owed(recorder, channel) == [("new", kept)]


def test_what_was_given_up_is_not_owed_again_where_a_later_alert_told_it(
    recorder: Recorder, now: datetime
) -> None:
    record(recorder, Parsed((HIT,)), now)
    with recorder.archive.write() as connection:
        connection.execute("UPDATE deliveries SET state = 'abandoned', last_error = 'no'")
    record(recorder, Parsed((AGAIN,)), now + HOUR, FEEDS[1])
    say_sent(recorder, now + HOUR)
    ledger = DeliveryLedger(recorder.archive, recorder.channels)
    assert ledger.requeue(now + 2 * HOUR) == 1
    assert owed(recorder, "console") == []
    assert [kind for kind, _ in owed(recorder, "C1")] == ["update"]
    assert ledger.requeue(now + 3 * HOUR) == 0


def test_a_story_goes_on_with_the_hits_that_were_not_split_off(
    recorder: Recorder, now: datetime
) -> None:
    record(recorder, Parsed((HIT,)), now)
    record(recorder, Parsed((AGAIN,)), now + HOUR, FEEDS[1])
    say_sent(recorder, now + HOUR)
    first, told = recorder.archive.rows("SELECT entry_id, story_id FROM story_entries")[0]
    own = corrections.split(recorder.archive, first, "dpo", now + 2 * HOUR)
    assert own == ids(recorder)[1]
    rest = recorder.archive.rows("SELECT story_id FROM story_entries WHERE entry_id <> ?", (first,))
    assert [row["story_id"] for row in rest] == [told]
    said = recorder.archive.rows("SELECT data, story FROM evidence WHERE what = 'story split'")
    assert [json.loads(row["data"])["own"] for row in said] == [own]
    assert [row["story"] for row in said] == ids(recorder)[:1]


@pytest.mark.parametrize("correction", ["merge", "split"])
def test_a_correction_is_shown_without_noise_where_posts_stand(
    recorder: Recorder, now: datetime, correction: str
) -> None:
    record(recorder, Parsed((HIT,)), now)
    second = OTHER if correction == "merge" else AGAIN
    record(recorder, Parsed((second,)), now + HOUR, FEEDS[1])
    say_sent(recorder, now + HOUR)
    if correction == "merge":
        merge(recorder, now + 2 * HOUR)
    else:
        corrections.split(recorder.archive, 2, "dpo", now + 2 * HOUR)
    first = [("new", ids(recorder)[1])] if correction == "split" else []
    assert owed(recorder, "C1") == [("update", ids(recorder)[0]), *first]
    assert owed(recorder, "console") == first
    edit = recorder.archive.rows("SELECT quiet, reason FROM alerts WHERE kind = 'update'")[0]
    assert (edit["quiet"], edit["reason"]) == (1, f"story {correction} by dpo")


def test_what_is_split_off_before_anything_was_told_is_told_once_as_its_own(
    recorder: Recorder, now: datetime
) -> None:
    record(recorder, Parsed((HIT,)), now)
    record(recorder, Parsed((AGAIN,)), now + HOUR, FEEDS[1])
    own = corrections.split(recorder.archive, 2, "dpo", now + 2 * HOUR)
    assert own == ids(recorder)[1]
    for channel in ("C1", "console"):
        assert owed(recorder, channel) == [("new", name) for name in ids(recorder)]
    reasons = [row["reason"] for row in recorder.archive.rows("SELECT reason FROM alerts ORDER BY id")]  # fmt: skip
    assert reasons == ["a new story", f"split from {ids(recorder)[0]} by dpo"]


def test_what_is_split_off_under_a_silence_makes_no_noise_b10(
    recorder: Recorder, now: datetime
) -> None:
    record(recorder, Parsed((HIT,)), now)
    record(recorder, Parsed((AGAIN,)), now + HOUR, FEEDS[1])
    say_sent(recorder, now + HOUR)
    word = HIT.title.split()[0]
    silences.add(recorder.archive, Silence("term", word, now + 9 * HOUR, "dpo", "known"), now)
    corrections.split(recorder.archive, 2, "dpo", now + 2 * HOUR)
    assert owed(recorder, "C1") == [("update", ids(recorder)[0])]
    assert owed(recorder, "console") == []


def test_a_snooze_goes_on_when_its_story_is_given_up_for_another(
    recorder: Recorder, now: datetime
) -> None:
    archive = recorder.archive
    record(recorder, Parsed((HIT, OTHER)), now)
    say_sent(recorder, now)
    with archive.write() as connection:
        connection.execute("UPDATE alerts SET tier = 'act_now'")
    snoozed, ends = ids(recorder)[1], now + timedelta(days=2)
    silences.add(archive, Silence("story", snoozed, ends, "dpo", "known"), now)
    kept = merge(recorder, now + HOUR)
    assert kept != snoozed
    assert remind(archive, after=4 * HOUR, now=now + 5 * HOUR) == 0
    row = resolve(archive, kept)
    assert row is not None
    assert clicks.snooze_ends(archive, row) == ends
    click = Click("e1", Act.SNOOZE, kept, "U1", "ada", "C1")
    taken = take(archive, click, model="m", snooze=HOUR, now=now + 6 * HOUR)
    assert taken.outcome == UNCHANGED
