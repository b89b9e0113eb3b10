"""What the operator is told of a source, and how seldom (G1, G2, E3, E4, B14)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import (
    Asked,
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
    PollState,
    SourceKind,
    Unchanged,
)
from monitor.health import blind
from monitor.polling import Arrival, advance
from monitor.rerouting import which_address

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FEED = Feed(FeedName("A"), "https://example.org/feed", SourceKind.REGULATOR)
ALT = "https://example.org/alt"
WITH_FALLBACK = replace(FEED, fallbacks=(ALT,))
OK = Parsed((ParsedEntry("x"),))


class Life:
    """A source polled whenever it is due; what was told, and when."""

    def __init__(self, feed: Feed = FEED, state: PollState = PollState()) -> None:  # noqa: B008 - frozen
        self.feed, self.state, self.now = feed, state, NOW
        self.told: list[tuple[datetime, OpsEvent]] = []

    def poll(self, outcome: Outcome, *, new: int = 0, http: HttpFacts = HttpFacts()) -> Asked:  # noqa: B008 - frozen
        asked = which_address(self.feed, self.state, self.now)
        result = PollResult(PollJob(self.feed, self.state), http, outcome, asked)
        done = advance(self.feed, result, Arrival(new=new, known=1), now=self.now)
        self.state = done.state
        self.told += [(self.now, e) for e in done.events]
        assert done.state.next_due is not None
        self.now = done.state.next_due
        return asked

    def for_hours(self, hours: float, outcome: Outcome) -> None:
        end = self.now + timedelta(hours=hours)
        while self.now < end:
            self.poll(outcome)

    @property
    def conditions(self) -> list[str]:
        return [e.condition for _, e in self.told]


DOWN = Failed("http_500", "x")


def test_three_failures_over_a_day_are_broken_once_and_recovered_once_g2() -> None:
    life = Life(state=PollState(last_ok=NOW))
    life.poll(DOWN)
    life.poll(DOWN)
    assert life.conditions == []
    life.for_hours(40, DOWN)
    life.for_hours(60, OK)
    assert life.conditions == ["broken", "recovered"]


def test_a_source_that_flaps_is_told_once_and_once_when_it_is_steady_g2() -> None:
    life = Life()
    for _ in range(20):
        life.for_hours(10, DOWN)
        life.for_hours(3, OK)
    assert life.conditions == ["broken", "recovered", "flapping"]
    life.for_hours(30, OK)
    assert life.conditions[3:] == ["recovered"]
    life.for_hours(30, OK)
    life.for_hours(40, DOWN)
    assert life.conditions[4:] == ["broken"]


def test_a_source_that_fails_every_other_time_is_not_told_g2() -> None:
    life = Life()
    for _ in range(100):
        life.poll(DOWN)
        life.poll(OK)
    assert life.conditions == []


OUTCOMES = st.sampled_from(
    [OK, OK, Parsed(()), Unchanged(), DOWN, Failed("timeout", "x"), Failed("blocked", "x"),
     Failed("http_410", "x"), Failed("http_404", "x"), Failed("rate_limited", "x", NOW)]
)  # fmt: skip
SPELLS = st.lists(st.tuples(OUTCOMES, st.integers(1, 30), st.integers(0, 2)), max_size=25)


@given(SPELLS, st.booleans(), st.booleans())
def test_however_a_source_behaves_a_day_brings_few_messages_g2(
    spells: list[tuple[Outcome, int, int]], fallback: bool, moving: bool
) -> None:
    life = Life(WITH_FALLBACK if fallback else FEED)
    for outcome, polls, new in spells:
        target = HttpFacts(permanent_url="https://example.org/other") if moving else HttpFacts()
        for _ in range(polls):
            life.poll(outcome, new=new if isinstance(outcome, Parsed) else 0, http=target)
    own = [(t, e) for t, e in life.told if e.condition not in ("empty", "quiet")]
    for start, _ in own:
        within = Counter(e.condition for t, e in own if start <= t < start + timedelta(hours=24))
        assert sum(within.values()) <= 4
        assert max(within.values()) <= 2


def test_a_fallback_in_use_is_told_once_with_both_addresses_e4() -> None:
    life = Life(WITH_FALLBACK)
    life.poll(OK)
    life.poll(Failed("blocked", "a challenge page"))
    assert life.state.active_url == ALT
    assert life.state.next_reason == "fallback after blocked"
    life.for_hours(20, OK)
    assert life.conditions == ["fallback"]
    text = life.told[0][1].text
    assert ALT in text
    assert FEED.url in text
    assert "blocked" in text


def test_the_first_address_is_tried_again_daily_and_taken_back_e4() -> None:
    life = Life(WITH_FALLBACK)
    life.poll(Failed("blocked", "x"))
    asked = Counter(life.poll(OK if which_address(life.feed, life.state, life.now) is Asked.USUAL else DOWN) for _ in range(80))  # fmt: skip
    days = (life.now - NOW) / timedelta(days=1)
    assert abs(asked[Asked.PRIMARY] - days) <= 1.5
    assert life.state.active_url == ALT
    assert life.state.failures == 0
    while life.state.active_url:
        life.poll(OK)
    assert life.conditions == ["fallback", "recovered"]
    assert life.state.primary_retry is None


def test_a_first_address_that_is_gone_leaves_the_fallback_polled_b8_e4() -> None:
    life = Life(WITH_FALLBACK)
    for _ in range(60):
        usual = which_address(life.feed, life.state, life.now) is Asked.USUAL
        life.poll(OK if usual and life.state.active_url else Failed("http_410", "x"))
    assert (life.state.state, life.state.active_url) == ("ok", ALT)
    assert "gone" not in life.conditions


def test_a_fallback_that_fails_as_well_backs_off_and_is_told_e4() -> None:
    life = Life(WITH_FALLBACK)
    life.for_hours(72, DOWN)
    assert life.conditions == ["broken"]
    assert life.state.polls < 20


def test_a_listing_that_changed_its_page_is_told_with_what_to_do_h2() -> None:
    life = Life(replace(FEED, watch=True))
    life.for_hours(40, Failed("parse", "the selector 'li' yields no entry; has the page changed?"))
    assert life.conditions == ["broken"]
    assert "`regwatch check https://example.org/feed` proposes selectors" in life.told[0][1].text


def test_blocked_is_told_once_and_names_the_fallback_e3() -> None:
    life = Life(WITH_FALLBACK)
    life.for_hours(72, Failed("blocked", "a Cloudflare challenge"))
    assert life.conditions.count("blocked") == 1
    assert ALT in {e.condition: e.text for _, e in life.told}["blocked"]


def test_an_undated_source_that_says_nothing_for_two_months_is_quiet_once_g1() -> None:
    life = Life(state=PollState(entries_seen=9, last_new=NOW, last_ok=NOW))
    life.for_hours(24 * 90, Unchanged())
    assert life.conditions == ["quiet"]
    assert "habit is not known" in life.told[0][1].text
    life.poll(OK, new=1)
    life.for_hours(24 * 90, Unchanged())
    assert life.conditions == ["quiet", "quiet"]


def test_nothing_fetched_for_two_hours_is_blind_b14() -> None:
    assert blind(NOW, NOW, NOW + timedelta(minutes=119)) is None
    told = blind(None, NOW, NOW + timedelta(hours=2))
    assert told is not None
    assert told.condition == "blind"
