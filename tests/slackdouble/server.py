"""The workspace over HTTP on loopback, with the faults of networks, proxies and bad days.

A fault is one word or two, armed for the next calls of a method:
``429 7`` too many requests, Retry-After 7 · ``500 html`` / ``503 html`` / ``404 html`` a page instead
of Slack, not taken · ``drop`` taken, the reply lost · ``refuse`` closed before Slack saw it ·
``cut`` taken, the reply cut in its middle · ``slow`` taken, the reply later than anyone waits ·
``hang before`` / ``hang after`` until ``go_on``, on either side of the deed ·
``after CODE`` taken, and yet ``ok: false`` (``after 502``: a proxy's page) · any other word: ``ok: false`` with it, not taken.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from slackdouble.workspace import Args, Refused, TooFast, Workspace

PAGE = b"<!doctype html><html><body><h1>Something went wrong</h1></body></html>"
_SILENT = ("drop", "slow", "hang after", "refuse", "hang before")


@dataclass
class Answer:
    """What goes over the wire; a status of 0 is silence."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class SlackDouble:
    """Slack on loopback: a workspace, and faults that a test arms."""

    workspace: Workspace = field(default_factory=Workspace)
    base_url: str = ""
    faults: list[str] = field(default_factory=list)  # for the next posts
    armed: dict[str, list[str]] = field(default_factory=dict)  # the same by method
    errors: dict[str, str] = field(default_factory=dict)  # by method, until a test takes it away
    down: bool = False  # every call meets a closed door
    hooked: list[dict[str, Any]] = field(default_factory=list)  # what came by webhook
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """All that stands in the channels and came by webhook, oldest first."""
        with self.workspace.lock:
            found = [m for room in self.workspace.rooms.values() for m in room.messages]
        return self.hooked + sorted(found, key=lambda m: float(m["ts"]))

    @property
    def calls(self) -> list[str]:
        """The methods that were called."""
        return self.workspace.calls

    @property
    def scopes(self) -> str:
        """What any token may do."""
        return self.workspace.scopes

    @scopes.setter
    def scopes(self, value: str) -> None:
        self.workspace.scopes = value

    def answer(self, method: str, token: str, args: Args) -> Answer:
        """What the caller gets to see; the state changes as it would."""
        fault = self._fault(method)
        if self.down or fault == "refuse":
            return Answer(0)
        if fault == "hang before":
            self._hang()
            return Answer(0)
        if fault.startswith("429"):
            return _limited(float(fault.split()[1]))
        if fault.endswith(" html"):
            return _page(int(fault.split()[0]))
        if fault and fault not in (*_SILENT, "cut") and not fault.startswith("after "):
            return _json({"ok": False, "error": fault})
        said = self._said(method, token, args)
        if fault.startswith("after "):
            code = fault.split()[1]
            return _page(int(code)) if code.isdigit() else _json({"ok": False, "error": code})
        if fault in ("hang after", "slow"):
            self._hang()
        if fault in _SILENT:
            return Answer(0)
        said.cut = fault == "cut"
        return said

    def _fault(self, method: str) -> str:
        armed = self.armed.get(method)
        if armed:
            return armed.pop(0)
        return self.faults.pop(0) if self.faults and method in ("chat.postMessage", "webhook") else ""  # fmt: skip

    def _said(self, method: str, token: str, args: Args) -> Answer:
        if method in self.errors:
            self.workspace.calls.append(method)
            return _json({"ok": False, "error": self.errors[method]})
        if method == "webhook":
            self.hooked.append(args)
            return Answer(200, b"ok", {"Content-Type": "text/html"})
        try:
            reply = self.workspace.call(method, token, args)
        except Refused as refused:
            return _json({"ok": False, "error": str(refused), **refused.more})
        except TooFast as limit:
            return _limited(float(limit.args[0]))
        return _json(reply, {"x-oauth-scopes": self.workspace.scopes})

    def _hang(self) -> None:
        self.reached.set()
        self.go_on.wait(60)


Double = TypeVar("Double", bound=SlackDouble)


def _json(reply: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(200, json.dumps(reply).encode(), kind | (headers or {}))


def _page(status: int) -> Answer:
    return Answer(status, PAGE, {"Content-Type": "text/html"})


def _limited(seconds: float) -> Answer:
    said = _json({"ok": False, "error": "ratelimited"}, {"Retry-After": f"{seconds:g}"})
    said.status = 429
    return said


def _handler(double: SlackDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            url = urlsplit(self.path)
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            args = _args(self.headers.get("Content-Type") or "", raw, url.query)
            self._say(double.answer(url.path.rpartition("/")[2], token or str(args.get("token") or ""), args))  # fmt: skip

        do_GET = do_POST

        def _say(self, answer: Answer) -> None:
            self.close_connection = True
            if not answer.status:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler


def _args(kind: str, raw: str, query: str) -> Args:
    if "json" in kind:
        found: Args = json.loads(raw or "{}")
        return found
    sent: Args = {k: v[0] for k, v in parse_qs(f"{query}&{raw}").items()}
    for name in ("blocks", "metadata"):
        if isinstance(sent.get(name), str):
            sent[name] = json.loads(sent[name])
    return sent


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what many tests are about."""


@contextmanager
def serving(double: Double) -> Iterator[Double]:
    """The double on a port of its own, for the time of the block."""
    with _Server(("127.0.0.1", 0), _handler(double)) as server:
        double.base_url = f"http://127.0.0.1:{server.server_port}/api/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield double
        finally:
            double.go_on.set()
            server.shutdown()
            thread.join()
