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
    Failed,
    Feed,
    FeedState,
    OpsEvent,
    Parsed,
    PollResult,
    PollState,
    Unchanged,
)
from .health import health_events

ADOPT_AFTER = timedelta(days=7)
GONE_AFTER = timedelta(hours=24)
GONE_TIMES = 3
PRIMARY_RETRY = timedelta(days=1)
RATE_LIMIT_CAP = timedelta(hours=6)
_FALLBACK_AFTER = 3
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
    if isinstance(result.outcome, Failed):
        state = _after_failure(feed, state, result, result.outcome, now, settings, chance)
    else:
        state = _after_success(state, result, arrival, now)
        state, moved = _redirects(feed, state, result, now)
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
    if arrival.new:
        state = replace(state, last_new=now, entries_seen=state.entries_seen + arrival.new)
    return state


def _validators(state: PollState, result: PollResult) -> PollState:
    """A good body replaces both validators; a 304 refreshes those it carries (RFC 9111 4.3.4)."""
    http, url = result.http, state.active_url or result.job.feed.url
    if isinstance(result.outcome, Unchanged) and not result.outcome.same_body:
        return replace(
            state,
            etag=http.etag or state.etag,
            last_modified=http.last_modified or state.last_modified,
        )
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


def _redirects(
    feed: Feed, state: PollState, result: PollResult, now: datetime
) -> tuple[PollState, list[OpsEvent]]:
    """A permanent redirect is adopted after a week; from http to https at once (C2)."""
    target = result.http.permanent_url
    current = state.active_url or feed.url
    if target is None or target == current:
        return replace(state, redirect_url=None, redirect_since=None), []
    upgraded = target == current.replace("http://", "https://", 1)
    since = state.redirect_since if state.redirect_url == target else now
    if not upgraded and now - (since or now) < ADOPT_AFTER:
        return replace(state, redirect_url=target, redirect_since=since), []
    state = replace(
        state,
        active_url=target,
        redirect_url=None,
        redirect_since=None,
        validators_url=target if isinstance(result.outcome, Parsed) else None,
    )
    text = f"{feed.name} has moved for good: {current} leads to {target}; it is polled there now. Update its address in feeds.yaml."  # fmt: skip
    return state, [OpsEvent("moved", feed.name, text)]


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
    due = now + wait * (1 + 0.05 * chance)
    due, skipped = _past_skips(due, state)
    return replace(state, next_due=due, next_reason=f"{reason}{skipped}")


def _adapted(
    feed: Feed, state: PollState, arrival: Arrival, now: datetime
) -> tuple[timedelta, str]:
    """Half the source's own gap, between half and four times the configured interval (B13).

    A document in which every entry is new may have lost some in between: sooner next time (F17).
    """
    if arrival.new and not arrival.known and state.polls > 1:
        return feed.interval / 2, "gap suspected"
    newest = state.newest_published or state.last_new
    if state.usual_gap_s is None or newest is None or now - newest < timedelta(days=2):
        return feed.interval, "interval"
    wait = timedelta(seconds=state.usual_gap_s / 24)
    wait = min(max(wait, feed.interval), feed.interval * 4)
    return (wait, "seldom new") if wait > feed.interval else (feed.interval, "interval")


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
    result: PollResult,
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
    state = _gone(state, failed, now)
    wait = back_off(feed, state.failures, failed.error_class, settings)
    due, reason = now + wait * (1 + 0.1 * chance), f"back-off after {failed.error_class}"
    if failed.not_before is not None and failed.not_before > now:
        due, reason = max(due, failed.not_before), "Retry-After"
        state = replace(state, not_before=failed.not_before)
    state = replace(state, next_due=due, next_reason=reason)
    return _fall_back(feed, state, result, now)


def back_off(feed: Feed, failures: int, error_class: str, settings: Settings) -> timedelta:
    """How long to wait after the n-th failure in a row: doubling, at most the cap."""
    base = settings.floor if error_class in _QUICK else max(settings.floor, feed.interval / 2)
    cap = RATE_LIMIT_CAP if error_class == "rate_limited" else settings.cap
    if error_class == "blocked":
        base = max(base, timedelta(hours=1))
    return min(cap, max(settings.floor, base * (1 << min(failures - 1, 10))))


def _gone(state: PollState, failed: Failed, now: datetime) -> PollState:
    """410 three times over at least a day means gone; a 404 never does (B8)."""
    if failed.error_class != "http_410":
        return replace(state, gone_count=0, gone_since=None)
    state = replace(state, gone_count=state.gone_count + 1, gone_since=state.gone_since or now)
    since = state.gone_since or now
    if state.gone_count >= GONE_TIMES and now - since >= GONE_AFTER:
        return replace(state, state=FeedState.GONE)
    return state


def _fall_back(feed: Feed, state: PollState, result: PollResult, now: datetime) -> PollState:
    """The next address to try: a tracked redirect, else the fallbacks in order (E4)."""
    current = state.active_url or feed.url
    tired = state.failures >= _FALLBACK_AFTER
    if state.redirect_url and (state.error_class in ("http_404", "http_410") or tired):
        return replace(state, active_url=state.redirect_url, redirect_url=None, redirect_since=None)
    if not feed.fallbacks:
        if current != feed.url and tired:
            # remembered: where the configured address is gone, this one gets its turn again
            return replace(state, active_url=None, redirect_url=current, redirect_since=now)
        return state
    if state.failures < _FALLBACK_AFTER and state.error_class != "blocked":
        return state
    ring = (feed.url, *feed.fallbacks)
    place = ring.index(current) if current in ring else 0
    following = ring[(place + 1) % len(ring)]
    return replace(
        state,
        active_url=None if following == feed.url else following,
        primary_retry=now + PRIMARY_RETRY,
    )
