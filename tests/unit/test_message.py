"""An alert within every limit of Slack, whatever an entry says (B9, B16, B17)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from monitor.domain import (
    AlertKind,
    DeliveryJob,
    DeliveryState,
    EntryId,
    HitView,
    Judgement,
    SourceKind,
    StoryId,
    StoryView,
)
from monitor.escape import tidy
from monitor.message import Message, console_text, headline, render

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NASTY = st.text(max_size=5000) | st.sampled_from(
    [
        "<!channel> <@U123> <https://evil|LinkedIn>",
        "&lt;!here&gt; &amp;lt;!channel&amp;gt; <!subteam^S1|x> <#C1> <!date^1^{x}|y>",
        "line\nbreak\r\n\u2028\u2029\x85\x0b\x0c tab\t",
        "a|b>c<d|" * 300,
        "&<>" * 3000,
        "\u200b\u2060\ufeff\u00ad\u061c\u3164",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 900,
        "z" + "\u0301" * 4000,
        "\ud800 lone",
        "<!channel> é " * 10_000,
        "*b* _i_ `c` ~s~ &amp; <b>",
        "\u202eevil\u2066",
        "x" * 9000,
        "e\u0301" * 4000,
    ]  # fmt: skip
)


BROKEN_ENTITY = re.compile("&(?!(amp|lt|gt);)")
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")  # fmt: skip
LINK = re.compile("<[^>]*>")


@pytest.mark.parametrize("url", ["https://", "http://?a", "https://\u202e", "https:///evil"])
def test_an_address_without_a_host_is_no_link(url: str) -> None:
    assert "<" not in json.dumps(render(job("T", url)).blocks)


def test_a_headline_that_nobody_can_see_still_has_a_header() -> None:
    alert = job()
    assert alert.story is not None
    unseen = replace(alert, story=replace(alert.story, regulator="\u200b" * 9000))
    assert render(unseen).blocks[0]["text"]["text"] == "S-2026-000001"


def test_a_message_of_the_service_is_cut_between_lines_before_slack_refuses_it() -> None:
    text = "\n".join(f"source {n} is down & out" for n in range(5000))
    alert = replace(job(), kind=AlertKind.OPS, story=None, text=text)
    blocks = render(alert).blocks
    said = "\n".join(block["text"]["text"] for block in blocks)
    assert len(blocks) <= 50
    assert len(said) < 9_200
    shown = said.count("\nsource ")
    assert said.endswith(f"\nand {5000 - shown} more lines")


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


def headline_of(message: Message) -> object:
    """The header is plain text, in which an ampersand is one."""
    return message.blocks[0]["text"]["text"]


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
        assert text.strip()
        assert "<!" not in text
        assert "<#" not in text
        assert text == headline_of(message) or not BROKEN_ENTITY.search(text)
        assert not HIDDEN.search(text)
        assert "<@" not in text
        assert "\u202e" not in text


@given(NASTY, NASTY)
def test_every_link_in_a_message_is_one_of_ours_and_whole_b16(title: str, source: str) -> None:
    message = render(job(title, "https://example.org/?q=<b>|x&y", source))
    for text in texts(list(message.blocks)):
        for link in LINK.findall(text):
            assert link.startswith("<https://example.org/?q=%3Cb%3E%7Cx&amp;y|")
        assert "<" not in LINK.sub("", text)


@given(st.text(max_size=400) | NASTY, st.integers(2, 200))
def test_tidied_text_is_one_line_within_its_limit_and_stays_so_b16(text: str, limit: int) -> None:
    found = tidy(text, limit)
    assert len(found) <= limit
    assert found == " ".join(found.split())
    assert tidy(found, limit) == found
    assert not HIDDEN.search(found)


@pytest.mark.parametrize(
    "cluster",
    [
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
        "\U0001f44d\U0001f3fd",
        "\U0001f1e9\U0001f1ea",
        "e\u0301\u0323",
        "\u0928\u093f",
        "\u2764\ufe0f",
    ],
)
@pytest.mark.parametrize("limit", range(8, 30))
def test_a_cut_falls_between_characters_as_people_see_them_b16(cluster: str, limit: int) -> None:
    cut = tidy(cluster * 20, limit)
    assert cut.endswith("…")
    assert cut[:-1] == cluster * (len(cut[:-1]) // len(cluster))


def test_joiners_stay_where_a_script_needs_them_and_nowhere_else_b16() -> None:
    assert tidy("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", 50) == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # fmt: skip
    assert tidy("pay\u200cpal \u200d x", 50) == "paypal x"


def test_the_root_is_short_and_names_the_lead_and_how_many_more_b9() -> None:
    made = job("LinkedIn")
    assert made.story is not None
    hits = tuple(hit("T", f"https://example.org/{n}", f"S{n}") for n in range(5))
    message = render(replace(made, story=replace(made.story, hits=hits)))
    assert len(message.blocks) <= 6
    assert "S0 · 2026-11-24 · +4 sources" in str(message.blocks)
    assert "5 sources: <https://example.org/0|S0>" in str(message.blocks)
    assert message.text.endswith("5 sources")


def test_what_people_said_is_shown_and_mentions_nobody_b18() -> None:
    said = Judgement("irrelevant", "<@U1> ann", NOW, "<!here> old")
    shown = str(render(replace(job(), judgements=(said,), snoozed_until=NOW)).blocks)
    assert "✗ Not relevant — &lt;@U1&gt; ann: &lt;!here&gt; old" in shown
    assert "Snoozed until 2026-11-24 00:00 UTC" in shown


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
