"""What can be watched at a URL: its feed, the feeds it names, usual places, or its own listing.

For ``check URL``. Fetches through the guarded client; stores nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree

from .domain import Failed, Parsed, ParsedEntry, Selectors
from .errors import FeedError
from .fetch import fetch
from .listing import read_page
from .net import Net
from .workers import ParserPool

_USUAL = (
    "feed",
    "rss",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "en/rss.xml",
    "news/rss.xml",
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")  # fmt: skip
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, as text for a person; ``usable`` where there is something to paste."""

    text: str
    usable: bool


async def discover(net: Net, parsers: ParserPool, url: str, now: datetime) -> Discovery:
    """Look for something to watch."""
    try:
        page = await fetch(net, url, now=now)
    except FeedError as error:
        return Discovery(f"{url}: {error}", usable=False)
    final = page.facts.final_url or url
    parsed = await parsers.feed(page.body, page.content_type, final)
    if isinstance(parsed, Parsed) and parsed.entries:
        return Discovery(_feed_text(final, parsed), usable=True)
    named = _named_feeds(page.body, page.content_type, final)
    for candidate in [*named, *(urljoin(f"{final.rstrip('/')}/", p) for p in _USUAL), *(urljoin(final, f"/{p}") for p in _USUAL)]:  # fmt: skip
        found = await _try(net, parsers, candidate, now)
        if found is not None:
            return Discovery(_feed_text(candidate, found), usable=True)
    listing = await parsers.listing(page.body, page.content_type, final, None)
    if isinstance(listing, Failed):
        return Discovery(
            f"{final}: no feed found, and as a listing: {listing.detail}", usable=False
        )
    return Discovery(_listing_text(final, listing), usable=True)


async def _try(net: Net, parsers: ParserPool, url: str, now: datetime) -> Parsed | None:
    try:
        page = await fetch(net, url, now=now)
    except FeedError:
        return None
    parsed = await parsers.feed(page.body, page.content_type, page.facts.final_url or url)
    return parsed if isinstance(parsed, Parsed) and parsed.entries else None


def _named_feeds(body: bytes, content_type: str, url: str) -> list[str]:
    """The feeds a page names in its head (rel=alternate)."""
    try:
        tree: etree._Element = read_page(body, content_type, url)
    except FeedError:
        return []
    return list(
        dict.fromkeys(
            urljoin(url, link.get("href"))
            for link in tree.iter("link")
            if "alternate" in (link.get("rel") or "").lower()
            and (link.get("type") or "").lower() in _FEED_TYPES
            and link.get("href")
        )
    )


def _feed_text(url: str, parsed: Parsed) -> str:
    name = parsed.hints.title or urlsplit(url).hostname or "New source"
    return "\n".join([f"A feed with {len(parsed.entries)} entries:", *_preview(parsed.entries), "", "For feeds.yaml:", *_yaml(name, "url", url, parsed.hints.language, None)])  # fmt: skip


def _listing_text(url: str, parsed: Parsed) -> str:
    name = urlsplit(url).hostname or "New source"
    return "\n".join([f"No feed, but a listing of {len(parsed.entries)} entries:", *_preview(parsed.entries), "", "For feeds.yaml:", *_yaml(name, "watch", url, None, parsed.hints.selectors)])  # fmt: skip


def _preview(entries: tuple[ParsedEntry, ...]) -> list[str]:
    return [
        f"  {e.published:%Y-%m-%d}  {e.title[:90]}"
        if e.published
        else f"  (undated)   {e.title[:90]}"
        for e in entries[:_SHOWN]
    ]


def _yaml(
    name: str, key: str, url: str, language: str | None, selectors: Selectors | None
) -> list[str]:
    lines = [f'  - name: "{name}"', f"    {key}: {url}", "    kind: regulator      # or court, ngo, press, law, aggregator"]  # fmt: skip
    if language:
        lines.append(f"    language: {language}")
    if selectors is not None:
        lines.append(f'    entry: "{selectors.entry}"')
    return lines
