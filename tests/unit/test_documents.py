"""What the documents point at is there: files, tests and commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import click
import pytest
from pydantic import BaseModel

from monitor.cli import cli
from monitor.config.loading import Root
from monitor.documents import command_reference, configuration_reference

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


@pytest.mark.parametrize(("name", "build"), [("config.md", configuration_reference), ("cli.md", command_reference)])  # fmt: skip
def test_the_generated_references_say_what_the_code_says(name: str, build: Callable[[], str]) -> None:  # fmt: skip
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == build(), "run `make docs`"


def test_every_key_has_a_meaning_and_a_kind_of_value() -> None:
    def check(prefix: str, keys: type[BaseModel]) -> None:
        section = reference.split(f"## `{prefix or 'feeds.yaml'}`\n")[1].split("\n## ")[0]
        for name, field in keys.model_fields.items():
            row = next(line for line in section.splitlines() if line.startswith(f"| `{name}` |"))
            _, _, value, _, meaning, _ = re.split(r"(?<!\\) ?\| ?", row)
            assert value.strip(), f"{prefix}.{name} has no kind of value"
            assert len(meaning.strip()) > 5, f"{prefix}.{name} has no meaning"
            for part in (field.annotation, *get_args(field.annotation)):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    check(f"{prefix}.{name}".strip("."), part)

    reference = configuration_reference()
    check("", Root)


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {p.name for p in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert [name for name in sorted(pages) if f"({name})" not in index] == []
