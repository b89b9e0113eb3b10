"""B18: judgement in Slack over Socket Mode, by the real client against a socket on loopback."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from classifiers.model import Model
from monitor.buttons import Buttons, Desk
from monitor.cycle import Report, take_click
from monitor.deliver import Pump
from monitor.domain import OpsEvent, ParsedEntry
from monitor.recording import Recorder, record_items
from monitor.slack import SlackSink
from monitor.slack_socket import Answers, Socket
from monitor.store.archive import Archive
from monitor.store.deliveries import DeliveryLedger

HIT = ParsedEntry(
    "ICO fines Clearview AI over facial recognition of UK residents",
    url="https://example.org/1",
    guid="1",
    summary="The company's database of faces breached UK data protection law.",
)
BOT, APP = "xoxb-bot", "xapp-app"
Drive = Callable[["Scene"], Awaitable[None]]


@dataclass
class Double:
    """Slack's two sides: the Web API over HTTP, and sockets whose frames a test sends."""

    base_url: str = ""
    socket_url: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    sockets: list[ServerConnection] = field(default_factory=list)
    acks: list[str] = field(default_factory=list)

    def answer(self, method: str, sent: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((method, sent))
        if method in self.errors:
            return {"ok": False, "error": self.errors[method]}
        if method == "apps.connections.open":
            return {"ok": True, "url": self.socket_url}
        return {"ok": True, "ts": sent.get("ts") or "1700000000.000100", "permalink": "https://t.slack.com/1"}  # fmt: skip

    def handle(self, connection: ServerConnection) -> None:
        connection.send(json.dumps({"type": "hello", "num_connections": 1}))
        self.sockets.append(connection)
        try:
            for frame in connection:
                self.acks.append(json.loads(frame)["envelope_id"])
        except ConnectionClosed:
            return

    def send(self, frame: dict[str, Any]) -> None:
        self.sockets[-1].send(json.dumps(frame))

    def of(self, method: str) -> list[dict[str, Any]]:
        return [sent for name, sent in self.calls if name == method]


@contextmanager
def served(double: Double) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            as_json = "json" in (self.headers.get("Content-Type") or "")
            sent = (
                json.loads(raw or "{}") if as_json else {k: v[0] for k, v in parse_qs(raw).items()}
            )
            body = json.dumps(double.answer(self.path.rpartition("/")[2], sent)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web,
        serve(double.handle, "127.0.0.1", 0) as sockets,
    ):
        double.base_url = f"http://127.0.0.1:{web.server_port}/api/"
        double.socket_url = f"ws://127.0.0.1:{sockets.socket.getsockname()[1]}/link?ticket=t"
        threads = [threading.Thread(target=s.serve_forever) for s in (web, sockets)]
        for thread in threads:
            thread.start()
        yield
        web.shutdown()
        sockets.shutdown()
        for thread in threads:
            thread.join()


@dataclass
class Scene:
    """An alert that stands in a channel, and the buttons beneath it at work."""

    archive: Archive
    slack: Double
    pump: Pump
    told: list[OpsEvent]
    clock: list[datetime]
    story: str = ""
    pressed: int = 0

    def press(self, act: str, *, user: str = "U1", envelope: str | None = None, **other: Any) -> str:  # fmt: skip
        """Somebody presses a button; returns the envelope's id."""
        self.pressed += 1
        envelope = envelope or f"envelope-{self.pressed}"
        payload = {
            "type": "block_actions",
            "user": {"id": user, "username": "ann"},
            "container": {"type": "message", "channel_id": "C1", "message_ts": "1700000000.000100"},
            "trigger_id": "trigger",
            "actions": [
                {
                    "action_id": f"regwatch:{act}",
                    "value": self.story,
                    "action_ts": str(self.pressed),
                }
            ],  # fmt: skip
        } | other
        self.slack.send({"type": "interactive", "envelope_id": envelope, "payload": payload})
        return envelope

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self.archive.rows(sql)]

    async def until(self, happened: Callable[[], object]) -> None:
        """Let the loop turn until something is so."""
        async with asyncio.timeout(15):
            while not happened():
                await asyncio.sleep(0.01)

    async def taken(self, count: int) -> None:
        await self.until(lambda: len(self.rows("SELECT 1 FROM clicks")) >= count)

    async def shown(self) -> str:
        """What stands in the channel after the pump's next round."""
        self.clock[0] += timedelta(seconds=5)
        await self.pump.run_once()
        return str(self.slack.of("chat.update")[-1]["blocks"])


@pytest.fixture
def play(archive: Archive, model: Model, now: datetime) -> Iterator[Callable[..., Scene]]:
    """Play a scene: an alert is posted, the socket opens, the test acts, all ends in order."""
    slack, clock, told = Double(), [now], list[OpsEvent]()

    def run(drive: Drive, *, errors: dict[str, str] | None = None) -> Scene:
        slack.errors |= errors or {}
        recorder = Recorder(archive, model, ("C1",), timedelta(days=3))
        record_items(recorder, [("press", HIT)], now=now, alert=True)
        sink = SlackSink(BOT, "C1", slack.base_url)
        pump = Pump(DeliveryLedger(archive, ("C1",)), {"C1": sink}, lambda: clock[0], told.append, buttons=True)  # fmt: skip
        scene = Scene(archive, slack, pump, told, clock)
        scene.story = scene.rows("SELECT public_id FROM stories")[0]["public_id"]
        asyncio.run(_play(scene, drive, clock))
        return scene

    with served(slack):
        yield run


async def _play(scene: Scene, drive: Drive, clock: list[datetime]) -> None:
    await scene.pump.run_once()
    desk = Desk(scene.archive, Answers(BOT, scene.slack.base_url), lambda: clock[0], lambda: "model-1", lambda: timedelta(days=7))  # fmt: skip
    report = Report()
    buttons = Buttons(
        Socket(APP, scene.slack.base_url, ping_s=1),
        desk,
        lambda take: take_click(take, report),
        scene.told.append,
    )
    stop = asyncio.Event()
    running = asyncio.create_task(buttons.run(stop))
    try:
        if not scene.slack.errors.get("apps.connections.open"):
            await scene.until(lambda: scene.slack.sockets)
        await drive(scene)
    finally:
        stop.set()
        await running
    assert report.bugs == 0


def test_a_click_is_acknowledged_then_kept_as_a_label_and_shown_b18(play: Any) -> None:
    async def drive(scene: Scene) -> None:
        envelope = scene.press("relevant")
        await scene.taken(1)
        await scene.until(lambda: envelope in scene.slack.acks)
        assert "✓ Relevant — ann" in await scene.shown()

    scene = play(drive)
    found = scene.rows("SELECT label, author, model, origin FROM labels")
    assert found == [{"label": "relevant", "author": "U1", "model": "model-1", "origin": "slack"}]
    assert [e["what"] for e in scene.rows("SELECT what FROM evidence WHERE what = 'judgement'")] == ["judgement"]  # fmt: skip


def test_an_envelope_that_comes_again_and_a_second_click_change_nothing_b18(play: Any) -> None:
    async def drive(scene: Scene) -> None:
        scene.press("relevant", envelope="first")
        await scene.taken(1)
        await scene.shown()
        again: dict[str, Any] = {"actions": [{"action_id": "regwatch:relevant", "value": scene.story, "action_ts": "1"}]}  # fmt: skip
        scene.press("relevant", envelope="first", **again)  # the same envelope
        scene.press("relevant", envelope="other", **again)  # the same press, in another envelope
        scene.press("relevant")  # a second press
        scene.press("why")
        await scene.until(lambda: len(scene.slack.acks) == 5)
        await scene.taken(3)
        scene.clock[0] += timedelta(seconds=5)
        assert await scene.pump.run_once() == 0

    scene = play(drive)
    assert len(scene.rows("SELECT 1 FROM labels")) == 1
    assert len(scene.slack.of("chat.update")) == 1


def test_not_relevant_counts_at_once_and_its_reason_when_the_form_is_sent_b18(play: Any) -> None:
    async def drive(scene: Scene) -> None:
        scene.press("irrelevant")
        await scene.until(lambda: scene.slack.of("views.open"))
        form = scene.slack.of("views.open")[0]["view"]
        view = json.loads(form) if isinstance(form, str) else form
        values = {
            "choice": {"choice": {"selected_option": {"value": "no_ai"}}},
            "words": {"words": {"value": "a plain <!channel> database"}},
        }
        sent: dict[str, Any] = {"type": "view_submission", "view": {**view, "id": "V1", "state": {"values": values}}}  # fmt: skip
        scene.press("", **sent)
        scene.press("", **sent)
        await scene.until(lambda: len(scene.slack.acks) == 3)
        await scene.taken(2)
        shown = await scene.shown()
        assert "✗ Not relevant — ann: Not about AI" in shown
        assert "<!channel>" not in shown

    scene = play(drive)
    assert [(r["label"], r["why"]) for r in scene.rows("SELECT * FROM labels ORDER BY id")] == [
        ("irrelevant", None),
        ("irrelevant", "Not about AI: a plain <!channel> database"),
    ]


def test_snooze_is_a_silence_with_author_and_end_b10_b18(play: Any, now: datetime) -> None:
    async def drive(scene: Scene) -> None:
        scene.press("snooze")
        scene.press("snooze", user="U2")
        await scene.taken(2)
        assert "Snoozed until 2026-12-01" in await scene.shown()

    found = play(drive).rows("SELECT * FROM silences")
    assert [(r["field"], r["author"], r["ends"][:10]) for r in found] == [("story", "U1", "2026-12-01")]  # fmt: skip


def test_why_and_sources_are_shown_to_the_one_who_asks_b9_b18(play: Any) -> None:
    async def drive(scene: Scene) -> None:
        scene.press("why")
        scene.press("sources")
        await scene.until(lambda: len(scene.slack.of("chat.postEphemeral")) == 2)

    scene = play(drive)
    why, sources = scene.slack.of("chat.postEphemeral")
    assert "score" in why["text"]
    assert "https://example.org/1" in sources["text"]
    assert {why["user"], sources["user"]} == {"U1"}
    assert len(scene.slack.of("chat.postMessage")) == 1


def test_when_slack_recycles_the_socket_no_click_is_lost_b18(play: Any) -> None:
    async def drive(scene: Scene) -> None:
        scene.press("relevant", user="U1")
        scene.slack.send({"type": "disconnect", "reason": "warning"})
        await scene.until(lambda: len(scene.slack.sockets) == 2)
        # what the old socket did not acknowledge comes again on the new one
        scene.press("relevant", user="U1", envelope="envelope-1")
        scene.press("irrelevant", user="U2")
        await scene.until(lambda: len(scene.rows("SELECT 1 FROM labels")) == 2)

    scene = play(drive)
    assert sorted(r["author"] for r in scene.rows("SELECT author FROM labels")) == ["U1", "U2"]


@pytest.mark.parametrize("how", ["hangs up", "says goodbye"])
def test_a_dead_socket_is_noticed_and_replaced_b18(play: Any, how: str) -> None:
    async def drive(scene: Scene) -> None:
        if how == "hangs up":
            scene.slack.sockets[0].socket.shutdown(2)
        else:
            scene.slack.sockets[0].close()
        await scene.until(lambda: len(scene.slack.sockets) == 2)
        scene.press("relevant")
        await scene.until(lambda: scene.rows("SELECT 1 FROM labels"))

    play(drive)


def test_a_wrong_app_token_is_told_once_and_alerts_go_on_b12_b18(play: Any) -> None:
    async def drive(scene: Scene) -> None:
        await scene.until(lambda: len(scene.slack.of("apps.connections.open")) >= 2)

    scene = play(drive, errors={"apps.connections.open": "invalid_auth"})
    assert [event.condition for event in scene.told] == ["buttons_lost"]
    assert "docs/slack.md" in scene.told[0].text
    assert APP not in scene.told[0].text
    assert len(scene.slack.of("chat.postMessage")) == 1


def test_a_click_on_a_story_that_is_not_there_and_a_form_that_fails_do_no_harm_b18(play: Any) -> None:  # fmt: skip
    async def drive(scene: Scene) -> None:
        scene.press("relevant", actions=[{"action_id": "regwatch:relevant", "value": "S-0", "action_ts": "1"}])  # fmt: skip
        scene.press("irrelevant")
        await scene.until(lambda: scene.rows("SELECT 1 FROM labels"))

    scene = play(drive, errors={"views.open": "expired_trigger_id"})
    assert {r["outcome"] for r in scene.rows("SELECT outcome FROM clicks")} == {"no such story", "kept"}  # fmt: skip


def test_a_socket_that_never_answers_a_ping_is_replaced_b18() -> None:
    """Half-open: the connection stands, and nobody is at its other end."""
    double = Double()
    accepted: list[socket.socket] = []
    with served(double), socket.create_server(("127.0.0.1", 0)) as deaf:
        double.socket_url = f"ws://127.0.0.1:{deaf.getsockname()[1]}/link?ticket=t"

        def shake() -> None:
            while len(accepted) < 2:
                connection, _ = deaf.accept()
                accepted.append(connection)
                request = connection.recv(4096).decode()
                key = re.findall(r"Sec-WebSocket-Key: (\S+)", request)[0]
                proof = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())  # fmt: skip
                connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + proof + b"\r\n\r\n")  # fmt: skip

        shaking = threading.Thread(target=shake, daemon=True)
        shaking.start()
        link = Socket(APP, double.base_url, ping_s=0.1)
        ends = time.monotonic() + 30
        while len(accepted) < 2 and time.monotonic() < ends:
            link.look()
            threading.Event().wait(0.05)
        shaking.join(10)
        link.close()
        for connection in accepted:
            connection.close()
    assert len(accepted) == 2
