"""A running service takes a changed configuration, and refuses an invalid one."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import pytest

from monitor.defaults import shipped_model


def wait_for(stream: IO[str], *words: str) -> str:
    """The first log line with all the words; the stream's end fails the test."""
    for line in stream:
        if all(word in line for word in words):
            return line
    raise AssertionError(f"the log ended without {words}")


@pytest.fixture
def running(site: Any, configure: Callable[..., Path], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:  # fmt: skip
    """A service that has polled its one source."""
    config = configure(site.rss("/a", ("Title", "Summary")))
    installed = os.environ.get("REGWATCH_UNDER_TEST")
    command = [installed] if installed else [sys.executable, "-m", "monitor"]
    with subprocess.Popen([*command, "--config", str(config), "run"], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as service:  # fmt: skip
        assert service.stderr is not None
        wait_for(service.stderr, "cycle_done")
        yield service
        service.send_signal(signal.SIGTERM)
        service.stderr.read()
        assert service.wait(15) == 0


def test_a_source_added_while_the_service_runs_is_polled(
    running: subprocess.Popen[str], site: Any, configure: Callable[..., Path]
) -> None:
    assert running.stderr is not None
    configure(site.base + "/a", site.rss("/b", ("Another", "Summary")))
    running.send_signal(signal.SIGHUP)
    assert "feeds=2" in wait_for(running.stderr, "config_reloaded").replace('": ', "=").replace('"', "")  # fmt: skip
    wait_for(running.stderr, "source_done", "Feed 1")
    assert [path for path, _ in site.requests] == ["/a", "/b"]


def test_an_invalid_configuration_is_refused_told_and_the_old_one_goes_on(
    running: subprocess.Popen[str], regwatch: Any, tmp_path: Path, configure: Callable[..., Path]
) -> None:
    assert running.stderr is not None
    good = (tmp_path / "feeds.yaml").read_text()
    (tmp_path / "feeds.yaml").write_text(good + "colour: red\n")
    running.send_signal(signal.SIGHUP)
    assert "colour" in wait_for(running.stderr, "config_refused")
    wait_for(running.stderr, "ops", "config_refused")
    assert running.poll() is None
    (tmp_path / "feeds.yaml").write_text(good)
    running.send_signal(signal.SIGHUP)
    wait_for(running.stderr, "config_reloaded")
    status = json.loads(regwatch("status", "--json").stdout)
    assert [source["state"] for source in status["sources"]] == ["ok"]


def test_another_archive_needs_a_restart(running: subprocess.Popen[str], tmp_path: Path) -> None:
    assert running.stderr is not None
    path = tmp_path / "feeds.yaml"
    path.write_text(path.read_text().replace("data/regwatch.db", "data/other.db"))
    running.send_signal(signal.SIGHUP)
    assert "restart" in wait_for(running.stderr, "config_refused")
    assert not (tmp_path / "data" / "other.db").exists()


def test_seeds_that_cannot_be_read_are_refused_and_the_service_goes_on(
    running: subprocess.Popen[str], regwatch: Any, tmp_path: Path
) -> None:
    assert running.stderr is not None
    if not Path("/proc/self/mem").exists():
        pytest.skip("needs a regular file that cannot be read")
    (tmp_path / "data" / "model.json").write_bytes(shipped_model().read_bytes())
    path, mine = tmp_path / "feeds.yaml", tmp_path / "mine"
    good = path.read_text()
    mine.mkdir()
    (mine / ".#a.yaml").symlink_to("nobody@host.1")
    (mine / "b.yaml").symlink_to("/proc/self/mem")
    path.write_text(good + "seeds: [builtin, mine]\n")
    running.send_signal(signal.SIGHUP)
    assert "b.yaml" in wait_for(running.stderr, "config_refused")
    told = regwatch("status")
    assert told.returncode == 2
    assert "b.yaml: cannot be read" in told.stderr
    assert "Traceback" not in told.stderr
    (mine / "b.yaml").unlink()
    running.send_signal(signal.SIGHUP)
    wait_for(running.stderr, "config_reloaded")
    assert "Traceback" not in regwatch("status").stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_service_at_once_and_cleanly(
    tmp_path: Path, configure: Callable[..., Path], number: signal.Signals
) -> None:
    """A source that never answers is in hand: it is not waited for, and its lease is given back."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = configure(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        installed = os.environ.get("REGWATCH_UNDER_TEST")
        command = [installed] if installed else [sys.executable, "-m", "monitor"]
        with subprocess.Popen([*command, "--config", str(config), "run"], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as service:  # fmt: skip
            assert service.stderr is not None
            held, _ = silent.accept()
            service.send_signal(number)
            wait_for(service.stderr, "service_stopping")
            service.send_signal(number)
            rest = service.stderr.read()
            assert service.wait(15) == 0
            held.close()
    assert "service_stopped" in rest
    assert "Traceback" not in rest
    with closing(sqlite3.connect(tmp_path / "data" / "regwatch.db")) as archive:
        assert archive.execute("SELECT count(*) FROM feeds WHERE lease_until IS NOT NULL").fetchone() == (0,)  # fmt: skip
