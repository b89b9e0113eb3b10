"""Sitemaps and news sitemaps (sitemaps.org) to entries: for sources that publish nothing else.

Pure; lxml with entities and network off, so that no document reads a file or calls out.
A sitemap index yields no entries: ``poll`` fetches the youngest of its parts once.
"""

from __future__ import annotations

from lxml import etree

from .dates import parse_date
from .domain import FeedHints, Parsed, ParsedEntry
from .errors import FeedError
from .plaintext import TITLE_CAP, clean, web_link

_CAP = 50_000  # the protocol's own bound on URLs per sitemap
_KEPT = 500


def parse_sitemap(body: bytes, url: str) -> Parsed:
    """Read a sitemap; the newest entries by ``lastmod`` or publication date are kept.

    For an index the address of its youngest part comes back as ``hints.prev_archive``.

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
        youngest = max(parts, key=lambda f: f.get("lastmod", ""), default={})
        return Parsed((), FeedHints(prev_archive=web_link(youngest.get("loc"))))
    entries = [_entry(_fields(node)) for node in list(root)[:_CAP] if _local(node) == "url"]
    found = [e for e in entries if e is not None]
    found.sort(key=lambda e: e.published_raw or "", reverse=True)
    return Parsed(tuple(found[:_KEPT]), FeedHints(dropped=max(0, len(found) - _KEPT)))


def _local(node: etree._Element) -> str:
    tag: object = node.tag  # a comment's tag is a function
    # QName would refuse a prefix that no namespace was declared for
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def _fields(node: etree._Element) -> dict[str, str]:
    return {_local(child): (child.text or "").strip() for child in node.iter() if child is not node}


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
        published=parse_date(raw) if raw else None,
        published_raw=clean(raw, 100) or None,
        language=fields.get("language", "")[:2].lower() or None,
    )
