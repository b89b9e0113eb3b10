"""The evidence pack of a story: what was known when, checkable by anyone without this program.

``rows`` is the whole log in order: a row of the story is an object with its content, any other a
text, the digest of its content; from both follows every hash up to ``head``. Rows of the log's
first form have no digest and are shown whole, those of other stories marked ``other``.
Pure: rows in, a document out, and a document in, problems out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .escape import tidy
from .store.evidence import GENESIS, digest, link, sha256

FORMAT = "regwatch-evidence-2"
_STORY_ID = re.compile(r"S-\d{4}-\d{6,}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.A)
_SHOWN = 60
"""Characters shown of what a pack says: whoever made it may be a forger, and this a terminal."""
_CONTENT = ("seq", "made", "what", "entry", "story", "data", "hash")


def pack(
    story: str, chain: Iterable[Mapping[str, Any]], wanted: set[int], *, made: str
) -> dict[str, Any]:
    """The pack of a story from the whole log and the ``seq`` of the story's rows."""
    rows: list[Any] = []
    previous = GENESIS
    for row in chain:
        rows.append(_row(row, mine=row["seq"] in wanted))
        previous = row["hash"]
    return {"format": FORMAT, "story": story, "made": made, "head": previous, "rows": rows}


def _row(row: Mapping[str, Any], *, mine: bool) -> Any:
    first_form = row["digest"] is None
    if not mine and not first_form:
        return row["digest"]
    content: dict[str, Any] = {"entry": "" if row["entry_id"] is None else str(row["entry_id"])}
    content |= {k: row[k] or "" for k in _CONTENT if k != "entry"}
    if first_form:
        content["form"] = 1
    return content if mine else content | {"other": True}


def verify(document: Any, anchors: Iterable[str] = ()) -> list[str]:
    """What is wrong with a pack; empty when it is sound.

    ``anchors`` are hashes kept elsewhere: each must be one of the chain.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return ["not an evidence pack of this form"]
    rows = document.get("rows")
    if not isinstance(rows, list) or not rows:
        return ["the pack has no rows"]
    found: list[str] = []
    hashes: list[str] = [GENESIS]
    for number, row in enumerate(rows, 1):
        try:
            problem, value = _walk(row, number, hashes[-1])
        except (KeyError, TypeError, AttributeError, RecursionError):
            return [*found, f"row {number}: broken"]
        found += [f"row {number}: {problem}"] if problem else []
        hashes.append(value)
    if hashes[-1] != document.get("head"):
        found.append("the rows do not lead to the head")
    shown = [
        row for row in rows if isinstance(row, dict) and "data" in row and not row.get("other")
    ]
    found += _heading(document, shown) if shown else ["the pack carries no content"]
    return found + [f"{a}: this hash is not in the chain" for a in anchors if a not in hashes[1:]]


def _heading(document: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the pack says of itself stands in no hash; its rows must bear it out.

    Rows of the log's first form do not prove which story they name.
    """
    found = []
    story, made = (_text(document.get(key)) for key in ("story", "made"))
    proven = [row for row in shown if row.get("form") != 1]
    if not story or (proven and all(story not in (row["story"], *_ids(row)) for row in proven)):
        found.append(f"no row is about the story {tidy(story, _SHOWN) or 'that is not named'}")
    latest = max(str(row["made"]) for row in shown)
    if not _TIME.fullmatch(made) or made < latest:
        found.append(
            f"it says it was made at {tidy(made, _SHOWN) or 'no time'}, before its row of {tidy(latest, _SHOWN)}"
        )
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _ids(row: Mapping[str, Any]) -> list[str]:
    return _STORY_ID.findall(str(row["data"]))


def _walk(row: Any, number: int, previous: str) -> tuple[str | None, str]:
    """The problem of a row, if any, and the hash that the next row follows from."""
    if isinstance(row, str):
        return None, sha256(previous, row)
    if "data" not in row:
        return "a bare hash proves nothing; have the pack made anew", str(row["hash"])
    full = {**row, "previous": previous, "entry_id": row["entry"] or None, "digest": None}
    if row.get("form") != 1:
        full["digest"] = digest(full)
    value = link(full)
    if row["seq"] != number:
        return f"has the number {tidy(str(row['seq']), _SHOWN)}", value
    return ("its content does not give its hash" if value != row["hash"] else None), value
