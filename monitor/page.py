"""A listing page to entries: with CSS selectors, or with the page's own repeated structure.

Runs inside the parser processes; lxml and cssselect, no I/O. A page on which nothing matches
is an error of the source, never "no news".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from .dates import parse_date
from .domain import FeedHints, Parsed, ParsedEntry, Selectors
from .errors import FeedError
from .plaintext import SUMMARY_CAP, TITLE_CAP, clean, web_link

_CAP = 200
_FEWEST = 3  # a structure that repeats less often is no listing
_CHROME = frozenset({"nav", "header", "footer", "aside", "form", "script", "style", "noscript"})
_CHROME_WORDS = re.compile(
    r"nav|menu|breadcrumb|footer|header|cookie|social|share|pagination|lang|skip", re.I
)
_DATE_TEXT = re.compile(
    r"\d{1,2}(?:\.|st|nd|rd|th)?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}"
    r"|[^\W\d_]{3,12}\s+\d{1,2},\s+\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}"
    r"|\d{4}[年년.]\s*\d{1,2}[月월.]\s*\d{1,2}"
)


def parse_listing(body: bytes, content_type: str, url: str, selectors: Selectors | None) -> Parsed:
    """Entries of a listing page; derived selectors come back in ``hints.selectors``.

    Raises:
        FeedError: ``empty`` for no content, ``parse`` where the selectors match nothing or no
            repeated structure is found.
    """
    tree = read_page(body, content_type, url)
    derived = selectors is None
    if selectors is None:
        selectors = derive(tree, url)
        if selectors is None:
            raise FeedError("parse", "no repeated structure found; give `entry:` a CSS selector")
    entries = extract(tree, url, selectors)
    if not entries:
        raise FeedError(
            "parse", f"the selector {selectors.entry!r} yields no entry; has the page changed?"
        )
    return Parsed(tuple(entries[:_CAP]), FeedHints(selectors=selectors if derived else None))


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
    base = _base(tree, url)
    entries: list[ParsedEntry] = []
    seen: set[str] = set()
    for node in _select(tree, selectors.entry):
        entry = _entry(node, base, selectors)
        if entry is not None and entry.url and entry.url not in seen:
            seen.add(entry.url)
            entries.append(entry)
    return entries


def _select(node: etree._Element, selector: str) -> list[etree._Element]:
    try:
        return list(node.cssselect(selector))
    except Exception as error:
        # cssselect raises SyntaxError and ExpressionError, lxml its own on odd input
        raise FeedError("parse", f"{selector!r} is not a CSS selector: {error}") from error


def _entry(node: etree._Element, base: str, selectors: Selectors) -> ParsedEntry | None:
    link_node = _first(node, selectors.link) if selectors.link else _main_link(node)
    if link_node is None:
        return None
    try:
        link = web_link(urljoin(base, link_node.get("href", "").strip()))
    except ValueError:
        return None
    title_node = _first(node, selectors.title) if selectors.title else None
    title = _text(title_node if title_node is not None else link_node, TITLE_CAP)
    whole = _text(node, SUMMARY_CAP)
    if not title:
        title = clean(link_node.get("title", "") or link_node.get("aria-label", "") or whole, 300)
    raw = _date_text(node, selectors.date)
    if not (title and link):
        return None
    summary = whole.replace(title, " ", 1)
    return ParsedEntry(
        title=title,
        url=link,
        summary=clean(summary.replace(raw, " ", 1) if raw else summary, 2000),
        published=parse_date(raw) if raw else None,
        published_raw=raw,
    )


def _first(node: etree._Element, selector: str) -> etree._Element | None:
    found = _select(node, selector)
    return found[0] if found else None


def _main_link(node: etree._Element) -> etree._Element | None:
    """The link with the most text: a headline outweighs 'read more' and tags."""
    links = [node] if node.tag == "a" and node.get("href") else []
    links += [a for a in node.iter("a") if a.get("href") and a is not node]
    return max(links, key=lambda a: len(_text(a, 300)), default=None)


def _text(node: etree._Element, cap: int) -> str:
    return clean(" ".join(t for t in _walk(node)), cap)


def _walk(node: etree._Element) -> Iterable[str]:
    for text in node.itertext():
        parent = text.getparent() if hasattr(text, "getparent") else None
        if parent is None or parent.tag not in ("script", "style", "noscript"):
            yield str(text)


def _date_text(node: etree._Element, selector: str | None) -> str | None:
    if selector:
        found = _first(node, selector)
        return clean(found.get("datetime") or _text(found, 100), 100) if found is not None else None
    for stamp in node.iter("time"):
        return clean(stamp.get("datetime") or _text(stamp, 100), 100) or None
    match = _DATE_TEXT.search(_text(node, 3000))
    return match[0] if match else None


def _base(tree: etree._Element, url: str) -> str:
    for node in tree.iter("base"):
        if node.get("href"):
            return urljoin(url, node.get("href"))
    return url


def derive(tree: etree._Element, url: str) -> Selectors | None:
    """The selector of the page's most telling repeated structure, None where there is none.

    A candidate is an element whose shape (tags and classes up to its list) repeats at least
    three times, each with an own link on the same site; long headlines, dates and a place
    outside the page's chrome speak for it.
    """
    groups: dict[str, list[etree._Element]] = defaultdict(list)
    for anchor in tree.iter("a"):
        if not anchor.get("href") or _in_chrome(anchor) or len(_text(anchor, 300)) < 12:
            continue
        for node in _shells(anchor):
            groups[_shape(node)].append(node)
    best: tuple[float, str] | None = None
    for shape, nodes in groups.items():
        score = _score(tree, url, shape, nodes)
        if score > 0 and (best is None or score > best[0]):
            best = (score, shape)
    return Selectors(entry=best[1]) if best else None


def _shells(anchor: etree._Element) -> list[etree._Element]:
    """The link's ancestors that hold only this headline: candidates for the repeated element."""
    found = []
    node = anchor
    for _ in range(6):
        parent = node.getparent()
        if parent is None or parent.tag in ("body", "html", "main", "ul", "ol", "table", "tbody"):
            break
        headlines = {a.get("href") for a in parent.iter("a") if len(_text(a, 300)) >= 12}
        if len(headlines) > 3:
            break
        found.append(parent)
        node = parent
    return found or [anchor]


def _shape(node: etree._Element) -> str:
    """A CSS selector of the element and its parent, by stable class names."""
    own = _step(node)
    parent = node.getparent()
    return f"{_step(parent)} > {own}" if parent is not None and parent.tag != "body" else own


def _step(node: etree._Element) -> str:
    names = [
        c
        for c in (node.get("class") or "").split()
        if re.fullmatch(r"[A-Za-z_][A-Za-z_-]*", c)
        and not re.match(r"(is|has|js|odd|even|first|last|active)\b", c)
    ]
    return str(node.tag) + "".join(f".{c}" for c in names[:2])


def _in_chrome(node: etree._Element) -> bool:
    for ancestor in node.iterancestors():
        if ancestor.tag in _CHROME and ancestor.tag != "header":
            return True
        name = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
        if (
            ancestor.tag in ("div", "ul", "section")
            and _CHROME_WORDS.search(name)
            and len(name) < 60
        ):
            return True
    return False


def _score(tree: etree._Element, url: str, shape: str, nodes: list[etree._Element]) -> float:
    unique = list(dict.fromkeys(nodes))
    if len(unique) < _FEWEST:
        return 0.0
    entries = extract(tree, url, Selectors(entry=shape))
    same_site = [e for e in entries if urlsplit(e.url or "").hostname == urlsplit(url).hostname]
    if len(same_site) < _FEWEST:
        return 0.0
    length = sum(min(len(e.title), 90) for e in entries) / len(entries)
    dated = sum(e.published is not None for e in entries) / len(entries)
    spread = min(len(entries), 30) ** 0.5
    return float(spread * length * (1 + 3 * dated) * (0.5 + 0.5 * len(same_site) / len(entries)))
