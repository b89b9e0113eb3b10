"""Plots as HTML tables and small SVG: text keeps its size at any width, on screen and paper. Pure.

Horizontal places are percentages, so that nothing is scaled but the marks themselves.
All text handed in is escaped here; addresses become links only when they are http(s).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ..escape import tidy

HEIGHT = 180
_FOOT = 22
_HEAD = 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a plot over time."""

    label: str
    title: str
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart: ``size`` as a share of the widest, 0 to 1."""

    label: str
    size: float
    value: str
    url: str | None = None


def text(value: object, limit: int = 300) -> str:
    """Escaped text on one line, without controls; a dash for nothing."""
    if value is None or value == "":
        return '<span class="soft">—</span>'
    return escape(tidy(str(value), limit))


def link(value: object, url: str | None, limit: int = 300) -> str:
    """Text that leads to an address, where that is http(s)."""
    shown = text(value, limit)
    if not url or not url.lower().startswith(("http://", "https://")):
        return shown
    return f'<a rel="noreferrer noopener" href="{escape(tidy(url, 2000))}">{shown}</a>'


def nothing(what: str = "Nothing in this period.") -> str:
    """What stands where a plot has nothing to show."""
    return f'<p class="soft">{escape(what)}</p>'


def bars(rows: Sequence[Bar], caption: str) -> str:
    """Horizontal bars, one row each."""
    body = "".join(
        f'<tr><th scope="row">{link(row.label, row.url, 90)}<td class="bar">{_bar(row.size)}<td class="n">{text(row.value)}'
        for row in rows
    )
    return f'<table class="bars"><caption>{escape(caption)}</caption>{body}</table>'


def _bar(size: float) -> str:
    width = 0.0 if size <= 0 else max(0.6, 100 * min(1.0, size))
    return f'<svg aria-hidden="true" width="100%" height="14"><rect class="a" width="{width:.1f}%" height="14" rx="2"/></svg>'


def ranges(rows: Sequence[tuple[str, float, float, float, str]], caption: str) -> str:
    """A dot with its interval on a line from 0 to 100 %: label, low, value, high, words."""
    body = "".join(
        f'<tr><th scope="row">{text(label)}<td class="bar"><svg aria-hidden="true" width="100%" height="16">'
        '<line class="grid" x1="0" x2="100%" y1="8" y2="8"/>'
        f'<line class="range" x1="{100 * low:.1f}%" x2="{100 * high:.1f}%" y1="8" y2="8"/>'
        f'<circle class="a" cx="{1 + 98 * value:.1f}%" cy="8" r="5"/></svg><td class="n">{text(words)}'
        for label, low, value, high, words in rows
    )
    return f'<table class="bars"><caption>{escape(caption)}</caption>{body}</table>'


def columns(data: Sequence[Column], axis: Sequence[int], names: Sequence[str], caption: str) -> str:
    """Stacked columns over time, with a legend where there is more than one part."""
    room = HEIGHT - _FOOT - _HEAD
    scale = room / axis[-1]
    lines = "".join(f'<line class="grid" x1="0" x2="100%" y1="{_y(n, scale):.1f}" y2="{_y(n, scale):.1f}"/>' for n in axis)  # fmt: skip
    marks = "".join(f'<text x="30" y="{_y(n, scale) + 4:.1f}" text-anchor="end">{n}</text>' for n in axis)  # fmt: skip
    drawn = "".join(_column(column, n, len(data), scale) for n, column in enumerate(data))
    legend = " ".join(f'<span><i class="key {mark}"></i>{escape(name)}</span>' for mark, name in zip("ab", names, strict=False))  # fmt: skip
    return (
        f'<figure><figcaption>{escape(caption)} <span class="legend">{legend}</span></figcaption>'
        f'<div class="plot"><svg aria-hidden="true" width="34" height="{HEIGHT}">{marks}</svg>'
        f'<svg role="img" aria-label="{escape(caption)}" width="100%" height="{HEIGHT}">{lines}{drawn}{_labels(data)}</svg></div></figure>'
    )


def _y(n: float, scale: float) -> float:
    return HEIGHT - _FOOT - n * scale


def _column(column: Column, n: int, of: int, scale: float) -> str:
    step, below, found = 100 / of, 0, []
    for mark, part in zip("ab", column.parts, strict=False):
        if part:
            found.append(f'<rect class="{mark}" x="{n * step + step * 0.12:.2f}%" width="{step * 0.76:.2f}%" y="{_y(below + part, scale):.1f}" height="{part * scale:.1f}"/>')  # fmt: skip
        below += part
    return f"<g><title>{escape(column.title)}</title>{''.join(found)}</g>" if found else ""


def _labels(data: Sequence[Column], most: int = 6) -> str:
    """Every k-th column's label under it, so few that they fit a phone."""
    every = -(-len(data) // most)
    step = 100 / len(data)
    found = []
    places = [*range(0, len(data), every)]
    if (
        len(data) - 1 - places[-1] < every * 2 / 3
        and len(places) > 1
        and places[-1] != len(data) - 1
    ):
        places.pop()  # it would touch the last column's
    for n in dict.fromkeys([*places, len(data) - 1]):
        anchor, x = ("start", n * step) if n == 0 else ("end", 100.0) if n == len(data) - 1 else ("middle", (n + 0.5) * step)  # fmt: skip
        found.append(f'<text x="{x:.1f}%" y="{HEIGHT - 5}" text-anchor="{anchor}">{escape(data[n].label)}</text>')  # fmt: skip
    return "".join(found)
