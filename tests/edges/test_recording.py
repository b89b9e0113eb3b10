"""One poll into the archive: all of it or none, and what the operator is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from classifiers.model import Model
from monitor.domain import (
    Failed,
    Feed,
    FeedName,
    HttpFacts,
    OpsEvent,
    Outcome,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    SourceKind,
)
from monitor.recording import Recorder, record_poll
from monitor.store import alerts, feeds
from monitor.store.archive import Archive
from monitor.store.codec import iso, state_from_row
from monitor.store.deliveries import DeliveryLedger

HIT = ParsedEntry(
    "ICO fines Clearview AI over facial recognition of UK residents",
    url="https://example.org/1",
    guid="1",
    summary="The company's database of faces breached UK data protection law.",
)
FEEDS = [Feed(FeedName(n), f"https://{n.lower()}.example/feed", SourceKind.PRESS) for n in "ABC"]


@pytest.fixture
def recorder(archive: Archive, model: Model) -> Recorder:
    feeds.sync(archive, FEEDS)
    return Recorder(archive, model, ("console", "C1"), timedelta(days=3))


def record(recorder: Recorder, outcome: Outcome, now: datetime, feed: Feed = FEEDS[0]) -> list[str]:
    row = recorder.archive.rows("SELECT * FROM feeds WHERE name = ?", (feed.name,))[0]
    job = PollJob(feed, state_from_row(dict(row)))
    result = PollResult(job, HttpFacts(status=200, etag='"e"', started=now), outcome)
    return [e.condition for e in record_poll(recorder, result, now=now, chance=0.0).events]


def count(recorder: Recorder, table: str) -> int:
    return int(recorder.archive.rows(f"SELECT count(*) FROM {table}")[0][0])


def test_a_hit_its_alert_its_deliveries_and_the_validators_are_one_transaction_a7(
    recorder: Recorder, now: datetime
) -> None:
    record(recorder, Parsed(()), now - timedelta(hours=2))
    broken = Recorder(recorder.archive, recorder.model, (None,), recorder.fresh_for)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        record(broken, Parsed((HIT,)), now)
    assert [count(recorder, t) for t in ("entries", "stories", "alerts", "deliveries", "evidence")] == [0] * 5  # fmt: skip
    record(recorder, Parsed((HIT,)), now)
    assert [count(recorder, t) for t in ("entries", "stories", "alerts", "deliveries")] == [1, 1, 1, 2]  # fmt: skip


def test_the_same_document_again_changes_nothing(recorder: Recorder, now: datetime) -> None:
    for n in range(3):
        record(recorder, Parsed((HIT,)), now + timedelta(hours=n))
    assert (count(recorder, "entries"), count(recorder, "fetches")) == (1, 3)


def test_a_network_that_is_down_is_not_told_source_by_source_g2(
    recorder: Recorder, now: datetime
) -> None:
    told = [
        c
        for n in range(30)
        for feed in FEEDS
        for c in record(recorder, Failed("dns", "x"), now + timedelta(hours=n), feed)
    ]
    assert told == []


def test_one_source_that_fails_among_others_is_told_once_g2(
    recorder: Recorder, now: datetime
) -> None:
    told = []
    for n in range(30):
        record(recorder, Parsed((HIT,)), now + timedelta(hours=n), FEEDS[1])
        told += record(recorder, Failed("dns", "x"), now + timedelta(hours=n), FEEDS[0])
    assert told == ["broken"]


def test_an_edit_that_makes_an_entry_a_hit_is_told_f11(recorder: Recorder, now: datetime) -> None:
    dull = ParsedEntry("Statement", url=HIT.url, guid=HIT.guid, summary="More follows.")
    record(recorder, Parsed((dull,)), now)
    record(recorder, Parsed((HIT,)), now + timedelta(hours=1))
    assert count(recorder, "hits") == 1
    assert count(recorder, "alerts") == 1
    assert count(recorder, "entry_versions") == 1


def test_entries_that_leave_and_return_are_not_new_f12(recorder: Recorder, now: datetime) -> None:
    for n, found in enumerate([(HIT,), (), (HIT,)]):
        record(recorder, Parsed(found), now + timedelta(hours=n))
    assert count(recorder, "entries") == 1


def test_a_mass_republish_is_one_message_and_no_storm_f13(
    recorder: Recorder, now: datetime
) -> None:
    old = now - timedelta(days=40)

    def document(site: str) -> Parsed:
        return Parsed(
            tuple(
                ParsedEntry(
                    f"{HIT.title} {n} {site}",
                    url=f"https://{site}/{n}",
                    guid=f"{site}{n}",
                    summary=HIT.summary,
                    published=old + timedelta(days=n),
                )  # fmt: skip
                for n in range(12)
            )
        )

    record(recorder, document("old"), now)
    told = record(recorder, document("new"), now + timedelta(hours=1))
    assert "republished" in told
    assert recorder.archive.rows("SELECT count(*) FROM alerts WHERE kind = 'new'")[0][0] == 0


def test_one_claim_gives_one_source_per_host_and_none_twice_b9_b11(
    archive: Archive, now: datetime
) -> None:
    same = [Feed(FeedName(f"F{n}"), f"https://one.example/{n}", SourceKind.PRESS) for n in range(3)]
    feeds.sync(archive, same)
    book = {str(f.name): f for f in same}
    gap = timedelta(seconds=1)

    def claim(moment: datetime) -> list[PollJob]:
        return feeds.claim(archive, book, moment, 10, owner="me", lease=timedelta(minutes=2), host_gap=gap)  # fmt: skip

    assert len(claim(now)) == 1
    assert claim(now + timedelta(seconds=5)) == []
    feeds.release_leases(archive, "me")
    assert len(claim(now + timedelta(seconds=6))) == 1


def test_a_retry_after_holds_back_the_whole_host_and_no_now_passes_it_b5_b6(
    archive: Archive, now: datetime
) -> None:
    feeds.sync(archive, FEEDS)
    with archive.write() as connection:
        feeds.pause_host(connection, "a.example", now + timedelta(hours=1))
    book = {str(f.name): f for f in FEEDS}
    jobs = feeds.claim(archive, book, now, 10, owner="me", lease=timedelta(minutes=2), host_gap=timedelta(0), polled_before=now)  # fmt: skip
    assert sorted(j.feed.name for j in jobs) == ["B", "C"]


def test_runs_that_are_always_ended_early_reach_every_source_in_turn(
    archive: Archive, now: datetime
) -> None:
    """By due times the same sources would come last each time: one poll a run, three runs."""
    feeds.sync(archive, FEEDS)
    book = {str(f.name): f for f in FEEDS}
    reached = []
    for turn, due_in in enumerate((timedelta(minutes=1), timedelta(hours=1), timedelta(hours=2))):
        start = now + timedelta(seconds=turn)
        (job,) = feeds.claim(archive, book, start, 1, owner="me", lease=timedelta(minutes=2), host_gap=timedelta(0), polled_before=start)  # fmt: skip
        reached.append(job.feed.name)
        with archive.write() as connection:
            connection.execute(
                "UPDATE feeds SET last_polled = ?, next_due = ? WHERE name = ?",
                (iso(start), iso(start + due_in), job.feed.name),
            )
            # the one not reached yet is due last of all
            connection.execute("UPDATE feeds SET next_due = ? WHERE last_polled IS NULL", (iso(start + timedelta(days=1)),))  # fmt: skip
        feeds.release_leases(archive, "me")
    assert sorted(reached) == ["A", "B", "C"]


def test_a_feed_whose_address_changed_drops_its_validators_a8(
    recorder: Recorder, now: datetime
) -> None:
    record(recorder, Parsed((HIT,)), now)
    moved = Feed(FEEDS[0].name, "https://moved.example/feed", SourceKind.PRESS)
    feeds.sync(recorder.archive, [moved])
    row = recorder.archive.rows("SELECT * FROM feeds WHERE name = 'A'")[0]
    assert (row["etag"], row["last_ok"], row["url"]) == (None, None, moved.url)


def test_beyond_the_flood_guard_the_rest_is_one_digest(recorder: Recorder, now: datetime) -> None:
    with recorder.archive.write() as connection:
        for n in range(3):
            alerts.raise_ops(connection, _event(n), ("C1",), now)
    ledger = DeliveryLedger(recorder.archive, ("C1",))
    due = [row["id"] for row in recorder.archive.rows("SELECT id FROM deliveries")]
    ledger.fold_into_digest(due, "three more", now)
    head = ledger.head("C1", now)
    assert head is not None
    assert ledger.job(head).kind.value == "digest"


def _event(n: int) -> OpsEvent:
    return OpsEvent("broken", f"F{n}", "text")
