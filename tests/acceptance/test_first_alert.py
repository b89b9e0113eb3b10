"""The main job end to end: sources in, one alert out."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

MODEL_CASE = (
    "LinkedIn pauses AI training on UK members' posts after watchdog steps in",
    "The network stopped using British users' personal data for its generative AI models after the Information Commissioner's Office raised concerns.",
)
SECOND = (
    "LinkedIn halts use of British data in AI models following ICO concerns",
    "Training of generative AI on the personal data of UK users is suspended, the ICO confirmed.",
)
ORDINARY = ("Village fete raises record sum", "The vicar thanked all helpers.")
TOKEN = {"SLACK_BOT_TOKEN": "xoxb-not-a-real-one"}


def rows(folder: Path, sql: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / "data" / "regwatch.db")) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(r) for r in connection.execute(sql)]


def test_the_model_case_is_scored_as_an_analyst_would(regwatch: Any) -> None:
    line = json.dumps({"title": MODEL_CASE[0], "summary": MODEL_CASE[1], "id": 7, "extra": "kept"})
    done = regwatch("score", stdin=line)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["label"] == "relevant"
    assert (found["regulator"], found["organisation"]) == ("ICO", "LinkedIn")
    assert (found["jurisdiction"], found["action"]) == ("GB", "suspension")
    assert found["extra"] == "kept"
    assert all(found["legs"][leg] for leg in ("step", "privacy", "ai"))


def test_the_demo_shows_an_alert_that_names_regulator_and_organisation(regwatch: Any) -> None:
    done = regwatch("demo")
    assert done.returncode == 0, done.stderr
    assert "ICO → LinkedIn: suspension" in done.stdout
    assert done.stdout.count("Regulator:") == 1


def test_a_hit_is_archived_and_alerted_once_on_the_console(
    regwatch: Any, site: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure(site.rss("/a", MODEL_CASE, ORDINARY))
    first, second = regwatch("once", "--now"), regwatch("once", "--now")
    assert first.returncode == second.returncode == 0, first.stderr
    assert first.stdout.count("ICO → LinkedIn") == 1
    assert "ICO → LinkedIn" not in second.stdout
    assert [h["regulator"] for h in rows(tmp_path, "SELECT * FROM hits")] == ["ICO"]
    assert len(rows(tmp_path, "SELECT * FROM verdicts")) == 2


def test_slack_gets_one_post_that_a_second_source_edits(
    regwatch: Any, site: Any, slack: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure(site.rss("/a", MODEL_CASE), site.rss("/b", ORDINARY), slack=slack)
    assert regwatch("once", "--now", **TOKEN).returncode == 0
    assert len(slack.messages) == 1
    assert slack.messages[0]["metadata"]["event_payload"]["delivery_id"]
    site.rss("/b", ORDINARY, SECOND)
    assert regwatch("once", "--now", **TOKEN).returncode == 0
    assert len(slack.messages) == 1
    assert "2 sources" in json.dumps(slack.messages[0]["blocks"])
    assert len(rows(tmp_path, "SELECT * FROM story_list")) == 1


def test_a_lost_reply_is_looked_up_and_not_posted_again(
    regwatch: Any, site: Any, slack: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure(site.rss("/a", MODEL_CASE), slack=slack)
    slack.faults.append("drop")
    regwatch("once", "--now", **TOKEN)
    regwatch("once", **TOKEN)
    assert len(slack.messages) == 1
    assert [d["state"] for d in rows(tmp_path, "SELECT state FROM deliveries")] == ["sent"]


def test_a_process_killed_between_commit_and_post_posts_once_when_it_comes_back(
    regwatch: Any, site: Any, slack: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    """The state a crash leaves behind: entry and pending delivery committed, nothing sent."""
    configure(site.rss("/a", MODEL_CASE), slack=slack)
    slack.faults.append("429 3600")
    regwatch("once", "--now", **TOKEN)
    with closing(sqlite3.connect(tmp_path / "data" / "regwatch.db")) as connection:
        connection.execute("UPDATE deliveries SET state = 'sending', not_before = created")
        connection.execute("UPDATE channels SET paused_until = NULL")
        connection.commit()
    assert slack.messages == []
    regwatch("once", **TOKEN)
    regwatch("once", **TOKEN)
    assert len(slack.messages) == 1


def test_a_process_killed_after_the_post_and_before_its_commit_posts_no_second_time(
    regwatch: Any, site: Any, slack: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure(site.rss("/a", MODEL_CASE), slack=slack)
    regwatch("once", "--now", **TOKEN)
    with closing(sqlite3.connect(tmp_path / "data" / "regwatch.db")) as connection:
        connection.execute("UPDATE deliveries SET state = 'sending', sent_at = NULL, ts = NULL")
        connection.commit()
    regwatch("once", **TOKEN)
    assert len(slack.messages) == 1
    assert rows(tmp_path, "SELECT state, ts FROM deliveries")[0]["ts"] == slack.messages[0]["ts"]


def test_a_bad_channel_holds_the_queue_turns_health_red_and_recovers_by_itself(
    regwatch: Any, site: Any, slack: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure(site.rss("/a", MODEL_CASE), slack=slack)
    slack.faults.append("channel_not_found")
    regwatch("once", "--now", **TOKEN)
    assert [d["state"] for d in rows(tmp_path, "SELECT state FROM deliveries")] == ["held"]
    red = regwatch("health", **TOKEN)
    assert red.returncode == 4
    assert "channel_not_found" in red.stderr
    with closing(sqlite3.connect(tmp_path / "data" / "regwatch.db")) as connection:
        connection.execute("UPDATE deliveries SET last_tried = '2020-01-01T00:00:00.000Z'")
        connection.commit()
    regwatch("once", **TOKEN)
    assert len(slack.messages) == 1
    assert regwatch("health", **TOKEN).returncode == 0


def test_no_secret_stands_in_the_archive_the_log_or_an_error(
    regwatch: Any, site: Any, slack: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure(site.rss("/a", MODEL_CASE), slack=slack)
    slack.faults.append("drop")
    done: subprocess.CompletedProcess[str] = regwatch("-v", "once", "--now", **TOKEN)
    secret = TOKEN["SLACK_BOT_TOKEN"]
    assert secret not in done.stdout + done.stderr
    for file in (tmp_path / "data").iterdir():
        assert secret.encode() not in file.read_bytes()


def test_a_first_poll_stores_old_hits_and_tells_none(
    regwatch: Any, site: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    from datetime import timedelta

    configure(site.rss("/a", MODEL_CASE, age=timedelta(days=10)))
    done = regwatch("once", "--now")
    assert "ICO → LinkedIn" not in done.stdout
    assert len(rows(tmp_path, "SELECT * FROM hits")) == 1


def test_the_service_never_imports_sklearn(site: Any, tmp_path: Path, configure: Callable[..., Path]) -> None:  # fmt: skip
    config = configure(site.rss("/a", MODEL_CASE))
    code = f"import sys; from monitor.cli import cli; cli.main(['--config', {str(config)!r}, 'once', '--now'], standalone_mode=False); print([m for m in sys.modules if m.split('.')[0] in ('sklearn', 'scipy')])"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True)  # fmt: skip
    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize("moment", ["hang before", "hang after"])
def test_a_process_killed_while_slack_answers_has_posted_once_in_the_end(
    regwatch: Any,
    site: Any,
    slack: Any,
    configure: Callable[..., Path],
    tmp_path: Path,
    moment: str,
) -> None:
    """SIGKILL between our commit and Slack's yes, on either side of what Slack did."""
    config = configure(site.rss("/a", MODEL_CASE), slack=slack)
    slack.faults.append(moment)
    installed = os.environ.get("REGWATCH_UNDER_TEST")
    command = [installed] if installed else [sys.executable, "-m", "monitor"]
    with subprocess.Popen(
        [*command, "--config", str(config), "once", "--now"],
        cwd=tmp_path,
        env={**os.environ, **TOKEN},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert slack.reached.wait(30)
        process.kill()
    slack.go_on.set()
    regwatch("once", **TOKEN)
    regwatch("once", **TOKEN)
    assert len(slack.messages) == 1
    assert [d["state"] for d in rows(tmp_path, "SELECT state FROM deliveries")] == ["sent"]


def test_a_webhook_takes_alerts_where_there_is_no_bot_token(
    regwatch: Any, site: Any, slack: Any, configure: Callable[..., Path]
) -> None:
    configure(site.rss("/a", MODEL_CASE), slack=slack)
    done = regwatch("once", "--now", SLACK_WEBHOOK_URL=slack.base_url + "webhook")
    assert done.returncode == 0, done.stderr
    assert len(slack.messages) == 1
    assert "LinkedIn" in slack.messages[0]["text"]
