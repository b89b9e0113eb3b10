"""What a person gets wrong: each is told in a line, with an exit code that fits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FINED = {"title": "CNIL fines Clearview AI 20 million euros over facial recognition", "summary": "The French regulator said photos of people were scraped without consent."}  # fmt: skip


@pytest.fixture
def archived(regwatch: Any, tmp_path: Path, configure: Callable[..., Path]) -> str:
    """An archive with one hit; the id of its story."""
    configure()
    (tmp_path / "items.jsonl").write_text(json.dumps(FINED))
    assert regwatch("ingest", "items.jsonl").returncode == 0
    return str(json.loads(regwatch("stories", "--json").stdout)[0]["story_id"])


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        ("/proc/none/a.db", "/proc cannot be written"),
        ("feeds.yaml/a.db", "feeds.yaml cannot be written: it is a file, not a folder"),
        ("folder", "Is a directory"),
        ("x" * 300, "File name too long"),
    ],
)
def test_check_says_that_an_archive_cannot_be_written_and_why(
    regwatch: Any, tmp_path: Path, archive: str, why: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "feeds.yaml").write_text(f"archive: {archive}\nfeeds: []\n")
    done = regwatch("check")
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    assert "archive not writable" in done.stderr
    assert why in done.stderr


def test_check_says_that_a_folder_may_not_be_written(regwatch: Any, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    if os.access(tmp_path / "closed", os.W_OK):
        pytest.skip("whoever runs this may write everywhere")
    (tmp_path / "feeds.yaml").write_text("archive: closed/a.db\nfeeds: []\n")
    done = regwatch("check")
    assert (done.returncode, "closed cannot be written: Permission denied" in done.stderr) == (3, True)  # fmt: skip


def test_check_leaves_nothing_where_the_archive_will_be(regwatch: Any, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("archive: data/a.db\nfeeds: []\n")
    assert regwatch("check").returncode == 0
    assert [p.name for p in tmp_path.iterdir()] == ["feeds.yaml"]


def test_a_story_is_found_by_its_id_in_small_letters_and_its_sum_is_readable(
    regwatch: Any, archived: str
) -> None:
    small = archived.lower()
    shown = regwatch("story", "show", small).stdout
    assert "EUR 20 million" in shown
    assert "20000000" not in shown
    assert "was merged" not in shown
    assert "Flagged" in regwatch("explain", small).stdout
    assert regwatch("audit", small, "--out", "pack.json").returncode == 0
    assert regwatch("silence", "add", "story", small, "--until", "3d", "--reason", "r").returncode == 0  # fmt: skip
    assert "are the same story already" in regwatch("story", "merge", small, archived).stderr
