"""A page to a tree, and to entries by CSS selectors. Pure; lxml and cssselect, inside the parser processes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from .dates import dates_in, month_comes_first, parse_date
from .domain import ParsedEntry, Selectors
from .errors import FeedError
from .plaintext import SUMMARY_CAP, TITLE_CAP, clean, web_link

_NODES = 400  # elements looked at on one page
_TELLING = 50  # of them, for how the page writes dates
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def read_page(body: bytes, content_type: str, url: str) -> etree._Element:
    """A page as a tree.

    Raises:
        FeedError: ``empty`` or ``parse``.
    """
    if not body.strip():
        raise FeedError("empty", "the answer has no content")
    match = re.search(r"charset=[\"']?([\w-]+)", content_type, re.I)
    try:
        parser = lxml_html.HTMLParser(encoding=match[1] if match else None, no_network=True)
    except LookupError:
        parser = lxml_html.HTMLParser(no_network=True)
    try:
        tree = lxml_html.document_fromstring(body, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise FeedError("parse", f"not readable as a page: {str(error)[:120]}") from error
    return tree


def extract(tree: etree._Element, url: str, selectors: Selectors) -> list[ParsedEntry]:
    """What the selectors yield, in the page's order, each link once.

    Raises:
        FeedError: ``parse`` for a selector that is none.
    """
    return entries_of(tree, url, select(tree, selectors.entry)[:_NODES], selectors)


def entries_of(
    tree: etree._Element, url: str, nodes: list[etree._Element], selectors: Selectors
) -> list[ParsedEntry]:
    """The entries that elements of a page hold, each link once."""
    base = _base(tree, url)
    entries: list[ParsedEntry] = []
    seen: set[str] = set()
    month_first = _month_first(tree, url, nodes[:_TELLING])
    for node in nodes:
        entry = _entry(node, base, selectors, month_first=month_first)
        if entry is not None and entry.url and entry.url not in seen:
            seen.add(entry.url)
            entries.append(entry)
    return entries


def _month_first(tree: etree._Element, url: str, nodes: list[etree._Element]) -> bool:
    """How a page writes 3/4/2026: as its other dates tell, else as its country does."""
    told = month_comes_first(text_of(node, 3000) for node in nodes)
    if told is not None:
        return told
    language = str(next(tree.iter("html"), tree).get("lang") or "").lower()
    return language == "en-us" or (urlsplit(url).hostname or "").endswith((".gov", ".us"))


def select(node: etree._Element, selector: str) -> list[etree._Element]:
    """The elements that a selector fits.

    Raises:
        FeedError: ``parse`` for a selector that is none.
    """
    try:
        return list(node.cssselect(selector))
    except Exception as error:
        # cssselect raises SyntaxError and ExpressionError, lxml its own on odd input
        raise FeedError("parse", f"{selector!r} is not a CSS selector: {error}") from error


def _entry(
    node: etree._Element, base: str, selectors: Selectors, *, month_first: bool
) -> ParsedEntry | None:
    link_node = _first(node, selectors.link) if selectors.link else _main_link(node)
    if link_node is None:
        return None
    try:
        link = web_link(urljoin(base, link_node.get("href", "").strip()))
    except ValueError:
        return None
    title_node = _first(node, selectors.title) if selectors.title else _title_node(node, link_node)
    title = text_of(title_node if title_node is not None else link_node, TITLE_CAP)
    whole = text_of(node, SUMMARY_CAP)
    if not title:
        title = clean(link_node.get("title", "") or link_node.get("aria-label", "") or whole, 300)
    raw, published = _date(node, selectors.date, month_first=month_first)
    if not (title and link):
        return None
    summary = whole.replace(title, " ", 1)
    return ParsedEntry(
        title=title,
        url=link,
        summary=clean(summary.replace(raw, " ", 1) if raw else summary, 2000),
        published=published,
        published_raw=raw,
    )


def _first(node: etree._Element, selector: str) -> etree._Element | None:
    found = select(node, selector)
    return found[0] if found else None


def _main_link(node: etree._Element) -> etree._Element | None:
    """The link with the most text: a headline outweighs 'read more' and tags."""
    links = [node] if node.tag == "a" and node.get("href") else []
    links += [a for a in node.iter("a") if a.get("href") and a is not node]
    return max(links, key=lambda a: len(text_of(a, 300)), default=None)


def _title_node(node: etree._Element, link: etree._Element) -> etree._Element | None:
    """The headline: the heading within the link, or the entry's only heading where the link says less."""
    within = [h for h in link.iter(*_HEADINGS) if text_of(h, 300)]
    if within:
        return within[0]
    headings = [h for h in node.iter(*_HEADINGS) if text_of(h, 300)]
    if len(headings) == 1 and len(text_of(headings[0], 300)) >= len(text_of(link, 300)):
        return headings[0]
    return None


def text_of(node: etree._Element, cap: int) -> str:
    """The text a reader sees, blanks folded, cut at ``cap`` characters."""
    return clean(" ".join(t for t in _walk(node)), cap)


def _walk(node: etree._Element) -> Iterable[str]:
    for text in node.itertext():
        parent = text.getparent() if hasattr(text, "getparent") else None
        if parent is None or parent.tag not in ("script", "style", "noscript"):
            yield str(text)


def _date(
    node: etree._Element, selector: str | None, *, month_first: bool
) -> tuple[str | None, datetime | None]:
    """What stands as the date, and the moment it means."""
    if selector:
        found = _first(node, selector)
        raws = [] if found is None else [found.get("datetime") or "", text_of(found, 100)]
    else:
        raws = [t for stamp in node.iter("time") for t in (stamp.get("datetime") or "", text_of(stamp, 100))]  # fmt: skip
        raws += dates_in(text_of(node, 3000))
        before = node.getprevious()
        if node.tag == "dd" and before is not None and before.tag == "dt":
            raws += dates_in(text_of(before, 300))
    raws = [clean(raw, 100) for raw in raws if raw.strip()]
    for raw in raws:
        moment = parse_date(raw, month_first=month_first)
        if moment is not None:
            return raw, moment
    return (raws[0] if selector and raws else None), None


def _base(tree: etree._Element, url: str) -> str:
    for node in tree.iter("base"):
        if node.get("href"):
            return urljoin(url, node.get("href"))
    return url
