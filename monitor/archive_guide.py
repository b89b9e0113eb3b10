"""The generated part of docs/archive.md: every view and table with its columns, from the code."""

from __future__ import annotations

from .store.comments import Comment, comments

BEGIN = "<!-- views and tables: made by `make docs` from monitor/store/comments.txt -->"
END = "<!-- end of views and tables -->"


def with_reference(guide: str) -> str:
    """A guide with its generated part as the code has it today.

    Raises:
        ValueError: the marks of that part are not there.
    """
    before, _, rest = guide.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("docs/archive.md lacks the marks of its generated part")
    parts = [_section(name, comment) for name, comment in comments().items()]
    return f"{before}{BEGIN}\n\n{''.join(parts)}{END}{after}"


def _section(name: str, comment: Comment) -> str:
    rows = "".join(f"| `{column}` | {text} |\n" for column, text in comment.columns.items())
    return f"### `{name}`\n\n{comment.meaning[0].upper()}{comment.meaning[1:]}.\n\n| column | meaning |\n| --- | --- |\n{rows}\n"
