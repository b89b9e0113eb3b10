"""An alert as a Slack message and as console text: pure, within every limit, escaped.

Root short: who, whom, what, where, how much; lead source and the others; one line of why.
Limits: header 150 characters, section 3,000, 50 blocks, 4,000 for the top-level text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .domain import AlertKind, DeliveryJob, StoryView
from .escape import slack, slack_link, tidy

TEXT_LIMIT = 3900
_SHOWN_SOURCES = 4
_ACTION_WORDS = {
    "investigation": "investigation", "complaint": "complaint", "warning": "warning",
    "order": "order", "ban": "ban", "fine": "fine", "settlement": "settlement",
    "reprimand": "reprimand", "suspension": "suspension", "resumption": "resumption",
    "court-ruling": "court ruling", "other": "step",
}  # fmt: skip

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to a channel: text for notices and screen readers, blocks for the eye."""

    text: str
    blocks: tuple[Block, ...] = ()
    plain: bool = False


def render(job: DeliveryJob, *, buttons: bool = False, plain: bool = False) -> Message:
    """The message of a delivery; ``plain`` leaves the blocks away (after Slack refused them)."""
    if job.story is None:
        return _service_message(job, plain=plain)
    text = tidy(f"{headline(job.story)} — {job.story.title}", 600)
    text = slack(text, TEXT_LIMIT)
    if plain:
        return Message(text, plain=True)
    blocks = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": _header(job.story), "emoji": False},
        },  # fmt: skip
        _section(slack_link(job.story.lead_url, job.story.title, 500)),
        _fields(job.story),
        _context(_sources(job.story)),
        _context([_why(job.story)]),
    ]
    blocks += _case(job)
    if buttons:
        blocks.append(_buttons(job.story))
    return Message(text, tuple(blocks))


def _header(story: StoryView) -> str:
    """The headline as plain text; Slack shows it literally, and angle brackets are no loss."""
    return tidy(headline(story), 150).replace("<", "‹").replace(">", "›")


def headline(story: StoryView) -> str:
    """``ICO → LinkedIn: suspension (GB)``, with what is not known left away."""
    who = story.regulator or "An authority"
    action = _ACTION_WORDS.get(story.action or "other", "step")
    whom = f" → {story.organisation}" if story.organisation else ""
    money = f" of {money_text(story)}" if story.amount else ""
    where = f" ({story.jurisdiction})" if story.jurisdiction else ""
    return f"{who}{whom}: {action}{money}{where}"


def money_text(story: StoryView) -> str:
    """The sum with its currency: ``EUR 15 million``."""
    amount = story.amount or 0.0
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if amount >= size:
            return f"{story.currency} {amount / size:.4g}{word}"
    return f"{story.currency} {amount:,.0f}"


def _fields(story: StoryView) -> Block:
    pairs = [
        ("Regulator", ", ".join(story.regulators[:3]) or story.regulator),
        ("Organisation", story.organisation),
        ("Action", _ACTION_WORDS.get(story.action or "")),
        ("Jurisdiction", story.jurisdiction),
        ("Amount", money_text(story) if story.amount else None),
        ("Legal basis", ", ".join(story.legal_basis[:4]) or None),
    ]
    return {
        "type": "section",
        "fields": [
            {"type": "mrkdwn", "text": f"*{name}*\n{slack(value, 300)}", "verbatim": True}
            for name, value in pairs
            if value
        ]
        or [{"type": "mrkdwn", "text": "*Facts*\nnot stated", "verbatim": True}],
    }


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000], "verbatim": True}}


def _context(texts: list[str]) -> Block:
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": t[:2000], "verbatim": True} for t in texts[:10]],
    }


def _sources(story: StoryView) -> list[str]:
    outlets: dict[str, str | None] = {}
    for hit in story.hits:
        outlets.setdefault(hit.source, hit.url)
    shown = [slack_link(url, source, 80) for source, url in list(outlets.items())[:_SHOWN_SOURCES]]
    more = len(outlets) - len(shown)
    first = story.hits[0].published if story.hits else None
    when = f" · {first:%Y-%m-%d}" if first else ""
    return [f"{len(outlets)} source{'s' if len(outlets) != 1 else ''}: {', '.join(shown)}" + (f" +{more}" if more > 0 else "") + when]  # fmt: skip


def why_line(story: StoryView) -> str:
    """One line of why: the words of each leg, and the score."""
    legs = "; ".join(f"{leg}: {', '.join(words[:3])}" for leg, words in story.legs.items() if words)
    return f"Why: {legs or 'see explain'} · score {story.score:.2f} · {story.story_id}"


def _why(story: StoryView) -> str:
    return slack(why_line(story), 600)


def _case(job: DeliveryJob) -> list[Block]:
    story = job.story
    if story is None or not story.follows:
        return []
    earlier = ", ".join(story.follows[:3])
    return [_context([f"Follows {slack_link(job.follows_permalink, earlier, 120)}"])]


def _buttons(story: StoryView) -> Block:
    def button(label: str, action: str, style: str | None = None) -> Block:
        made: Block = {
            "type": "button",
            "text": {"type": "plain_text", "text": label},
            "action_id": f"regwatch:{action}",
            "value": story.story_id,
        }
        return made | ({"style": style} if style else {})

    return {
        "type": "actions",
        "block_id": f"judge:{story.story_id}",
        "elements": [
            button("Relevant", "relevant", "primary"),
            button("Not relevant", "irrelevant", "danger"),
            button("Snooze", "snooze"),
            button("Why", "why"),
            button("Sources", "sources"),
        ],
    }


def _service_message(job: DeliveryJob, *, plain: bool) -> Message:
    title = "regwatch" if job.kind is AlertKind.OPS else "regwatch digest"
    lines = [slack(line, 900) for line in (job.text or "").splitlines() if line.strip()]
    text = f"{title}: {' '.join(lines)}"[:TEXT_LIMIT]
    if plain:
        return Message(text, plain=True)
    blocks: list[Block] = []
    part = f"*{title}*"
    for line in lines:
        if len(part) + len(line) > 2800:
            blocks.append(_section(part))
            part = line
        else:
            part += f"\n{line}"
    blocks.append(_section(part))
    return Message(text, tuple(blocks[:3]))


def console_text(job: DeliveryJob) -> str:
    """The alert as lines for a terminal, in the order in which Slack shows it."""
    story = job.story
    if story is None:
        lines = [tidy(line, 500) for line in (job.text or "").splitlines()]
        return "\n".join([f"[{job.kind.value}] {lines[0] if lines else ''}", *(f"  {x}" for x in lines[1:])])  # fmt: skip
    rule = "─" * 72
    rows = [
        ("Regulator", ", ".join(story.regulators) or story.regulator),
        ("Organisation", story.organisation),
        ("Action", story.action),
        ("Jurisdiction", story.jurisdiction),
        ("Amount", money_text(story) if story.amount else None),
        ("Legal basis", ", ".join(story.legal_basis)),
        ("Link", story.lead_url),
    ]
    outlets = list(dict.fromkeys(h.source for h in story.hits))
    lines = [rule, f"{'UPDATE  ' if job.kind is AlertKind.UPDATE else ''}{tidy(headline(story), 200)}", tidy(story.title, 300), ""]  # fmt: skip
    lines += [f"  {name + ':':<14}{tidy(value, 300)}" for name, value in rows if value]
    lines += [f"  {'Sources:':<14}{len(outlets)}: {tidy(', '.join(outlets[:8]), 300)}"]
    lines += [f"  {tidy(why_line(story), 300)}", rule]
    return "\n".join(lines)
