"""The measuring programs run from end to end; what they measure is no matter of these tests."""

from __future__ import annotations

from typing import Any


def test_the_archive_is_made_and_measured(benchmark: Any) -> None:
    """Every figure is printed beside its goal, down to the last."""
    few = ("--entries", "400", "--hits", "20", "--polled-days", "2", "--ingest", "100")
    done = benchmark("archive", *few)
    assert done.returncode == 0, done.stdout + done.stderr
    told = {line[:58].strip(): line[58:] for line in done.stdout.splitlines()}
    assert told["rows of story_entries"].strip() == "20"
    assert "> 3,000" in told["ingest of 100 items, alone"]
    assert {"status", "hits, first page", "memory of this process"} <= set(told)
