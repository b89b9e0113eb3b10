"""An alert as a Slack message and as console text: pure, within every limit, escaped.

Root short: who, whom, what, where, how much; lead source and the others; one line of why.
Limits: header 150 characters, section 3,000, 50 blocks, 4,000 for the top-level text, and about
9,000 for all of a message's text. Nothing is cut after it was escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .clicks import PREFIX, Act
from .domain import AlertKind, DeliveryJob, Following, StoryView
from .escape import slack, slack_link, tidy

TEXT_LIMIT = 3900
_SHOWN_SOURCES = 4
_CONTEXT_ROOM = 1900
_SECTION_ROOM = 2800
_MESSAGE_ROOM = 9000
REMINDER = "reminder"
"""The reason of the one alert that says an unanswered story again."""
_ACTION_WORDS = {
    "investigation": "investigation", "complaint": "complaint", "warning": "warning",
    "order": "order", "ban": "ban", "fine": "fine", "settlement": "settlement",
    "reprimand": "reprimand", "suspension": "suspension", "resumption": "resumption",
    "court-ruling": "court ruling", "other": "step",
}  # fmt: skip

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes into the thread of a message; ``broadcast`` shows it in the channel as well."""

    text: str
    broadcast: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to a channel: text for notices and screen readers, blocks for the eye."""

    text: str
    blocks: tuple[Block, ...] = ()
    plain: bool = False
    reply: Reply | None = None


def render(
    job: DeliveryJob,
    *,
    buttons: bool = False,
    plain: bool = False,
    following: Following = Following.EDIT,
) -> Message:
    """The message of a delivery; ``plain`` leaves the blocks away (after Slack refused them)."""
    if job.story is None:
        return _service_message(job, plain=plain)
    story, reply = job.story, _reply(job, following)
    count = len(_outlets(story))
    more = f" · {count} sources" if count > 1 else ""
    text = slack(f"{headline(story)} — {tidy(story.title, 400)}{more}", 700)
    if plain:
        return Message(text, plain=True, reply=reply)
    title = slack_link(story.lead_url, story.title, 300) or "(no title)"
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": _header(story), "emoji": False}},
        _section(f"{title}\n{_lead(story)}"),
        *(_context(line) for line in (_sources(story), _details(story), _why(story)) if line),
        *_case(job),
        *_state(job),
    ]
    if buttons:
        blocks.append(_buttons(story))
    return Message(text, tuple(blocks), reply=reply)


def _header(story: StoryView) -> str:
    """The headline as plain text; Slack shows it literally, and angle brackets are no loss."""
    return (tidy(headline(story), 150) or story.story_id).replace("<", "‹").replace(">", "›")


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


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _outlets(story: StoryView) -> dict[str, str | None]:
    """The sources by name, the leading one first, each with the address of its first report."""
    found: dict[str, str | None] = {}
    for hit in story.hits:
        found.setdefault(hit.source, hit.url)
    return found


def _lead(story: StoryView) -> str:
    """``ICO news · 2026-11-24 · +4 sources``."""
    if not story.hits:
        return story.story_id
    first, more = story.hits[0], len(_outlets(story)) - 1
    when = f" · {first.published:%Y-%m-%d}" if first.published else ""
    others = f" · +{more} source{'s' if more > 1 else ''}" if more else ""
    return f"{slack(first.source, 80)}{when}{others}"


def _sources(story: StoryView) -> str | None:
    """Where to read it, when more than one source tells it."""
    outlets = list(_outlets(story).items())
    if len(outlets) < 2:
        return None
    start = f"{len(outlets)} sources: "
    shown: list[str] = []
    room = _CONTEXT_ROOM - len(start)
    for source, url in outlets[:_SHOWN_SOURCES]:
        shown.append(slack_link(url, source, 60, room=min(600, room)))
        room -= len(shown[-1]) + 2
    more = len(outlets) - len(shown)
    return start + ", ".join(shown) + (f" +{more}" if more else "")


def _details(story: StoryView) -> str | None:
    """What the headline has no place for."""
    also = [name for name in story.regulators if name != story.regulator][:3]
    parts = [
        f"with {slack(', '.join(also), 120)}" if also else "",
        slack(", ".join(story.legal_basis[:4]), 160),
    ]
    return " · ".join(part for part in parts if part) or None


def why_line(story: StoryView) -> str:
    """One line of why: the words of each leg, and the score."""
    legs = "; ".join(f"{leg}: {', '.join(words[:3])}" for leg, words in story.legs.items() if words)
    return f"Why: {tidy(legs, 240) or 'see explain'} · score {story.score:.2f} · {story.story_id}"


def _why(story: StoryView) -> str:
    return slack(why_line(story), 360)


def _case(job: DeliveryJob) -> list[Block]:
    story = job.story
    if story is None or not story.follows:
        return []
    earlier = ", ".join(story.follows[:3])
    return [_context(f"Follows {slack_link(job.follows_permalink, earlier, 120, room=1500)}")]


def _state(job: DeliveryJob) -> list[Block]:
    """What people said of the story: shown to all, mentioning nobody."""
    words = {"relevant": "✓ Relevant", "irrelevant": "✗ Not relevant"}
    said = [
        f"{words[j.label]} — {slack(j.author, 40)}" + (f": {slack(j.why, 120)}" if j.why else "")
        for j in job.judgements[-5:]
    ]
    if job.snoozed_until is not None:
        said.append(f"Snoozed until {job.snoozed_until:%Y-%m-%d %H:%M} UTC")
    return [_context(" · ".join(said))] if said else []


def _reply(job: DeliveryJob, following: Following) -> Reply | None:
    """What an update says in the thread, where the channel wants it or nobody answered."""
    story = job.story
    if story is None or job.kind is not AlertKind.UPDATE or job.quiet or job.mute:
        return None
    reminder = job.reason == REMINDER
    lines = (
        ["Nobody has judged or snoozed this yet; it will not be said again."] if reminder else []
    )
    told = job.told_until
    if following is not Following.EDIT and told is not None:
        fresh = [hit for hit in story.hits if (hit.added or hit.first_seen) > told]
        lines += [f"{slack(h.source, 60)}: {slack_link(h.url, h.title, 200, room=900)}" for h in fresh[:3]]  # fmt: skip
        lines += [f"and {len(fresh) - 3} more"] if len(fresh) > 3 else []
    if not lines:
        return None
    return Reply("\n".join(lines), broadcast=reminder or following is Following.BROADCAST)


def _buttons(story: StoryView) -> Block:
    def button(label: str, act: Act, style: str | None = None) -> Block:
        made: Block = {
            "type": "button",
            "text": {"type": "plain_text", "text": label},
            "action_id": f"{PREFIX}{act.value}",
            "value": story.story_id,
        }
        return made | ({"style": style} if style else {})

    return {
        "type": "actions",
        "block_id": f"judge:{story.story_id}",
        "elements": [
            button("Relevant", Act.RELEVANT, "primary"),
            button("Not relevant", Act.IRRELEVANT, "danger"),
            button("Snooze", Act.SNOOZE),
            button("Why", Act.WHY),
            button("Sources", Act.SOURCES),
        ],
    }


def _service_message(job: DeliveryJob, *, plain: bool) -> Message:
    title = "regwatch" if job.kind is AlertKind.OPS else "regwatch digest"
    lines = _fitting([line for line in (job.text or "").splitlines() if line.strip()])
    text = within([f"{title}:", *lines], TEXT_LIMIT, " ")
    if plain:
        return Message(text, plain=True)
    return Message(text, tuple(_section(part) for part in in_parts([f"*{title}*", *lines])))


def _fitting(lines: Sequence[str]) -> list[str]:
    """The lines that a message has room for, and how many more there are: Slack refuses it whole."""
    told: list[str] = []
    size = 0
    for n, line in enumerate(lines):
        told.append(_line(line))
        size += len(told[-1]) + 1
        if size > _MESSAGE_ROOM:
            return [*told[:-1], f"and {len(lines) - n} more lines"]
    return told


def _line(line: str) -> str:
    """A line of a digest: what stands after a tab is the address that it links to."""
    said, _, url = line.partition("\t")
    if not url:
        return slack(said, 500)
    mark, said = ("• ", said[2:]) if said.startswith("• ") else ("", said)
    return mark + slack_link(url, said, 300, room=2400)


def within(lines: Sequence[str], room: int, between: str) -> str:
    """As many whole lines as have room."""
    kept = ""
    for line in lines:
        joined = f"{kept}{between}{line}" if kept else line
        if len(joined) > room:
            break
        kept = joined
    return kept


def in_parts(lines: Iterable[str], room: int = _SECTION_ROOM) -> list[str]:
    """Lines joined into as few texts of at most ``room`` characters as keep them whole."""
    parts: list[str] = []
    for line in lines:
        if parts and len(parts[-1]) + len(line) + 1 <= room:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts


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
