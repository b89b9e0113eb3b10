"""The installed command against loopback sources and a stateful double of Slack."""

from __future__ import annotations

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
from xml.sax.saxutils import escape

import pytest
from slackdouble.server import SlackDouble, serving

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


@pytest.fixture
def launch(tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Start a command in the same folder and environment, for tests that end it."""

    def start(*arguments: str, **environ: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*command_line(), *arguments],
            cwd=tmp_path,
            env=base_environment() | environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    return start


@pytest.fixture
def benchmark(tmp_path: Path) -> Command:
    """Run a measuring program; what it measures is what is installed, not this checkout."""
    (tmp_path / "benchmarks").symlink_to(Path(__file__).parents[2] / "benchmarks")

    def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", *arguments],
            cwd=tmp_path,
            text=True,
            capture_output=True,
            timeout=110,
            check=False,
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


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    """A Slack on loopback that the real slack_sdk client talks to."""
    with serving(SlackDouble()) as double:
        yield double


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
