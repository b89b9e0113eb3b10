"""The installed command against loopback sources and a stateful double of Slack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest

Command = Callable[..., "subprocess.CompletedProcess[str]"]

MODEL_CASE = (
    "LinkedIn pauses AI training on UK members' posts after watchdog steps in",
    "The network stopped using British users' personal data for its generative AI models after the Information Commissioner's Office raised concerns.",
)


def command_line() -> list[str]:
    """The installed command where the wheel is under test, else the module."""
    installed = os.environ.get("REGWATCH_UNDER_TEST")
    return [installed] if installed else [sys.executable, "-m", "monitor"]


@pytest.fixture
def regwatch(tmp_path: Path) -> Command:
    """Run a command in an empty folder; its environment is empty but for what is given."""

    def run(*arguments: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command_line(), *arguments],
            cwd=tmp_path,
            input=stdin,
            text=True,
            capture_output=True,
            timeout=90,
            check=False,
            env=base_environment() | environ,
        )

    return run


def base_environment() -> dict[str, str]:
    """Just enough to start Python."""
    names = ("PATH", "HOME", "LANG", "PYTHONPATH")
    return {n: os.environ[n] for n in names if n in os.environ} | {"PYTHONUTF8": "1"}


@dataclass
class Site:
    """A loopback site whose pages a test sets."""

    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    base: str = ""

    def rss(self, path: str, *items: tuple[str, str], age: timedelta = timedelta(hours=1)) -> str:
        """Serve an RSS feed of titles and summaries; returns its URL."""
        when = format_datetime(datetime.now(UTC) - age)
        body = "".join(
            f"<item><title>{escape(t)}</title><description>{escape(s)}</description>"
            f"<link>https://news.example{path}/{n}</link><guid>{path}-{n}-{t}</guid><pubDate>{when}</pubDate></item>"
            for n, (t, s) in enumerate(items)
        )
        text = f"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>{body}</channel></rss>"
        return self.page(path, text, "application/rss+xml")

    def page(self, path: str, text: str | bytes, kind: str = "text/html", status: int = 200) -> str:
        """Serve anything; returns its URL."""
        self.pages[path] = (status, kind, text.encode() if isinstance(text, str) else text)
        return self.base + path


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on loopback."""
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.requests.append((self.path, dict(self.headers)))
            status, kind, body = made.pages.get(self.path, (404, "text/plain", b""))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@dataclass
class SlackDouble:
    """One channel with history, metadata, sizes, and faults that a test arms."""

    base_url: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)  # by method, until a test takes it away
    scopes: str = "chat:write,channels:history"
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def answer(
        self, method: str, sent: dict[str, Any]
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        """What Slack would say; the state changes as it would."""
        self.calls.append(method)
        if method in self.errors:
            return 200, {}, {"ok": False, "error": self.errors[method]}
        if method == "chat.postMessage":
            return self._post(sent)
        if method == "chat.update":
            for message in self.messages:
                if message["ts"] == sent.get("ts"):
                    message |= {"text": sent.get("text"), "blocks": sent.get("blocks")}
                    return 200, {}, {"ok": True, "ts": sent["ts"], "channel": "C1"}
            return 200, {}, {"ok": False, "error": "message_not_found"}
        if method == "conversations.history":
            return 200, {}, {"ok": True, "messages": list(reversed(self.messages))}
        if method == "auth.test":
            return 200, {"x-oauth-scopes": self.scopes}, {"ok": True, "team": "T", "user": "regwatch"}  # fmt: skip
        if method == "chat.getPermalink":
            return 200, {}, {"ok": True, "permalink": f"https://t.slack.com/{sent.get('message_ts')}"}  # fmt: skip
        if method == "chat.delete":
            self.messages = [m for m in self.messages if m["ts"] != sent.get("ts")]
            return 200, {}, {"ok": True, "ts": sent.get("ts"), "channel": "C1"}
        return 200, {}, {"ok": False, "error": "missing_scope"}

    def _post(self, sent: dict[str, Any]) -> tuple[int, dict[str, str], dict[str, Any]]:
        fault = self.faults.pop(0) if self.faults else ""
        if fault.startswith("429"):
            return 429, {"Retry-After": fault.split()[1]}, {"ok": False, "error": "ratelimited"}
        if fault == "hang before":
            return self._hang()
        if fault and fault not in ("drop", "hang after"):
            return 200, {}, {"ok": False, "error": fault}
        if len(sent.get("text") or "") > 4000 or len(sent.get("blocks") or []) > 50:
            return 200, {}, {"ok": False, "error": "invalid_blocks"}
        ts = f"17000000{len(self.messages):02d}.000100"
        self.messages.append({**sent, "ts": ts})
        if fault == "drop":
            return 0, {}, {}
        if fault == "hang after":
            return self._hang()
        return 200, {}, {"ok": True, "ts": ts, "channel": "C1"}

    def _hang(self) -> tuple[int, dict[str, str], dict[str, Any]]:
        self.reached.set()
        self.go_on.wait(30)
        return 0, {}, {}


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    """A Slack on loopback that the real slack_sdk client talks to."""
    double = SlackDouble()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            sent: dict[str, Any]
            if "json" in (self.headers.get("Content-Type") or ""):
                sent = json.loads(raw or "{}")
            else:
                sent = {k: v[0] for k, v in parse_qs(raw).items()}
                for name in ("blocks", "metadata"):
                    if isinstance(sent.get(name), str):
                        sent[name] = json.loads(sent[name])
            method = urlsplit(self.path).path.rpartition("/")[2]
            if method == "webhook":
                double.messages.append(sent)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")
                return
            status, headers, reply = double.answer(method, sent)
            if status == 0:
                self.close_connection = True
                return
            body = json.dumps(reply).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        double.base_url = f"http://127.0.0.1:{server.server_port}/api/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield double
        double.go_on.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def configure(tmp_path: Path) -> Callable[..., Path]:
    """Write a feeds.yaml with the given feeds; Slack's block where a double is given."""

    def write(*urls: str, slack: SlackDouble | None = None, extra: str = "") -> Path:
        lines = [
            "archive: data/regwatch.db",
            "poll: {host_gap: 0s, allow_addresses: [127.0.0.0/8]}",
        ]
        if slack is not None:
            lines.append(
                f"alerts: {{console: false, slack: {{channel: C123, base_url: '{slack.base_url}'}}}}"
            )
        lines += [extra, "feeds:"]
        lines += [f"  - {{name: Feed {n}, url: '{u}', kind: press, jurisdiction: GB, language: en}}" for n, u in enumerate(urls)]  # fmt: skip
        path = tmp_path / "feeds.yaml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
