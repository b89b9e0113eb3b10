"""The report as one HTML page: sections in the order in which they are read. Pure.

Everything an entry says is escaped; the page's own policy forbids scripts and anything fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from . import watched
from .figures import buckets, count, day, minute, money, quantile, share, span, steps, ticks, wilson
from .period import Period
from .plots import Bar, Column, bars, columns, link, nothing, ranges, text

STORIES_SHOWN = 2000
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(period: Period) -> str:
    """The page."""
    title = f"regwatch report, {day(period.since)} to {day(period.until)}"
    style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    sections = (
        _head(period, title),
        _over_time(period),
        f'<div class="pair">{"".join(_by(name, period) for name in period.by)}{_amounts(period)}</div>',
        f'<div class="pair">{_latency(period)}{_precision(period)}</div>',
        watched.section(period),
        _stories(period),
        _foot(period),
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">'
        f"<style>{style}</style></head>\n<body>{chr(10).join(s for s in sections if s)}</body></html>\n"
    )


def _head(period: Period, title: str) -> str:
    totals, length = period.totals, period.until - period.since
    down = sum((b - a for a, b in period.down), timedelta(0))
    polls, good = sum(c.polls for c in period.coverage), sum(c.good for c in period.coverage)
    tiles = (
        (f"{totals['stories']:,}", "stories"),
        (f"{totals['hits']:,}", "hits"),
        (f"{totals['entries']:,}", "entries read"),
        (f"{totals['alerts']:,}", "alerts sent"),
        (f"{len(period.coverage):,}", "sources watched"),
        (share(good, polls), f"of {polls:,} polls succeeded"),
        (share((length - down) / length, 1), "of the time in service"),
    )
    shown = "".join(f"<li><b>{value}</b> {words}</li>" for value, words in tiles)
    return f'<header><h1>{title}</h1><p class="soft">Made {minute(period.made)} UTC by regwatch {text(period.release)}. All times are UTC.</p><ul class="tiles">{shown}</ul></header>'


def _over_time(period: Period) -> str:
    if not period.totals["hits"]:
        return f"<section><h2>Hits over time</h2>{nothing('No hits in this period. What was watched meanwhile stands below.')}</section>"
    data = []
    for begin, end in steps(period.since, period.until):
        parts = (0, 0)
        for n in range((end - begin).days):
            first, more = period.hits_by_day.get(f"{begin + timedelta(days=n):%Y-%m-%d}", (0, 0))
            parts = (parts[0] + first, parts[1] + more)
        last = end - timedelta(days=1)
        when = day(begin) if last <= begin else f"{begin:%-d %b} to {day(last)}"
        data.append(Column(f"{begin:%-d %b}", f"{when}: {parts[0]} new stories, {parts[1]} further hits", parts))  # fmt: skip
    size = {1: "day", 7: "week"}.get((end - begin).days, "30 days")
    axis = ticks(max(sum(c.parts) for c in data))
    return f"<section><h2>Hits over time</h2>{columns(data, axis, ('first hit of a story', 'further hits'), f'Hits by {size}')}</section>"


def _by(name: str, period: Period, most: int = 12) -> str:
    rows = period.by[name]
    title = f"<h2>By {text(name)}</h2>"
    if not rows:
        return f"<section>{title}{nothing()}</section>"
    shown, rest = rows[:most], rows[most:]
    top = max(r["n"] for r in rows)
    found = [Bar(str(r["name"]), r["n"] / top, f"{r['n']:,}") for r in shown]
    left = sum(r["n"] for r in rest)
    note = f'<p class="soft">and {count(left, "story")} of {len(rest)} others</p>' if rest else ""
    return f"<section>{title}{bars(found, 'Stories')}{note}</section>"


def _amounts(period: Period, most: int = 8) -> str:
    if not period.amounts:
        return f"<section><h2>Amounts</h2>{nothing('No story of this period names an amount.')}</section>"
    by: dict[str, list[Mapping[str, Any]]] = {}
    for row in period.amounts:
        by.setdefault(str(row["currency"] or "no currency named"), []).append(row)
    found = []
    for currency, rows in sorted(by.items(), key=lambda item: -len(item[1])):
        rows.sort(key=lambda r: -r["amount"])
        top = rows[0]["amount"] or 1
        drawn = [Bar(_parties(r), r["amount"] / top, money(r["amount"]), r["lead_url"]) for r in rows[:most]]  # fmt: skip
        note = f"{currency}: {count(len(rows), 'story')}" + (f", the {most} largest" if len(rows) > most else "")  # fmt: skip
        found.append(bars(drawn, note))
    return f'<section><h2>Amounts</h2><p class="soft">As the sources state them, imposed or asked for; currencies are not converted.</p>{"".join(found)}</section>'


def _parties(row: Mapping[str, Any]) -> str:
    named = " → ".join(str(p) for p in (row["regulator"], row["organisation"]) if p)
    return named or str(row["title"])


def _latency(period: Period) -> str:
    spans = [r["sent"] - r["published"] for r in period.latencies if r["sent"] and r["published"]]
    title = "<h2>From publication to alert</h2>"
    if not spans:
        return f"<section>{title}{nothing('No alert counts here: those of first polls and of entries without a date are left out.')}</section>"
    spans = [max(s, timedelta(0)) for s in spans]
    rows = buckets(spans)
    top = max(n for _, n in rows)
    drawn = [Bar(name, n / top, str(n)) for name, n in rows]
    inside = [r["sent"] - r["seen"] for r in period.latencies if r["sent"]]
    undated = sum(1 for r in period.latencies if r["sent"] and not r["published"])
    words = f"Half within {span(quantile(spans, 0.5))}, nine of ten within {span(quantile(spans, 0.9))}; from first seen to alert, half within {span(quantile(inside, 0.5))}."
    if undated:
        words += f" Without a date, and not counted: {count(undated, 'story')}."
    return f'<section>{title}{bars(drawn, "Stories told, by the time it took")}<p class="soft">{words}</p></section>'


def _precision(period: Period) -> str:
    title = "<h2>Precision by month</h2>"
    if not period.precision:
        return f"<section>{title}{nothing('No hit of the last twelve months was judged; regwatch label does it, or the buttons in Slack.')}</section>"
    rows = []
    for row in period.precision:
        low, high = wilson(row["relevant"], row["judged"])
        value = row["relevant"] / row["judged"]
        rows.append((str(row["month"]), low, value, high, f"{row['relevant']} of {row['judged']}"))
    return f'<section>{title}{ranges(rows, "Judged hits that are relevant, twelve months to the end of the period")}<p class="soft">The line is the 95 % interval: it is wide where few were judged.</p></section>'


def _stories(period: Period) -> str:
    if not period.stories:
        return f"<section><h2>Stories</h2>{nothing()}</section>"
    body = "".join(_story(row) for row in period.stories[:STORIES_SHOWN])
    left = len(period.stories) - STORIES_SHOWN
    note = f'<p class="soft">{left:,} earlier ones are not listed; regwatch export --what stories gives all.</p>' if left > 0 else ""  # fmt: skip
    return (
        f"<section><h2>Stories</h2>{note}"
        '<table class="stories"><thead><tr><th>Story<th>First seen<th>Who<th>Action<th class="n">Amount<th>Title<th class="n x">Sources</thead>'
        f"{body}</table></section>"
    )


def _story(row: Mapping[str, Any]) -> str:
    who = " → ".join(text(p, 60) for p in (row["regulator"], row["organisation"]) if p)
    where = f' <span class="soft">{text(row["jurisdiction"])}</span>' if row["jurisdiction"] else ""
    amount = f"{text(row['currency'])} {money(row['amount'])}" if row["amount"] else ""
    return (
        f"<tr><td>{text(row['story_id'])}<td>{text(str(row['first_seen'])[:10])}<td>{who or text(None)}{where}"
        f'<td>{text(row["action"])}<td class="n">{amount}<td class="title">{link(row["title"], row["lead_url"])}<td class="n x">{row["sources"]}'
    )


def _foot(period: Period) -> str:
    models = "; ".join(f"{text(m['model'])} from {text(str(m['adopted'])[:10])}, threshold {m['threshold']:.2f}" for m in period.models)  # fmt: skip
    said = f"Models in force: {models}." if models else ""
    return f'<footer class="soft"><p>{said} Stories and hits are counted by when they were first seen. Facts are drawn from the texts of the sources and may be wrong: the linked page counts.</p></footer>'
