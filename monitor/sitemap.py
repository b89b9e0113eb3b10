"""Sitemaps and news sitemaps (sitemaps.org) to entries: for sources that publish nothing else.

Pure; lxml with entities and network off, so that no document reads a file or calls out.
A sitemap index yields no entries: ``poll`` fetches the youngest of its parts.
"""

from __future__ import annotations

import re

from lxml import etree

from .dates import parse_date
from .domain import FeedHints, Parsed, ParsedEntry
from .errors import FeedError
from .plaintext import TITLE_CAP, clean, web_link

_CAP = 50_000  # the protocol's own bound on URLs per sitemap
_KEPT = 500
_OF_MEDIA = re.compile(r"sitemap-(?:image|video)")
PARTS = 3


def parse_sitemap(body: bytes, url: str) -> Parsed:
    """Read a sitemap; the newest entries by ``lastmod`` or publication date are kept.

    For an index the addresses of its youngest parts come back as ``hints.parts``.

    Raises:
        FeedError: ``parse``.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    root: etree._Element | None
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FeedError("parse", f"not readable as a sitemap: {str(error)[:120]}") from error
    if root is None:  # lxml recovers from some bytes to nothing
        raise FeedError("parse", "not readable as a sitemap")
    if _local(root) == "sitemapindex":
        parts = [_fields(node) for node in list(root)[:_CAP]]
        return Parsed((), FeedHints(parts=youngest(parts)))
    entries = [_entry(_fields(node)) for node in list(root)[:_CAP] if _local(node) == "url"]
    found = [e for e in entries if e is not None]
    found.sort(key=lambda e: e.published_raw or "", reverse=True)
    return Parsed(tuple(found[:_KEPT]), FeedHints(dropped=max(0, len(found) - _KEPT)))


def youngest(parts: list[dict[str, str]]) -> tuple[str, ...]:
    """The parts to read, at most three: the latest by ``lastmod``; without any, news and then the last.

    Several, because a site's pages and its news are parts of their own and change by turns.
    """
    order = sorted(
        enumerate(parts),
        key=lambda p: (p[1].get("lastmod", ""), "news" in p[1].get("loc", "").lower(), p[0]),
        reverse=True,
    )
    links = dict.fromkeys(web_link(part.get("loc")) for _, part in order)
    return tuple(link for link in links if link)[:PARTS]


def _local(node: etree._Element) -> str:
    tag: object = node.tag  # a comment's tag is a function
    # QName would refuse a prefix that no namespace was declared for
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def _fields(node: etree._Element) -> dict[str, str]:
    """The values of a part or page by name; those of its images and videos are not its own."""
    found: dict[str, str] = {}
    for child in node.iter():
        name = _local(child)
        if child is node or not name or _OF_MEDIA.search(str(child.tag).partition("}")[0]):
            continue
        found.setdefault(name, _text(child))
    return found


def _text(node: etree._Element) -> str:
    """What a node says; nothing where lxml recovered to bytes that are no text."""
    try:
        return (node.text or "").strip()
    except UnicodeDecodeError:
        return ""


def _entry(fields: dict[str, str]) -> ParsedEntry | None:
    link = web_link(fields.get("loc"))
    if link is None:
        return None
    raw = fields.get("publication_date") or fields.get("lastmod") or ""
    words = (
        link.rstrip("/").rpartition("/")[2].rpartition(".")[0]
        or link.rstrip("/").rpartition("/")[2]
    )
    return ParsedEntry(
        title=clean(fields.get("title", ""), TITLE_CAP)
        or clean(words.replace("-", " "), TITLE_CAP),
        url=link,
        guid=link,
        summary=clean(fields.get("keywords", ""), 2000),
        published=parse_date(raw) if raw else None,
        published_raw=clean(raw, 100) or None,
        language=fields.get("language", "")[:2].lower() or None,
    )
