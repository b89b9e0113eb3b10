"""Watchlist, quiet hours and routes, as a team configures them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

TOKEN = {"SLACK_BOT_TOKEN": "xoxb-test-secret"}
LINKEDIN = (
    "LinkedIn pauses AI training on UK members' posts after watchdog steps in",
    "The network stopped using British users' personal data for its generative AI models after the Information Commissioner's Office raised concerns.",
)
CLEARVIEW = (
    "Dutch AP fines Clearview AI 30.5 million euros",
    "The facial recognition database of biometric personal data is illegal, the data protection authority says.",
)


def write(path: Path, noise: str) -> None:
    """Put the wishes about noise into the alerts' block."""
    text = path.read_text()
    path.write_text(text.replace("alerts: {", "alerts: {" + noise + ", "))


def sent_to(slack: Any) -> Counter[str]:
    return Counter(message["channel"] for message in slack.messages)


def test_a_story_off_the_watchlist_waits_out_the_quiet_hours_one_on_it_does_not(
    regwatch: Any, slack: Any, site: Any, configure: Callable[..., Path]
) -> None:
    config = configure(site.rss("/a", LINKEDIN, CLEARVIEW), slack=slack)
    now = datetime.now(UTC)
    quiet = f"begins: '{now - timedelta(hours=2):%H:%M}', ends: '{now + timedelta(hours=2):%H:%M}', zone: UTC"  # fmt: skip
    write(config, f"watchlist: {{organisations: [LinkedIn]}}, quiet_hours: {{{quiet}}}")
    regwatch("once", **TOKEN)
    assert len(slack.messages) == 1
    assert "LinkedIn" in slack.messages[0]["text"]
    again = regwatch("once", **TOKEN)
    assert again.returncode == 0
    assert len(slack.messages) == 1


def test_a_route_gets_its_stories_and_the_main_channel_gets_all(
    regwatch: Any, slack: Any, site: Any, configure: Callable[..., Path]
) -> None:
    config = configure(site.rss("/a", LINKEDIN, CLEARVIEW), slack=slack)
    write(config, "routes: [{channel: C777, organisations: [Clearview AI]}]")
    for _ in range(2):
        regwatch("once", **TOKEN)
    assert sent_to(slack) == {"C123": 2, "C777": 1}


@pytest.mark.parametrize(
    ("noise", "said"),
    [
        ("quiet_hours: {begins: '22:00', ends: '7', zone: Mars/Base}", "is not a time zone"),
        ("quiet_hours: {begins: dusk, ends: '07:00', zone: UTC}", "is not a time of day"),
        ("routes: [{channel: general}]", "alerts.routes[0].channel"),
        ("routes: [{channel: C1, tiers: [tomorrow]}]", "alerts.routes[0].tiers"),
        ("watchlist: {companies: [X]}", "alerts.watchlist.companies"),
        ("coalesce: soon", "is not a duration"),
    ],
)
def test_a_wish_that_makes_no_sense_is_a_configuration_error_with_its_line(
    regwatch: Any, slack: Any, configure: Callable[..., Path], noise: str, said: str
) -> None:
    write(configure(slack=slack), noise)
    done = regwatch("check", **TOKEN)
    assert done.returncode == 2
    assert said in done.stderr
    assert "feeds.yaml:3:" in done.stderr


def test_routes_need_a_bot_token(regwatch: Any, slack: Any, configure: Callable[..., Path]) -> None:
    write(configure(slack=slack), "routes: [{channel: C777}]")
    done = regwatch("check", SLACK_WEBHOOK_URL="https://hooks.example/1")
    assert done.returncode == 2
    assert "routes need a bot token" in done.stderr
