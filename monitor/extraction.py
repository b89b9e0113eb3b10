"""An article page to its text: the only importer of trafilatura (extra ``fulltext``).

Runs inside the parser processes; does no I/O. Menus, footers and consent banners are no text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from .errors import FeedError
from .page import read_page
from .plaintext import clean

TEXT_CAP = 20_000
_FEWEST = 200
"""Characters below which a page says nothing that its feed did not."""
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|div|p)\b", re.I)
_RUN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def article_text(body: bytes, content_type: str, url: str, title: str) -> str:
    """The text of an article, at most ``TEXT_CAP`` characters.

    ``title`` is what the feed calls the entry: a page that speaks of something else (a consent
    page, a front page) is refused.

    Raises:
        FeedError: ``not_a_feed`` for what is no page, ``empty`` for too little text, ``parse``
            for a page about something else.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if ("html" not in kind and kind not in ("", "text/plain")) or not _HTML.search(body[:4096]):
        raise FeedError("not_a_feed", f"not a page but {kind or 'something else'}")
    tree = read_page(body, content_type, url)
    named = " ".join("".join(map(str, node.itertext())) for node in tree.iter("title", "h1"))
    text = clean(_extract()(tree, url=url, include_comments=False, include_tables=False) or "", TEXT_CAP)  # fmt: skip
    if len(text) < _FEWEST:
        raise FeedError("empty", f"the page has {len(text)} characters of text")
    if not speaks_of(title, f"{named} {text}"):
        raise FeedError("parse", "the page speaks of something else than the entry")
    return text


def speaks_of(title: str, text: str) -> bool:
    """Whether a text has at least a third of a title's words; East Asian ones count in pairs."""
    wanted = set(re.findall(r"[^\W\d_]{4,}", _RUN.sub(" ", title.casefold())))
    wanted |= {run[n : n + 2] for run in _RUN.findall(title) for n in range(len(run) - 1)}
    text = text.casefold()
    return sum(w in text for w in wanted) * 3 >= len(wanted)


@cache
def _extract() -> Any:
    """trafilatura is loaded with the first article: most workers never read one."""
    from trafilatura import extract

    return extract
