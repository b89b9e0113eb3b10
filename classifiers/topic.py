"""A topic: the folders from which a classifier learns, read and checked.

``stories/*.yaml`` are labelled examples, ``lexicon.yaml`` the legs, ``regulators.yaml`` and
``organisations.yaml`` the names, ``topic.yaml`` the settings. A further folder adds to the first.
Reads files; knows nothing of how a model is fitted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .examples import Example, check_examples, read_examples
from .gazetteer import Gazetteer, Name
from .lexicon import Lexicon
from .names import read_authorities, read_organisations
from .verdict import Item
from .yamlfile import read

FORMAT = 1
"""Version of the model file; part of every model's id."""


class SeedError(ValueError):
    """The seeds have problems; ``problems`` lists all of them as ``file:line: reason``."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers of ``topic.yaml``; see there for what each means."""

    name: str
    base_rate: float = 1200.0
    hard_rate: float = 60.0
    miss_cost: float = 5.0
    prior: float = 0.15
    model_story: Item | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """Everything a model is made from."""

    settings: Settings
    examples: tuple[Example, ...]
    lexicon: Lexicon
    gazetteer: Gazetteer
    digest: str

    @classmethod
    def load(cls, folders: Sequence[Path]) -> Topic:
        """Read and check a topic.

        Raises:
            SeedError: with every problem of every file.
        """
        problems: list[str] = []
        books = [_book(folder, problems) for folder in folders]
        examples = [e for folder in folders for e in read_examples(folder, problems)]
        problems += check_examples(examples)
        settings = _settings(books, problems)
        names = _all_names(folders, problems)
        lexicon = _lexicon(books, names, problems)
        if not examples:
            problems.append(f"{folders[0] if folders else 'seeds'}: no examples in stories/*.yaml")
        if problems or settings is None or lexicon is None:
            raise SeedError(problems)
        return cls(settings, tuple(examples), lexicon, Gazetteer(names), digest(folders))


def digest(folders: Sequence[Path]) -> str:
    """A fingerprint of all seed files, whatever order they are listed in."""
    whole = hashlib.sha256(f"format {FORMAT}".encode())
    files = sorted(f for folder in folders for f in folder.rglob("*.yaml"))
    for content in sorted(hashlib.sha256(f.read_bytes()).hexdigest() for f in files):
        whole.update(content.encode())
    return whole.hexdigest()[:16]


def _book(folder: Path, problems: list[str]) -> dict[str, Any]:
    book: dict[str, Any] = {}
    for name in ("topic", "lexicon"):
        path = folder / f"{name}.yaml"
        if not path.exists():
            continue
        document = read(path.read_text(encoding="utf-8"))
        problems += [f"{path.name}:{line}: {text}" for line, text in document.problems]
        if isinstance(document.value, dict):
            book[name] = document.value
        else:
            problems.append(f"{path.name}:1: must be a mapping")
    return book


def _settings(books: Sequence[Mapping[str, Any]], problems: list[str]) -> Settings | None:
    values: dict[str, Any] = {}
    for book in books:
        values |= book.get("topic", {})
    story = values.pop("model_story", None)
    try:
        numbers = {k: float(values.pop(k)) for k in ("base_rate", "hard_rate", "miss_cost", "prior") if k in values}  # fmt: skip
        name = str(values.pop("name", "unnamed"))
        item = Item(**story) if isinstance(story, dict) else None
    except (TypeError, ValueError) as error:
        problems.append(f"topic.yaml:1: {error}")
        return None
    problems += [f"topic.yaml:1: {key}: unknown key" for key in values]
    return Settings(name=name, model_story=item, **numbers)


def _lexicon(
    books: Sequence[Mapping[str, Any]], names: Sequence[Name], problems: list[str]
) -> Lexicon | None:
    merged: dict[str, dict[str, list[str]]] = {"legs": {}, "groups": {}}
    for book in books:
        for part, entries in book.get("lexicon", {}).items():
            if part == "names_for" and isinstance(entries, dict):
                _add_names(merged["legs"], entries, names)
                continue
            if part not in merged or not isinstance(entries, dict):
                problems.append(f"lexicon.yaml:1: {part}: only legs, groups and names_for, each a mapping")  # fmt: skip
                continue
            for name, languages in entries.items():
                for phrases in (languages or {}).values():
                    merged[part].setdefault(name, []).extend(str(p) for p in phrases or ())
    if not merged["legs"]:
        problems.append("lexicon.yaml: no legs")
        return None
    legs, groups = ({n: tuple(dict.fromkeys(p)) for n, p in merged[k].items()} for k in ("legs", "groups"))  # fmt: skip
    return Lexicon(legs, groups)


def _add_names(legs: dict[str, list[str]], kinds: Mapping[str, Any], names: Sequence[Name]) -> None:
    """The unambiguous names of some kinds of authority as phrases of a leg."""
    for leg, wanted in kinds.items():
        for name in names:
            if name.kind in wanted:
                legs.setdefault(leg, []).extend(a for a in (name.name, *name.aliases) if len(a) > 3 and a not in name.context)  # fmt: skip


def _all_names(folders: Sequence[Path], problems: list[str]) -> tuple[Name, ...]:
    names: dict[str, Name] = {}
    for folder in folders:
        for path, reader in (("regulators.yaml", read_authorities), ("organisations.yaml", read_organisations)):  # fmt: skip
            if (folder / path).exists():
                names |= {n.name: n for n in reader(folder / path, problems)}
    return tuple(names.values())
