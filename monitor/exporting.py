"""Hits for other programs: CSV, JSON Lines, and an Atom feed with stable ids. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

_ATOM = "http://www.w3.org/2005/Atom"
Rows = Sequence[Mapping[str, Any]]


def as_csv(rows: Rows) -> str:
    """RFC 4180 with a header; a cell that a spreadsheet would run as a formula is quoted by '."""
    if not rows:
        return ""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows({k: _inert(v) for k, v in row.items()} for row in rows)
    return out.getvalue()


def _inert(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value


def as_jsonl(rows: Rows) -> str:
    """One JSON object per line."""
    return "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)


def as_atom(rows: Rows, updated: str) -> str:
    """An Atom feed (RFC 4287); an entry's id never changes."""
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]  # lxml's own way
    _add(feed, "title", "regwatch: hits")
    _add(feed, "id", "tag:regwatch,2026:hits")
    _add(feed, "updated", updated)
    author = etree.SubElement(feed, f"{{{_ATOM}}}author")
    _add(author, "name", "regwatch")
    for row in rows[:500]:
        entry = etree.SubElement(feed, f"{{{_ATOM}}}entry")
        _add(entry, "title", str(row["title"]))
        _add(entry, "id", f"tag:regwatch,2026:entry/{row['entry_id']}")
        _add(entry, "updated", str(row["first_seen"]))
        if row["url"]:
            etree.SubElement(entry, f"{{{_ATOM}}}link", rel="alternate", href=str(row["url"]))
        facts = (row["regulator"], row["organisation"], row["action"], row["jurisdiction"])
        _add(entry, "summary", " · ".join(str(f) for f in (*facts, row["source"]) if f))
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True).decode()


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{_ATOM}}}{name}").text = text
