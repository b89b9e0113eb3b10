"""The evidence pack of a story: what was known when, checkable by anyone without this program.

Pure: rows in, a document out, and a document in, problems out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .store.evidence import GENESIS, link

FORMAT = "regwatch-evidence-1"


def pack(story: str, chain: Sequence[Mapping[str, Any]], wanted: set[int]) -> dict[str, Any]:
    """The pack: the story's rows whole, the others as hashes only, so that the chain can be walked."""
    rows = []
    for row in chain:
        mine = row["seq"] in wanted
        rows.append(
            {"seq": row["seq"], "hash": row["hash"], "previous": row["previous"]}
            | ({k: row[k] for k in ("made", "what", "data")} if mine else {})
        )
    return {"format": FORMAT, "story": story, "rows": rows}


def verify(document: Any) -> list[str]:
    """What is wrong with a pack; empty when it is sound."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return ["not an evidence pack"]
    rows = document.get("rows")
    if not isinstance(rows, list) or not rows:
        return ["the pack has no rows"]
    found: list[str] = []
    previous = GENESIS
    for number, row in enumerate(rows, 1):
        try:
            found += _numbering(row, number)
            if row["previous"] != previous:
                found.append(f"row {number}: does not follow from the row before")
            if "data" in row and link(row["previous"], row["made"], row["what"], row["data"]) != row["hash"]:  # fmt: skip
                found.append(f"row {number}: its content does not give its hash")
            previous = row["hash"]
        except (KeyError, TypeError):
            found.append(f"row {number}: broken")
            break
    if not any("data" in row for row in rows if isinstance(row, dict)):
        found.append("the pack carries no content")
    return found


def _numbering(row: Mapping[str, Any], number: int) -> list[str]:
    return [] if row["seq"] == number else [f"row {number}: has the number {row['seq']}"]
