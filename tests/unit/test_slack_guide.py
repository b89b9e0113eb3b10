"""B12, B15: the guide to Slack knows every error, scope and button that the code knows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import yaml

from monitor.domain import AlertKind, DeliveryJob, DeliveryState, StoryId, StoryView
from monitor.message import render
from monitor.preflight import ADVICE, SCOPES

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "slack.md").read_text(encoding="utf-8")
MANIFEST = yaml.safe_load((DOCS / "slack-manifest.yaml").read_text(encoding="utf-8"))


def test_every_error_that_the_preflight_explains_stands_in_the_guide_b15() -> None:
    assert [code for code in ADVICE if f"`{code}`" not in GUIDE] == []


def test_the_manifest_asks_for_the_scopes_that_the_guide_explains_and_no_others_b15() -> None:
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert [scope for scope in SCOPES if f"`{scope}`" not in GUIDE] == []


def test_the_manifest_switches_on_what_buttons_need_b18() -> None:
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
    assert "request_url" not in str(MANIFEST)


def test_every_button_is_explained_b18() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    story = StoryView(StoryId("S-2026-000001"), "T", None, now, now, ())
    job = DeliveryJob(1, "u", 1, "C1", AlertKind.NEW, DeliveryState.PENDING, 0, now, story=story)
    labels = [e["text"]["text"] for e in render(job, buttons=True).blocks[-1]["elements"]]
    table = GUIDE.split("### Buttons")[1].split("###")[0]
    assert [label for label in labels if label not in table] == []
