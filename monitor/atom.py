"""Hits and stories as an Atom feed (RFC 4287) with ids that never change. Pure.

The standard library alone, and no import of a neighbour: Datasette's plugin loads this file by
its path, in an environment that may not have regwatch installed.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

SHOWN = 500
"""Entries of a feed: what readers have not fetched after so many they find in the archive."""
NEVER = "1970-01-01T00:00:00Z"
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = re.compile(r"\s+")

Row = Mapping[str, Any]


def atom(rows: Iterable[Row], *, archive: str, name: str) -> Generator[str, None, None]:
    """The feed of rows of ``hits`` or ``story_list``, newest first, as pieces of text.

    ``archive`` tells archives apart, so that a reader of two of them confuses no entries;
    ``name`` is what is listed. The feed changes only when a row does.
    """
    shown = [row for _, row in zip(range(SHOWN), rows, strict=False)]
    updated = max((_updated(row) for row in shown), default=NEVER)
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield f"<title>regwatch: {_text(name)}</title>\n<id>tag:regwatch,2026:{_text(archive)}/{_text(name)}</id>\n"
    yield f"<updated>{_text(updated)}</updated>\n<author><name>regwatch</name></author>\n<generator>regwatch</generator>\n"
    for row in shown:
        yield _entry(row, archive)
    yield "</feed>\n"


def _entry(row: Row, archive: str) -> str:
    story, entry = row["story_id"], row.get("entry_id")
    place = story if entry is None else f"entry/{entry}"
    url = _address(row.get("url") or row.get("lead_url"))
    parts = [
        f"<title>{_text(row['title']) or 'untitled'}</title>",
        f"<id>tag:regwatch,2026:{_text(archive)}/{_text(place)}</id>",
        f"<updated>{_text(_updated(row))}</updated>",
        f"<published>{_text(row['first_seen'])}</published>",
    ]
    if row.get("source"):
        parts.append(f"<author><name>{_text(row['source'])}</name></author>")
    if url:
        parts.append(f'<link rel="alternate" href={quoteattr(url)}/>')
    for scheme in ("action", "jurisdiction", "regulator"):
        if row.get(scheme):
            parts.append(f'<category scheme="tag:regwatch,2026:{scheme}" term={quoteattr(_plain(row[scheme]))}/>')  # fmt: skip
    # without a link to the page an entry must have content
    tag = "summary" if url else "content"
    parts.append(f'<{tag} type="text">{_text(_summary(row))}</{tag}>')
    return f"<entry>{''.join(parts)}</entry>\n"


def _updated(row: Row) -> str:
    return str(row.get("last_seen") or row["first_seen"])


def _summary(row: Row) -> str:
    amount = f"{row.get('currency') or ''} {row['amount']:,.0f}".strip() if row.get("amount") else None  # fmt: skip
    facts = (row["regulator"], row["organisation"], row["action"], amount, row["jurisdiction"])
    return " · ".join(str(fact) for fact in (*facts, row["story_id"]) if fact)


def _plain(value: object) -> str:
    return _SPACES.sub(" ", _ILLEGAL.sub("", str(value))).strip()


def _text(value: object) -> str:
    return escape(_plain(value))


def _address(url: object) -> str | None:
    found = _ILLEGAL.sub("", str(url or ""))
    return found if found.lower().startswith(("http://", "https://")) else None
