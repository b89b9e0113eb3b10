"""Datasette plugin: what a page of hits or stories shows, as an Atom feed (add ``.feed``).

Not ``.atom``: that ending belongs to datasette-atom, which asks for columns of its own.

Loaded by Datasette, perhaps in an environment without regwatch: the feed's code is found by path.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Response

_PATH = Path(__file__).resolve().parents[2] / "atom.py"
_SPEC = importlib.util.spec_from_file_location("regwatch_atom_feed", _PATH)
assert _SPEC is not None  # noqa: S101 - a path that ends in .py always has a spec
assert _SPEC.loader is not None  # noqa: S101 - the same
_FEED = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_FEED)
NEEDED = frozenset({"story_id", "title", "first_seen", "regulator", "organisation", "action", "jurisdiction"})  # fmt: skip
_NAME = "SELECT substr(hash, 1, 12) FROM evidence ORDER BY seq LIMIT 1"


def can_render(columns: Sequence[str]) -> bool:
    """Whether rows of these columns are hits or stories."""
    return NEEDED.issubset(columns)


async def render(datasette: Any, database: str, table: str | None, query_name: str | None, columns: Sequence[str], rows: Sequence[Any]) -> Any:  # fmt: skip
    """The feed, or 400 where the rows are neither hits nor stories."""
    if not can_render(columns):
        return Response("this page has no feed: hits and story_list have", status=400, content_type="text/plain")  # fmt: skip
    named = (await datasette.get_database(database).execute(_NAME)).first()
    listed = ({name: row[name] for name in columns} for row in rows)
    text = "".join(_FEED.atom(listed, archive=named[0] if named else "empty", name=table or query_name or "query"))  # fmt: skip
    return Response(text, content_type="application/atom+xml; charset=utf-8")


@hookimpl  # type: ignore[untyped-decorator]  # datasette carries no types
def register_output_renderer() -> dict[str, Any]:
    """Tell Datasette of the ending ``.feed``."""
    return {"extension": "feed", "render": render, "can_render": can_render}
