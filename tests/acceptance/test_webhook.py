"""Alerts as signed JSON: verified as documented, repeated only with the same id."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SECRET = "a-secret-of-the-receiver"
HIT = (
    "Dutch AP fines Clearview AI 30.5 million euros",
    "The facial recognition database of biometric personal data is illegal, the data protection authority says.",
)


@dataclass
class Receiver:
    """A program of the user's own; it answers what a test says, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.posts.append((dict(self.headers), body))
            status = made.answers.pop(0) if made.answers else 200
            if status == 0:
                self.close_connection = True  # accepted, and the reply is lost
                return
            self.send_response(status)
            self.send_header("Retry-After", "1")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/in"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def configured(configure: Callable[..., Path], site: Any, receiver: Receiver) -> Path:
    return configure(site.rss("/a", HIT), extra=f"alerts: {{console: false, webhook: {{url: '{receiver.url}'}}}}")  # fmt: skip


def test_an_alert_is_posted_signed_and_verifies_as_documented(
    regwatch: Any, site: Any, receiver: Receiver, configure: Callable[..., Path]
) -> None:
    configured(configure, site, receiver)
    done = regwatch("once", REGWATCH_WEBHOOK_SECRET=SECRET)
    assert done.returncode == 0, done.stderr
    headers, body = receiver.posts[0]
    mac = hmac.new(SECRET.encode(), headers["X-Regwatch-Timestamp"].encode() + b"." + body, hashlib.sha256)  # fmt: skip
    assert headers["X-Regwatch-Signature"] == f"v1={mac.hexdigest()}"
    said = json.loads(body)
    assert (said["kind"], said["id"]) == ("new", headers["X-Regwatch-Delivery"])
    assert said["story"]["organisation"] == "Clearview AI"
    assert SECRET not in done.stdout + done.stderr


def test_after_a_lost_reply_the_same_id_comes_again_and_no_other(
    regwatch: Any, site: Any, receiver: Receiver, configure: Callable[..., Path]
) -> None:
    configured(configure, site, receiver)
    receiver.answers = [0]
    regwatch("once", REGWATCH_WEBHOOK_SECRET=SECRET)
    assert len(receiver.posts) == 2
    assert len({headers["X-Regwatch-Delivery"] for headers, _ in receiver.posts}) == 1


def test_a_receiver_that_is_busy_is_asked_again_after_its_time(
    regwatch: Any, site: Any, receiver: Receiver, configure: Callable[..., Path]
) -> None:
    configured(configure, site, receiver)
    receiver.answers = [429]
    regwatch("once", REGWATCH_WEBHOOK_SECRET=SECRET)
    assert len(receiver.posts) == 2


def test_without_a_secret_it_is_a_configuration_error(
    regwatch: Any, site: Any, receiver: Receiver, configure: Callable[..., Path]
) -> None:
    configured(configure, site, receiver)
    done = regwatch("check")
    assert done.returncode == 2
    assert "feeds.yaml:3: alerts.webhook: the variable REGWATCH_WEBHOOK_SECRET" in done.stderr
