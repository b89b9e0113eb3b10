"""The ledger against an emulator of Slack that others wrote, where node is present."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RIG = Path(__file__).parents[1] / "emulate"
ALONE = ["unshare", "--map-root-user", "--net"]
"""The emulator listens on all interfaces: it gets a network that has none but loopback."""


def why_not() -> str | None:
    """What keeps the emulator from running here."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (RIG / "node_modules" / "emulate").is_dir():
        return "the emulator is not installed: npm ci --prefix tests/emulate"
    if shutil.which("unshare") is None:
        return "unshare is not installed"
    tried = subprocess.run([*ALONE, "true"], capture_output=True, text=True, check=False)
    return f"no network of its own: {tried.stderr.strip()}" if tried.returncode else None


@pytest.mark.node
def test_the_ledger_keeps_its_promises_against_an_emulator_of_others() -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    command = [sys.executable, "-Im", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(RIG / "inside.py")]  # fmt: skip
    done = subprocess.run([*ALONE, *command], cwd=RIG.parents[1], capture_output=True, text=True, timeout=110, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
