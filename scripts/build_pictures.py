"""Build the pictures of the documents: alerts drawn from the very blocks that Slack gets, and the
way to set Slack up."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from textwrap import wrap

from classifiers.facts import find_facts
from classifiers.model import Model
from classifiers.verdict import Item
from monitor.defaults import shipped_model
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
from monitor.message import render

WHEN = datetime(2024, 9, 20, 10, 0, tzinfo=UTC)
ITEM = Item(
    "LinkedIn suspends AI training on UK members' data after ICO raises concerns",
    "The network has stopped using the personal data of its British members to train generative AI models.",
)


def job() -> DeliveryJob:
    """A delivery of the model case, judged by the shipped model."""
    model = Model.load(shipped_model())
    verdict, facts = model.judge(ITEM), find_facts(ITEM, model.gazetteer)
    outlets = (
        ("ICO news", SourceKind.REGULATOR),
        ("Tech daily", SourceKind.PRESS),
        ("Privacy law notes", SourceKind.LAW),
    )
    hits = tuple(
        HitView(
            EntryId(n),
            ITEM.title,
            f"https://example.org/{n}",
            name,
            kind,
            WHEN,
            WHEN,
            verdict.score,
        )
        for n, (name, kind) in enumerate(outlets)
    )
    story = StoryView(
        StoryId("S-2024-000001"), ITEM.title, "https://example.org/0", WHEN, WHEN, hits,
        regulator=facts.regulator, regulators=facts.regulators, organisation=facts.organisation,
        jurisdiction=facts.jurisdiction, action=facts.action, legs=verdict.legs, score=verdict.score,
    )  # fmt: skip
    return DeliveryJob(1, "u", 1, "C1", AlertKind.NEW, DeliveryState.PENDING, 0, WHEN, story=story)


def lines_of(block: dict[str, object]) -> list[tuple[str, str]]:
    """A block as (style, text) lines."""
    texts = re.findall(r'"text": "((?:[^"\\]|\\.)*)"', json.dumps(block, ensure_ascii=False))
    plain = [re.sub(r"<[^|>]*\|([^>]*)>", r"\1", json.loads(f'"{t}"')) for t in texts]
    plain = [t.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for t in plain]
    if block["type"] == "header":
        return [("head", plain[0])]
    if block["type"] == "context":
        return [("small", part) for t in plain for part in wrap(t, 96)]
    title, *rest = plain[0].split("\n")
    return [("link", part) for part in wrap(title, 80)] + [("text", line) for line in rest]


STYLES = {
    "head": (20, 700, "#1d1c1d"),
    "link": (16, 400, "#1264a3"),
    "text": (15, 400, "#1d1c1d"),
    "small": (12, 400, "#616061"),
}
FONT = 'font-family="Lato, Helvetica, Arial, sans-serif"'


def words(x: int, y: int, style: str, text: str) -> str:
    """A line of text."""
    size, weight, colour = STYLES[style]
    return f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}">{escape(text)}</text>'


def buttons(block: dict[str, object], y: int) -> str:
    """A row of buttons."""
    colours = {"primary": ("#007a5a", "#fff"), "danger": ("#e01e5a", "#fff"), None: ("#fff", "#1d1c1d")}  # fmt: skip
    x, parts = 76, []
    for element in block["elements"]:  # type: ignore[attr-defined]
        label = element["text"]["text"]
        fill, ink = colours[element.get("style")]
        width = 9 * len(label) + 24
        parts.append(f'<rect x="{x}" y="{y - 18}" width="{width}" height="28" rx="4" fill="{fill}" stroke="#bbb"/><text x="{x + width // 2}" y="{y}" font-size="14" fill="{ink}" text-anchor="middle">{escape(label)}</text>')  # fmt: skip
        x += width + 8
    return "".join(parts)


def alert(made: DeliveryJob, *, with_buttons: bool) -> str:
    """A message as Slack shows it."""
    y, parts = 62, []
    for block in render(made, buttons=with_buttons).blocks:
        if block["type"] == "actions":
            parts.append(buttons(block, y + 4))
            y += 34
            continue
        for style, text in lines_of(block):
            parts.append(words(76, y, style, text))
            y += STYLES[style][0] + 9
        y += 6
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{y}" viewBox="0 0 760 {y}" {FONT}><rect width="760" height="{y}" rx="8" fill="#fff" stroke="#ddd"/><rect x="20" y="16" width="40" height="40" rx="6" fill="#0b6e4f"/><text x="40" y="43" font-size="20" font-weight="700" fill="#fff" text-anchor="middle">r</text><text x="76" y="32" font-size="15" font-weight="700" fill="#1d1c1d">regwatch</text>'
    return frame + "".join(parts) + "</svg>\n"


STEPS = (
    ("api.slack.com/apps", "Create New App", "From a manifest: paste", "slack-manifest.yaml"),
    ("Install App", "Install to workspace", "copy the Bot User OAuth", "Token: xoxb-…"),
    ("Basic Information", "App-Level Tokens", "scope connections:write", "copy it: xapp-…"),
    (
        "In Slack: the channel",
        "/invite @regwatch",
        "its id (C…) stands below",
        "the channel's details",
    ),
    ("On your machine", "tokens into .env", "the id into feeds.yaml", "regwatch check --online"),
)


def setup() -> str:
    """The five steps from nothing to a first test message."""
    parts = []
    for n, lines in enumerate(STEPS):
        x = 16 + n * 208
        parts.append(f'<rect x="{x}" y="16" width="192" height="138" rx="8" fill="#fff" stroke="#bbb"/><circle cx="{x + 24}" cy="42" r="13" fill="#0b6e4f"/><text x="{x + 24}" y="47" font-size="14" font-weight="700" fill="#fff" text-anchor="middle">{n + 1}</text>')  # fmt: skip
        parts.append(words(x + 44, 47, "text", lines[0]))
        parts += [words(x + 16, 78 + 24 * k, "text" if k == 0 else "small", line) for k, line in enumerate(lines[1:])]  # fmt: skip
        if n:
            parts.append(f'<path d="M{x - 14} 85 h10 m-4 -4 l4 4 l-4 4" fill="none" stroke="#616061"/>')  # fmt: skip
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="1064" height="170" viewBox="0 0 1064 170" {FONT}><rect width="1064" height="170" fill="#f8f8f8"/>{"".join(parts)}</svg>\n'


def main() -> None:
    """Draw."""
    docs = Path(__file__).resolve().parent.parent / "docs"
    made = job()
    judged = replace(made, judgements=(Judgement("relevant", "ann", WHEN),))
    pictures = {
        "alert.svg": alert(made, with_buttons=False),
        "alert-buttons.svg": alert(judged, with_buttons=True),
        "slack-setup.svg": setup(),
    }
    for name, picture in pictures.items():
        (docs / name).write_text(picture, encoding="utf-8")


main()
