"""What the buttons answer: why, the sources, and the form that asks for a reason. Pure."""

from __future__ import annotations

from typing import Any

from .clicks import REASON_FORM, REASONS, Click, form_metadata
from .domain import StoryView
from .escape import slack, slack_link
from .message import TEXT_LIMIT, headline, within

_SOURCES = 30
_TERMS = 8


def why_text(story: StoryView) -> str:
    """Score, the words of each leg, the weightiest terms, and which model said so."""
    legs = [f"{leg}: {slack(', '.join(words[:12]), 300)}" for leg, words in story.legs.items() if words]  # fmt: skip
    terms = ", ".join(f"{term} {weight:+.2f}" for term, weight in story.why[:_TERMS])
    lines = [
        f"*Why {story.story_id}*",
        f"score {story.score:.2f}, model {slack(story.model or 'unknown', 40)}",
        *legs,
        f"terms: {slack(terms, 500)}" if terms else "",
        f"The whole reasoning: `regwatch explain {story.hits[0].entry_id}`" if story.hits else "",
    ]
    return within([line for line in lines if line], TEXT_LIMIT, "\n")


def sources_text(story: StoryView) -> str:
    """Every report of the story with its source and date, the leading one first."""
    lines = [f"*Sources of {story.story_id}*: {slack(headline(story), 300)}"]
    for hit in story.hits[:_SOURCES]:
        when = f" · {hit.published:%Y-%m-%d}" if hit.published else ""
        lines.append(f"• {slack(hit.source, 60)}{when}: {slack_link(hit.url, hit.title, 160, room=900)}")  # fmt: skip
    shown = within(lines, TEXT_LIMIT - 60, "\n")
    left = len(story.hits) - shown.count("\n")
    return f"{shown}\nand {left} more: `regwatch story show {story.story_id}`" if left else shown


def reason_form(click: Click) -> dict[str, Any]:
    """The form that follows `Not relevant`; what was clicked stands, whether it is sent or not."""
    options = [
        {"text": {"type": "plain_text", "text": label}, "value": value}
        for value, label in REASONS.items()
    ]
    return {
        "type": "modal",
        "callback_id": REASON_FORM,
        "private_metadata": form_metadata(click),
        "title": {"type": "plain_text", "text": "Not relevant: why?"},
        "submit": {"type": "plain_text", "text": "Send"},
        "close": {"type": "plain_text", "text": "No reason"},
        "blocks": [
            {
                "type": "input",
                "block_id": "choice",
                "label": {"type": "plain_text", "text": "What is wrong with it?"},
                "element": {"type": "radio_buttons", "action_id": "choice", "options": options},
            },
            {
                "type": "input",
                "block_id": "words",
                "optional": True,
                "label": {"type": "plain_text", "text": "In your words"},
                "element": {"type": "plain_text_input", "action_id": "words", "max_length": 300},
            },
        ],
    }
