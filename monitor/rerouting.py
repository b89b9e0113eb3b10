"""Which address of a source is polled: redirects that stay, fallbacks in order, older pages. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from .domain import Asked, Failed, Feed, OpsEvent, PollResult, PollState

ADOPT_AFTER = timedelta(days=7)
PRIMARY_RETRY = timedelta(days=1)
FALLBACK_AFTER = 3


def which_address(feed: Feed, state: PollState, now: datetime) -> Asked:
    """The address that is asked next.

    While a fallback is in use the configured one is tried daily; where entries may be missing, an
    older page of the feed once.
    """
    if on_fallback(feed, state) and state.primary_retry is not None and now >= state.primary_retry:
        return Asked.PRIMARY
    return Asked.ARCHIVE if state.archive_url else Asked.USUAL


def on_fallback(feed: Feed, state: PollState) -> bool:
    """Whether a fallback is in use."""
    return state.active_url is not None and state.active_url in feed.fallbacks


def back_to_primary(state: PollState) -> PollState:
    """The configured address works again."""
    return replace(state, active_url=None, primary_retry=None, selectors=None)


def stay_on_fallback(state: PollState, failed: Failed, now: datetime, soon: timedelta) -> PollState:
    """The configured address still fails: the fallback's turn comes soon, the other's in a day."""
    return replace(
        state,
        primary_retry=now + PRIMARY_RETRY,
        next_due=now + soon,
        next_reason=f"first address still fails ({failed.error_class}); the fallback is next",
    )


def after_older_page(
    state: PollState, result: PollResult, new: int, now: datetime, wait: timedelta
) -> PollState:
    """The older page was read, or could not be: it is not asked for again."""
    if isinstance(result.outcome, Failed):
        said = f"its older page: {result.outcome.error_class}"
        state = replace(state, not_before=result.outcome.not_before)
    else:
        said = f"its older page brought {new} entries"
    due = max(now + wait, state.not_before or now)
    return replace(state, archive_url=None, next_due=due, next_reason=f"gap suspected; {said}")


def redirects(
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
        validators_url=target,  # the answer came from there, and its validators with it
    )
    text = f"{feed.name} has moved for good: {current} leads to {target}; it is polled there now. Update its address in feeds.yaml."  # fmt: skip
    return state, [OpsEvent("moved", feed.name, text)]


def fall_back(feed: Feed, state: PollState, now: datetime, soon: timedelta) -> PollState:
    """The next address to try: a tracked redirect, else the fallbacks in order (E4).

    An address that was not tried yet is tried soon; after one round the back-off governs.
    """
    current = state.active_url or feed.url
    tired = state.failures >= FALLBACK_AFTER
    if state.redirect_url and (state.error_class in ("http_404", "http_410") or tired):
        return replace(state, active_url=state.redirect_url, redirect_url=None, redirect_since=None)
    if not feed.fallbacks:
        if current != feed.url and tired:
            # remembered: where the configured address is gone, this one gets its turn again
            return replace(state, active_url=None, redirect_url=current, redirect_since=now)
        return state
    if not tired and state.error_class != "blocked":
        return state
    ring = (feed.url, *feed.fallbacks)
    place = ring.index(current) if current in ring else 0
    following = ring[(place + 1) % len(ring)]
    state = replace(
        state,
        active_url=None if following == feed.url else following,
        primary_retry=now + PRIMARY_RETRY,
        selectors=None,
        archive_url=None,
    )
    if following == feed.url or state.failures > FALLBACK_AFTER + len(ring):
        return state
    due = max(now + soon, state.not_before or now)
    return replace(state, next_due=due, next_reason=f"fallback after {state.error_class}")
