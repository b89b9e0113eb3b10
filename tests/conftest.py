"""What every test starts from: no environment of ours, and no network beyond loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from classifiers.model import Model
from monitor.defaults import shipped_model
from monitor.store.archive import Archive

settings.register_profile("default", deadline=None, derandomize=True)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable that regwatch reads comes from outside a test."""
    for name in ("REGWATCH_CONFIG", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but loopback fails the test."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            assert host.startswith("127.") or host == "::1", f"a test connects to {host}"
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture
def now() -> datetime:
    """A fixed moment."""
    return datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def model() -> Model:
    """The shipped model."""
    return Model.load(shipped_model())


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A fresh archive on disk."""
    with Archive.open(tmp_path / "regwatch.db") as opened:
        yield opened
