"""docs/archive.md: every table and column explained, every recipe run."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitor.archive_guide import with_reference
from monitor.store.archive import Archive
from monitor.store.comments import comments

ROOT = Path(__file__).parent.parent.parent
GUIDE = ROOT / "docs" / "archive.md"
_HIDDEN = ("sqlite_", "_sqlite", "entries_fts_")


def columns(archive: Archive) -> dict[str, set[str]]:
    """The columns of every table and view there is."""
    names = [
        r["name"]
        for r in archive.rows("SELECT name FROM sqlite_master WHERE type IN ('table','view')")
        if not r["name"].startswith(_HIDDEN)
    ]
    return {n: {r["name"] for r in archive.rows(f"PRAGMA table_info({n})")} for n in names}


def test_every_table_view_and_column_has_a_comment_and_no_comment_is_left_over(
    archive: Archive,
) -> None:
    there = columns(archive)
    explained = {name: set(c.columns) for name, c in comments().items()}
    assert explained == there


def test_no_comment_is_empty() -> None:
    for name, comment in comments().items():
        assert comment.meaning.strip(), name
        assert all(text.strip() for text in comment.columns.values()), name


def test_the_guide_shows_the_comments_of_the_code() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert with_reference(guide) == guide, "run `make docs`"


def recipes() -> list[str]:
    text = GUIDE.read_text(encoding="utf-8")
    part = text.split("## Recipes", 1)[1].split("\n## ", 1)[0]
    return [line for block in re.findall(r"```sh\n(.*?)```", part, re.S) for line in block.splitlines() if line]  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/regwatch.db: the last past form, migrated."""
    folder = tmp_path_factory.mktemp("guide")
    (folder / "data").mkdir()
    path = folder / "data" / "regwatch.db"
    form = sorted((ROOT / "tests" / "data" / "schema").glob("v*.sql"))[-1]
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(form.read_text(encoding="utf-8"))
    Archive.open(path).close()
    return folder


def test_there_are_recipes_for_both_tools() -> None:
    tools = [line.split()[0] for line in recipes()]
    assert tools.count("sqlite3") >= 5
    assert tools.count("sqlite-utils") >= 4


@pytest.mark.parametrize("line", recipes())
def test_a_recipe_answers(line: str, filled: Path) -> None:
    words = shlex.split(line)
    if words[0] == "sqlite3":
        found = shutil.which("sqlite3")
        if found is None:
            words = words_for_python(words)
        else:
            words[0] = found
    else:
        words[:1] = [sys.executable, "-m", "sqlite_utils"]
    done = subprocess.run(words, cwd=filled, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() not in ("", "[]"), "the recipe finds nothing"


def words_for_python(words: list[str]) -> list[str]:
    """The same query where no sqlite3 shell is installed."""
    query = next(w for w in words[1:] if " " in w and not w.startswith("-"))
    return [sys.executable, "-m", "sqlite_utils", "data/regwatch.db", query]


def litestream() -> str:
    beside = Path(sys.executable).with_name("litestream")
    found = str(beside) if beside.exists() else shutil.which("litestream")
    if found is None:
        pytest.skip("LITESTREAM IS NOT INSTALLED: the recipe for continuous copies is not tested; pip install 'regwatch[backup]'")  # fmt: skip
    return found


def test_the_litestream_recipe_restores_what_was_written(filled: Path, tmp_path: Path) -> None:
    lines = re.findall(r"^litestream .*$", GUIDE.read_text(encoding="utf-8"), re.M)
    replicate, restore = (
        [w.replace("file:///srv/copies", (tmp_path / "copies").as_uri()) for w in shlex.split(line)][1:]
        for line in lines
    )  # fmt: skip
    program = litestream()
    with Archive.open(filled / "data" / "regwatch.db") as archive:
        archive.rows("INSERT INTO notes (key, value) VALUES ('written', 'just now')")
        wanted = archive.rows("SELECT count(*) FROM entries")[0][0]
    once = [program, replicate[0], "-once", *replicate[1:]]
    for command in (once, [program, *restore[:1], *restore[1:]]):
        done = subprocess.run(command, cwd=filled, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    with Archive.open(filled / "restored.db") as restored:
        assert restored.rows("SELECT count(*) FROM entries")[0][0] == wanted
        assert (
            restored.rows("SELECT value FROM notes WHERE key = 'written'")[0]["value"] == "just now"
        )
        assert restored.rows("PRAGMA quick_check")[0][0] == "ok"
