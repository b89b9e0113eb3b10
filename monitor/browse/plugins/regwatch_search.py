"""Datasette plugin: a search without a word in it is no search.

Datasette hands an empty search box on to FTS5, which calls an empty expression a syntax error;
so a filter applied beside an empty box, or a lone quotation mark, gave an error page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette import hookimpl

_WORD = re.compile(r"[^\W_]")


def without_empty_search(query: bytes) -> bytes:
    """The query string without ``_search`` parameters that hold no letter and no digit.

    NUL goes as well: in SQL a text ends there, also in the middle of a quoted word.
    """
    query = query.replace(b"%00", b"")
    if b"_search" not in query:
        return query
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if not _is_search(k) or _WORD.search(v)]
    return query if kept == pairs else urlencode(kept).encode("ascii")


def _is_search(name: str) -> bool:
    return name == "_search" or (name.startswith("_search_") and name != "_searchmode")


@hookimpl  # type: ignore[untyped-decorator]  # datasette carries no types
def asgi_wrapper() -> Callable[[Any], Any]:
    """Wrap the application; everything else passes as it came."""

    def wrap(app: Any) -> Any:
        async def call(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                scope = dict(scope, query_string=without_empty_search(scope.get("query_string", b"")))  # fmt: skip
            await app(scope, receive, send)

        return call

    return wrap
