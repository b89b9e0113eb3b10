"""JSON Feed 1.0 and 1.1 (jsonfeed.org) to entries. Pure; any bytes give entries or a ``FeedError``."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from .dates import parse_date
from .domain import FeedHints, Parsed, ParsedEntry
from .errors import FeedError
from .plaintext import SUMMARY_CAP, TITLE_CAP, clean, language_code, plain, web_link

_READ = 2_000  # items looked at; the caller keeps the newest


def parse_json_feed(body: bytes, url: str) -> Parsed:
    """Read a JSON Feed.

    Raises:
        FeedError: ``parse`` for broken JSON, ``not_a_feed`` for other JSON.
    """
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FeedError("parse", f"not readable as JSON: {str(error)[:120]}") from error
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        raise FeedError("not_a_feed", "JSON, but not a JSON Feed (no items)")
    entries = [_entry(item, url) for item in value["items"][:_READ] if isinstance(item, dict)]
    return Parsed(
        entries=tuple(e for e in entries if e is not None),
        hints=FeedHints(
            title=plain(_text(value, "title"), 200) or None,
            language=language_code(_text(value, "language")),
            dropped=max(0, len(value["items"]) - _READ),
            prev_archive=web_link(_text(value, "next_url") or None),
        ),
    )


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return str(value) if isinstance(value, str | int | float) and value is not True else ""


def _entry(item: dict[str, Any], base: str) -> ParsedEntry | None:
    markup = _text(item, "content_html")
    text = clean(_text(item, "content_text"), SUMMARY_CAP) or plain(markup, SUMMARY_CAP)
    summary = plain(_text(item, "summary"), SUMMARY_CAP)
    title = plain(_text(item, "title"), TITLE_CAP)
    raw = _text(item, "date_published") or _text(item, "date_modified")
    link = _text(item, "url") or _text(item, "external_url")
    try:
        resolved = web_link(urljoin(base, link)) if link else None
    except ValueError:
        resolved = None
    if not (title or summary or text or resolved):
        return None
    return ParsedEntry(
        title=title or clean((summary or text)[:160], 160) or resolved or "",
        url=resolved,
        guid=clean(_text(item, "id"), 2000) or None,
        summary=summary or text[:2000],
        text=text if summary else "",
        published=parse_date(raw) if raw else None,
        published_raw=clean(raw, 100) or None,
        language=language_code(_text(item, "language")),
    )
