"""One poll of one feed: the seam between claiming and recording.

``poll`` knows no archive, so that any process on any machine can call it; its result travels
as JSON (``to_json``, ``from_json``). Nothing that a source does makes it raise.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from .domain import (
    Asked,
    Failed,
    Feed,
    FeedHints,
    FeedName,
    FeedState,
    HttpFacts,
    Outcome,
    Parsed,
    ParsedEntry,
    PollJob,
    PollResult,
    PollState,
    Selectors,
    SourceKind,
    Unchanged,
)
from .errors import FeedError
from .fetch import Page, Refused, RetryLater, fetch
from .net import Net
from .rerouting import which_address
from .workers import ParserPool

PARTS = 4
"""Documents fetched of one sitemap index in one poll."""


async def poll(
    job: PollJob,
    *,
    net: Net,
    parsers: ParserPool,
    now: Callable[[], datetime],
    environ: Mapping[str, str],
    part_gap_s: float = 1.0,
) -> PollResult:
    """Fetch and parse one feed; every expected failure is a ``Failed`` outcome.

    ``part_gap_s`` is the pause between the parts of one source: they stand on one host.
    """
    started = now()
    asked = which_address(job.feed, job.state, started)
    url = job.address(asked)
    try:
        headers = _headers(job.feed, environ)
        page = await _get(job, url, net, headers, started)
        outcome = await _read(job, url, page, net, parsers, started, part_gap_s)
        return PollResult(job, page.facts, outcome, asked)
    except RetryLater as error:
        return _failed(job, url, started, error, asked, not_before=error.not_before)
    except Refused as error:
        return PollResult(job, error.facts, Failed(error.error_class, error.detail), asked)
    except FeedError as error:
        return _failed(job, url, started, error, asked)


def _headers(feed: Feed, environ: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in feed.headers_env.values() if not environ.get(name)]
    if missing:
        raise FeedError("connect", f"headers_env: the variable {missing[0]} is not set")
    return {header: environ[name] for header, name in feed.headers_env.items()}


async def _get(job: PollJob, url: str, net: Net, headers: Mapping[str, str], now: datetime) -> Page:
    """The page, asked for with the validators that belong to this very URL."""
    state = job.state
    mine = state.validators_url == url and not force_unconditional(state, now)
    return await fetch(
        net,
        url,
        etag=state.etag if mine else None,
        last_modified=state.last_modified if mine else None,
        headers=headers,
        now=now,
    )


def force_unconditional(state: PollState, now: datetime) -> bool:
    """Whether a source that only ever says 304 is asked once without validators (A11).

    After seven days, or three times the source's own gap between entries, and at most weekly.
    """
    if state.last_changed is None or state.last_ok is None:
        return False
    patience = max(timedelta(days=7), timedelta(seconds=3 * (state.usual_gap_s or 0)))
    last = state.last_unconditional or state.last_changed
    return now - state.last_changed >= patience and now - last >= timedelta(days=7)


async def _read(
    job: PollJob,
    url: str,
    page: Page,
    net: Net,
    parsers: ParserPool,
    now: datetime,
    part_gap_s: float,
) -> Outcome:
    if page.unchanged:
        return Unchanged()
    known = job.state.body_hash if job.state.validators_url == url else None
    if known is not None and known == page.facts.body_hash:
        return Unchanged(same_body=True)
    outcome = await _parse(job, url, page, parsers)
    if isinstance(outcome, Parsed) and outcome.hints.parts:
        return await _parts(outcome.hints, net, parsers, now, part_gap_s)
    return outcome


async def _parts(
    hints: FeedHints, net: Net, parsers: ParserPool, now: datetime, gap_s: float
) -> Parsed | Failed:
    """The entries of a sitemap index's youngest parts; a part may be an index once more.

    Raises:
        FeedError: a part cannot be fetched; the index is then read anew at the next poll.
    """
    waiting, entries, pages = list(hints.parts), list[ParsedEntry](), 0
    for _ in range(PARTS):
        if not waiting:
            break
        await asyncio.sleep(gap_s)
        page = await fetch(net, waiting.pop(0), headers={}, now=now)
        part = await parsers.feed(page.body, page.content_type, page.facts.final_url or "")
        if isinstance(part, Failed):
            return part
        entries += part.entries
        pages += not part.hints.parts
        waiting = [*part.hints.parts, *waiting]
    if not pages:
        return Failed("parse", "a sitemap index that leads to further indexes only")
    return Parsed(tuple(dict.fromkeys(entries)), replace(hints, parts=()))


async def _parse(job: PollJob, url: str, page: Page, parsers: ParserPool) -> Parsed | Failed:
    final = page.facts.final_url or job.feed.url
    feed, selectors = job.feed, job.feed.selectors or job.state.selectors
    if url in feed.fallbacks:
        # a fallback is a feed or a listing page, whatever the first address is
        outcome = await parsers.feed(page.body, page.content_type, final)
        if isinstance(outcome, Parsed) or outcome.error_class != "not_a_feed":
            return outcome
        selectors = job.state.selectors
    elif not feed.watch:
        return await parsers.feed(page.body, page.content_type, final)
    return await parsers.listing(page.body, page.content_type, final, selectors)


def _failed(
    job: PollJob,
    url: str,
    started: datetime,
    error: FeedError,
    asked: Asked,
    *,
    not_before: datetime | None = None,
) -> PollResult:
    status = int(error.error_class[5:]) if error.error_class.startswith("http_") else None
    if error.error_class == "rate_limited":
        status = 429
    facts = HttpFacts(status=status, final_url=url, started=started)
    return PollResult(job, facts, Failed(error.error_class, error.detail, not_before), asked)


_TIMES = frozenset(
    {"published", "started", "not_before", "failing_since", "first_polled", "last_polled"}
    | {"last_ok", "last_changed", "last_unconditional", "last_new", "newest_published"}
    | {"next_due", "redirect_since", "gone_since", "primary_retry", "steady_since"}
)


def to_json(value: PollResult | PollJob) -> str:
    """A poll's job or result as one JSON text, in ASCII: half a surrogate pair travels too."""
    data = asdict(value)
    if isinstance(value, PollResult):
        data["outcome_type"] = type(value.outcome).__name__
    return json.dumps(data, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} does not travel")


def job_from_json(text: str) -> PollJob:
    """The job that ``to_json`` wrote."""
    return _job(json.loads(text))


def result_from_json(text: str) -> PollResult:
    """The result that ``to_json`` wrote."""
    data = json.loads(text)
    outcomes: dict[str, Callable[[dict[str, Any]], Outcome]] = {
        "Parsed": _parsed,
        "Unchanged": lambda d: Unchanged(**d),
        "Failed": lambda d: Failed(**_moments(d)),
    }
    return PollResult(
        job=_job(data["job"]),
        http=HttpFacts(**_moments(data["http"])),
        outcome=outcomes[data["outcome_type"]](data["outcome"]),
        asked=Asked(data["asked"]),
    )


def _job(data: dict[str, Any]) -> PollJob:
    feed, state = data["feed"], _moments(data["state"])
    feed = {
        **feed,
        "name": FeedName(feed["name"]),
        "kind": SourceKind(feed["kind"]),
        "interval": timedelta(seconds=feed["interval"]),
        "fallbacks": tuple(feed["fallbacks"]),
        "selectors": _selectors(feed["selectors"]),
    }
    state = {
        **state,
        "state": FeedState(state["state"]),
        "selectors": _selectors(state["selectors"]),
        **{name: tuple(state[name]) for name in ("skip_hours", "skip_days", "told")},
    }
    return PollJob(Feed(**feed), PollState(**state))


def _parsed(data: dict[str, Any]) -> Parsed:
    hints = data["hints"]
    hints = {
        **hints,
        "skip_hours": tuple(hints["skip_hours"]),
        "skip_days": tuple(hints["skip_days"]),
        "parts": tuple(hints["parts"]),
        "selectors": _selectors(hints["selectors"]),
    }
    return Parsed(tuple(ParsedEntry(**_moments(e)) for e in data["entries"]), FeedHints(**hints))


def _selectors(data: dict[str, Any] | None) -> Selectors | None:
    return None if data is None else Selectors(**data)


def _moments(data: dict[str, Any]) -> dict[str, Any]:
    return {
        key: datetime.fromisoformat(value) if key in _TIMES and value is not None else value
        for key, value in data.items()
    }
