"""Run within a network namespace of its own: the ledger against an emulator that others wrote.

``npm emulate`` keeps what stands in the channel; in front of it stands our proxy with the faults
and the sizes that it lacks. Not collected by itself: ``edges/test_against_emulate.py`` starts it.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import re
import socket
import struct
import subprocess
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slackdouble.server import Answer, SlackDouble, serving
from slackdouble.sizes import refusal
from slackdouble.workspace import Args
from telling import tell

from classifiers.model import Model
from monitor.deliver import Pump
from monitor.domain import OpsEvent
from monitor.slack import SlackSink, WebhookSink
from monitor.store.archive import Archive
from monitor.store.deliveries import DeliveryLedger

HERE = Path(__file__).parent
PORT = 4003
TOKEN = "xoxb-emulated"
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def loopback_up() -> None:
    """What ``ip link set lo up`` does; a new namespace begins with none."""
    with socket.socket() as any_socket:
        asked = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


@dataclass
class Proxy(SlackDouble):
    """The faults of the double, and the sizes of Slack, in front of the emulator."""

    def _said(self, method: str, token: str, args: Args) -> Answer:
        if method in ("chat.postMessage", "chat.update"):
            refused = refusal(args.get("text") or "", args.get("blocks") or [])
            if refused:
                return Answer(200, json.dumps({"ok": False, "error": refused[0]}).encode())
        return self.forward(method, token, args)

    def forward(self, method: str, token: str, args: Args) -> Answer:
        """What the emulator says."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = Request(f"http://127.0.0.1:{PORT}/api/{method}", json.dumps(args).encode(), headers)  # fmt: skip
        try:
            with urlopen(request, timeout=10) as reply:
                return Answer(reply.status, reply.read(), {"Content-Type": "application/json"})
        except HTTPError as error:
            with error:
                return Answer(error.code, error.read(), {"Content-Type": "text/html"})

    def ask(self, method: str, **args: Any) -> Any:
        """The emulator's own answer, without faults."""
        return json.loads(self.forward(method, TOKEN, args).body)


@pytest.fixture(scope="module")
def emulator() -> Iterator[None]:
    loopback_up()
    command = ["node", str(HERE / "node_modules/emulate/dist/index.js"), "start", "--service", "slack", "--port", str(PORT), "--seed", str(HERE / "seed.yaml")]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(300):
                try:
                    with urlopen(f"http://127.0.0.1:{PORT}/", timeout=5):
                        break
                except HTTPError:
                    break
                except URLError:
                    assert process.poll() is None, "the emulator ended at once"
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()


@pytest.fixture
def slack(emulator: None) -> Iterator[Proxy]:
    with serving(Proxy()) as proxy:
        yield proxy


@dataclass
class Desk:
    """A channel of its own, the ledger that serves it, and a clock that a test moves."""

    slack: Proxy
    archive: Archive
    model: Model
    time: datetime
    channel: str
    told: list[OpsEvent]

    def restart(self) -> None:
        """A new process."""
        ledger = DeliveryLedger(self.archive, (self.channel,))
        sinks = {self.channel: SlackSink(TOKEN, self.channel, self.slack.base_url)}
        self.pump = Pump(ledger, sinks, lambda: self.time, self.told.append)

    def tell(self, source: str, n: int = 0) -> None:
        tell(self.archive, self.model, (self.channel,), source, n, self.time)

    def turn(self, rounds: int = 8) -> None:
        """Let time pass and deliveries be made."""
        for _ in range(rounds):
            asyncio.run(self.pump.run_once())
            self.time += timedelta(seconds=31)

    def standing(self) -> list[Any]:
        """The messages of the channel, without the words of joining it."""
        found = self.slack.ask("conversations.history", channel=self.channel, include_all_metadata=True)  # fmt: skip
        return [m for m in found["messages"] if m.get("metadata")]

    def states(self) -> set[str]:
        return {row["state"] for row in self.archive.rows("SELECT state FROM deliveries")}


@pytest.fixture
def desk(slack: Proxy, archive: Archive, model: Model, request: pytest.FixtureRequest) -> Desk:
    name = f"c{zlib.crc32(request.node.name.encode())}"
    channel = slack.ask("conversations.create", name=name)["channel"]["id"]
    now = datetime.now().astimezone()
    made = Desk(slack, archive, model, now, channel, [])
    made.restart()
    return made


def test_a_story_is_posted_linked_edited_and_found_by_its_id_b3_b5(desk: Desk) -> None:
    desk.tell("first")
    desk.turn(2)
    desk.tell("second")
    desk.turn(2)
    (message,) = desk.standing()
    assert "2 sources" in json.dumps(message["blocks"])
    row = desk.archive.rows("SELECT ts, uid, permalink FROM deliveries")[0]
    assert (row["ts"], row["uid"]) == (message["ts"], message["metadata"]["event_payload"]["delivery_id"])  # fmt: skip
    assert row["ts"].replace(".", "") in row["permalink"]


FAULTS = ("drop", "cut", "refuse", "429 2", "500 html", "after 502", "after internal_error", "after fatal_error", "request_timeout", "team_added_to_org", "invalid_blocks")  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_fails_one_copy_stands_in_the_end_b2_b12(desk: Desk, fault: str) -> None:
    desk.slack.faults[:] = [fault]
    desk.tell("first")
    desk.turn()
    assert len(desk.standing()) == 1
    assert desk.states() == {"sent"}


def test_the_client_as_it_comes_posts_twice_and_says_nothing_b2(desk: Desk) -> None:
    """Why its own retries are off; and that this rig would show a second copy."""
    desk.slack.faults[:] = ["drop"]
    client = WebClient(TOKEN, base_url=desk.slack.base_url)
    mark = {"event_type": "probe", "event_payload": {"delivery_id": "x"}}
    assert client.chat_postMessage(channel=desk.channel, text="once", metadata=mark)["ok"]
    assert len(desk.standing()) == 2


def test_an_edit_of_what_is_gone_becomes_one_new_post_that_is_edited_from_then_on_b5(
    desk: Desk,
) -> None:
    desk.tell("first")
    desk.turn(2)
    desk.slack.ask("chat.delete", channel=desk.channel, ts=desk.standing()[0]["ts"])
    desk.slack.faults[:] = ["drop"]
    desk.tell("second")
    desk.turn()
    desk.tell("third")
    desk.turn(3)
    (message,) = desk.standing()
    assert "3 sources" in json.dumps(message["blocks"])


def test_an_archived_channel_holds_its_alerts_until_it_is_there_again_b12(desk: Desk) -> None:
    desk.slack.ask("conversations.archive", channel=desk.channel)
    for n in range(3):
        desk.tell("first", n)
    desk.turn()
    assert (desk.states(), [e.condition for e in desk.told]) == ({"held"}, ["held"])
    desk.slack.ask("conversations.unarchive", channel=desk.channel)
    desk.turn(20)
    assert len(desk.standing()) == 3
    assert [e.condition for e in desk.told] == ["held", "released"]


def test_an_incoming_webhook_takes_a_story_once_b20(desk: Desk) -> None:
    with urlopen(f"http://127.0.0.1:{PORT}/?tab=auth", timeout=5) as page:
        hook = re.findall(r"/services/[A-Z0-9/]+", page.read().decode())[-1]
    sink = WebhookSink(f"http://127.0.0.1:{PORT}{hook}")
    desk.pump = Pump(DeliveryLedger(desk.archive, (desk.channel,)), {desk.channel: sink}, lambda: desk.time, desk.told.append)  # fmt: skip
    desk.tell("first", 7)
    desk.turn(3)
    assert desk.states() == {"sent"}
    (alerts,) = (c["id"] for c in desk.slack.ask("conversations.list")["channels"] if c["name"] == "alerts")  # fmt: skip
    texts = [m["text"] for m in desk.slack.ask("conversations.history", channel=alerts)["messages"]]
    assert sum("CNIL → Clearview AI" in text for text in texts) == 1
