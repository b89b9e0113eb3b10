"""``/metrics`` and ``/healthz`` on loopback: the only importer of prometheus-client (extra ``metrics``).

Every figure is read from the archive when it is asked for; nothing is counted in memory, so a
restart loses none. Serves in a thread of its own, with a read-only connection per request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .errors import MonitorError
from .state import health_problems
from .store.archive import Archive
from .store.codec import from_iso

HOST = "127.0.0.1"
_COUNTS = {
    "entries": ("Entries in the archive.", "SELECT max(id) FROM entries"),
    "hits": ("Entries that were flagged.", "SELECT count(*) FROM story_entries"),
    "stories": ("Stories.", "SELECT count(*) FROM stories WHERE merged_into IS NULL"),
    "labels": ("Judgements.", "SELECT count(*) FROM labels"),
}
_BY_STATE = {
    "sources": ("Sources by state.", "SELECT state, count(*) FROM feeds WHERE configured = 1 GROUP BY state"),
    "deliveries": ("Deliveries by state.", "SELECT state, count(*) FROM deliveries GROUP BY state"),
}  # fmt: skip
_TIMES = {
    "last_success": ("When a source was last fetched.", "SELECT max(last_ok) FROM feeds WHERE configured = 1"),
    "last_cycle": ("When the last cycle ended.", "SELECT max(last_cycle) FROM runs"),
    "last_sent": ("When an alert was last delivered.", "SELECT max(sent_at) FROM deliveries"),
}  # fmt: skip


class ArchiveFigures(Collector):
    """The service's figures, from the archive."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """All figures; times are Unix seconds, 0 for never."""
        with Archive.open_readonly(self._path) as archive:
            for name, (text, query) in _COUNTS.items():
                yield GaugeMetricFamily(f"regwatch_{name}", text, value=archive.rows(query)[0][0] or 0)  # fmt: skip
            for name, (text, query) in _BY_STATE.items():
                family = GaugeMetricFamily(f"regwatch_{name}", text, labels=["state"])
                for state, count in archive.rows(query):
                    family.add_metric([state], count)
                yield family
            for name, (text, query) in _TIMES.items():
                when = from_iso(archive.rows(query)[0][0])
                seconds = when.timestamp() if when else 0.0
                yield GaugeMetricFamily(f"regwatch_{name}_timestamp_seconds", text, value=seconds)
            healthy = not health_problems(archive, self._now())
            yield GaugeMetricFamily("regwatch_healthy", "1 when all is well.", value=float(healthy))


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """A scrape every few seconds is no event."""


@contextmanager
def serve(path: Path, port: int, now: Callable[[], datetime]) -> Iterator[int]:
    """Serve for the time of the block; the value is the port, which 0 leaves to the system.

    Raises:
        OSError: the port is taken.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ArchiveFigures(path, now))
    server = make_server(HOST, port, _application(path, registry, now), WSGIServer, _Quiet)
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _application(path: Path, registry: CollectorRegistry, now: Callable[[], datetime]) -> Any:
    figures = make_wsgi_app(registry)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        where = environ["PATH_INFO"]
        try:
            if where == "/metrics":
                return list(figures(environ, start_response))
            if where == "/healthz":
                return _health(path, now(), start_response)
        except MonitorError as error:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8")])  # fmt: skip
            return [f"{error}\n".encode()]
        start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"/metrics and /healthz are here\n"]

    return application


def _health(path: Path, now: datetime, start_response: Callable[..., Any]) -> list[bytes]:
    with Archive.open_readonly(path) as archive:
        problems = health_problems(archive, now)
    status = "503 Service Unavailable" if problems else "200 OK"
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return ["\n".join(problems or ["healthy"]).encode() + b"\n"]
