"""A page's own repeated structure: the selector of its list of news, and not of its menu. Pure.

Runs inside the parser processes. Every shape that repeats is a candidate; what its elements would
yield as entries decides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from .domain import ParsedEntry, Selectors
from .page import entries_of, select, text_of

FEWEST = 3
"""A structure that repeats less often is no listing."""
_HEADLINE = 12  # a link with less text is no headline; East Asian characters count twice
_SHAPES = 60
_ANCHORS = 3000
_DEPTH = 6  # ancestors looked at
_HELD = 3  # headlines in one entry: itself, a category, a document
_PLACES = 10
_TAG = re.compile(r"[A-Za-z][\w-]*")
_SAMPLE = 30
_CHROME = frozenset({"nav", "footer", "aside", "form", "script", "style", "noscript"})
_CHROME_WORDS = re.compile(
    r"(?<![a-z])(?:nav|navbar|navigation|menu|menubar|submenu|megamenu|breadcrumbs?|footer|cookies?|social|shar(?:e|ing)"
    r"|pagination|pager|lang|languages?|skip|sitemap)(?![a-z])"
    r"|^(?:site|page|global|main|top)?[-_]?header$",
    re.I,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LISTS = frozenset({"body", "html", "main", "ul", "ol", "dl", "table", "tbody"})
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def derive(tree: etree._Element, url: str) -> Selectors | None:
    """The selector of the page's most telling repeated structure, None where there is none.

    A candidate is an element whose shape (tags and classes up to its list) repeats at least
    three times, each with an own link on the same site; long headlines, dates and a place
    outside the page's chrome speak for it. Where all of a page looks like chrome, nothing does.
    """
    for careful in (True, False):
        best: tuple[float, str] | None = None
        for shape, nodes in _candidates(tree, careful=careful).items():
            score = _score(tree, url, shape, nodes)
            if score > 0 and (best is None or score > best[0]):
                best = (score, shape)
        if best is not None:
            return Selectors(entry=best[1])
    return None


def _candidates(tree: etree._Element, *, careful: bool) -> dict[str, list[etree._Element]]:
    anchors = [
        anchor
        for anchor in tree.iter("a")
        if anchor.get("href")
        and _weight(text_of(anchor, 300)) >= _HEADLINE
        and not _in_chrome(anchor, by_name=careful)
    ][:_ANCHORS]
    crowded = _crowded(anchors)
    groups: dict[str, dict[etree._Element, None]] = defaultdict(dict)
    for anchor in anchors:
        for node in _shells(anchor, crowded):
            for shape in _shapes(node):
                groups[shape][node] = None
    found = {shape: list(nodes) for shape, nodes in groups.items() if len(nodes) >= FEWEST}
    often = sorted(found, key=lambda shape: -len(found[shape]))[:_SHAPES]
    return {shape: found[shape] for shape in often}


def _weight(text: str) -> int:
    return len(text) + len(_EAST_ASIAN.findall(text))


def _crowded(anchors: list[etree._Element]) -> set[etree._Element]:
    """The elements that hold more headlines than one entry does."""
    held: dict[etree._Element, set[str]] = defaultdict(set)
    for anchor in anchors:
        for _, ancestor in zip(range(_DEPTH), anchor.iterancestors(), strict=False):
            if len(held[ancestor]) <= _HELD:
                held[ancestor].add(anchor.get("href") or "")
    return {node for node, links in held.items() if len(links) > _HELD}


def _shells(anchor: etree._Element, crowded: set[etree._Element]) -> list[etree._Element]:
    """The link and its ancestors that hold only this headline: candidates for the repeated element."""
    found = [anchor]
    for _, ancestor in zip(range(_DEPTH), anchor.iterancestors(), strict=False):
        if ancestor.tag in _LISTS or ancestor in crowded:
            break
        found.append(ancestor)
    return found


def _shapes(node: etree._Element) -> Iterator[str]:
    """CSS selectors of the element: by its parent's kind, and where that says little by its place."""
    own = _step(node)
    parent = node.getparent()
    if not all(_TAG.fullmatch(str(n.tag)) for n in (node, parent) if n is not None):
        return  # a broken page makes names that no selector can say
    if parent is None or parent.tag == "body":
        yield own
        return
    yield f"{_step(parent)} > {own}"
    above = parent.getparent()
    if "." in _step(parent) or above is None:
        return
    before = zip(range(_PLACES), parent.itersiblings(parent.tag, preceding=True), strict=False)
    place = 1 + sum(1 for _ in before)
    if place < _PLACES:
        yield f"{_step(above)} > {parent.tag}:nth-of-type({place}) > {own}"


def _step(node: etree._Element) -> str:
    names = [
        c
        for c in (node.get("class") or "").split()
        if re.fullmatch(r"[A-Za-z_][A-Za-z_-]*", c)
        and not re.match(r"(is|has|js|odd|even|first|last|active)\b", c)
    ]
    return str(node.tag) + "".join(f".{c}" for c in names[:2])


def _in_chrome(node: etree._Element, *, by_name: bool) -> bool:
    for ancestor in node.iterancestors():
        if ancestor.tag in _CHROME:
            return True
        if by_name and ancestor.tag in ("div", "ul", "section") and _named_as_chrome(ancestor):
            return True
    return False


def _named_as_chrome(node: etree._Element) -> bool:
    names = f"{node.get('class') or ''} {node.get('id') or ''}"
    return len(names) < 60 and any(_CHROME_WORDS.search(_CAMEL.sub("-", n)) for n in names.split())


def _score(tree: etree._Element, url: str, shape: str, nodes: list[etree._Element]) -> float:
    met = select(tree, shape)
    entries = entries_of(tree, url, met[:_SAMPLE], Selectors(entry=shape))
    own = [e for e in entries if _same_site(e, url)]
    if len(own) < FEWEST:
        return 0.0
    length = sum(min(_weight(e.title), 90) for e in entries) / len(entries)
    dated = sum(e.published is not None for e in entries) / len(entries)
    told = sum(bool(e.summary) for e in entries) / len(entries)
    # an element that is met without being a shell of a headline is something else that looks alike
    pure = min(1.0, len(nodes) / len(met)) if len(nodes) < _ANCHORS // 2 else 1.0
    spread = len(entries) ** 0.5
    # of shapes that yield the same, one with a name of its own outlives a redesign
    lasting = 1.05 if "." in shape.rpartition(">")[2] else 1.0
    return float(spread * length * (1 + 3 * dated) * (1 + 0.3 * told) * (0.5 + 0.5 * len(own) / len(entries)) * pure * lasting)  # fmt: skip


def _same_site(entry: ParsedEntry, url: str) -> bool:
    """Whether an entry stands on the page's site, a sister host of it included."""
    here, there = (urlsplit(u or "").hostname or "" for u in (url, entry.url))
    return here.split(".")[-2:] == there.split(".")[-2:] and bool(there)
