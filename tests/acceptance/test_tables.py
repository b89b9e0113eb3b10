"""`hits`, `stories`, `feeds`, `status` on a terminal and in a pipe."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.tables import LEAST, fitting

LONG = "CNIL fines Clearview AI 20 million euros over facial recognition" + " and says so at length" * 20  # fmt: skip
ITEM = {"title": LONG, "summary": "The French regulator said photos of people were scraped without consent.", "source": "\x1b[31mred\u202e"}  # fmt: skip


@pytest.fixture
def terminal(tmp_path: Path) -> Callable[..., str]:
    """Run a command on a terminal of so many columns; gives what it shows, colours taken off."""

    def run(width: int, *arguments: str) -> str:
        installed = os.environ.get("REGWATCH_UNDER_TEST")
        command = [installed] if installed else [sys.executable, "-m", "monitor"]
        parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        environ = {"PATH": os.environ["PATH"], "TERM": "xterm", "PYTHONUTF8": "1"}
        with subprocess.Popen([*command, *arguments], cwd=tmp_path, stdin=child, stdout=child, stderr=subprocess.DEVNULL, env=environ) as process:  # fmt: skip
            os.close(child)
            shown = b""
            try:
                while piece := os.read(parent, 65536):
                    shown += piece
            except OSError:
                pass  # the terminal's way of saying that the program is gone
            assert process.wait(60) == 0
        os.close(parent)
        return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n")

    return run


@pytest.mark.parametrize("width", [80, 140])
def test_tables_and_status_fit_the_terminal_and_show_the_title(
    regwatch: Any, terminal: Callable[..., str], tmp_path: Path, configure: Callable[..., Path], width: int
) -> None:  # fmt: skip
    configure("http://127.0.0.1:9/feed")
    (tmp_path / "items.jsonl").write_text(json.dumps(ITEM))
    regwatch("ingest", "items.jsonl")
    regwatch("once", "--now")
    for command in ("hits", "stories", "feeds", "status"):
        shown = terminal(width, command)
        assert max(map(len, shown.splitlines())) <= width, command
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        told = {"feeds": "Feed 0", "status": "1 failing"}.get(command, "CNIL fines Clearview AI")
        assert told in shown


def test_on_a_very_narrow_terminal_ids_and_titles_are_whole_below_each_other(
    regwatch: Any, terminal: Callable[..., str], tmp_path: Path, configure: Callable[..., Path]
) -> None:
    configure("http://127.0.0.1:9/feed")
    (tmp_path / "items.jsonl").write_text("\n".join(json.dumps(ITEM | {"title": f"{n}. {LONG[:80]}", "url": f"https://a.example/{n}"}) for n in range(2)))  # fmt: skip
    regwatch("ingest", "items.jsonl")
    shown = terminal(30, "stories")
    rows = json.loads(regwatch("stories", "--json").stdout)
    assert rows
    for row in rows:
        assert f"story id  {row['story_id']}\n" in shown
        assert f"title  {row['title']}" in shown.replace("\n", "")
    assert "…" not in shown


def test_a_pipe_gets_whole_rows_and_any_search_is_words(
    regwatch: Any, tmp_path: Path, configure: Callable[..., Path]
) -> None:
    configure()
    (tmp_path / "items.jsonl").write_text(json.dumps(ITEM))
    regwatch("ingest", "items.jsonl")
    cells = regwatch("hits").stdout.rstrip("\n").split("\t")
    assert len(cells) == 8
    assert cells[6].startswith(LONG[:400])
    for words, found in (("clearview", 1), ('"(clearview', 1), ("NEAR(", 0), ("*", 0), ("", 0), ("a' OR 1 --", 0)):  # fmt: skip
        done = regwatch("hits", "--json", "--search", words)
        assert (done.returncode, len(json.loads(done.stdout))) == (0, found), words
    assert regwatch("hits", "--limit", "-3").returncode == 2


def test_a_narrow_terminal_loses_the_spare_columns_first() -> None:
    rows = [{"id": "S-2026-000001", "who": "CNIL", "where": "FR", "title": "T" * 200}]
    columns = ("id", "who", "where", "title")
    wide = fitting(rows, columns, 200, main="title", spare=("where", "who"))
    assert wide == list(columns)
    assert fitting(rows, columns, 13 + 2 + 4 + 2 + LEAST, main="title", spare=("where", "who")) == ["id", "who", "title"]  # fmt: skip
    assert fitting(rows, columns, 20, main="title", spare=("where", "who")) == ["id", "title"]
