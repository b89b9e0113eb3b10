"""Time in which the service itself did not run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.away import Away

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_restart_within_an_interval_is_no_absence() -> None:
    assert Away.between(None, NOW, HOUR) is None
    assert Away.between(HOUR, NOW, HOUR) is None


def test_an_absence_is_told_once_with_from_when_to_when_and_what_was_caught_up() -> None:
    away = Away.between(26 * HOUR, NOW, HOUR)
    assert away is not None
    told = away.event(polled=120, failed=3)
    assert told is not None
    assert "from 2026-11-23 06:00 to 2026-11-24 08:00 UTC (26.0 h)" in told.text
    assert "120 sources were polled, 3 of them failed" in told.text
    assert away.event(polled=1, failed=0) is None
