"""When the operator is told about a source: once per condition, never once per poll. Pure.

What was told stands in ``PollState.told``. A source that fails again within a day of its recovery
is told as flapping, once; from then on nothing more is told of it until it was steady for a day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from .domain import Failed, Feed, FeedState, OpsEvent, Parsed, PollResult, PollState

TROUBLE = ("broken", "blocked", "gone", "fallback")
"""Conditions that a recovery ends."""
BROKEN_AFTER = 5
BROKEN_TIME = timedelta(hours=24)
BROKEN_FEWEST = 3
QUIET_DAYS = timedelta(days=14)
"""Sources are silent for days at any time; from here on it is worth a word."""
QUIET_WITHOUT_HABIT = timedelta(days=60)
"""For sources whose habit is not known: undated, or new."""
BLIND_AFTER = timedelta(hours=2)
STALE_AFTER = timedelta(minutes=5)
"""A running service gives a sign of life far more often."""
STEADY = timedelta(hours=24)
MIGRATION_FEWEST = 5


def health_events(
    feed: Feed,
    before: PollState,
    state: PollState,
    result: PollResult,
    new: int,
    known: int,
    now: datetime,
) -> tuple[PollState, tuple[OpsEvent, ...]]:
    """The state with what is now told, and the events to tell."""
    if isinstance(result.outcome, Failed):
        return _failing(feed, state, now)
    if state.active_url is not None and state.active_url in feed.fallbacks:
        state, events = _serving(feed, before, state)
    else:
        state, events = _well(feed, before, state, now)
    told = list(state.told)
    if new and "quiet" in told:
        told.remove("quiet")
    if isinstance(result.outcome, Parsed):
        events += _document_events(feed, before, state, result.outcome, new, known, told)
    if _is_quiet(state, now) and "quiet" not in told:
        told.append("quiet")
        events.append(_quiet(feed, state, now))
    return replace(state, told=tuple(told)), tuple(events)


def _well(
    feed: Feed, before: PollState, state: PollState, now: datetime
) -> tuple[PollState, list[OpsEvent]]:
    """A good poll at the source's own address: what it ends, and whether that is told now."""
    lost = [c for c in state.told if c in TROUBLE]
    steady = now - (state.steady_since or now) >= STEADY
    if "flapping" in state.told:
        if not steady:
            return state, []
        text = f"{feed.name} has been steady for {_span(now - (state.steady_since or now))}."
    elif lost:
        since = before.failing_since or state.steady_since or now
        why = f" ({before.error_class})" if before.error_class else ""
        text = f"{feed.name} works again after {_span(now - since)}{why}."
        if lost == ["fallback"]:
            text = f"{feed.name} works again at its first address, {feed.url}."
    else:
        return _telling(state, (), drop=("recovered", "moved") if steady else ()), []
    after = _telling(state, ("recovered",), drop=(*TROUBLE, "flapping"))
    return after, [OpsEvent("recovered", feed.name, text)]


def _serving(feed: Feed, before: PollState, state: PollState) -> tuple[PollState, list[OpsEvent]]:
    """A good poll at a fallback: no recovery, since the source's own address still fails."""
    if "fallback" in state.told or "flapping" in state.told:
        return state, []
    text = f"{feed.name} is polled at its fallback {state.active_url}: {feed.url} fails ({before.error_class or 'no answer'}). The first address is tried daily."  # fmt: skip
    return _trouble(feed, state, "fallback", text)


def tell_moves(state: PollState, events: list[OpsEvent]) -> tuple[PollState, list[OpsEvent]]:
    """A move is told once; of a source that moves to and fro no more until it was steady."""
    if not events:
        return state, []
    return _telling(state, ("moved",)), [] if "moved" in state.told else events


def _trouble(
    feed: Feed, state: PollState, name: str, text: str
) -> tuple[PollState, list[OpsEvent]]:
    """Tell of a condition, or that the source flaps where it recovered less than a day ago."""
    if "recovered" in state.told:
        told = f"{feed.name} fails on and off; nothing more is told of it until it was steady for a day. {text}"  # fmt: skip
        after = _telling(state, ("flapping", name), drop=("recovered",))
        return after, [OpsEvent("flapping", feed.name, told)]
    return _telling(state, (name,)), [OpsEvent(name, feed.name, text)]


def _telling(state: PollState, names: tuple[str, ...], drop: tuple[str, ...] = ()) -> PollState:
    kept = tuple(c for c in state.told if c not in drop and c not in names)
    return replace(state, told=(*kept, *names))


def blame_the_network(
    state: PollState, events: tuple[OpsEvent, ...]
) -> tuple[PollState, tuple[OpsEvent, ...]]:
    """Take back what was to be told of one source while no source at all can be fetched.

    That is told once, as ``blind``; a source that still fails afterwards is told then.
    """
    kept = tuple(e for e in events if e.condition not in ("broken", "flapping"))
    if len(kept) == len(events):
        return state, events
    return _telling(state, (), drop=("broken", "flapping")), kept


def _failing(feed: Feed, state: PollState, now: datetime) -> tuple[PollState, tuple[OpsEvent, ...]]:
    since = state.failing_since or now
    long = state.failures >= BROKEN_AFTER and now - since >= timedelta(hours=2)
    lasting = state.failures >= BROKEN_FEWEST and now - since >= BROKEN_TIME
    hint = _fallback_hint(feed, state)
    if state.state is FeedState.GONE:
        name, text = "gone", f"{feed.name} is gone for good: {feed.url} answered 410 {state.gone_count} times; it is no longer polled. Remove it from feeds.yaml or give it a new address."  # fmt: skip
    elif state.state is FeedState.BLOCKED and state.failures >= BROKEN_FEWEST:
        name, text = "blocked", f"{feed.name} is blocked: {state.error}. {hint}"
    elif long or lasting:
        last = f"last good poll {state.last_ok:%Y-%m-%d %H:%M} UTC" if state.last_ok else "it never worked"  # fmt: skip
        name, text = "broken", f"{feed.name} is failing for {_span(now - since)} ({state.failures} polls): {state.error_class}: {state.error}; {last}. {hint}"  # fmt: skip
    else:
        return state, ()
    if name in state.told or ("flapping" in state.told and name != "gone"):
        return state, ()
    state, events = _trouble(feed, state, name, text.strip())
    return state, tuple(events)


def _fallback_hint(feed: Feed, state: PollState) -> str:
    if state.active_url and state.active_url != feed.url:
        return f"The fallback {state.active_url} is tried next."
    if feed.fallbacks:
        return f"Fallbacks: {', '.join(feed.fallbacks)}."
    if feed.watch and state.error_class == "parse":
        return f"`regwatch check {feed.url}` proposes selectors for its `entry:`."
    return "It has no fallback; `regwatch check URL` may find another address."


def _document_events(
    feed: Feed,
    before: PollState,
    state: PollState,
    parsed: Parsed,
    new: int,
    known: int,
    told: list[str],
) -> list[OpsEvent]:
    events = []
    if not parsed.entries and before.entries_seen and "empty" not in told:
        told.append("empty")
        events.append(OpsEvent("empty", feed.name, f"{feed.name} has no entries any more; it had {before.entries_seen}. What is archived stays."))  # fmt: skip
    elif new and "empty" in told:
        told.remove("empty")
    if new and "broken_validators" not in told and _said_304_wrongly(before, state):
        told.append("broken_validators")
        events.append(OpsEvent("broken_validators", feed.name, f"{feed.name} said 'not modified' although it had {new} new entries; they are archived now."))  # fmt: skip
    return events


def _said_304_wrongly(before: PollState, state: PollState) -> bool:
    """Whether new entries came to light only because the source was asked without validators (A11).

    Its validators are the same as before, or the youngest entry was there when it last said 304.
    """
    had = (before.etag, before.last_modified)
    forced = state.last_unconditional == state.last_polled and any(had)
    if not forced or not before.not_modified or before.last_polled is None:
        return False
    newest, known = state.newest_published, before.newest_published
    overlooked = (
        newest is not None
        and (known is None or newest > known)
        and before.last_polled - newest > timedelta(hours=1)
    )
    return overlooked or had == (state.etag, state.last_modified)


def is_migration(before: PollState, new: int, known: int, old: int) -> bool:
    """Whether a source republished its past under new names (F13).

    More than half the document is new, and most of that is older than what was already seen.
    """
    return (
        before.entries_seen >= MIGRATION_FEWEST
        and new >= MIGRATION_FEWEST
        and new > known
        and old * 2 > new
    )


def migration_event(feed: Feed, new: int) -> OpsEvent:
    """What the operator reads about a mass republish."""
    return OpsEvent("republished", feed.name, f"{feed.name} published {new} entries anew at once, most of them old: it seems to have moved its site. They are archived; old hits among them raise no alerts.")  # fmt: skip


def _is_quiet(state: PollState, now: datetime) -> bool:
    newest = _newest(state)
    if newest is None:
        return False
    if state.usual_gap_s is None:
        return now - newest > QUIET_WITHOUT_HABIT
    habit = timedelta(seconds=min(3 * state.usual_gap_s, 10**8))
    return now - min(newest, now) > max(QUIET_DAYS, habit)


def _quiet(feed: Feed, state: PollState, now: datetime) -> OpsEvent:
    habit = "its habit is not known"
    if state.usual_gap_s is not None:
        habit = f"its habit is one entry in {_span(timedelta(seconds=state.usual_gap_s))}"
    return OpsEvent("quiet", feed.name, f"{feed.name} answers, but has published nothing for {_span(now - (_newest(state) or now))}; {habit}. Has it moved?")  # fmt: skip


def _newest(state: PollState) -> datetime | None:
    """When the source last said something; a source that never did counts from its first poll."""
    found = max(filter(None, (state.newest_published, state.last_new)), default=None)
    return found or state.first_polled


def blind(last_ok: datetime | None, started: datetime, now: datetime) -> OpsEvent | None:
    """No source at all was fetched for two hours: egress or the service is dead (B14)."""
    since = max(filter(None, (last_ok, started)), default=started)
    if now - since < BLIND_AFTER:
        return None
    return OpsEvent("blind", "service", f"No source could be fetched for {_span(now - since)}: is the network up? Nothing that is published now is seen.")  # fmt: skip


def _span(time: timedelta) -> str:
    hours = time.total_seconds() / 3600
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    if hours >= 1:
        return f"{hours:.0f} h"
    return f"{hours * 60:.0f} min"
