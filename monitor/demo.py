"""The demo: a small site on loopback, the real pipeline against it, in a temporary folder.

The site's texts are made up after a real event; the pipeline is the one of ``once``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .demo_site import pages


def play(say: Callable[[str], None]) -> None:
    """Serve the site, run one cycle against it, show the alert."""
    with tempfile.TemporaryDirectory(prefix="regwatch-demo-") as folder:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(_site()))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            config = Path(folder) / "feeds.yaml"
            config.write_text(_config(server.server_port), encoding="utf-8")
            say("Five made-up sources on loopback: RSS, Atom, RDF, a listing page, a tech feed full of near misses.")  # fmt: skip
            say(
                "One cycle of the real pipeline; what follows is the alert as Slack would show it.\n"
            )
            command = [sys.executable, "-P", "-m", "monitor", "--config", str(config)]
            subprocess.run([*command, "once", "--now"], check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command
            say("\nThe archive holds every entry with its verdict; `regwatch hits` shows:")
            subprocess.run([*command, "hits"], check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command
        finally:
            server.shutdown()
            server.server_close()


def _site() -> dict[str, tuple[str, str]]:
    # the one place besides the command line that asks for the time: the demo's news must be fresh
    now = datetime.now(UTC)  # noqa: TID251
    return pages(now, format_datetime(now - timedelta(hours=2)))


def _handler(site: Mapping[str, tuple[str, str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content_type, text = site.get(self.path, ("", ""))
            body = text.encode()
            self.send_response(200 if content_type else 404)
            self.send_header("Content-Type", content_type or "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The demo shows the pipeline, not the server."""

    return Handler


def _config(port: int) -> str:
    base = f"http://127.0.0.1:{port}"
    return f"""archive: regwatch.db
poll:
  host_gap: 0s
  allow_addresses: [127.0.0.0/8]
feeds:
  - {{name: UK data protection news, url: {base}/regulator.rss, kind: regulator, jurisdiction: GB, language: en}}
  - {{name: Courts bulletin, url: {base}/courts.atom, kind: court, jurisdiction: GB, language: en}}
  - {{name: Rights group, url: {base}/rights.rdf, kind: ngo, jurisdiction: EU, language: en}}
  - {{name: Authority press room, watch: {base}/press.html, kind: regulator, jurisdiction: GB, language: en}}
  - {{name: Tech daily, url: {base}/tech.rss, kind: press, jurisdiction: GB, language: en}}
"""
