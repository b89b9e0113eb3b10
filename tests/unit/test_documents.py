"""What the documents point at is there: files, tests and commands."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from monitor.cli import cli

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith(("http://", "https://", "mailto:"))]
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_every_guard_named_in_the_threat_model_is_a_test() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text()))
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))
    }
    assert len(named) >= 20
    assert named - there == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_and_option_in_the_documents_exists(path: Path) -> None:
    unknown = []
    for line in re.findall(r"`?regwatch ([a-z][^`\n|]*)", path.read_text(encoding="utf-8")):
        words = line.split("#")[0].split()
        command: click.Command = cli
        while words and isinstance(command, click.Group):
            found = command.commands.get(words[0])
            if found is None:
                break
            command, words = found, words[1:]
        if command is cli:
            continue  # prose: "regwatch is …"
        options = {name for p in (*command.params, *cli.params) for name in p.opts}
        unknown += [f"{line}: {w}" for w in words if re.fullmatch(r"--[a-z-]+", w) and w not in {*options, "--help"}]  # fmt: skip
    assert unknown == []


def test_every_target_named_with_make_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {t for path in DOCUMENTS for t in re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8"))}  # fmt: skip
    assert named - targets == set()
