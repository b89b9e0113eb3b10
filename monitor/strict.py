"""Well-formed RSS 2.0 and Atom 1.0 read by lxml: the short way past feedparser for plain documents.

feedparser stays the reference. This module reads a document only as long as it meets nothing but
what it is known to read to the very same entries; at the first doubt it gives up and feedparser
reads the document. The tests hold both against each other. Does no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from .dates import parse_date

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_RSS1 = "http://purl.org/rss/1.0/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_OURS = ("", _ATOM, _RSS1)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_PLAIN_TYPES = frozenset({None, "text", "html", "plain", "text/html", "text/plain"})
_ENCODINGS = frozenset({"utf-8", "iso-8859-1", "iso-8859-15", "windows-1251", "windows-1252"})
_C1 = re.compile("[\x80-\x9f]")
_WINDOWS = {
    code: text for code in range(0x80, 0xA0) if (text := bytes([code]).decode("cp1252", "ignore"))
}  # control characters that were meant as quotation marks and dashes
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding=["']([A-Za-z0-9._-]+)["']""")
_CHARSET = re.compile(r"charset=[\"']?([A-Za-z0-9._-]+)", re.I)
_QUERY = re.compile(r"&([A-Za-z0-9_]+);")
# names by which feedparser fills what we read, in whatever namespace they stand
_SENSITIVE = frozenset(
    [
        "title",
        "link",
        "description",
        "summary",
        "content",
        "encoded",
        "abstract",
        "fullitem",
        "body",
        "guid",
        "id",
        "pubdate",
        "published",
        "issued",
        "updated",
        "modified",
        "lastbuilddate",
        "date",
        "created",
        "source",
        "image",
        "textinput",
        "item",
        "entry",
        "language",
    ]
)
# a second title or content that feedparser passes over where the entry has its own title
_PASSED_OVER = frozenset({("media", "title"), ("media", "content"), ("itunes", "title")})
_SUMMARIES = frozenset({("media", "description"), ("itunes", "summary")})


class _Doubt(Exception):
    """Something that feedparser might read otherwise."""


@dataclass(slots=True)
class Document:
    """What feedparser would have said, as far as it is asked: ``feed`` and ``entries``."""

    feed: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)


def read_strictly(body: bytes, content_type: str, url: str) -> Document | None:
    """The document in feedparser's terms, or None: then feedparser is to read it."""
    if not _is_plain(body, content_type):
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        document = _document(etree.fromstring(body, parser))
        for entry in document.entries:
            if entry.pop("id_is_link", False):
                entry["id"] = urljoin(url, entry["id"])
    except (_Doubt, etree.XMLSyntaxError, ValueError):
        return None
    return document


def _is_plain(body: bytes, content_type: str) -> bool:
    """One encoding that everybody agrees on, no document type."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARED.match(body)
    charset = _CHARSET.search(content_type)
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    if encoding not in _ENCODINGS or (charset and charset[1].lower() != encoding):
        return False
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return False
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _document(root: etree._Element) -> Document:
    if any(True for node in root.iter() if node.get(_XML_BASE) is not None):
        raise _Doubt
    if root.tag == "rss":
        channels = [node for node in root if node.tag == "channel"]
        if len(channels) != 1 or len(root) != 1:
            raise _Doubt
        return _read(channels[0], "item", _rss_entry, root)
    if root.tag == f"{{{_RDF}}}RDF":
        return _read_rdf(root)
    if root.tag == f"{{{_ATOM}}}feed":
        return _read(root, f"{{{_ATOM}}}entry", _atom_entry, root)
    raise _Doubt


def _read(
    top: etree._Element,
    item: str,
    read: Callable[[etree._Element], dict[str, Any]],
    root: etree._Element,
) -> Document:
    document = Document()
    language = _own_language(root)
    if language:
        document.feed["language"] = language.replace("_", "-")
    for node in top:
        if node.tag == item:
            document.entries.append(read(node))
        else:
            _feed_level(node, document.feed)
    return document


def _read_rdf(root: etree._Element) -> Document:
    """RSS 1.0: the entries stand beside the channel."""
    document = _read(root, f"{{{_RSS1}}}item", _rss_entry, root)
    for channel in root.findall(f"{{{_RSS1}}}channel"):
        for node in channel:
            _feed_level(node, document.feed)
    return document


def _feed_level(node: etree._Element, feed: dict[str, Any]) -> None:
    space, name = _split(node)
    low = name.lower()
    if low == "link" and space in _OURS:
        if node.get("href"):
            feed.setdefault("links", []).append(_lowered(node))
    elif (low in ("title", "ttl") and space in _OURS) or (low == "language" and space in ("", _DC)):
        if low in feed and low != "language":
            raise _Doubt
        feed[low] = _leaf(node)
    elif low in ("updateperiod", "updatefrequency"):
        if node.attrib or node.prefix != "sy":
            raise _Doubt
        feed[f"sy_{low}"] = _leaf(node)
    elif low in ("item", "entry", "language"):
        raise _Doubt


def _rss_entry(item: etree._Element) -> dict[str, Any]:
    entry = _blank()
    about = item.get(f"{{{_RDF}}}about")
    if about:
        entry["id"] = about
    return _filled(entry, item, _RSS_READERS)


def _atom_entry(item: etree._Element) -> dict[str, Any]:
    return _filled(_blank(), item, _ATOM_READERS)


def _blank() -> dict[str, Any]:
    return {"links": [], "content": [], "other_title": False}


def _filled(
    entry: dict[str, Any], item: etree._Element, readers: Mapping[tuple[str, str], _Reader]
) -> dict[str, Any]:
    for node in item:
        readers.get(_split(node), _other)(entry, node)
    return _finished(entry)


def _split(node: etree._Element) -> tuple[str, str]:
    name = etree.QName(node)
    return name.namespace or "", name.localname


def _lowered(node: etree._Element) -> dict[str, Any]:
    """A link's attributes; ``rel`` in lower case, as feedparser has it."""
    found = {str(k): str(v) for k, v in node.attrib.items()}
    for key in ("rel", "type"):
        if key in found:
            found[key] = found[key].lower()
    return found


def _leaf(node: etree._Element) -> str:
    """The text of an element without children."""
    if len(node):
        raise _Doubt
    text = (node.text or "").strip()
    if text.isascii():
        return text
    try:
        repaired = text.encode("iso-8859-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text.translate(_WINDOWS) if _C1.search(text) else text
    # encoded twice; feedparser repairs that in UTF-8 documents only
    return repaired if _is_utf8(node) else text


def _is_utf8(node: etree._Element) -> bool:
    return (node.getroottree().docinfo.encoding or "utf-8").lower() in ("utf-8", "utf8")


def _text_of(node: etree._Element) -> str:
    """The text of a title, summary or content that is text or escaped HTML."""
    if node.get("type") not in _PLAIN_TYPES or node.get("mode") or node.get("src"):
        raise _Doubt
    return _leaf(node)


def _set_once(entry: dict[str, Any], key: str, value: Any) -> None:
    if key in entry:
        raise _Doubt
    entry[key] = value


def _title(entry: dict[str, Any], node: etree._Element) -> None:
    _set_once(entry, "title", _text_of(node))
    entry["title_detail"] = {"language": _language_of(node)}


def _published(entry: dict[str, Any], node: etree._Element) -> None:
    _set_once(entry, "published", _text_of(node))


def _updated(entry: dict[str, Any], node: etree._Element) -> None:
    _set_once(entry, "updated", _leaf(node))


def _source(entry: dict[str, Any], node: etree._Element) -> None:
    _set_once(entry, "source", {"title": _leaf(node)})


def _enclosure(entry: dict[str, Any], node: etree._Element) -> None:
    entry["links"].append({"rel": "enclosure", "href": node.get("url") or node.get("href")})


def _summary(entry: dict[str, Any], node: etree._Element) -> None:
    """A summary; a second one counts as content, unless there is content already.

    Then the outermost counts, and of two equals the later.
    """
    text = _text_of(node)
    if "summary" in entry and not entry["content"]:
        entry["content"].append({"value": text})
        return
    depth = sum(1 for _ in node.iterancestors())
    if depth <= entry.get("summary_depth", depth):
        entry["summary"], entry["summary_depth"] = text, depth
    entry["summary_detail"] = {"language": _language_of(node)}


def _language_of(node: etree._Element) -> str | None:
    for one in (node, *node.iterancestors()):
        said = one.get(_XML_LANG, one.get("lang"))
        if said is not None:
            return said.replace("_", "-") or None
    return None


def _own_language(node: etree._Element) -> str | None:
    return node.get(_XML_LANG, node.get("lang"))


def _rss_link(entry: dict[str, Any], node: etree._Element) -> None:
    if node.attrib or len(node):
        raise _Doubt
    link = _QUERY.sub(r"&\g<1>", _leaf(node).replace("&amp;", "&"))
    if not link or entry.get("link_said"):
        raise _Doubt
    entry["link"], entry["link_said"] = link, True
    entry["links"].append({"rel": "alternate", "href": link})


def _guid(entry: dict[str, Any], node: etree._Element) -> None:
    if any(k.lower() == "ispermalink" and k != "isPermaLink" for k in node.attrib):
        raise _Doubt
    _set_once(entry, "id", _leaf(node))
    if node.get("isPermaLink", "true") == "true":
        entry.setdefault("link", entry["id"])
        entry["id_is_link"] = bool(entry["id"])


def _href_link(entry: dict[str, Any], node: etree._Element) -> None:
    if not node.get("href") or len(node) or (node.text or "").strip():
        raise _Doubt
    link = _lowered(node)
    link.setdefault("rel", "alternate")
    kind = link.get("type", "text/html")
    entry["links"].append(link)
    if link["rel"] == "alternate" and kind in ("text/html", "html", "application/xhtml+xml", "xhtml"):  # fmt: skip
        entry["link"] = link["href"]


def _content(entry: dict[str, Any], node: etree._Element) -> None:
    text = _text_of(node)
    entry["content"].append({"value": text})
    entry.setdefault("summary", text)


def _other(entry: dict[str, Any], node: etree._Element) -> None:
    """An element that fills nothing we read, or fills a summary by another name."""
    for one in node.iter():
        name = str(etree.QName(one).localname).lower()
        if (one.prefix, name) in _SUMMARIES:
            _summary(entry, one)
        elif name in _SENSITIVE and (one.prefix, name) not in _PASSED_OVER:
            raise _Doubt
        elif name == "title":
            entry["other_title"] = True


def _finished(entry: dict[str, Any]) -> dict[str, Any]:
    if not entry.get("title") and entry.pop("other_title"):
        raise _Doubt  # feedparser would take that one
    for key in ("published", "updated"):
        if entry.get(key) and parse_date(entry[key]) is None:
            raise _Doubt  # a date in a form that only feedparser knows
    return entry


_Reader = Callable[[dict[str, Any], etree._Element], None]
_RSS_NAMES: Mapping[str, _Reader] = {
    "title": _title,
    "description": _summary,
    "link": _rss_link,
    "guid": _guid,
    "pubDate": _published,
    "enclosure": _enclosure,
    "source": _source,
}
_RSS_READERS: Mapping[tuple[str, str], _Reader] = {
    **{(space, name): read for name, read in _RSS_NAMES.items() for space in ("", _RSS1)},
    (_CONTENT, "encoded"): _content,
    (_DC, "date"): _updated,
    (_ATOM, "updated"): _updated,
    (_ATOM, "link"): _href_link,
}
_ATOM_READERS: Mapping[tuple[str, str], _Reader] = {
    (_ATOM, "title"): _title,
    (_ATOM, "summary"): _summary,
    (_ATOM, "content"): _content,
    (_ATOM, "id"): _guid,
    (_ATOM, "published"): _published,
    (_ATOM, "updated"): _updated,
    (_ATOM, "link"): _href_link,
}
