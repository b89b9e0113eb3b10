"""The digest: what happened since a moment, grouped by what to do. Pure.

A line may end with a tab and the address to read it at; a channel makes a link of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

Rows = Sequence[Mapping[str, Any]]

_TITLES = 20
"""So many titles are named per reason why hits were held back; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest tells of."""

    since: datetime
    new: Rows  # stories first seen, with tier; those that people judged not relevant are left away
    moved: Rows  # stories that follow earlier ones
    held_back: Rows  # hits that were stored and not alerted, with the reason
    sources: Rows  # sources that are or were down or quiet
    dismissed: int = 0  # stories that people judged not relevant

    def as_text(self) -> str:
        """The digest as lines; sections without content are left away."""
        told = [row for row in self.new if row["tier"] != "digest"]
        lines = [f"Since {self.since:%Y-%m-%d %H:%M} UTC: {len(self.new)} new stories."]
        lines += _section("Act now", [_story(r) for r in told if r["tier"] == "act_now"])
        lines += _section("New", [_story(r) for r in told if r["tier"] != "act_now"])
        lines += _section("Told only here", [_story(r) for r in self.new if r["tier"] == "digest"])
        lines += _section("Moved on", [_story(r, f" (follows {r['follows']})") for r in self.moved])
        lines += _section("Held back", list(_held_back(self.held_back)), len(self.held_back))
        lines += _section("Sources to look at", [_source(r) for r in self.sources])
        if self.dismissed:
            lines.append(f"Left away, judged not relevant: {self.dismissed}")
        return "\n".join(lines)


PAGE = 8000
"""Characters of a page as Slack counts them: below the 9,000 or so that it takes in a message."""
LINE = 1200


def pages(text: str, limit: int = PAGE) -> list[str]:
    """The text in pages of whole lines, each within the limit; a longer line is cut."""
    found: list[list[str]] = [[]]
    size = 0
    for line in (line[:LINE] for line in text.splitlines()):
        weight = _weight(line)
        if found[-1] and size + weight > limit:
            found.append([])
            size = 0
        found[-1].append(line)
        size += weight
    return ["\n".join(lines) for lines in found if lines]


def _weight(line: str) -> int:
    """The characters of a line once its marks are escaped, with its end."""
    return len(line) + 4 * line.count("&") + 3 * (line.count("<") + line.count(">")) + 4


def _section(title: str, lines: Sequence[str], count: int | None = None) -> list[str]:
    number = len(lines) if count is None else count
    return [f"{title} ({number}):", *(f"• {line}" for line in lines)] if lines else []


def _story(row: Mapping[str, Any], more: str = "") -> str:
    parties = " → ".join(str(p) for p in (row["regulator"], row["organisation"]) if p)
    action = f": {row['action']}" if row["action"] else ""
    where = f" ({row['jurisdiction']})" if row["jurisdiction"] else ""
    line = f"{row['story_id']} {parties}{action}{where} — {row['title']}{more}".replace("  ", " ")
    return _with_link(line, row["lead_url"])


def _held_back(rows: Rows) -> list[str]:
    """A line per title, the titles by reason; of many with one reason the rest is counted."""
    lines: list[str] = []
    for reason, same in groupby(sorted(rows, key=lambda r: str(r["reason"])), lambda r: r["reason"]):  # fmt: skip
        group = list(same)
        lines += [_with_link(f"{r['title']} — {reason}", r["url"]) for r in group[:_TITLES]]
        if len(group) > _TITLES:
            lines.append(_with_link(f"and {len(group) - _TITLES} more — {reason}", None))
    return lines


def _with_link(line: str, url: Any) -> str:
    """One line, whatever breaks a title holds, and its address where that is one word."""
    text = " ".join(line.split())
    return f"{text}\t{url}" if url and str(url).split() == [url] else text


def _source(row: Mapping[str, Any]) -> str:
    """How a source is, in words: down, on its fallback, on and off, quiet, or well again."""
    said = []
    if row["error_class"]:
        said.append(f"{row['state']} ({row['error_class']}; last success {row['last_ok'] or 'never'})")  # fmt: skip
    said += [words for name, words in (("fallback", "polled at its fallback"), ("flapping", "fails on and off")) if row.get(name)]  # fmt: skip
    if row.get("quiet"):
        said.append(f"quiet, nothing new since {row.get('newest') or 'the first poll'}")
    return _with_link(f"{row['name']}: {'; '.join(said) or row['state']}", None)
