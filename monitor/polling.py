"""When a source is polled next, and why: pure, the clock and chance are arguments.

``advance`` takes what polling remembered, what the poll came to and what was new in it, and
gives what polling remembers next. Nothing here fetches, stores or tells anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from .domain import (
    Asked,
    Failed,
    Feed,
    FeedState,
    OpsEvent,
    Parsed,
    PollResult,
    PollState,
    Unchanged,
)
from .health import health_events, tell_moves
from .rerouting import (
    after_older_page,
    back_to_primary,
    fall_back,
    redirects,
    stay_on_fallback,
)

GONE_AFTER = timedelta(hours=24)
GONE_TIMES = 3
RATE_LIMIT_CAP = timedelta(hours=6)
_QUICK = frozenset({"dns", "connect", "timeout", "tls"})
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Settings:
    """The bounds of every interval."""

    floor: timedelta = timedelta(minutes=15)
    cap: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a poll brought, told apart by what was known."""

    new: int = 0
    known: int = 0
    newest: datetime | None = None
    dates: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Advance:
    """What polling remembers next, and what the operator is told."""

    state: PollState
    events: tuple[OpsEvent, ...] = ()


def advance(
    feed: Feed,
    result: PollResult,
    arrival: Arrival,
    *,
    now: datetime,
    settings: Settings = Settings(),
    chance: float = 0.0,
) -> Advance:
    """The state after a poll; ``chance`` in [0, 1) spreads what would fall due together."""
    before = result.job.state
    state = replace(
        before,
        first_polled=before.first_polled or now,
        last_polled=now,
        polls=before.polls + 1,
        bytes=before.bytes + result.http.bytes,
        not_before=None,
    )
    events: list[OpsEvent] = []
    if result.asked is Asked.ARCHIVE:
        return Advance(_after_older_page(feed, state, result, arrival, now))
    if result.asked is Asked.PRIMARY and isinstance(result.outcome, Failed):
        return Advance(stay_on_fallback(state, result.outcome, now, settings.floor))
    if isinstance(result.outcome, Failed):
        state = _after_failure(feed, state, result.outcome, now, settings, chance)
    else:
        if result.asked is Asked.PRIMARY:
            state = back_to_primary(state)
        state = _after_success(state, result, arrival, now)
        state, moved = redirects(feed, state, result, now)
        state, moved = tell_moves(state, moved)
        events += moved
        state = _schedule(feed, state, result, arrival, now, settings, chance)
    state, told = health_events(feed, before, state, result, arrival.new, arrival.known, now)
    return Advance(state, (*events, *told))


def _after_success(
    state: PollState, result: PollResult, arrival: Arrival, now: datetime
) -> PollState:
    http = result.http
    unchanged = isinstance(result.outcome, Unchanged)
    state = replace(
        state,
        state=FeedState.OK,
        error_class=None,
        error=None,
        failures=0,
        failing_since=None,
        gone_count=0,
        gone_since=None,
        last_ok=now,
        steady_since=now if state.failures else state.steady_since or now,
        not_modified=state.not_modified + int(unchanged),
        last_unconditional=state.last_unconditional if http.conditional else now,
        last_changed=state.last_changed if unchanged else now,
    )
    state = _validators(state, result)
    if isinstance(result.outcome, Parsed):
        hints = result.outcome.hints
        state = replace(
            state,
            skip_hours=hints.skip_hours if len(hints.skip_hours) < 24 else (),
            skip_days=hints.skip_days if len(hints.skip_days) < 7 else (),
            selectors=hints.selectors or state.selectors,
            usual_gap_s=usual_gap(arrival.dates) or state.usual_gap_s,
            newest_published=max(
                filter(None, (state.newest_published, arrival.newest)), default=None
            ),
        )
    return _counted(state, arrival, now)


def _counted(state: PollState, arrival: Arrival, now: datetime) -> PollState:
    if not arrival.new:
        return state
    return replace(state, last_new=now, entries_seen=state.entries_seen + arrival.new)


def _after_older_page(
    feed: Feed, state: PollState, result: PollResult, arrival: Arrival, now: datetime
) -> PollState:
    state = after_older_page(state, result, arrival.new, now, feed.interval / 2)
    return _counted(state, arrival, now)


def _validators(state: PollState, result: PollResult) -> PollState:
    """A good body replaces both validators; a 304 refreshes those it carries (RFC 9111 4.3.4)."""
    http, url = result.http, result.url
    if isinstance(result.outcome, Unchanged) and not result.outcome.same_body:
        return replace(
            state,
            etag=http.etag or state.etag,
            last_modified=http.last_modified or state.last_modified,
        )
    if isinstance(result.outcome, Parsed) and result.outcome.hints.cut:
        # the rest of it must not be taken for known at the next poll (A6)
        return replace(state, etag=None, last_modified=None, body_hash=None, validators_url=None)
    return replace(
        state,
        etag=http.etag,
        last_modified=http.last_modified,
        body_hash=http.body_hash,
        validators_url=url,
    )


def usual_gap(dates: tuple[datetime, ...]) -> float | None:
    """A source's own habit: the median of the seconds between its entries, at least an hour."""
    ordered = sorted(set(dates))
    gaps = [(b - a).total_seconds() for a, b in pairwise(ordered)]
    return max(3600.0, median(gaps)) if len(gaps) >= 3 else None


def _schedule(
    feed: Feed,
    state: PollState,
    result: PollResult,
    arrival: Arrival,
    now: datetime,
    settings: Settings,
    chance: float,
) -> PollState:
    """The next poll of a healthy source, and the reason."""
    wait, reason = feed.interval, "interval"
    wishes = [(result.http.freshness_s, result.http.freshness_reason or "freshness")]
    if isinstance(result.outcome, Parsed):
        hints = result.outcome.hints
        wishes.append((hints.ttl_s, hints.ttl_reason or "ttl"))
    for seconds, name in wishes:
        if seconds is not None and timedelta(seconds=min(seconds, 10**8)) > wait:
            wait, reason = timedelta(seconds=min(seconds, 10**8)), name
    if reason == "interval":
        wait, reason = _adapted(feed, state, arrival, now)
    if wait > settings.cap:
        wait, reason = settings.cap, f"{reason}, at most {settings.cap.total_seconds() / 3600:g} h"
    wait = max(wait, settings.floor)
    due = now + min(wait * (1 + _spread(result.job.state, wait, now) * chance), settings.cap)
    due, skipped = _past_skips(due, state)
    state = replace(state, next_due=due, next_reason=f"{reason}{skipped}")
    return _older_page(state, result, arrival, now + settings.floor)


def _older_page(
    state: PollState, result: PollResult, arrival: Arrival, soon: datetime
) -> PollState:
    """Where entries may be missing and the feed names an older page, that page is next (F17)."""
    outcome = result.outcome
    older = outcome.hints.prev_archive if isinstance(outcome, Parsed) else None
    if older is None or not gap_suspected(state, arrival):
        return state
    return replace(state, archive_url=older, next_due=soon, next_reason="gap suspected; its older page is next")  # fmt: skip


def _spread(before: PollState, wait: timedelta, now: datetime) -> float:
    """How far chance may put off the next poll, as a share of the wait.

    Sources that were polled together, because they are new or the machine slept, part again (B10).
    """
    together = before.next_due is None or now - before.next_due > wait / 2
    return 0.5 if together else 0.05


def _adapted(
    feed: Feed, state: PollState, arrival: Arrival, now: datetime
) -> tuple[timedelta, str]:
    """Half the source's own gap, between half and four times the configured interval (B13).

    A document in which every entry is new may have lost some in between: sooner next time (F17).
    """
    if gap_suspected(state, arrival):
        return feed.interval / 2, "gap suspected"
    newest = state.newest_published or state.last_new
    if state.usual_gap_s is None or newest is None or now - newest < timedelta(days=2):
        return feed.interval, "interval"
    wait = timedelta(seconds=state.usual_gap_s / 24)
    wait = min(max(wait, feed.interval), feed.interval * 4)
    return (wait, "seldom new") if wait > feed.interval else (feed.interval, "interval")


def gap_suspected(state: PollState, arrival: Arrival) -> bool:
    """Whether all of a document is new although others were seen before: some may be missing."""
    return bool(arrival.new and not arrival.known and state.entries_seen > arrival.new)


def _past_skips(due: datetime, state: PollState) -> tuple[datetime, str]:
    """The first moment from ``due`` on that skipHours and skipDays (GMT) allow, and which held."""
    held = ""
    moment = due
    for _ in range(24 * 7):
        utc = moment.astimezone(UTC)
        if _DAYS[utc.weekday()] in state.skip_days:
            held = ", skipDays"
        elif utc.hour in state.skip_hours:
            held = ", skipHours"
        else:
            return moment, held
        moment = utc.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due, ""


def _after_failure(
    feed: Feed,
    state: PollState,
    failed: Failed,
    now: datetime,
    settings: Settings,
    chance: float,
) -> PollState:
    """Back-off that grows, is capped, and never gives up; a Retry-After is its floor."""
    state = replace(
        state,
        state=FeedState.BLOCKED if failed.error_class == "blocked" else FeedState.FAILING,
        error_class=failed.error_class,
        error=failed.detail,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
    )
    state = _gone(feed, state, failed, now)
    wait = back_off(feed, state.failures, failed.error_class, settings)
    due = now + min(wait * (1 + 0.1 * chance), settings.cap)
    reason = f"back-off after {failed.error_class}"
    if failed.not_before is not None and failed.not_before > now:
        due, reason = max(due, failed.not_before), "Retry-After"
        state = replace(state, not_before=failed.not_before)
    state = replace(state, next_due=due, next_reason=reason)
    return fall_back(feed, state, now, settings.floor)


def back_off(feed: Feed, failures: int, error_class: str, settings: Settings) -> timedelta:
    """How long to wait after the n-th failure in a row: doubling, at most the cap."""
    base = settings.floor if error_class in _QUICK else max(settings.floor, feed.interval / 2)
    cap = RATE_LIMIT_CAP if error_class == "rate_limited" else settings.cap
    if error_class == "blocked":
        base = max(base, timedelta(hours=1))
    return min(cap, max(settings.floor, base * (1 << min(failures - 1, 10))))


def _gone(feed: Feed, state: PollState, failed: Failed, now: datetime) -> PollState:
    """410 three times over at least a day means gone; a 404 never does (B8).

    A source that has fallbacks is never given up: they are its other addresses.
    """
    if failed.error_class != "http_410":
        return replace(state, gone_count=0, gone_since=None)
    state = replace(state, gone_count=state.gone_count + 1, gone_since=state.gone_since or now)
    since = state.gone_since or now
    if state.gone_count >= GONE_TIMES and now - since >= GONE_AFTER and not feed.fallbacks:
        return replace(state, state=FeedState.GONE)
    return state
