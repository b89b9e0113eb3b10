"""A feed's bytes to entries: RSS, Atom and RDF by feedparser, JSON Feed and sitemaps beside it.

The only importer of feedparser. Runs inside the parser processes; does no I/O. Any bytes give
entries or a ``FeedError``, nothing else.
"""

from __future__ import annotations

import io
import re
import zlib
from calendar import timegm
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser

from . import jsonfeed, sitemap
from .dates import parse_date, plausible
from .domain import FeedHints, Parsed, ParsedEntry
from .errors import FeedError
from .plaintext import SUMMARY_CAP, TITLE_CAP, clean, language_code, plain, web_link
from .strict import read_strictly

MAX_ENTRIES = 500
INFLATED_CAP = 10_000_000
_HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_XML_FEED = re.compile(rb"<(?:[a-z0-9_]+:)?(?:rss|feed|rdf)\b", re.I)
_END = re.compile(rb"</\s*(?:[a-z0-9_]+:)?(?:rss|feed|rdf)\s*>", re.I)
# feedparser's remarks on headers and declarations: the document itself may be sound
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_ENTITY = re.compile(rb"<!ENTITY[^>]*>", re.I)
_HARMLESS_ENTITY = re.compile(
    rb"""<!ENTITY\s+\w+\s+(?:"(?:&\#\w+;|[^&"]*)"|'(?:&\#\w+;|[^&']*)')\s*>""", re.I
)
_SITEMAP = re.compile(rb"<(?:[a-z0-9_]+:)?(?:urlset|sitemapindex)\b", re.I)

_SURROGATE = rb"&#(?:0*(?:55[2-9]\d\d|5[67]\d{3})|[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2});"
_SURROGATES = re.compile(_SURROGATE + b"(?:" + _SURROGATE + b")?")


def parse_feed(body: bytes, content_type: str, url: str) -> Parsed:
    """Read a feed document.

    Raises:
        FeedError: ``empty``, ``not_a_feed`` or ``parse``.
    """
    if body[:2] == b"\x1f\x8b":
        body = inflated(body)
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not start:
        raise FeedError("empty", "the answer has no content")
    if start[:1] in (b"{", b"["):
        return _capped(jsonfeed.parse_json_feed(body, url))
    if _SITEMAP.search(start):
        return sitemap.parse_sitemap(_SURROGATES.sub(_whole, body), url)
    if _HTML.match(start) and not _XML_FEED.search(start[:1000]):
        raise FeedError(
            "not_a_feed", "an HTML page, not a feed; `regwatch check URL` looks for one"
        )
    if b"<" not in start:
        raise FeedError("not_a_feed", "plain text, not a feed")
    return _parse_xml(body, content_type, url)


def inflated(body: bytes) -> bytes:
    """A gzip file's content (``sitemap.xml.gz``), under the same bound as everything fetched.

    Raises:
        FeedError: ``too_large``, or ``parse`` for a file that is none or ends too early.
    """
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = inflater.decompress(body, INFLATED_CAP)
    except zlib.error as error:
        raise FeedError("parse", f"not readable as gzip: {error}") from error
    if inflater.unconsumed_tail:
        raise FeedError("too_large", f"more than {INFLATED_CAP:,} bytes, unpacked")
    if not inflater.eof:
        raise FeedError("parse", "the gzip file ends too early")
    return content


def _parse_xml(body: bytes, content_type: str, url: str) -> Parsed:
    plainly = read_strictly(body, content_type, url)
    if plainly is not None:
        return _parsed(plainly.entries, plainly.feed, body, url, malformed=False)
    return parse_tolerantly(body, content_type, url)


def parse_tolerantly(body: bytes, content_type: str, url: str) -> Parsed:
    """Read XML by feedparser: the reference, and the way for everything that is not plain.

    Raises:
        FeedError: ``not_a_feed`` or ``parse``.
    """
    try:
        document = _read_tolerantly(body, content_type, url)
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise FeedError("parse", f"not readable as a feed: {type(error).__name__}") from error
    items = document.get("entries") or []
    broken = bool(document.get("bozo")) and not isinstance(document.get("bozo_exception"), _HARMLESS)  # fmt: skip
    if not items and broken:
        raise FeedError("parse", f"not readable as a feed: {_short(document)}")
    if not items and not document.get("version"):
        raise FeedError("not_a_feed", "neither RSS, Atom, RDF, JSON Feed nor sitemap")
    return _parsed(items, document.get("feed") or {}, body, url, malformed=broken)


def _only_harmless(declaration: re.Match[bytes]) -> bytes:
    """An entity that stands for plain text stays; one built from others may grow without bound.

    feedparser drops these only where each stands on a line of its own.
    """
    return declaration[0] if _HARMLESS_ENTITY.fullmatch(declaration[0]) else b""


def _read_tolerantly(body: bytes, content_type: str, url: str) -> Any:
    # BytesIO, because feedparser opens files and URLs that it finds in plain bytes or text
    return feedparser.parse(
        io.BytesIO(_ENTITY.sub(_only_harmless, _SURROGATES.sub(_whole, body))),
        response_headers={
            "content-type": content_type or "application/xml",
            "content-location": url,
        },
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _whole(found: re.Match[bytes]) -> bytes:
    """Halves of a surrogate pair, which some systems write for an emoji, as one character."""
    codes = [c.strip(b"&#;").lower() for c in found[0].split(b";") if c]
    units = [int(c[1:], 16) if c[:1] == b"x" else int(c) for c in codes]
    text = b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "replace")
    return "".join(f"&#{ord(letter)};" for letter in text).encode()


def _parsed(
    items: Sequence[Mapping[str, Any]],
    feed: Mapping[str, Any],
    body: bytes,
    url: str,
    *,
    malformed: bool,
) -> Parsed:
    read = (_entry(item, url) for item in items[: MAX_ENTRIES * 4])
    entries = [entry for entry in read if entry is not None]
    kept = newest(entries)
    hints = _hints(feed, body, url, dropped=len(entries) - len(kept), malformed=malformed)
    return Parsed(entries=tuple(kept), hints=hints)


def _capped(parsed: Parsed) -> Parsed:
    kept = newest(list(parsed.entries))
    dropped = parsed.hints.dropped + len(parsed.entries) - len(kept)
    return Parsed(tuple(kept), replace(parsed.hints, dropped=dropped))


def newest(entries: list[ParsedEntry]) -> list[ParsedEntry]:
    """At most ``MAX_ENTRIES``: those with the latest dates, in the document's order."""
    if len(entries) <= MAX_ENTRIES:
        return entries
    oldest = datetime.min.replace(tzinfo=UTC)
    order = sorted(
        range(len(entries)), key=lambda n: (entries[n].published or oldest, -n), reverse=True
    )
    return [entries[n] for n in sorted(order[:MAX_ENTRIES])]


def _entry(item: Mapping[str, Any], base: str) -> ParsedEntry | None:
    """One entry as plain text; None for one that says nothing at all."""
    content = " ".join(str(part.get("value") or "") for part in item.get("content") or ())
    summary = plain(str(item.get("summary") or ""), SUMMARY_CAP)
    text = plain(content, SUMMARY_CAP) if content else ""
    title = plain(str(item.get("title") or ""), TITLE_CAP)
    guid = clean(str(item.get("id") or ""), 2000) or None
    link = _link(item, base)
    if not (title or summary or text or link):
        return None
    raw = _said(item, "published") or _said(item, "updated") or _said(item, "created")
    return ParsedEntry(
        title=title or clean((summary or text)[:160], 160) or link or "",
        url=link,
        guid=guid,
        summary=summary or text[:2000],
        text="" if text == summary else text,
        published=_published(item, str(raw) if raw else None),
        published_raw=clean(str(raw), 100) if raw else None,
        language=_language(item),
        source=_source(item),
    )


def _link(item: Mapping[str, Any], base: str) -> str | None:
    candidates = [item.get("link")]
    candidates += [
        link.get("href")
        for link in item.get("links") or ()
        if link.get("rel", "alternate") in ("alternate", "enclosure")
    ]
    for candidate in candidates:
        if candidate:
            try:
                found = web_link(urljoin(base, str(candidate).strip()))
            except ValueError:
                continue
            if found:
                return found
    return None


def _said(item: Mapping[str, Any], name: str) -> Any:
    """The value of exactly this name: feedparser's own ``get`` takes another date for it."""
    if name not in item:
        return None
    return item[name]


def _published(item: Mapping[str, Any], raw: str | None) -> datetime | None:
    if raw:
        ours = parse_date(raw)
        if ours is not None:
            return ours
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        parsed = _said(item, name)
        if parsed:
            try:
                return plausible(datetime.fromtimestamp(timegm(parsed), UTC))
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _language(item: Mapping[str, Any]) -> str | None:
    for detail in (item.get("title_detail"), item.get("summary_detail")):
        language = (detail or {}).get("language")
        if language:
            return language_code(language)
    return None


def _source(item: Mapping[str, Any]) -> str | None:
    source = item.get("source")
    title = source.get("title") if isinstance(source, Mapping) else None
    return plain(str(title), 200) if title else None


_PERIODS = {
    "hourly": 3600,
    "daily": 86400,
    "weekly": 604800,
    "monthly": 2592000,
    "yearly": 31536000,
}


def _hints(
    feed: Mapping[str, Any], body: bytes, url: str, *, dropped: int, malformed: bool
) -> FeedHints:
    seconds, reason = _period(feed)
    head = body[:20_000]
    archive = [
        urljoin(url, str(link["href"]))
        for rel in ("prev-archive", "next")
        for link in feed.get("links") or ()
        if link.get("rel") == rel and link.get("href")
    ]
    return FeedHints(
        title=plain(str(feed.get("title") or ""), 200) or None,
        language=language_code(feed.get("language") or ""),
        ttl_s=seconds,
        ttl_reason=reason,
        # feedparser keeps only the last <hour>, so they are read from the document itself
        skip_hours=tuple(
            sorted(
                {int(h) % 24 for h in _inside(head, b"skiphours", rb"<hour>\s*(\d{1,2})\s*</hour>")}
            )
        ),
        skip_days=tuple(
            d.title() for d in _inside(head, b"skipdays", rb"<day>\s*([a-z]{6,9})\s*</day>")
        ),
        prev_archive=web_link(archive[0]) if archive else None,
        malformed=malformed,
        cut=malformed and not _END.search(body[-2000:]),
        dropped=dropped,
    )


def _period(feed: Mapping[str, Any]) -> tuple[float | None, str | None]:
    ttl = str(feed.get("ttl") or "").strip()
    if _is_number(ttl) and len(ttl) < 9:
        return float(ttl) * 60, "ttl"
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    if period:
        often = str(feed.get("sy_updatefrequency") or "1").strip()[:6]
        return period / max(1, int(often) if _is_number(often) else 1), "sy:updatePeriod"
    return None, None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _inside(head: bytes, element: bytes, pattern: bytes) -> list[str]:
    lowered = head.lower()
    start = lowered.find(b"<" + element + b">")
    end = lowered.find(b"</" + element + b">", start)
    if start < 0 or end < 0:
        return []
    return [m.decode("ascii") for m in re.findall(pattern, lowered[start:end])]


def _short(document: Mapping[str, Any]) -> str:
    return clean(str(document.get("bozo_exception") or "broken"), 160)
