"""Whether a story is told, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.decide import Decision, Silence, decide
from monitor.domain import AlertKind, StoryId, StoryView

NOW = datetime(2026, 11, 24, tzinfo=UTC)
STORY = StoryView(StoryId("S-2026-000001"), "T", None, NOW, NOW, (), regulator="ICO", organisation="Meta")  # fmt: skip


def decided(**changes: Any) -> AlertKind | None:
    return decision(**changes).kind


def decision(**changes: Any) -> Decision:
    given: dict[str, Any] = {
        "already_alerted": False,
        "first_poll": False,
        "migration": False,
        "published": NOW,
        "fresh_for": timedelta(days=3),
        "silences": [],
        "now": NOW,
    }
    return decide(STORY, **(given | changes))


def test_a_new_story_is_told() -> None:
    assert decided() is AlertKind.NEW


def test_a_further_source_updates_what_was_told() -> None:
    assert decided(already_alerted=True, first_poll=True) is AlertKind.UPDATE


@pytest.mark.parametrize("published", [None, NOW - timedelta(days=4)])
def test_the_past_of_a_new_source_joins_what_was_told_without_a_noise_f15(published: datetime | None) -> None:  # fmt: skip
    found = decision(already_alerted=True, first_poll=True, published=published)
    assert (found.kind, found.quiet) == (AlertKind.UPDATE, True)
    assert not decision(already_alerted=True, first_poll=True).quiet


@pytest.mark.parametrize("published", [None, NOW - timedelta(days=4)])
def test_a_first_poll_tells_nothing_old_or_undated_f15(published: datetime | None) -> None:
    assert decided(first_poll=True, published=published) is None


def test_a_first_poll_tells_what_is_fresh_f15() -> None:
    assert decided(first_poll=True, published=NOW - timedelta(days=2)) is AlertKind.NEW


@pytest.mark.parametrize("published", [None, NOW - timedelta(days=300)])
def test_at_later_polls_age_holds_nothing_back_f14(published: datetime | None) -> None:
    assert decided(published=published) is AlertKind.NEW


def test_a_mass_republish_tells_nothing_old_f13() -> None:
    assert decided(migration=True, published=NOW - timedelta(days=30)) is None


@pytest.mark.parametrize(("field", "value"), [("organisation", "meta"), ("regulator", "ICO"), ("story", "S-2026-000001")])  # fmt: skip
def test_a_silence_holds_back_until_it_ends(field: str, value: str) -> None:
    silence = Silence(field, value, NOW + timedelta(days=1), "ann", "known")
    assert decided(silences=[silence]) is None
    assert decided(silences=[silence], now=NOW + timedelta(days=2)) is AlertKind.NEW
