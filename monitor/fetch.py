"""One conditional GET with its redirects, under one deadline, to a ``Page`` or a ``FeedError``.

Knows HTTP's caching and retry fields (RFC 9110, RFC 9111). Knows nothing of what a body means,
except that a challenge page is no body at all. Does no I/O of its own: ``net`` does.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from .challenge import challenge_of
from .domain import HttpFacts
from .errors import FeedError
from .net import Net, Response

MAX_HOPS = 5
RETRY_AFTER_CAP = timedelta(days=7)
_SAFE_HEADERS = frozenset({"if-none-match", "if-modified-since", "accept", "accept-language"})


class RetryLater(FeedError):
    """The server says when to come back (429 or 503 with Retry-After)."""

    def __init__(self, error_class: str, detail: str, not_before: datetime | None) -> None:
        super().__init__(error_class, detail)
        self.not_before = not_before


class Refused(FeedError):
    """The server answered, with an error; ``facts`` say what it said."""

    def __init__(self, error_class: str, detail: str, facts: HttpFacts) -> None:
        super().__init__(error_class, detail)
        self.facts = facts


class Leaves(FeedError):
    """The answer redirects to another origin, where the caller has not said we may go."""

    def __init__(self, target: str) -> None:
        super().__init__("redirect", f"leads to {target[:200]}")
        self.target = target


@dataclass(frozen=True, slots=True)
class Page:
    """A good answer: a body, or ``unchanged`` for a 304."""

    facts: HttpFacts
    body: bytes
    content_type: str
    unchanged: bool = False
    partial: bool = False  # 226: the entries are a delta (RFC 3229)
    link_header: str = ""  # RFC 8288


async def fetch(
    net: Net,
    url: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    headers: Mapping[str, str] | None = None,
    now: datetime,
    stay: bool = False,
) -> Page:
    """Fetch a URL, conditionally where validators are given, following at most five redirects.

    With ``stay`` a redirect to another origin is not followed.

    Raises:
        FeedError: with one of the contract's classes; ``RetryLater`` where the server names a
            time, ``Refused`` for other error answers, ``Leaves`` for a redirect not followed.
    """
    sent = {**(headers or {})}
    if etag is not None:
        sent["If-None-Match"] = etag
    if last_modified is not None:
        sent["If-Modified-Since"] = last_modified
    clock = _Stopwatch(now)
    try:
        # the deadline begins when the fetch does, not while it waits for its turn
        async with net.slots, asyncio.timeout(net.settings.timeout_s):
            clock.begin()
            response, permanent = await _follow(net, url, sent, stay=stay)
    except TimeoutError as error:
        raise FeedError(
            "timeout", f"{urlsplit(url).hostname}: not done in {net.settings.timeout_s:g} s"
        ) from error
    conditional = etag is not None or last_modified is not None
    answered = clock.now()
    facts = facts_of(
        response,
        permanent=permanent,
        conditional=conditional,
        now=clock.began,
        seconds=(answered - clock.began).total_seconds(),
    )
    return _judge(response, facts, answered)


class _Stopwatch:
    """The caller's moment carried on: a fetch may wait for its turn and for its answer."""

    def __init__(self, moment: datetime) -> None:
        self._loop = asyncio.get_running_loop()
        self._moment, self._from = moment, self._loop.time()
        self.began = moment

    def now(self) -> datetime:
        return self._moment + timedelta(seconds=self._loop.time() - self._from)

    def begin(self) -> None:
        self.began = self.now()


async def _follow(
    net: Net, url: str, headers: Mapping[str, str], *, stay: bool = False
) -> tuple[Response, str | None]:
    """The final answer, and where an unbroken chain of permanent redirects led."""
    seen = {url}
    permanent: str | None = None
    unbroken = True
    for _ in range(MAX_HOPS + 1):
        response = await net.request(url, headers)
        target = response.next_url
        if target is None:
            return response, permanent
        if urlsplit(target).scheme not in ("http", "https"):
            raise FeedError("redirect", f"leads to {target[:200]!r}, not an http or https URL")
        if target in seen:
            raise FeedError("redirect", f"goes round in a circle at {target[:200]}")
        unbroken = unbroken and response.status in (301, 308)
        if unbroken:
            permanent = target
        if origin(target) != origin(url):
            if stay:
                raise Leaves(target)
            headers = {k: v for k, v in headers.items() if k.lower() in _SAFE_HEADERS}
        seen.add(target)
        url = target
    raise FeedError("redirect", f"more than {MAX_HOPS} redirects")


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what credentials are bound to (RFC 6454)."""
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default


def _judge(response: Response, facts: HttpFacts, now: datetime) -> Page:
    content_type = response.headers.get("content-type", "")
    challenge = challenge_of(response.status, response.headers, response.body)
    if challenge:
        raise Refused("blocked", challenge, facts)
    if response.status == 304:
        if not facts.conditional:
            raise Refused("http_304", "answered 304 to an unconditional request", facts)
        return Page(facts, b"", content_type, unchanged=True)
    if response.status in (200, 203, 226):
        links = response.headers.get("link", "")
        return Page(
            facts, response.body, content_type, partial=response.status == 226, link_header=links
        )
    raise _error_of(response, facts, now)


def _error_of(response: Response, facts: HttpFacts, now: datetime) -> FeedError:
    detail = f"{urlsplit(response.url).hostname}: answered {response.status}"
    if response.status in (429, 503):
        until = retry_after(response.headers, now)
        error_class = "rate_limited" if response.status == 429 else "http_503"
        return RetryLater(error_class, detail, until)
    return Refused(f"http_{response.status}", detail, facts)


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a Retry-After says to come back, at most a week away; None where it says nothing usable.

    A date is read relative to the server's own Date, so that a wrong clock does no harm
    (RFC 9110 10.2.3).
    """
    text = headers.get("retry-after", "").strip()
    seconds = whole_number(text)
    if seconds is not None:
        return now + min(timedelta(seconds=seconds), RETRY_AFTER_CAP)
    moment = http_date(text)
    if moment is None:
        return None
    wait = moment - (http_date(headers.get("date", "")) or now)
    return now + min(max(wait, timedelta(0)), RETRY_AFTER_CAP)


def http_date(text: str) -> datetime | None:
    """An HTTP date as aware UTC, None for anything else."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def whole_number(text: str) -> int | None:
    """A header's seconds, at most 10**9; None for anything but ASCII digits."""
    if not (text.isascii() and text.isdecimal()):
        return None
    return min(int(text), 10**9) if len(text) < 12 else 10**9


def freshness(headers: Mapping[str, str]) -> tuple[float | None, str | None]:
    """For how many seconds the answer calls itself fresh, and by which field (RFC 9111 4.2)."""
    directives = {}
    for part in headers.get("cache-control", "").lower().split(","):
        name, _, value = part.strip().partition("=")
        directives[name] = value.strip('"')
    if "no-cache" in directives or "no-store" in directives:
        return None, None
    spent = whole_number(headers.get("age", "").strip()) or 0
    max_age = whole_number(directives.get("max-age", ""))
    if max_age is not None:
        return max(0.0, float(max_age - spent)), "max-age"
    expires, date = http_date(headers.get("expires", "")), http_date(headers.get("date", ""))
    if expires and date:
        return max(0.0, (expires - date).total_seconds()), "Expires"
    return None, None


def facts_of(
    response: Response,
    *,
    permanent: str | None,
    conditional: bool,
    now: datetime,
    seconds: float,
) -> HttpFacts:
    """What HTTP said, as the archive keeps it; validators byte for byte."""
    fresh, reason = freshness(response.headers)
    return HttpFacts(
        status=response.status,
        final_url=response.url,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        body_hash=body_hash(response.body) if response.body else None,
        bytes=len(response.body),
        freshness_s=fresh,
        freshness_reason=reason,
        permanent_url=permanent,
        conditional=conditional,
        started=now,
        seconds=seconds,
    )


def body_hash(body: bytes) -> str:
    """A body's fingerprint: 32 hexadecimal digits of BLAKE2b."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()
