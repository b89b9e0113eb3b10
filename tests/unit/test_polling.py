"""When a source is polled next, and why; the ids are those of the polling requirements."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import (
    Failed,
    Feed,
    FeedHints,
    FeedName,
    FeedState,
    HttpFacts,
    OpsEvent,
    Outcome,
    Parsed,
    PollJob,
    PollResult,
    PollState,
    SourceKind,
    Unchanged,
)
from monitor.fetch import freshness, retry_after
from monitor.poll import force_unconditional, job_from_json, result_from_json, to_json
from monitor.polling import Arrival, Settings, advance, back_off

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FEED = Feed(FeedName("A"), "https://example.org/feed", SourceKind.REGULATOR)


def step(
    outcome: Outcome,
    state: PollState = PollState(),  # noqa: B008 - frozen
    *,
    feed: Feed = FEED,
    http: HttpFacts = HttpFacts(),  # noqa: B008 - frozen
    arrival: Arrival = Arrival(),  # noqa: B008 - frozen
    now: datetime = NOW,
) -> PollState:
    result = PollResult(PollJob(feed, state), http, outcome)
    return advance(feed, result, arrival, now=now).state


def wait(state: PollState) -> timedelta:
    assert state.next_due is not None
    return state.next_due - NOW


def test_a_200_replaces_both_validators_even_where_one_vanished_a3() -> None:
    before = PollState(etag='"a"', last_modified="Mon", validators_url=FEED.url)
    after = step(Parsed(()), before, http=HttpFacts(etag='"b"', body_hash="h"))
    assert (after.etag, after.last_modified, after.validators_url) == ('"b"', None, FEED.url)


def test_the_same_body_under_a_new_etag_takes_the_etag_a3_a10() -> None:
    before = PollState(etag='"a"', body_hash="h", validators_url=FEED.url)
    after = step(Unchanged(same_body=True), before, http=HttpFacts(etag='"b"', body_hash="h"))
    assert after.etag == '"b"'


def test_a_304_keeps_the_validators_it_does_not_carry_and_resets_failures_a4() -> None:
    before = PollState(etag='"a"', last_modified="Mon", failures=3, state=FeedState.FAILING)
    after = step(Unchanged(), before, http=HttpFacts(last_modified="Tue", conditional=True))
    assert (after.etag, after.last_modified, after.failures) == ('"a"', "Tue", 0)
    assert after.state is FeedState.OK


def test_a_broken_body_never_saves_validators_a6() -> None:
    before = PollState(etag='"a"', validators_url=FEED.url)
    after = step(Failed("parse", "broken"), before, http=HttpFacts(etag='"bad"'))
    assert after.etag == '"a"'


def test_a_stuck_304_is_asked_once_without_validators_and_at_most_weekly_a11() -> None:
    stuck = PollState(last_ok=NOW, last_changed=NOW - timedelta(days=8))
    assert force_unconditional(stuck, NOW)
    assert not force_unconditional(replace(stuck, last_unconditional=NOW - timedelta(days=1)), NOW)


@pytest.mark.parametrize(
    ("headers", "hints", "minutes", "reason"),
    [
        ({}, FeedHints(), 60, "interval"),
        ({"cache-control": "max-age=7200"}, FeedHints(), 120, "max-age"),
        ({"cache-control": "max-age=7200", "age": "600"}, FeedHints(), 110, "max-age"),
        ({"cache-control": "no-cache, max-age=7200"}, FeedHints(), 60, "interval"),
        ({"cache-control": "max-age=31536000"}, FeedHints(), 1440, "max-age, at most 24 h"),
        ({}, FeedHints(ttl_s=5400, ttl_reason="ttl"), 90, "ttl"),
        (
            {"date": "Tue, 24 Nov 2026 08:00:00 GMT", "expires": "Tue, 24 Nov 2026 10:00:00 GMT"},
            FeedHints(),
            120,
            "Expires",
        ),  # fmt: skip
    ],
)
def test_the_longest_wish_of_a_source_within_floor_and_cap_is_its_next_poll_b3(
    headers: dict[str, str], hints: FeedHints, minutes: int, reason: str
) -> None:
    seconds, name = freshness(headers)
    after = step(Parsed((), hints), http=HttpFacts(freshness_s=seconds, freshness_reason=name))
    assert (wait(after), after.next_reason) == (timedelta(minutes=minutes), reason)


def test_skip_hours_and_days_are_kept_b4() -> None:
    after = step(Parsed((), FeedHints(skip_hours=(9, 10))))
    assert after.next_due == NOW.replace(hour=11)
    assert after.next_reason == "interval, skipHours"
    after = step(Parsed((), FeedHints(skip_days=("Tuesday",))))
    assert after.next_due == datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3600", 3600),
        ("Tue, 24 Nov 2026 10:00:00 GMT", 7200),
        ("garbage", None),
        ("-5", None),
        ("1000000000", 7 * 86400),
    ],
)
def test_retry_after_in_all_its_forms_b5(value: str, seconds: int | None) -> None:
    until = retry_after({"retry-after": value, "date": "Tue, 24 Nov 2026 08:00:00 GMT"}, NOW)
    assert until == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_a_retry_after_is_a_floor_for_the_next_poll_b5() -> None:
    later = NOW + timedelta(days=2)
    after = step(Failed("rate_limited", "429", later))
    assert (after.next_due, after.not_before, after.next_reason) == (later, later, "Retry-After")


@given(st.integers(1, 500), st.sampled_from(["dns", "timeout", "http_500", "blocked", "parse"]))
def test_back_off_grows_is_capped_and_never_gives_up_b7(failures: int, error: str) -> None:
    settings = Settings()
    assert settings.floor <= back_off(FEED, failures, error, settings) <= settings.cap
    assert back_off(FEED, failures, error, settings) <= back_off(
        FEED, failures + 1, error, settings
    )


def test_a_404_never_means_gone_b8() -> None:
    state = PollState()
    for n in range(40):
        state = step(Failed("http_404", "x"), state, now=NOW + timedelta(hours=n))
    assert state.state is FeedState.FAILING


def test_410_three_times_over_a_day_means_gone_and_is_told_once_b8() -> None:
    state = PollState(last_ok=NOW)
    told: list[OpsEvent] = []
    for hours in (0, 13, 26, 39):
        result = PollResult(PollJob(FEED, state), HttpFacts(), Failed("http_410", "x"))
        done = advance(FEED, result, Arrival(), now=NOW + timedelta(hours=hours))
        state, told = done.state, [*told, *done.events]
    assert state.state is FeedState.GONE
    assert [e.condition for e in told if e.condition == "gone"] == ["gone"]


def test_a_permanent_redirect_is_adopted_after_a_week_and_told_c2() -> None:
    http = HttpFacts(permanent_url="https://example.org/new")
    state = step(Parsed(()), http=http)
    assert (state.active_url, state.redirect_url) == (None, "https://example.org/new")
    state = step(Parsed(()), state, http=http, now=NOW + timedelta(days=8))
    assert state.active_url == "https://example.org/new"


def test_an_adopted_address_that_fails_for_a_while_is_not_forgotten_when_the_old_one_is_gone() -> (
    None
):
    new = "https://example.org/new"
    state = replace(PollState(), active_url=new, failures=2, last_ok=NOW)
    state = step(Failed("connect", "x"), state)
    assert state.active_url is None  # perhaps the configured address works again
    for error_class in ("http_404", "dns"):
        assert step(Failed(error_class, "x"), state).active_url == new
    assert step(Parsed(()), state).redirect_url is None


def test_http_to_https_of_the_same_address_is_adopted_at_once_c2() -> None:
    feed = replace(FEED, url="http://example.org/feed")
    state = step(Parsed(()), feed=feed, http=HttpFacts(permanent_url="https://example.org/feed"))
    assert state.active_url == "https://example.org/feed"


def test_a_blocked_source_turns_to_its_fallback_and_back_e4() -> None:
    feed = replace(FEED, fallbacks=("https://example.org/alt",))
    state = step(Failed("blocked", "x"), feed=feed)
    assert state.active_url == "https://example.org/alt"
    state = step(Failed("http_500", "x"), replace(state, failures=2), feed=feed)
    assert state.active_url is None


def test_a_failing_source_is_told_once_and_once_when_it_recovers_g2() -> None:
    state = PollState(last_ok=NOW, entries_seen=10)
    told: list[OpsEvent] = []
    for n in range(50):
        result = PollResult(PollJob(FEED, state), HttpFacts(), Failed("timeout", "x"))
        done = advance(FEED, result, Arrival(), now=NOW + timedelta(hours=n))
        state, told = done.state, [*told, *done.events]
    result = PollResult(PollJob(FEED, state), HttpFacts(), Parsed(()))
    done = advance(FEED, result, Arrival(known=1), now=NOW + timedelta(hours=60))
    told += done.events
    assert [e.condition for e in told if e.condition in ("broken", "recovered")] == [
        "broken",
        "recovered",
    ]


def test_a_source_quiet_beyond_its_habit_is_told_once_g1() -> None:
    state = PollState(usual_gap_s=86400, newest_published=NOW - timedelta(days=20), last_ok=NOW)
    told: list[OpsEvent] = []
    for n in range(5):
        result = PollResult(PollJob(FEED, state), HttpFacts(conditional=True), Unchanged())
        done = advance(FEED, result, Arrival(), now=NOW + timedelta(hours=n))
        state, told = done.state, [*told, *done.events]
    assert [e.condition for e in told] == ["quiet"]


def test_a_document_of_new_entries_only_shortens_the_interval_f17() -> None:
    state = PollState(polls=5, entries_seen=40, last_ok=NOW)
    after = step(Parsed(()), state, arrival=Arrival(new=10, known=0, newest=NOW))
    assert (wait(after), after.next_reason) == (timedelta(minutes=30), "gap suspected")


def test_a_source_that_seldom_speaks_is_asked_less_often_b13() -> None:
    dates = tuple(NOW - timedelta(days=30 * n + 3) for n in range(6))
    after = step(Parsed(()), arrival=Arrival(known=6, newest=dates[0], dates=dates))
    assert (wait(after), after.next_reason) == (timedelta(hours=4), "seldom new")


@given(st.floats(0, 0.999))
def test_chance_never_brings_a_poll_below_the_floor_b2(chance: float) -> None:
    result = PollResult(PollJob(FEED, PollState()), HttpFacts(), Parsed(()))
    state = advance(FEED, result, Arrival(), now=NOW, chance=chance).state
    assert wait(state) >= Settings().floor


def test_a_job_and_its_result_travel_as_json() -> None:
    job = PollJob(
        replace(FEED, fallbacks=("https://x.org/",)), PollState(next_due=NOW, told=("quiet",))
    )
    assert job_from_json(to_json(job)) == job
    for outcome in (Parsed((), FeedHints(skip_hours=(1,))), Unchanged(), Failed("dns", "x", NOW)):
        result = PollResult(job, HttpFacts(status=200, started=NOW), outcome)
        assert result_from_json(to_json(result)) == result
