"""Evidence packs: a verdict about any JSON, and no verdict that a forger would like.

The sample is a genuine pack. With its head as the anchor, whatever a changed pack still passes for
sound must say the same as the genuine one.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from typing import Any

from monitor.cli.keep import verify_file
from monitor.errors import CheckFailed, UsageError
from monitor.evidence_pack import pack, verify
from monitor.store.evidence import GENESIS, digest, link

from .files import folder

STORY = "S-2026-000001"
_PROVEN = ("seq", "made", "what", "data")
_SAID = (
    ("hit", 12, None, '{"story":"S-2026-000001","title":"ICO fines Clearview AI"}', False),
    ("hit", 12, None, '{"title":"ICO fines Clearview AI","url":"https://ico.example/1"}', True),
    ("alert", None, STORY, '{"alert":1,"kind":"new"}', True),
    ("alert", None, "S-2026-000002", '{"alert":2,"kind":"new"}', True),
    ("judgement", 12, None, '{"author":"ann","label":"relevant"}', True),
)


@cache
def genuine() -> Mapping[str, Any]:
    """A pack of a log with rows of both forms, its own and another story's."""
    rows: list[dict[str, Any]] = []
    for seq, (what, entry, story, data, newer) in enumerate(_SAID, 1):
        row: dict[str, Any] = {"seq": seq, "made": f"2026-11-24T08:0{seq}:00Z", "what": what}
        row |= {"entry_id": entry, "story": story, "data": data, "digest": None}
        row["previous"] = rows[-1]["hash"] if rows else GENESIS
        row["digest"] = digest(row) if newer else None
        rows.append(row | {"hash": link(row)})
    return pack(STORY, rows, {1, 2, 3, 5}, made="2026-11-24T09:00:00Z")


def evidence(data: bytes) -> None:
    """Any file given to ``audit --verify``: unreadable, unsound with its reasons, or sound."""
    sound, told = _verdict(data)
    assert told.strip() or sound is None
    assert told.replace("\n", "").isprintable(), told
    if sound is None:
        return
    document = json.loads(data.decode())
    problems = verify(document)
    assert all(problem.strip() and problem.isprintable() for problem in problems), problems
    assert sound is not bool(problems)
    if sound and not verify(document, [genuine()["head"]]):
        _says_the_same(document)


def _verdict(data: bytes) -> tuple[bool | None, str]:
    """Whether the command finds the file sound, None where it cannot be read; and what it says."""
    path = folder() / "pack.json"
    path.write_bytes(data)
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    problems = io.StringIO()
    with redirect_stdout(said), redirect_stderr(problems):
        try:
            verify_file(path, ())
        except UsageError:
            return None, ""
        except CheckFailed:
            return False, problems.getvalue()
    said.seek(0)
    return True, said.read()


def _says_the_same(document: Mapping[str, Any]) -> None:
    rows = list(genuine()["rows"])
    for row in document["rows"]:
        if isinstance(row, dict):
            mine = rows[row["seq"] - 1]
            assert isinstance(mine, dict), row
            assert [row[k] for k in _PROVEN] == [mine[k] for k in _PROVEN]


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


TARGETS: dict[str, Callable[[bytes], None]] = {"evidence": evidence}
SAMPLES: dict[str, tuple[bytes, ...]] = {
    "evidence": (
        _json(genuine()),
        _json({**genuine(), "rows": [*genuine()["rows"], {"hash": "0" * 64}], "head": "0" * 64}),
        _json({**genuine(), "rows": [genuine()["rows"][0], {"hash": genuine()["head"]}]}),
        b'{"format": "regwatch-evidence-2", "rows": [{"hash": "x"}, "y", {"seq": 3, "data": ""}]}',
    )
}
