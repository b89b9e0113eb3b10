"""What was not delivered is shown with its reason, and owed again when asked for (B13)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOKEN = {"SLACK_BOT_TOKEN": "xoxb-not-a-real-one"}
HIT = (
    "Dutch AP fines Clearview AI 30.5 million euros",
    "The facial recognition database of biometric personal data is illegal, the data protection authority says.",
)


def test_what_slack_refused_is_listed_with_its_reason_and_sent_after_requeue_b13(
    regwatch: Any, site: Any, slack: Any, configure: Callable[..., Path]
) -> None:
    configure(site.rss("/a", HIT), slack=slack)
    slack.faults[:] = ["invalid_blocks", "msg_too_long"]
    regwatch("once", **TOKEN)
    (lost,) = json.loads(regwatch("deliveries", "--json", **TOKEN).stdout)
    assert (lost["state"], lost["kind"], lost["channel"]) == ("abandoned", "new", "C123")
    assert "msg_too_long" in lost["last_error"]
    assert regwatch("health", **TOKEN).returncode == 4
    assert "1 deliveries are owed again" in regwatch("deliveries", "--requeue", **TOKEN).stderr
    regwatch("once", **TOKEN)
    assert json.loads(regwatch("deliveries", "--json", **TOKEN).stdout) == []
    assert regwatch("health", **TOKEN).returncode == 0
