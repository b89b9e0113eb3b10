"""/metrics, /healthz and the outgoing ping of a running service."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("prometheus_client", reason="the extra `metrics` is not installed")


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_running_service_shows_its_figures_and_pings_a_watchdog(
    site: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    feed, ping = site.rss("/a", ("Title", "Summary")), site.page("/ping", "ok")
    config = configure(feed, site.base + "/gone", extra=f"service: {{metrics_port: 0, ping: '{ping}'}}")  # fmt: skip
    installed = os.environ.get("REGWATCH_UNDER_TEST")
    command = [installed] if installed else [sys.executable, "-m", "monitor"]
    with subprocess.Popen([*command, "--config", str(config), "run"], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as service:  # fmt: skip
        assert service.stderr is not None
        base = ""
        for line in service.stderr:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            base = found[0] if found and "metrics_served" in line else base
            if "cycle_done" in line:
                break
        status, figures = get(base + "/metrics")
        assert status == 200
        assert 'regwatch_sources{state="ok"} 1.0' in figures
        assert 'regwatch_sources{state="failing"} 1.0' in figures
        assert "regwatch_entries 1.0" in figures
        assert "regwatch_healthy 1.0" in figures
        assert get(base + "/healthz") == (200, "healthy\n")
        assert get(base + "/elsewhere")[0] == 404
        service.send_signal(signal.SIGTERM)
        service.stderr.read()
        assert service.wait(15) == 0
    assert "/ping" in [path for path, _ in site.requests]


def test_health_turns_red_for_probes(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    from monitor.metrics import serve
    from monitor.store import runs
    from monitor.store.archive import Archive

    began = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    with Archive.open(tmp_path / "a.db") as archive:
        runs.begin(archive, began, command="run", version="1", model="m")
    with serve(tmp_path / "a.db", 0, lambda: began + timedelta(hours=1)) as port:
        status, text = get(f"http://127.0.0.1:{port}/healthz")
    assert status == 503
    assert "no sign" in text
    with serve(tmp_path / "missing.db", 0, lambda: began) as port:
        assert get(f"http://127.0.0.1:{port}/metrics")[0] == 503
