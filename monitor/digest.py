"""The digest: what happened since a moment, grouped by what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest tells of."""

    since: datetime
    new: Rows  # stories first seen
    moved: Rows  # stories that follow earlier ones
    held_back: Rows  # hits that were stored and not alerted, with the reason
    sources: Rows  # sources that were down or quiet

    def as_text(self) -> str:
        """The digest as lines; sections without content are left away."""
        lines = [f"Since {self.since:%Y-%m-%d %H:%M} UTC: {len(self.new)} new stories."]
        lines += _section("New", [_story(r) for r in self.new])
        lines += _section("Moved on", [f"{_story(r)} (follows {r['follows']})" for r in self.moved])
        lines += _section("Held back", [f"{r['title']} — {r['reason']}" for r in self.held_back])
        lines += _section("Sources to look at", [f"{r['name']}: {_source(r)}" for r in self.sources])  # fmt: skip
        return "\n".join(lines)


PAGE = 2500
"""Characters of a page: below Slack's 3,000 for a block, with room for escapes."""


def pages(text: str, limit: int = PAGE) -> list[str]:
    """The text in pages of whole lines, each within the limit; a longer line is cut."""
    found: list[list[str]] = [[]]
    size = 0
    for line in (line[:limit] for line in text.splitlines()):
        if found[-1] and size + len(line) + 1 > limit:
            found.append([])
            size = 0
        found[-1].append(line)
        size += len(line) + 1
    return ["\n".join(lines) for lines in found if lines]


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title} ({len(lines)}):", *(f"• {line}" for line in lines)] if lines else []


def _story(row: Mapping[str, Any]) -> str:
    parties = " → ".join(str(p) for p in (row["regulator"], row["organisation"]) if p)
    action = f": {row['action']}" if row["action"] else ""
    return f"{row['story_id']} {parties}{action} — {row['title']}".replace("  ", " ")


def _source(row: Mapping[str, Any]) -> str:
    """How a source is, in words: down, on its fallback, on and off, or quiet."""
    said = []
    if row["error_class"]:
        said.append(f"{row['state']} ({row['error_class']}; last success {row['last_ok'] or 'never'})")  # fmt: skip
    said += [words for name, words in (("fallback", "polled at its fallback"), ("flapping", "fails on and off")) if row.get(name)]  # fmt: skip
    if row.get("quiet"):
        said.append(f"quiet, nothing new since {row.get('newest') or 'the first poll'}")
    return "; ".join(said) or str(row["state"])
