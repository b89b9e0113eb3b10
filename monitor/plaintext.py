"""Markup to plain text, and text made safe to keep: no controls, no surrogates, no bidi tricks.

The only importer of lxml besides ``page``, ``structure`` and ``sitemap``. Linear in its input.
"""

from __future__ import annotations

import html
import re
import unicodedata

from lxml import etree
from lxml import html as lxml_html

TITLE_CAP = 1_000
SUMMARY_CAP = 64_000
LINK_CAP = 2_000
_BAD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&[#a-zA-Z][a-zA-Z0-9]{1,31};")
_SKIP = frozenset({"script", "style", "noscript", "template", "svg", "math", "head"})


def clean(text: str, cap: int) -> str:
    """Text without control, bidi or surrogate characters, blanks folded, cut on a whole character."""
    text = text[: cap * 4]
    if not (text.isascii() and text.isprintable()):
        text = _BAD.sub("", text)
    text = " ".join(text.split())
    if len(text) <= cap:
        return text
    end = cap
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end].rstrip()


def plain(markup: str, cap: int) -> str:
    """The text that a reader of the markup would see; scripts and styles are gone."""
    markup = _BAD.sub("", markup[: cap * 8])
    if not _MARKUP.search(markup):
        return clean(markup, cap)
    if "<" not in markup:
        return clean(html.unescape(markup), cap)
    try:
        tree = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return clean(html.unescape(re.sub(r"<[^<>]*>", " ", markup)), cap)
    return clean(" ".join(_texts(tree)), cap)


def _texts(tree: etree._Element) -> list[str]:
    texts: list[str] = []
    skipping: etree._Element | None = None
    for event, node in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event == "start" and skipping is None:
            if node.tag in _SKIP:
                skipping = node
            elif node.text:
                texts.append(node.text)
        elif event == "end" and node is skipping:
            skipping = None
        if event != "start" and skipping is None and node.tail and node is not tree:
            texts.append(node.tail)
    return texts


def language_code(text: object) -> str | None:
    """The two letters that a language tag begins with, None for anything else."""
    found = re.match(r"[A-Za-z]{2}", str(text).strip())
    return found[0].lower() if found else None


def web_link(url: str | None) -> str | None:
    """An http or https link, or None: nothing else is ever kept or shown as one."""
    if not url:
        return None
    url = _BAD.sub("", url).strip().replace(" ", "%20")
    if len(url) > LINK_CAP or not url.lower().startswith(("http://", "https://")):
        return None
    return url
