"""An alert within every limit of Slack, whatever an entry says."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from monitor.domain import (
    AlertKind,
    DeliveryJob,
    DeliveryState,
    EntryId,
    HitView,
    SourceKind,
    StoryId,
    StoryView,
)
from monitor.message import console_text, headline, render

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NASTY = st.text(max_size=5000) | st.sampled_from(
    [
        "<!channel> <@U123> <https://evil|LinkedIn>",
        "*b* _i_ `c` ~s~ &amp; <b>",
        "\u202eevil\u2066",
        "x" * 9000,
        "e\u0301" * 4000,
    ]  # fmt: skip
)


def hit(title: str, url: str | None, source: str) -> HitView:
    return HitView(EntryId(1), title, url, source, SourceKind.PRESS, NOW, NOW, 0.9)


def job(
    title: str = "T", url: str | None = "https://example.org/", source: str = "S"
) -> DeliveryJob:
    story = StoryView(
        story_id=StoryId("S-2026-000001"),
        title=title,
        lead_url=url,
        first_seen=NOW,
        last_seen=NOW,
        hits=(hit(title, url, source), hit(title, url, f"{source} 2")),
        regulator="ICO",
        regulators=("ICO",),
        organisation=title[:200] or None,
        jurisdiction="GB",
        action="fine",
        amount=7_500_000.0,
        currency="GBP",
        legs={"step": (title[:50],), "privacy": (), "ai": ("ai",)},
        score=0.97,
        follows=(StoryId("S-2026-000000"),),
    )
    return DeliveryJob(1, "u", 1, "C1", AlertKind.NEW, DeliveryState.PENDING, 0, NOW, story=story)


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [t for v in value.values() for t in texts(v)]
    if isinstance(value, list | tuple):
        return [t for v in value for t in texts(v)]
    return []


@given(NASTY, st.one_of(st.none(), st.text(max_size=3000), st.just("https://example.org/?a=1|2>3")), NASTY)  # fmt: skip
def test_any_story_renders_within_the_limits_and_mentions_nobody(
    title: str, url: str | None, source: str
) -> None:
    message = render(job(title, url, source), buttons=True)
    assert 0 < len(message.text) <= 4000
    assert len(message.blocks) <= 50
    assert len(json.dumps(message.blocks)) < 14_000
    for block in message.blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
    for text in (message.text, *texts(list(message.blocks))):
        assert "<!" not in text
        assert "<@" not in text
        assert "\u202e" not in text


def test_the_headline_names_who_whom_what_where_and_how_much() -> None:
    story = job("LinkedIn").story
    assert story is not None
    assert headline(story) == "ICO → LinkedIn: fine of GBP 7.5 million (GB)"


def test_a_link_with_a_pipe_cannot_forge_another_label() -> None:
    message = render(job("Title", "https://example.org/a|Click here"))
    assert "a%7CClick%20here|Title>" in json.dumps(message.blocks)


def test_without_an_app_token_there_are_no_buttons() -> None:
    assert all(b["type"] != "actions" for b in render(job()).blocks)


def test_the_console_shows_the_same_facts() -> None:
    shown = console_text(job("LinkedIn"))
    for word in ("ICO", "LinkedIn", "fine", "GB", "GBP 7.5 million", "https://example.org/"):
        assert word in shown
