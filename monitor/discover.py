"""What can be watched at a URL: its feed, the feeds it names, usual places, or its own listing.

For ``check URL``. Fetches through the guarded client; stores nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree

from .domain import Failed, Parsed, ParsedEntry, Selectors
from .errors import FeedError
from .fetch import Page, RetryLater, fetch
from .net import Net
from .page import read_page
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
_FEED_LINK = re.compile(r"(?:^|[/._=-])(?:rss|atom|feed|feeds)(?:[/._?&-]|$)|\.rdf$", re.I)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, as text for a person; ``usable`` where there is something to paste."""

    text: str
    usable: bool


async def discover(
    net: Net, parsers: ParserPool, url: str, now: datetime, *, gap_s: float = 0.5
) -> Discovery:
    """Look for something to watch; ``gap_s`` is the pause between requests, all to one site (H4)."""
    try:
        page = await fetch(net, url, now=now)
    except FeedError as error:
        return Discovery(f"{url}: {error}", usable=False)
    final = page.facts.final_url or url
    parsed = await parsers.feed(page.body, page.content_type, final)
    if isinstance(parsed, Parsed) and parsed.entries:
        return Discovery(_feed_text(final, parsed), usable=True)
    named = named_feeds(page, final)
    found = await _first(net, parsers, [*named, *_usual_places(final)], now, gap_s)
    if found is not None and (found[0] in named or found[0].startswith(_folder(final))):
        others = [n for n in named if n != found[0]]
        more = ["", "The page names further feeds:", *(f"  {n}" for n in others)] if others else []
        return Discovery("\n".join([_feed_text(*found), *more]), usable=True)
    listing = await parsers.listing(page.body, page.content_type, final, None)
    if found is not None:
        itself = ["", "That feed is the whole site's. The page itself:", _listing_text(final, listing)] if isinstance(listing, Parsed) else []  # fmt: skip
        return Discovery("\n".join([_feed_text(*found), *itself]), usable=True)
    if isinstance(listing, Failed):
        return Discovery(
            f"{final}: no feed found, and as a listing: {listing.detail}", usable=False
        )
    return Discovery(f"No feed was found. {_listing_text(final, listing)}", usable=True)


def _folder(url: str) -> str:
    """The page's address as the folder of what lies below it."""
    return f"{url.partition('?')[0].rstrip('/')}/"


def _usual_places(url: str) -> list[str]:
    below = [urljoin(_folder(url), place) for place in _USUAL]
    return list(dict.fromkeys([*below, *(urljoin(url, f"/{place}") for place in _USUAL)]))


async def _first(
    net: Net, parsers: ParserPool, candidates: list[str], now: datetime, gap_s: float
) -> tuple[str, Parsed] | None:
    """The first candidate that is a feed with entries; a site that asks us to wait is left alone."""
    for candidate in candidates:
        await asyncio.sleep(gap_s)
        try:
            found = await _try(net, parsers, candidate, now)
        except RetryLater:
            return None
        if found is not None:
            return candidate, found
    return None


async def _try(net: Net, parsers: ParserPool, url: str, now: datetime) -> Parsed | None:
    try:
        page = await fetch(net, url, now=now)
    except RetryLater:
        raise
    except FeedError:
        return None
    parsed = await parsers.feed(page.body, page.content_type, page.facts.final_url or url)
    return parsed if isinstance(parsed, Parsed) and parsed.entries else None


def named_feeds(page: Page, url: str) -> list[str]:
    """The feeds a page names: in its Link header, in its head, and by links that look like one.

    Feeds of comments come last.
    """
    found = [_joined(url, target) for target in _header_feeds(page.link_header)]
    try:
        tree: etree._Element = read_page(page.body, page.content_type, url)
    except FeedError:
        return found
    for link in tree.iter("link"):
        relation, kind = (link.get("rel") or "").lower(), (link.get("type") or "").lower()
        if "alternate" in relation and kind in _FEED_TYPES and link.get("href"):
            found.append(_joined(url, link.get("href") or ""))
    linked = [a.get("href") or "" for a in tree.iter("a") if _FEED_LINK.search(a.get("href") or "")]
    found += [_joined(url, href) for href in linked[:_SHOWN]]
    web = [link for link in dict.fromkeys(found) if link.startswith(("http://", "https://"))]
    return sorted(web, key=lambda link: "comment" in link.lower())


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:  # an address such as http://[
        return ""


def _header_feeds(header: str) -> list[str]:
    """``<https://…>; rel="alternate"; type="application/rss+xml"`` (RFC 8288)."""
    return [
        match[1]
        for match in re.finditer(r"<([^<>]{1,2000})>([^<>]{0,500})", header)
        if "alternate" in match[2].lower() and any(kind in match[2].lower() for kind in _FEED_TYPES)
    ]


def _feed_text(url: str, parsed: Parsed) -> str:
    name = parsed.hints.title or urlsplit(url).hostname or "New source"
    return "\n".join([f"A feed with {len(parsed.entries)} entries:", *_preview(parsed.entries), "", "For feeds.yaml:", *_yaml(name, "url", url, parsed.hints.language, None)])  # fmt: skip


def _listing_text(url: str, parsed: Parsed) -> str:
    name = urlsplit(url).hostname or "New source"
    dated = sum(e.published is not None for e in parsed.entries)
    return "\n".join([f"A listing of {len(parsed.entries)} entries, {dated} of them dated:", *_preview(parsed.entries), "", "For feeds.yaml:", *_yaml(name, "watch", url, None, parsed.hints.selectors)])  # fmt: skip


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
    lines = [f"  - name: {_quoted(name)}", f"    {key}: {_quoted(url)}", "    kind: regulator      # or court, ngo, press, law, aggregator"]  # fmt: skip
    if language:
        lines.append(f"    language: {language}")
    if selectors is not None:
        lines.append(f"    entry: {_quoted(selectors.entry)}")
    return lines


def _quoted(text: str) -> str:
    """A string as YAML reads it: JSON's form is one of YAML's."""
    return json.dumps(text, ensure_ascii=False)
