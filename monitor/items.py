"""JSON Lines of items: what ``score``, ``ingest`` and ``evaluate`` read. Pure.

A bad line is an error of its own number; the others go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isinf
from typing import Any

from classifiers.facts import Facts
from classifiers.verdict import Item, Verdict

from .dates import parse_date
from .domain import ParsedEntry
from .plaintext import SUMMARY_CAP, TITLE_CAP, clean, language_code, web_link

_TEXTS = ("title", "summary", "text", "url", "published", "source", "lang")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its item, or what is wrong with it."""

    number: int
    item: dict[str, Any] | None = None
    problem: str | None = None


def read_lines(lines: Iterable[str | bytes]) -> Iterator[Line]:
    """The items of a JSON Lines text; blank lines are passed over."""
    for number, raw in enumerate(lines, 1):
        try:
            text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        except UnicodeDecodeError:
            yield Line(number, problem="not UTF-8 text")
            continue
        text = text.lstrip("\ufeff").strip()
        if text:
            yield _line(number, text)


def _line(number: int, text: str) -> Line:
    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        return Line(number, problem=f"not JSON: {error}")
    if not isinstance(value, dict):
        return Line(number, problem="not a JSON object")
    if not isinstance(value.get("title"), str) or not value["title"].strip():
        return Line(number, problem="title: required, as text")
    for key in _TEXTS:
        if value.get(key) is not None and not isinstance(value[key], str):
            return Line(number, problem=f"{key}: must be text")
    return Line(number, item=value)


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    """A number; one that overflows would come out as ``Infinity``, which is no JSON."""
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def as_item(value: dict[str, Any]) -> Item:
    """A line's value as the classifier reads it."""
    return Item(
        title=clean(value["title"], TITLE_CAP),
        summary=clean(value.get("summary") or "", SUMMARY_CAP),
        text=clean(value.get("text") or "", SUMMARY_CAP),
        lang=value.get("lang"),
        url=value.get("url"),
        source=value.get("source"),
    )


def as_entry(value: dict[str, Any]) -> ParsedEntry:
    """A line's value as an entry of its source."""
    raw = value.get("published")
    guid = value.get("id")
    return ParsedEntry(
        title=clean(value["title"], TITLE_CAP),
        url=web_link(value.get("url")),
        guid=clean(str(guid), 2000) if guid not in (None, "") else None,
        summary=clean(value.get("summary") or "", SUMMARY_CAP),
        text=clean(value.get("text") or "", SUMMARY_CAP),
        published=_date(raw),
        published_raw=clean(raw, 100) if raw else None,
        language=language_code(value.get("lang") or ""),
        source=clean(value.get("source") or "", 200) or None,
    )


def sourced(value: dict[str, Any]) -> tuple[str, ParsedEntry]:
    """A line's value as ``ingest`` keeps it: its source, by name, and the entry."""
    entry = as_entry(value)
    return entry.source or "ingest", entry


def as_line(value: Mapping[str, Any]) -> str:
    """One line of JSON, letters as they are; half a surrogate pair, which no encoding has, escaped."""
    line = json.dumps(value, ensure_ascii=False)
    if line.isascii():
        return line
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return line


def _date(raw: str | None) -> datetime | None:
    return parse_date(raw) if raw else None


def scored(value: dict[str, Any], verdict: Verdict, facts: Facts | None) -> dict[str, Any]:
    """A line's value with verdict and facts added; unknown keys pass through."""
    facts = facts or Facts()
    return {
        **value,
        "score": verdict.score,
        "label": verdict.label.value,
        "legs": {leg: list(words) for leg, words in verdict.legs.items()},
        "why": [[reason.term, round(reason.weight, 4)] for reason in verdict.why],
        "model": verdict.model,
        "regulator": facts.regulator,
        "regulators": list(facts.regulators),
        "organisation": facts.organisation,
        "jurisdiction": facts.jurisdiction,
        "action": facts.action,
        "amount": facts.amount,
        "currency": facts.currency,
    }
