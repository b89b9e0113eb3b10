"""``check --online`` asks Slack for real and says what to do, in Slack's own words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TOKEN = {"SLACK_BOT_TOKEN": "xoxb-test-secret"}


def test_a_good_channel_is_shown_with_the_link_of_a_message_that_is_removed(
    regwatch: Any, slack: Any, site: Any, configure: Callable[..., Path]
) -> None:
    configure(site.rss("/a", ("Title", "Summary")), slack=slack)
    done = regwatch("check", "--online", **TOKEN)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a test message was posted: https://t.slack.com/" in done.stdout
    assert "and removed again" in done.stdout
    assert slack.messages == []


@pytest.mark.parametrize(
    ("method", "error", "advice"),
    [
        ("auth.test", "invalid_auth", "Bot User OAuth Token"),
        ("auth.test", "token_revoked", "reinstall the app"),
        ("conversations.history", "not_in_channel", "/invite @regwatch"),
        ("conversations.history", "missing_scope", "docs/slack-manifest.yaml"),
        ("chat.postMessage", "is_archived", "unarchive it"),
        ("chat.postMessage", "channel_not_found", "the channel's id (C…)"),
        ("chat.delete", "cant_delete_message", "https://docs.slack.dev"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(
    regwatch: Any, slack: Any, site: Any, configure: Callable[..., Path], method: str, error: str, advice: str
) -> None:  # fmt: skip
    configure(site.rss("/a", ("Title", "Summary")), slack=slack)
    slack.errors[method] = error
    done = regwatch("check", "--online", **TOKEN)
    assert done.returncode == 4
    red = [line for line in done.stdout.splitlines() if line.startswith("red")]
    assert any(error in line and advice in line for line in red), done.stdout
    assert TOKEN["SLACK_BOT_TOKEN"] not in done.stdout + done.stderr


def test_a_token_that_cannot_look_after_a_lost_reply_is_told(
    regwatch: Any, slack: Any, site: Any, configure: Callable[..., Path]
) -> None:
    configure(site.rss("/a", ("Title", "Summary")), slack=slack)
    slack.scopes = "chat:write"
    done = regwatch("check", "--online", **TOKEN)
    assert done.returncode == 4
    assert "channels:history or groups:history" in done.stdout


def test_the_app_token_of_the_buttons_is_tried_as_well_b15_b18(
    regwatch: Any, slack: Any, configure: Callable[..., Path]
) -> None:
    configure(slack=slack)
    slack.workspace.methods["apps.connections.open"] = ("", lambda args: {"url": "wss://x/?ticket=t"})  # fmt: skip
    good = regwatch("check", "--online", **TOKEN, SLACK_APP_TOKEN="xapp-secret")
    assert "ok    Slack: the app token opens a socket" in good.stdout
    assert "ticket" not in good.stdout + good.stderr
    slack.errors["apps.connections.open"] = "not_allowed_token_type"
    bad = regwatch("check", "--online", **TOKEN, SLACK_APP_TOKEN="xapp-secret")
    assert bad.returncode == 4
    assert "red   Slack: buttons: not_allowed_token_type: SLACK_BOT_TOKEN takes" in bad.stdout
    assert "xapp-secret" not in bad.stdout + bad.stderr
