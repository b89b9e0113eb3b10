"""The report of a period: one self-contained HTML page. Pure: rows in, text out.

No script, no font, no address outside the page; plots are SVG, light and dark by the reader's
own setting. Everything an entry says is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any

Rows = Sequence[Mapping[str, Any]]

_STYLE = """
:root{color-scheme:light dark;--ink:#1d1c1d;--soft:#666;--paper:#fff;--bar:#0b6e4f;--good:#2f9e6e;--part:#d9a300;--bad:#c0392b;--none:#e3e3e3}
@media(prefers-color-scheme:dark){:root{--ink:#eee;--soft:#aaa;--paper:#16181a;--bar:#3fbf8f;--none:#333}}
body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .5rem;border-bottom:1px solid var(--none);vertical-align:top}
.soft{color:var(--soft)}svg text{fill:var(--ink);font-size:12px}h2{margin-top:2rem}a{color:inherit}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
"""


@dataclass(frozen=True, slots=True)
class Period:
    """Everything a report shows."""

    since: datetime
    until: datetime
    made: datetime
    stories: Rows
    by: Mapping[str, Rows]
    coverage: Rows
    runs: Rows


def as_html(period: Period) -> str:
    """The page."""
    title = f"regwatch report {period.since:%Y-%m-%d} to {period.until:%Y-%m-%d}"
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{title}</title><style>{_STYLE}</style>",
        f"<h1>{title}</h1><p class=soft>Made {period.made:%Y-%m-%d %H:%M} UTC. {len(period.stories)} stories.</p>",
    ]
    for name, rows in period.by.items():
        parts.append(f"<h2>By {escape(name)}</h2>{_bars(rows)}")
    parts.append(f"<h2>Stories</h2>{_stories(period.stories)}")
    parts.append(f"<h2>What was watched</h2>{_runs(period.runs)}{_heat_map(period)}")
    return "\n".join(parts) + "\n"


def _bars(rows: Rows) -> str:
    if not rows:
        return "<p class=soft>Nothing in this period.</p>"
    shown, top = rows[:20], max(r["n"] for r in rows)
    bars = "".join(
        f"<text x=0 y={n * 22 + 15}>{escape(str(r['name']))[:32]}</text>"
        f"<rect x=220 y={n * 22 + 3} width={max(2, 480 * r['n'] / top):.0f} height=15 fill='var(--bar)'/>"
        f"<text x={228 + 480 * r['n'] / top:.0f} y={n * 22 + 15}>{r['n']}</text>"
        for n, r in enumerate(shown)
    )
    return f"<svg width=760 height={len(shown) * 22 + 6} role=img>{bars}</svg>"


def _stories(rows: Rows) -> str:
    if not rows:
        return "<p class=soft>None.</p>"
    body = "".join(
        f"<tr><td>{escape(r['story_id'])}<td>{escape(r['first_seen'][:10])}<td>{_text(r['regulator'])}"
        f"<td>{_text(r['organisation'])}<td>{_text(r['action'])}<td>{_money(r)}<td>{_link(r)}<td>{r['sources']}"
        for r in rows
    )
    return f"<table><tr><th>Story<th>First seen<th>Regulator<th>Organisation<th>Action<th>Amount<th>Title<th>Sources{body}</table>"


def _text(value: object) -> str:
    return escape(str(value)) if value is not None else "<span class=soft>—</span>"


def _money(row: Mapping[str, Any]) -> str:
    return f"{escape(str(row['currency']))} {row['amount']:,.0f}" if row["amount"] else ""


def _link(row: Mapping[str, Any]) -> str:
    title, url = escape(row["title"]), row["lead_url"]
    if not url or not url.startswith(("http://", "https://")):
        return title
    return f'<a rel=noreferrer href="{escape(url)}">{title}</a>'


def _runs(rows: Rows) -> str:
    if not rows:
        return "<p>The service did not run in this period: nothing was watched.</p>"
    items = "".join(f"<li>{escape(r['started'][:16])} to {escape((r['ended'] or '')[:16])} ({escape(r['command'])})" for r in rows[-200:])  # fmt: skip
    return f"<details><summary>{len(rows)} runs of the service; between them nothing was watched</summary><ul>{items}</ul></details>"


def _heat_map(period: Period) -> str:
    """Sources by day: all polls good, some, none, or not polled."""
    days = [period.since.date() + timedelta(days=n) for n in range(min(400, (period.until - period.since).days + 1))]  # fmt: skip
    place = {f"{d:%Y-%m-%d}": n for n, d in enumerate(days)}
    names = sorted({r["name"] for r in period.coverage})
    row_of = {name: n for n, name in enumerate(names)}
    step = max(3, min(14, 600 // max(1, len(days))))
    cells = "".join(
        f"<rect x={240 + place[r['day']] * step} y={row_of[r['name']] * 15} width={step - 1} height=13 fill='var(--{_grade(r)})'><title>{escape(r['name'])} {r['day']}: {r['good']} of {r['polls']} polls succeeded</title></rect>"
        for r in period.coverage
        if r["day"] in place
    )
    labels = "".join(f"<text x=0 y={n * 15 + 11}>{escape(name)[:36]}</text>" for n, name in enumerate(names))  # fmt: skip
    legend = "<p class=soft>Green: every poll succeeded; yellow: some; red: none. An empty cell was not polled: what was published then may have been missed.</p>"
    return f"{legend}<svg width={250 + len(days) * step} height={len(names) * 15 + 6} role=img>{labels}{cells}</svg>"


def _grade(row: Mapping[str, Any]) -> str:
    if row["good"] == row["polls"]:
        return "good"
    return "part" if row["good"] else "bad"
