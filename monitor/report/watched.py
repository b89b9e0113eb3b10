"""The section on coverage: what was watched, what was not, and what that may have cost. Pure."""

from __future__ import annotations

from datetime import timedelta

from . import heat
from .coverage import NOT_RUNNING
from .figures import count, minute, span
from .period import Gap, Period
from .plots import text

GAPS_SHOWN = 200


def section(period: Period) -> str:
    """Statement, heat map, and gaps."""
    parts = [f"<h2>What was watched</h2>{_statement(period)}"]
    if period.coverage:
        legend = "".join(_key(kind, words) for kind, words in _LEGEND)
        parts.append(f'<p class="legend">{legend}</p>{heat.table(period)}')
    parts.append(_gaps(period))
    return f'<section class="coverage">{"".join(parts)}</section>'


_LEGEND = (
    ("good", "all polls of the day succeeded"),
    ("most", "three of four"),
    ("part", "some"),
    ("bad", "none"),
    ("none", "not polled"),
)


def _key(kind: str, words: str) -> str:
    top, height = heat.SHAPES[kind]
    return f'<span><svg class="key" viewBox="0 0 1 10" preserveAspectRatio="none" width="16" height="13" aria-hidden="true"><path class="{kind}" d="M0 {top}h1v{height}h-1z"/></svg> {words}</span> '


def _statement(period: Period) -> str:
    if not period.coverage:
        said = ["No source was watched in this period: nothing can be said of what was published."]
    else:
        said = [_service(period), *_sources(period)]
    if period.never_polled:
        names = ", ".join(text(name, 60) for name in period.never_polled[:10])
        more = " …" if len(period.never_polled) > 10 else ""
        said.append(f"Not polled yet: {count(len(period.never_polled), 'configured source')} ({names}{more}).")  # fmt: skip
    if period.polls_from and period.polls_from > period.since + timedelta(days=1):
        said.append(f"The archive holds polls from {minute(period.polls_from)} on.")
    return f"<p>{' '.join(said)}</p>"


def _service(period: Period) -> str:
    if not period.down:
        return "The service ran throughout."
    away = sum((b - a for a, b in period.down), timedelta(0))
    spells = "; ".join(f"{minute(a)} to {minute(b)}" for a, b in period.down[:6])
    more = f"; and {len(period.down) - 6} more" if len(period.down) > 6 else ""
    return f"The service did not run for {span(away)} ({spells}{more})."


def _sources(period: Period) -> list[str]:
    gaps = [gap for c in period.coverage for gap in c.gaps]
    whole = sum(1 for c in period.coverage if c.polls and not c.gaps)
    never = sum(1 for c in period.coverage if not c.good)
    doubtful = {gap.source for gap in gaps if gap.missed}
    said = [f"{whole} of {count(len(period.coverage), 'source')} had no gap."]
    if gaps:
        closed = sum(not gap.missed for gap in gaps)
        said.append(f"{closed} of {count(len(gaps), 'gap')} closed without loss: the next successful poll still listed what was known before.")  # fmt: skip
    if doubtful:
        said.append(f"<b>At {count(len(doubtful), 'source')} something may have been missed</b>; the gaps are listed below the map.")  # fmt: skip
    quiet = [c for c in period.coverage if c.unusually_quiet]
    if quiet:
        names = ", ".join(text(c.source.name, 60) for c in quiet[:10])
        said.append(f"Far quieter than usual, though they answered: {count(len(quiet), 'source')} ({names}{' …' if len(quiet) > 10 else ''}).")  # fmt: skip
    if never:
        said.append(f"{count(never, 'source')} never answered.")
    return said


def _gaps(period: Period) -> str:
    found = [gap for c in period.coverage for gap in c.gaps]
    shared = [gap for gap in found if gap.cause == NOT_RUNNING and not gap.missed]
    own = sorted(
        (g for g in found if g.missed or g.cause != NOT_RUNNING),
        key=lambda g: (not g.missed, -g.length),
    )
    if not found:
        return ""
    body = "".join(_gap(gap) for gap in own[:GAPS_SHOWN])
    if shared:
        body += f'<tr><td>{count(len({g.source for g in shared}), "source")}<td colspan="3">each time the service did not run (above)<td>{NOT_RUNNING}<td>caught up or unchanged afterwards'
    note = f'<p class="soft">{len(own) - GAPS_SHOWN:,} shorter gaps are not listed.</p>' if len(own) > GAPS_SHOWN else ""  # fmt: skip
    return (
        "<h3>Gaps, and what could have been missed</h3>"
        '<p class="soft">What was published and withdrawn again within a gap nobody can know.</p>'
        '<table class="gaps"><thead><tr><th>Source<th>From<th>To<th class="n">Length<th>Cause<th>Afterwards</thead>'
        f"{body}</table>{note}"
    )


def _gap(gap: Gap) -> str:
    mark = ' class="missed"' if gap.missed else ""
    return (
        f"<tr{mark}><td>{text(gap.source, 60)}<td>{minute(gap.begin)}<td>{minute(gap.end)}"
        f'<td class="n">{span(gap.length)}<td>{text(gap.cause)}<td>{"<b>!</b> " if gap.missed else ""}{text(gap.after)}'
    )
