"""How soon, when and where a story is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import EntryId, HitView, SourceKind, StoryId, StoryView, Tier
from monitor.tiers import Interest, Policy, QuietHours, Route, Rule

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
STORY = StoryView(StoryId("S-2026-000001"), "T", None, NOW, NOW, (), regulator="ICO", regulators=("ICO",), organisation="LinkedIn", jurisdiction="GB")  # fmt: skip
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(22), time(7), BERLIN)


def watching(**names: str) -> Policy:
    return Policy(watchlist=Interest(**{k: frozenset({v.casefold()}) for k, v in names.items()}))


def test_without_a_watchlist_all_stories_are_alike_and_go_at_once() -> None:
    assert Policy().tier_of(STORY) is None
    assert Policy().not_before(None, NOW) == NOW
    assert Policy().channels(("C1",), STORY, None) == ("C1",)


@pytest.mark.parametrize("names", [{"organisations": "linkedin"}, {"regulators": "ICO"}, {"jurisdictions": "gb"}])  # fmt: skip
def test_any_fact_on_the_watchlist_makes_a_story_act_now(names: dict[str, str]) -> None:
    policy = watching(**names)
    assert policy.tier_of(STORY) is Tier.ACT_NOW
    other = replace(STORY, regulator="CNIL", regulators=("CNIL",), organisation="Meta", jurisdiction="FR")  # fmt: skip
    assert policy.tier_of(other) is Tier.TODAY


def test_what_is_to_be_acted_on_now_waits_for_nothing() -> None:
    policy = replace(watching(organisations="LinkedIn"), quiet=NIGHT, coalesce=timedelta(minutes=10))  # fmt: skip
    midnight = datetime(2026, 11, 24, 23, 30, tzinfo=BERLIN)
    assert policy.not_before(Tier.ACT_NOW, midnight) == midnight
    assert policy.not_before(Tier.TODAY, NOW) == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-11-24T23:30:00+01:00", "2026-11-25T07:00:00+01:00"),
        ("2026-11-25T06:59:59+01:00", "2026-11-25T07:00:00+01:00"),
        ("2026-11-25T07:00:00+01:00", None),
        ("2026-11-25T12:00:00+01:00", None),
        # the night in which summer begins is an hour shorter, the one in which it ends longer
        ("2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"),
        ("2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00"),
    ],
)
def test_quiet_hours_are_local_and_pass_midnight(now: str, ends: str | None) -> None:
    found = NIGHT.end_after(datetime.fromisoformat(now).astimezone(UTC))
    assert found == (datetime.fromisoformat(ends) if ends else None)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Seoul", "Australia/Lord_Howe"]),
)
def test_a_story_never_waits_into_quiet_hours_nor_longer_than_a_day(
    now: datetime, begins: time, ends: time, zone: str
) -> None:
    if begins == ends:
        return
    quiet = QuietHours(begins, ends, ZoneInfo(zone))
    ready = Policy(quiet=quiet).not_before(None, now)
    assert now <= ready <= now + timedelta(hours=26)
    assert ready == now or ready.astimezone(quiet.zone).time().replace(fold=0) >= ends or ready.astimezone(quiet.zone).utcoffset() != now.astimezone(quiet.zone).utcoffset()  # fmt: skip


def test_a_route_gets_what_it_asks_for_beside_the_main_channel() -> None:
    british = Route("C2", Interest(jurisdictions=frozenset({"gb"})), frozenset({Tier.ACT_NOW}))
    everything = Route("C3", Interest())
    policy = replace(watching(organisations="LinkedIn"), routes=(british, everything))
    assert policy.channels(("console", "C1"), STORY, Tier.ACT_NOW) == ("console", "C1", "C2", "C3")
    assert policy.channels(("C1",), STORY, Tier.TODAY) == ("C1", "C3")
    french = replace(STORY, jurisdiction="FR")
    assert policy.channels(("C1",), french, Tier.ACT_NOW) == ("C1", "C3")


FINE = replace(
    STORY,
    action="fine",
    amount=7.5e6,
    score=0.8,
    hits=(HitView(EntryId(1), "T", None, "S", SourceKind.PRESS, NOW, NOW, 0.8),),
)


@pytest.mark.parametrize(
    ("rule", "covers"),
    [
        (Rule(actions=frozenset({"fine", "ban"})), True),
        (Rule(actions=frozenset({"warning"})), False),
        (Rule(min_amount=7.5e6), True),
        (Rule(min_amount=7.6e6), False),
        (Rule(min_score=0.8), True),
        (Rule(below_score=0.8), False),
        (Rule(kinds=frozenset({SourceKind.PRESS})), True),
        (Rule(kinds=frozenset({SourceKind.REGULATOR})), False),
        (Rule(interest=Interest(jurisdictions=frozenset({"gb"})), actions=frozenset({"fine"})), True),
        (Rule(interest=Interest(jurisdictions=frozenset({"fr"})), actions=frozenset({"fine"})), False),
    ],
)  # fmt: skip
def test_a_rule_takes_a_story_of_which_all_it_says_holds_b21(rule: Rule, covers: bool) -> None:
    assert Policy(act_now=(rule,)).tier_of(FINE) is (Tier.ACT_NOW if covers else Tier.TODAY)
    assert Policy(digest=(rule,)).tier_of(FINE) is (Tier.DIGEST if covers else Tier.TODAY)


def test_what_is_to_be_acted_on_now_is_never_held_for_the_digest_b11() -> None:
    every = Rule(min_score=0.1)
    assert Policy(act_now=(every,), digest=(every,)).tier_of(FINE) is Tier.ACT_NOW
    watched = replace(watching(organisations="LinkedIn"), digest=(every,))
    assert watched.tier_of(FINE) is Tier.ACT_NOW


def test_the_digest_tier_goes_only_to_routes_that_name_it_b11_b21() -> None:
    named = Route("C2", Interest(), frozenset({Tier.DIGEST}))
    policy = Policy(digest=(Rule(min_score=0.1),), routes=(named, Route("C3", Interest())))
    assert policy.channels(("C1",), FINE, Tier.DIGEST) == ("C2",)
    assert policy.channels(("C1",), FINE, Tier.TODAY) == ("C1", "C3")
