"""What was watched, from polls and runs: gaps, their cause, and what they may have cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.report.coverage import NOT_RUNNING, cover, downtime
from monitor.report.figures import buckets, money, share, span, steps, ticks, wilson
from monitor.report.period import Coverage, Poll, Source, Span

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
END = BEGIN + timedelta(days=4)


def at(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def good(hours: float, *, entries: int = 20, new: int = 1) -> Poll:
    return Poll(at(hours), "parsed" if entries else "unchanged", None, entries, new)


def bad(hours: float, error: str = "timeout") -> Poll:
    return Poll(at(hours), "failed", error, 0, 0)


def watched(*polls: Poll, before: Poll | None = None, after: Poll | None = None, down: tuple[Span, ...] = ()) -> Coverage:  # fmt: skip
    source = Source("CNIL", "regulator", BEGIN, END, None)
    return cover(source, polls, before, after, down)


def hourly(first: int, last: int) -> list[Poll]:
    return [good(h, entries=0, new=0) for h in range(first, last + 1)]


def test_a_source_polled_every_hour_has_no_gap() -> None:
    assert watched(*hourly(0, 95)).gaps == ()


def test_a_gap_is_told_with_its_cause_and_length() -> None:
    found = watched(*hourly(0, 10), bad(11), bad(14), bad(18), good(30), *hourly(31, 95)).gaps
    assert [(g.begin, g.end, g.cause) for g in found] == [(at(10), at(30), "timeout (3 polls failed)")]  # fmt: skip


def test_a_gap_closes_without_loss_when_known_entries_are_still_listed() -> None:
    caught = watched(*hourly(0, 10), good(30, entries=20, new=19), *hourly(31, 95)).gaps[0]
    assert (caught.missed, caught.after) == (False, "caught up: 19 new, older ones still listed")
    unchanged = watched(*hourly(0, 10), *hourly(30, 95)).gaps[0]
    assert not unchanged.missed


def test_a_gap_after_which_every_entry_is_new_may_have_cost_some() -> None:
    gap = watched(*hourly(0, 10), good(30, entries=20, new=20), *hourly(31, 95)).gaps[0]
    assert gap.missed
    assert "older ones may be missing" in gap.after


def test_a_gap_that_goes_on_is_open() -> None:
    gap = watched(*hourly(0, 10), bad(40)).gaps[0]
    assert (gap.end, gap.missed, gap.after) == (END, True, "no success since")


def test_a_gap_that_reaches_over_the_edges_of_the_period_is_cut_to_it() -> None:
    gap = watched(bad(5), before=good(-30), after=good(130)).gaps[0]
    assert (gap.begin, gap.end) == (BEGIN, END)


def test_a_gap_while_nothing_ran_is_the_services_own() -> None:
    gap = watched(*hourly(0, 10), *hourly(30, 95), down=((at(10), at(29)),)).gaps[0]
    assert gap.cause == NOT_RUNNING


def test_a_source_polled_once_a_day_has_no_gaps_between_its_days() -> None:
    assert watched(*(good(24 * d) for d in range(4)), after=good(96)).gaps == ()


def test_days_count_polls_and_successes() -> None:
    day = watched(good(1), bad(2), good(3), after=good(97)).days["2026-11-01"]
    assert (day.polls, day.good) == (3, 2)


@given(st.lists(st.tuples(st.floats(0, 96), st.sampled_from(["parsed", "unchanged", "failed"]), st.integers(0, 30)), max_size=40))  # fmt: skip
def test_gaps_lie_within_the_period_in_order_and_never_overlap(
    raw: list[tuple[float, str, int]],
) -> None:
    polls = [Poll(at(h), o, "dns" if o == "failed" else None, n, n // 2) for h, o, n in sorted(raw)]
    marks = [m for gap in watched(*polls).gaps for m in (gap.begin, gap.end)]
    assert marks == sorted(marks)
    assert all(BEGIN <= m <= END for m in marks)


def test_a_source_that_answers_but_publishes_nothing_for_long_is_told() -> None:
    def quiet(usual: timedelta | None, days: int) -> bool:
        source = Source("CNIL", "regulator", BEGIN, BEGIN + timedelta(days=days), usual)
        return cover(source, [good(h, entries=0, new=0) for h in range(0, days * 24, 2)], None, None, ()).unusually_quiet  # fmt: skip

    assert quiet(timedelta(days=2), 20)
    assert not quiet(timedelta(days=2), 10)
    assert not quiet(timedelta(days=6), 20)
    assert not quiet(None, 20)


def test_downtime_is_what_no_run_covers() -> None:
    runs = [(at(-5), at(10)), (at(8), at(20)), (at(30), at(40)), (at(41), at(90))]
    assert downtime(runs, BEGIN, END) == ((at(20), at(30)), (at(90), END))
    assert downtime([], BEGIN, END) == ((BEGIN, END),)
    assert downtime([(at(-1), at(100))], BEGIN, END) == ()


def test_cycles_started_by_a_timer_every_hour_count_as_a_service_that_ran() -> None:
    assert downtime([(at(h), at(h + 0.01)) for h in range(97)], BEGIN, END) == ()


def test_lengths_and_shares_are_told_as_people_say_them() -> None:
    told = [span(timedelta(seconds=s)) for s in (4, 300, 5400, 7200, 200_000, 2_000_000)]
    assert told == ["4 s", "5 min", "1.5 h", "2 h", "2 days", "23 days"]
    assert [share(1, 1), share(9999, 10000), share(1, 100000), share(0, 5), share(0, 0)] == ["100 %", "99.9 %", "0.1 %", "0 %", "—"]  # fmt: skip
    assert [money(a) for a in (25_000, 7_500_000, 310e6, 1.2e9)] == ["25,000", "7.5 million", "310 million", "1.2 billion"]  # fmt: skip


@given(st.integers(0, 10**9))
def test_an_axis_reaches_its_largest_value_with_few_ticks(top: int) -> None:
    found = ticks(top)
    assert found[0] == 0
    assert found[-1] >= top
    assert 2 <= len(found) <= 6


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share_and_stays_within_bounds(pair: tuple[int, int]) -> None:
    low, high = wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] + 1e-9
    assert pair[0] / pair[1] - 1e-9 <= high <= 1


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=999))))
def test_every_span_is_in_one_bucket(spans: list[timedelta]) -> None:
    assert sum(n for _, n in buckets(spans)) == len(spans)


def test_columns_cover_the_period_by_day_week_or_thirty_days() -> None:
    for days, size in ((30, 1), (90, 7), (900, 30)):
        found = steps(BEGIN, BEGIN + timedelta(days=days))
        assert found[0][0] == BEGIN
        assert found[-1][1] >= BEGIN + timedelta(days=days)
        assert {b - a for a, b in found} == {timedelta(days=size)}
