"""SIGKILL of the real process while Slack answers (an edit, a digest, a flood's digest: B1, B2) and in a cycle (A7).

The first post is killed on both sides in ``test_first_alert``; here is everything else that is sent.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

TOKEN = {"SLACK_BOT_TOKEN": "xoxb-not-a-real-one"}
LINKEDIN = (
    "LinkedIn pauses AI training on UK members' posts after watchdog steps in",
    "The network stopped using British users' personal data for its generative AI models after the Information Commissioner's Office raised concerns.",
)
LINKEDIN_AGAIN = (
    "LinkedIn halts use of British data in AI models following ICO concerns",
    "Training of generative AI on the personal data of UK users is suspended, the ICO confirmed.",
)
CLEARVIEW = (
    "Dutch AP fines Clearview AI 30.5 million euros",
    "The facial recognition database of biometric personal data is illegal, the data protection authority says.",
)
OPENAI = (
    "Garante fines OpenAI 15 million euros over ChatGPT",
    "The authority found that personal data were used to train the AI without a legal basis under the GDPR.",
)


@pytest.fixture
def killed(launch: Callable[..., subprocess.Popen[bytes]], slack: Any) -> Callable[..., None]:
    def kill(*arguments: str) -> None:
        with launch(*arguments, **TOKEN) as process:
            assert slack.reached.wait(60)
            process.kill()
        slack.go_on.set()

    return kill


def states(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "data" / "regwatch.db")) as connection:
        return [row[0] for row in connection.execute("SELECT DISTINCT state FROM deliveries")]


@pytest.mark.parametrize("moment", ["hang before", "hang after"])
def test_a_process_killed_while_it_edits_has_one_post_with_both_sources_in_the_end_b5(
    regwatch: Any,
    killed: Callable[..., None],
    site: Any,
    slack: Any,
    configure: Callable[..., Path],
    tmp_path: Path,
    moment: str,
) -> None:
    configure(site.rss("/a", LINKEDIN), site.rss("/b"), slack=slack)
    regwatch("once", **TOKEN)
    site.rss("/b", LINKEDIN_AGAIN)
    slack.armed["chat.update"] = [moment]
    killed("once", "--now")
    regwatch("once", **TOKEN)
    assert len(slack.messages) == 1
    assert "2 sources" in json.dumps(slack.messages[0]["blocks"])
    assert states(tmp_path) == ["sent"]


def test_a_process_killed_after_a_digest_was_taken_sends_it_no_second_time_b11(
    regwatch: Any,
    killed: Callable[..., None],
    site: Any,
    slack: Any,
    configure: Callable[..., Path],
    tmp_path: Path,
) -> None:
    configure(site.rss("/a", LINKEDIN), slack=slack)
    regwatch("once", **TOKEN)
    slack.armed["chat.postMessage"] = ["hang after"]
    killed("digest", "--send")
    regwatch("once", **TOKEN)
    assert sum("regwatch digest" in m["text"] for m in slack.messages) == 1
    assert states(tmp_path) == ["sent"]


def test_a_process_killed_after_a_floods_digest_tells_each_story_once_b8(
    regwatch: Any,
    killed: Callable[..., None],
    site: Any,
    slack: Any,
    configure: Callable[..., Path],
    tmp_path: Path,
) -> None:
    config = configure(site.rss("/a", LINKEDIN, CLEARVIEW, OPENAI), slack=slack)
    config.write_text(config.read_text().replace("alerts: {", "alerts: {flood: 1, "))
    slack.armed["chat.postMessage"] = ["", "hang after"]
    killed("once")
    regwatch("once", **TOKEN)
    assert len(slack.messages) == 2
    said = json.dumps([m["blocks"] for m in slack.messages])
    assert all(said.count(f"(S-2026-00000{n})") <= 1 for n in (1, 2, 3))
    assert "2 more stories within the hour" in said
    assert states(tmp_path) == ["sent"]


def test_processes_killed_in_the_middle_of_a_cycle_lose_and_double_nothing_a7(
    benchmark: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """A few kills; `make soak` makes fifty among two thousand sources.

    The kill comes at a random moment after the first request; no parser process outlives it.
    """
    done = benchmark("soak", "--sources", "30", "--kills", "4", "--minutes", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("nothing lost, nothing doubled, nothing left behind\n")
