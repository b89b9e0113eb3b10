"""Labelled examples: read from ``stories/*.yaml``, checked strictly, all problems at once.

Knows the form of an example and nothing of what it is used for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .verdict import Item, Label
from .yamlfile import Document, read_file

Kinds = Mapping[str, tuple[str, ...]]
KIND_CLASSES = ("relevant", "hard", "ordinary")
"""What a topic's kinds are sorted into: hits, what nearly looks like one, and everything else."""
REGISTERS = ("press-release", "wire", "trade", "law-note", "blog", "title-only", "truncated")
_KEYS = {"event", "title", "summary", "lang", "label", "kind", "register", "why"}
JUDGED = "judged"
"""Kind and register of an example that is a user's judgement of an archived entry."""
NEAR = 0.5
"""Share of common five-letter runs from which two examples are near copies."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled item with its reason; ``event`` groups those that tell the same step."""

    item: Item
    label: Label
    event: str
    kind: str = JUDGED
    register: str = JUDGED
    why: str = ""
    weight: float = 1.0
    where: str = field(default="", compare=False)


def is_seed(path: Path) -> bool:
    """Whether a file is one of ours: an editor's lock or backup is hidden, or no file at all."""
    return not path.name.startswith(".") and path.is_file()


def read_examples(folder: Path, kinds: Kinds, problems: list[str]) -> list[Example]:
    """The examples of a folder's ``stories``; what is wrong is added to ``problems``."""
    examples: list[Example] = []
    for path in sorted(filter(is_seed, (folder / "stories").glob("*.yaml"))):
        document = read_file(path, problems)
        if not isinstance(document.value, list):
            problems.append(f"{path.name}:1: must be a list of examples")
            continue
        for n, entry in enumerate(document.value):
            example = _example(path, document, n, entry, kinds, problems)
            if example is not None:
                examples.append(example)
    return examples


def _example(
    path: Path, document: Document, n: int, entry: Any, kinds: Kinds, problems: list[str]
) -> Example | None:
    where = f"{path.name}:{document.line_of((n,))}"
    found = _problems_of(entry, kinds)
    problems += [f"{where}: {text}" for text in found]
    if found:
        return None
    return Example(
        item=Item(title=entry["title"], summary=entry.get("summary", ""), lang=entry["lang"]),
        label=Label(entry["label"]),
        event=entry["event"],
        kind=entry["kind"],
        register=entry["register"],
        why=entry["why"],
        where=where,
    )


def _problems_of(entry: Any, kinds: Kinds) -> list[str]:
    if not isinstance(entry, dict):
        return ["an example must be a mapping"]
    found = [
        f"{key}: missing"
        for key in sorted(_KEYS - {"summary"})
        if not isinstance(entry.get(key), str) or not entry[key].strip()
    ]
    found += [f"{key}: unknown key" for key in sorted(set(entry) - _KEYS)]
    known = tuple(kind for of_class in kinds.values() for kind in of_class)
    for key, allowed in (("label", tuple(Label)), ("kind", known), ("register", REGISTERS)):
        if isinstance(entry.get(key), str) and entry[key] not in allowed:
            found.append(f"{key}: {entry[key]!r} is not one of {', '.join(allowed)}")
    if not found and (entry["kind"] in kinds["relevant"]) is not (entry["label"] == "relevant"):
        found.append(f"kind: {entry['kind']!r} does not go with label {entry['label']!r}")
    if "summary" in entry and not isinstance(entry["summary"], str):
        found.append("summary: must be text")
    if (entry.get("register") == "title-only") is not ("summary" not in entry):
        found.append("register: title-only goes with no summary, every other with one")
    return found


def check_examples(examples: Sequence[Example]) -> list[str]:
    """Duplicates, near copies and contradictions (the same text under another label)."""
    problems: list[str] = []
    seen: dict[str, Example] = {}
    runs: list[tuple[Example, frozenset[str]]] = []
    by_run: dict[str, list[int]] = {}
    for example in examples:
        text = _folded(example.item)
        first = seen.setdefault(text, example)
        if first is not example:
            what = "contradicts" if first.label is not example.label else "repeats"
            problems.append(f"{example.where}: {what} {first.where}")
            continue
        grams = frozenset(text[n : n + 5] for n in range(len(text) - 4))
        near = _nearest(grams, runs, by_run)
        if near is not None:
            problems.append(f"{example.where}: nearly a copy of {near.where}")
        for gram in grams:
            by_run.setdefault(gram, []).append(len(runs))
        runs.append((example, grams))
    return problems


def _nearest(
    grams: frozenset[str],
    runs: Sequence[tuple[Example, frozenset[str]]],
    by_run: dict[str, list[int]],
) -> Example | None:
    counts: dict[int, int] = {}
    for gram in grams:
        holders = by_run.get(gram, ())
        if len(holders) < 60:
            for n in holders:
                counts[n] = counts.get(n, 0) + 1
    for n, common in counts.items():
        if common > 0.25 * len(grams):
            other = runs[n][1]
            if len(grams & other) > NEAR * len(grams | other):
                return runs[n][0]
    return None


def _folded(item: Item) -> str:
    return re.sub(r"\W+", " ", f"{item.title} {item.summary}".casefold()).strip()
