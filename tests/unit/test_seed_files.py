"""What counts as a seed file, and what a file that cannot be read comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.examples import read_examples
from classifiers.topic import SeedError, Topic, digest

UNREADABLE = Path("/proc/self/mem")
"""A regular file whose first byte cannot be read, even by root."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of seeds with one file."""
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "a.yaml").write_text("[]\n")
    return tmp_path


def test_an_editors_lock_a_dangling_link_and_a_folder_are_no_seeds(folder: Path) -> None:
    before = digest([folder])
    (folder / "stories" / ".#a.yaml").symlink_to("nobody@host.1")
    (folder / "stories" / "gone.yaml").symlink_to("nowhere")
    (folder / "stories" / ".hidden.yaml").write_text("no list")
    (folder / "stories" / "folder.yaml").mkdir()
    assert digest([folder]) == before
    problems: list[str] = []
    assert read_examples(folder, {}, problems) == []
    assert problems == []


@pytest.mark.skipif(not UNREADABLE.exists(), reason="needs /proc")
def test_a_file_that_cannot_be_read_is_a_problem_of_the_seeds(folder: Path) -> None:
    (folder / "stories" / "b.yaml").symlink_to(UNREADABLE)
    with pytest.raises(SeedError, match=r"b\.yaml: cannot be read"):
        digest([folder])
    with pytest.raises(SeedError, match="cannot be read"):
        Topic.load([folder])
