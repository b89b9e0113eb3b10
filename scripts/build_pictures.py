"""Build docs/alert.svg: the demo's alert, drawn from the very blocks that Slack gets."""

import json
import re
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
    plain = [t.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">") for t in plain]
    if block["type"] == "header":
        return [("head", plain[0])]
    if block["type"] == "context":
        return [("small", part) for t in plain for part in wrap(t, 92)]
    if "fields" in block:
        return [("text", t.replace("*", "").replace("\n", ":  ")) for t in plain]
    return [("link", part) for t in plain for part in wrap(t, 80)]


def main() -> None:
    """Draw."""
    styles = {
        "head": (20, 700, "#1d1c1d"),
        "link": (16, 400, "#1264a3"),
        "text": (15, 400, "#1d1c1d"),
        "small": (12, 400, "#616061"),
    }
    y, parts = 62, []
    for block in render(job()).blocks:
        for style, text in lines_of(block):
            size, weight, colour = styles[style]
            parts.append(
                f'<text x="76" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}">{escape(text)}</text>'
            )
            y += size + 9
        y += 6
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{y}" viewBox="0 0 760 {y}" font-family="Lato, Helvetica, Arial, sans-serif"><rect width="760" height="{y}" rx="8" fill="#fff" stroke="#ddd"/><rect x="20" y="16" width="40" height="40" rx="6" fill="#0b6e4f"/><text x="40" y="43" font-size="20" font-weight="700" fill="#fff" text-anchor="middle">r</text><text x="76" y="32" font-size="15" font-weight="700" fill="#1d1c1d">regwatch</text>'
    path = Path(__file__).resolve().parent.parent / "docs" / "alert.svg"
    path.write_text(frame + "".join(parts) + "</svg>\n", encoding="utf-8")


main()
