"""B18, B21: buttons in a running service, and wishes about tiers that make no sense."""

from __future__ import annotations

import json
import os
import queue
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

CASE = (
    "LinkedIn pauses AI training on UK members' posts after watchdog steps in",
    "The network stopped using British users' personal data for its generative AI models after the Information Commissioner's Office raised concerns.",
)
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-bot-secret", "SLACK_APP_TOKEN": "xapp-app-secret"}


def until(happened: Callable[[], Any]) -> Any:
    """Wait for another process; what it waits for is asked again and again."""
    ends = time.monotonic() + 60
    while not (found := happened()):
        assert time.monotonic() < ends, "it did not happen"
        threading.Event().wait(0.05)
    return found


def test_a_click_in_slack_is_a_label_in_the_archive_and_shows_in_the_message_b18(
    site: Any, slack: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    config = configure(site.rss("/a", CASE), slack=slack)
    acks: queue.Queue[str] = queue.Queue()
    opened: queue.Queue[ServerConnection] = queue.Queue()

    def talk(connection: ServerConnection) -> None:
        connection.send(json.dumps({"type": "hello"}))
        opened.put(connection)
        try:
            for frame in connection:
                acks.put(json.loads(frame)["envelope_id"])
        except ConnectionClosed:
            return

    installed = os.environ.get("REGWATCH_UNDER_TEST")
    command = [installed] if installed else [sys.executable, "-m", "monitor"]
    with serve(talk, "127.0.0.1", 0) as sockets:
        thread = threading.Thread(target=sockets.serve_forever)
        thread.start()
        url = f"ws://127.0.0.1:{sockets.socket.getsockname()[1]}/link?ticket=1"
        slack.workspace.methods["apps.connections.open"] = ("", lambda args: {"url": url})
        with subprocess.Popen([*command, "--config", str(config), "run"], cwd=tmp_path, env={**os.environ, **TOKENS}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as service:  # fmt: skip
            try:
                until(lambda: slack.messages)
                (message,) = slack.messages
                button = message["blocks"][-1]["elements"][0]
                payload = {
                    "type": "block_actions",
                    "user": {"id": "U42", "username": "ann"},
                    "container": {"channel_id": "C123", "message_ts": message["ts"]},
                    "actions": [{**button, "action_ts": "1.1"}],
                }
                envelope = {"type": "interactive", "envelope_id": "E1", "payload": payload}
                opened.get(timeout=60).send(json.dumps(envelope))
                assert acks.get(timeout=60) == "E1"
                until(lambda: "✓ Relevant — ann" in str(slack.messages[0]["blocks"]))
                service.send_signal(signal.SIGTERM)
                log = service.communicate(timeout=60)[1]
                assert service.returncode == 0
            finally:
                service.kill()  # of a test that fails; one that ended does not mind
        sockets.shutdown()
        thread.join()
    assert len(slack.messages) == 1
    with closing(sqlite3.connect(tmp_path / "data" / "regwatch.db")) as archive:
        assert archive.execute("SELECT label, author, origin FROM labels").fetchall() == [("relevant", "U42", "slack")]  # fmt: skip
    assert not any(secret in log for secret in TOKENS.values())


def test_without_an_app_token_there_are_no_buttons_and_no_error_b18(
    regwatch: Any, site: Any, slack: Any, configure: Callable[..., Path]
) -> None:
    configure(site.rss("/a", CASE), slack=slack)
    done = regwatch("once", SLACK_BOT_TOKEN=TOKENS["SLACK_BOT_TOKEN"])
    assert done.returncode == 0
    assert "actions" not in {block["type"] for block in slack.messages[0]["blocks"]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tiers: {urgent: [{actions: [fine]}]}", "alerts.tiers.urgent: unknown key"),
        ("tiers: {act_now: [{actions: [jail]}]}", "alerts.tiers.act_now[0].actions[0]"),
        ("tiers: {act_now: [{}]}", "would take every story"),
        ("tiers: {digest: [{below_score: 0.8}]}", "alerts.digest does not say when"),
        ("digest: {at: '08:00', zone: Mars/Base}", "is not a time zone"),
        ("routes: [{channel: C1, updates: shout}]", "alerts.routes[0].updates"),
        ("remind_after: often", "is not a duration"),
    ],
)
def test_a_tier_route_or_zone_that_is_none_is_an_error_with_its_line_b21(
    regwatch: Any, configure: Callable[..., Path], line: str, said: str
) -> None:
    path = configure()
    path.write_text(path.read_text() + f"alerts:\n  slack: {{channel: C9}}\n  {line}\n")
    done = regwatch("check", SLACK_BOT_TOKEN="xoxb-x")
    number = len(path.read_text().splitlines())
    assert done.returncode == 2
    assert said in done.stderr
    assert f"feeds.yaml:{number}:" in done.stderr
