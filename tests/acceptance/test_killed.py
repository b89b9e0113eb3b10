"""Processes killed at random moments of a cycle lose nothing and double nothing (A7, B1, promises 1 and 2)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).parents[2] / "benchmarks" / "soak.py"


def test_processes_killed_in_the_middle_of_a_cycle_lose_and_double_nothing_a7(
    tmp_path: Path,
) -> None:
    """A few kills; `make soak` makes fifty among two thousand sources.

    The kill comes at a random moment after the first request; no parser process outlives it.
    """
    command = [sys.executable, str(SOAK), "--sources", "30", "--kills", "4", "--minutes", "0"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("nothing lost, nothing doubled, nothing left behind\n")
