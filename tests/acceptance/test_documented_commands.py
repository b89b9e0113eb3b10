"""Every command in a block of the documents is run, document by document, line after line.

Sources are loopback pages, the ids that documents use stand for a hit and a story that are
there. What cannot be run here is named below, with its reason.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .conftest import MODEL_CASE, base_environment, command_line

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GENERATED = {"cli.md", "classifier.md"}
PROGRAMS = ("regwatch", "make", "python", "sqlite3", "sqlite-utils", "docker", "systemctl", "sudo", "pip", "litestream", "curl", "kill", "git", "cp", "cd", "export", "cat", "rm", "mkdir")  # fmt: skip
NOT_RUN = {
    "make demo": "installs an environment first; `regwatch demo` is run by test_commands",
    "make run": "installs an environment and polls the shipped sources: needs a network",
    "make test": "this is part of it",
    "make fuzz": "runs for minutes; its targets are run by tests/fuzz",
    "make image-test": "needs buildah and a base image",
    "docker compose": "needs a Docker engine",
    "systemctl": "needs systemd as the first process, and root",
    "sudo": "needs root",
    "pip install": "needs a package index",
    "litestream": "needs the extra `backup`; run by hand with litestream 0.5.17",
    "regwatch --config poller.yaml poller": "runs until stopped; run by test_cluster",
    "regwatch browse": "serves until stopped; run by tests/browser",
    "regwatch run": "runs until stopped; run by test_reload and others",
}


def commands(path: Path) -> list[str]:
    """The command lines of a document's blocks of shell; blocks of other languages are none."""
    found = []
    for language, body in re.findall(r"^ *```(\w*)\n(.*?)^ *```", path.read_text(encoding="utf-8"), re.M | re.S):  # fmt: skip
        lines = [line.strip() for line in body.splitlines() if line.strip()]
        if language in ("sh", "bash", "console"):
            unknown = [line for line in lines if line.split()[0] not in (*PROGRAMS, "#")]
            assert unknown == [], f"{path.name}: not known as commands"
        if language in ("", "sh", "bash", "console"):
            found += [line for line in lines if line.split()[0] in PROGRAMS]
    return found


def reason_not_to_run(line: str) -> str | None:
    return next((why for start, why in NOT_RUN.items() if line.startswith(start)), None)


WITH_COMMANDS = [p for p in DOCUMENTS if p.name not in GENERATED and any(not reason_not_to_run(c) for c in commands(p))]  # fmt: skip


def test_documents_have_commands_and_no_reason_is_left_over() -> None:
    every = [line for path in DOCUMENTS if path.name not in GENERATED for line in commands(path)]
    assert len(every) >= 20
    assert len({p.name for p in WITH_COMMANDS}) >= 4
    used = {start for start in NOT_RUN if any(line.startswith(start) for line in every)}
    assert {"make demo", "make run", "docker compose"} <= used


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def tools(folder: Path) -> Path:
    """The programs that documents call, wherever they are on this machine."""
    folder.mkdir()
    program(folder, "regwatch", f'#!/bin/sh\nexec {" ".join(command_line())} "$@"\n')
    program(folder, "sqlite-utils", f'#!/bin/sh\nexec {sys.executable} -m sqlite_utils "$@"\n')
    if shutil.which("sqlite3") is None:
        run = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]), sep='\\n')"  # fmt: skip
        program(folder, "sqlite3", f'#!/bin/sh\nexec {sys.executable} -c "{run}" "$@"\n')
    return folder


@pytest.fixture
def at_work(tmp_path: Path, site: Any) -> tuple[Path, str]:
    """A folder where regwatch has run, as documents take it for granted, and its watch list."""
    url = site.rss("/news", MODEL_CASE, ("The bridge is closed on Monday", "Roadworks."))
    site.page("/listing", "<main>" + "".join(f"<article><h2><a href='/n/{n}'>The authority said {n}</a></h2><time datetime='2026-11-0{n}'></time></article>" for n in range(1, 7)) + "</main>")  # fmt: skip
    text = f"archive: data/regwatch.db\npoll: {{host_gap: 0s, allow_addresses: [127.0.0.0/8]}}\nfeeds:\n  - {{name: News, url: '{url}', kind: press, jurisdiction: GB, language: en}}\n"  # fmt: skip
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "feeds.yaml").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "tests" / "data" / "topics" / "children", folder / "children")
    (folder / "children.yaml").write_text("archive: children.db\nseeds: [children/]\n")
    subprocess.run([*command_line(), "once"], cwd=folder, check=True, capture_output=True, env=base_environment())  # fmt: skip
    return folder, text


def ids(archive: Path) -> tuple[str, str]:
    """A hit and its story."""
    with closing(sqlite3.connect(archive)) as connection:
        return connection.execute("SELECT entry_id, story_id FROM hits").fetchone()  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=lambda p: p.name)
def test_every_command_of_a_document_works(path: Path, at_work: tuple[Path, str], site: Any, tmp_path: Path) -> None:  # fmt: skip
    folder, watch_list = at_work
    entry, story = ids(folder / "data" / "regwatch.db")
    script = ["set -e"]
    for line in commands(path):
        if reason_not_to_run(line):
            continue
        line = re.sub(r"\b42\b", str(entry), line).replace("S-2026-000123", story)
        script.append(line.replace("https://www.example.org/news", f"{site.base}/listing"))
        if line == "cd mine":  # what was just written names the shipped sources
            script.append('cp "$WATCH_LIST" feeds.yaml')
    (tmp_path / "list.yaml").write_text(watch_list, encoding="utf-8")
    environ = base_environment()
    environ |= {"WATCH_LIST": str(tmp_path / "list.yaml"), "PATH": f"{tools(tmp_path / 'bin')}:{environ['PATH']}"}  # fmt: skip
    done = subprocess.run(["bash", "-x"], input="\n".join(script), cwd=folder, env=environ, text=True, capture_output=True, timeout=110, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
