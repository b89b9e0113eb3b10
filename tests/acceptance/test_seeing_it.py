"""/metrics, /healthz and the outgoing ping of a running service."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
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


def test_a_service_that_was_away_says_so_when_it_has_caught_up(
    site: Any, configure: Callable[..., Path], regwatch: Any, tmp_path: Path
) -> None:
    config = configure(site.rss("/a", ("Title", "Summary")), site.base + "/gone")
    assert regwatch("once").returncode == 0
    with closing(sqlite3.connect(tmp_path / "data" / "regwatch.db")) as archive, archive:
        for column in ("started", "heartbeat", "ended", "last_cycle"):
            archive.execute(f"UPDATE runs SET {column} = '2026-01-01T08:00:00.000Z'")
        archive.execute("UPDATE feeds SET next_due = NULL")
    installed = os.environ.get("REGWATCH_UNDER_TEST")
    command = [installed] if installed else [sys.executable, "-m", "monitor"]
    with subprocess.Popen([*command, "--config", str(config), "run"], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as service:  # fmt: skip
        assert service.stderr is not None
        lines = []
        for line in service.stderr:
            lines.append(json.loads(line))
            if lines[-1].get("condition") == "away":
                break
        service.send_signal(signal.SIGTERM)
        service.stderr.read()
        assert service.wait(15) == 0
    text = lines[-1]["text"]
    assert "was away from 2026-01-01 08:00 to 20" in text
    assert "2 sources were polled, 1 of them failed" in text
    # one line per source, then one for the cycle, then what follows from it
    order = [line["event"] for line in lines if line["event"] in ("source_done", "cycle_done", "ops")]  # fmt: skip
    assert order == ["source_done", "source_done", "cycle_done", "ops"]
