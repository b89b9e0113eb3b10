"""Tables and progress for people; nothing of it reaches a pipe that wants JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from ..escape import tidy


def print_table(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    main: str | None = None,
    spare: Sequence[str] = (),
) -> None:
    """A table on a terminal, tab-separated lines in a pipe.

    Where a terminal is too narrow, the ``spare`` columns are left out, the first ones first,
    until ``main`` (the title, where none is named) has room to be read; where even that does not
    help, the columns that are left stand below each other.
    """
    if not rows:
        click.echo("Nothing found.", err=True)
        return
    if sys.stdout is None or not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(_cell(row[c], 500) for c in columns))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    main = main or next((c for c in _MAIN if c in columns), columns[-1])
    shown = fitting(rows, columns, console.width, main=main, spare=spare)
    if _least_width(rows, shown, main) > console.width:
        _print_stacked(rows, shown)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in shown:
        most = None if column == main else MOST
        table.add_column(column.replace("_", " "), overflow="ellipsis", no_wrap=column != main, max_width=most)  # fmt: skip
    for row in rows:
        table.add_row(*(Text(_short(row[c]), style=_STYLES.get(str(row[c]), "")) for c in shown))
    console.print(table)


MOST = 26
"""Columns beside the main one are cut at so many letters."""
LEAST = 28
"""The main column is not made narrower than this while another can be left out."""
_MAIN = ("title", "text", "reason")
_STYLES = {"failing": "yellow", "blocked": "yellow", "gone": "red", "ok": "green"}
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d\.\d{3}Z")


def fitting(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], width: int, *, main: str, spare: Sequence[str]
) -> list[str]:  # fmt: skip
    """The columns that fit a width, or those that are left where none do."""
    shown, left = list(columns), list(spare)
    while left and _least_width(rows, shown, main) > width:
        gone = left.pop(0)
        shown = [c for c in shown if c != gone]
    return shown


def _least_width(rows: Sequence[Mapping[str, Any]], shown: Sequence[str], main: str) -> int:
    """The letters that columns need beside a main one that can be read."""
    sizes = {c: min(MOST, max(len(c), *(len(_short(r[c])) for r in rows))) for c in shown}
    return sum(sizes[c] + 2 for c in shown if c != main) + LEAST


def _print_stacked(rows: Sequence[Mapping[str, Any]], shown: Sequence[str]) -> None:
    """A line for each cell that says something, and an empty one between rows; nothing is cut."""
    for number, row in enumerate(rows):
        if number:
            click.echo()
        for column in shown:
            if cell := _short(row[column]):
                click.echo(f"{click.style(column.replace('_', ' '), bold=True)}  {cell}")


def _short(value: Any) -> str:
    """A cell for people: times to the minute."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    return f"{found[1]} {found[2]}" if found else _cell(value, 160)


def _cell(value: Any, limit: int) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return tidy(str(value), limit)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal's stderr; nothing when piped. The value is called once per step."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[last]}"))  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, last="")
        yield lambda last: bar.update(task, advance=1, last=tidy(last, 30))
