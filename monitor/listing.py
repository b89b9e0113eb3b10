"""A listing page to entries: with CSS selectors, or with the page's own repeated structure.

Runs inside the parser processes; no I/O. A page on which nothing matches is an error of the
source, never "no news".
"""

from __future__ import annotations

from .domain import FeedHints, Parsed, Selectors
from .errors import FeedError
from .page import extract, read_page
from .structure import derive

_CAP = 200


def parse_listing(body: bytes, content_type: str, url: str, selectors: Selectors | None) -> Parsed:
    """Entries of a listing page; derived selectors come back in ``hints.selectors``.

    Raises:
        FeedError: ``empty`` for no content, ``parse`` where the selectors match nothing or no
            repeated structure is found.
    """
    tree = read_page(body, content_type, url)
    derived = selectors is None
    if selectors is None:
        selectors = derive(tree, url)
        if selectors is None:
            raise FeedError("parse", "no repeated structure found; give `entry:` a CSS selector")
    entries = extract(tree, url, selectors)
    if not entries:
        raise FeedError(
            "parse", f"the selector {selectors.entry!r} yields no entry; has the page changed?"
        )
    return Parsed(tuple(entries[:_CAP]), FeedHints(selectors=selectors if derived else None))
