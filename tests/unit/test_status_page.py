"""`status` as a page that fits a terminal, whatever it has to tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from unicodedata import category
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.status_page import Job, Overview, ago, cells, lines, next_at, until

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def text(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


def source(name: str, state: str = "ok", **given: object) -> dict[str, object]:
    usual = {"name": name, "state": state, "error_class": None, "error": None, "last_ok": text(-1), "next_due": text(0.5)}  # fmt: skip
    return usual | given


USUAL = Overview(
    release="2026.11.0",
    now=NOW,
    run={"started": text(-50), "heartbeat": text(-0.01), "ended": None, "command": "run", "last_cycle": text(-0.05), "bugs": 0},
    sources=[source("CNIL"), source("ICO", "failing", error_class="timeout", last_ok=text(-30))],
    queue={"pending": 2, "held": 1},
    channels=[{"channel": "C1", "held_since": text(-2), "held_reason": "channel_not_found"}],
    last_alert={"sent_at": text(-3), "story_id": "S-2026-000001", "title": "CNIL fines X"},
    alerts_7d=4,
    model="m-1",
    threshold=0.5,
    adopted=text(-500),
    path="/data/regwatch.db",
    size=12_300_000,
    entries=1234,
    hits=12,
    stories=9,
    jobs=[Job("nightly copy and trim", NOW + timedelta(hours=19), "no copy yet")],
    problems=[],
)  # fmt: skip


def test_the_page_names_what_a_person_looks_for() -> None:
    page = "\n".join(lines(USUAL, width=100))
    for said in (
        "`run` running since 22 Nov 06:00 UTC, last cycle 3 min ago",
        "2: 1 ok, 1 failing; next poll in 30 min (CNIL)",
        "ICO  failing timeout: last success 30 h ago, next try in 30 min",
        "3 to deliver (1 held, 2 pending) · C1 held since 24 Nov 06:00 UTC: channel_not_found",
        "4 in 7 days; last 3 h ago: S-2026-000001 CNIL fines X",
        "m-1, threshold 0.500, in force since",
        "/data/regwatch.db, 12.3 MB",
        "1,234 entries, 12 hits, 9 stories",
        "nightly copy and trim in 19 h (25 Nov 03:00 UTC), no copy yet",
    ):
        assert said in page


@given(
    st.integers(40, 200),
    st.integers(0, 300),
    st.text(min_size=1, max_size=200),
    st.lists(st.text(max_size=300), max_size=3),
)
def test_no_line_is_wider_than_the_terminal_and_the_page_is_no_longer(
    width: int, broken: int, name: str, problems: list[str]
) -> None:
    rows = [source(f"{name}{n}", "failing", error_class="dns", last_ok=None) for n in range(broken)]
    page = lines(replace(USUAL, sources=rows, problems=problems), width=width, height=24)
    assert max(map(cells, page)) <= width
    assert len(page) <= 24
    assert not any(category(c) in ("Cc", "Cs") for line in page for c in line)


def test_those_in_trouble_beyond_the_page_are_counted() -> None:
    page = lines(replace(USUAL, sources=[source(f"S{n}", "gone") for n in range(99)]), height=20)
    left = next(line for line in page if "more in trouble" in line)
    shown = sum("gone" in line for line in page) - 1  # the line of counts names it as well
    assert f"{99 - shown} more" in left


def test_an_archive_that_never_ran_and_has_no_sources_has_a_page() -> None:
    page = lines(replace(USUAL, run=None, sources=[], queue={}, channels=[], last_alert=None, adopted=None))  # fmt: skip
    assert page[0] == "regwatch 2026.11.0 · has not run yet"
    assert "Queue     empty" in page


@pytest.mark.parametrize(("change", "said"), [({"ended": text(-1)}, "ended 24 Nov 07:00"), ({"heartbeat": text(-9)}, "gave no sign since 23 Nov 23:00")])  # fmt: skip
def test_a_service_that_ended_or_fell_silent_is_not_called_running(change: dict[str, str], said: str) -> None:  # fmt: skip
    assert USUAL.run is not None
    assert said in lines(replace(USUAL, run={**USUAL.run, **change}))[0]


def test_the_next_digest_is_told_in_the_zone_and_on_the_weekday_it_has() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert next_at(NOW, time(8, 30), berlin) == datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
    assert next_at(NOW, time(9, 30), berlin) == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    assert next_at(NOW, time(8, 30), berlin, "fri") == datetime(2026, 11, 27, 7, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="weekday"):
        next_at(NOW, time(8, 30), berlin, "someday")


def test_spans_are_told_shortly() -> None:
    assert [ago(NOW, NOW - timedelta(seconds=s)) for s in (3, 90, 7200, 400_000)] == ["just now", "2 min ago", "2 h ago", "5 days ago"]  # fmt: skip
    assert (until(NOW, NOW), until(NOW, NOW + timedelta(minutes=5))) == ("due", "in 5 min")
