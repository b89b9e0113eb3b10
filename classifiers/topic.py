"""A topic: the folders from which a classifier learns, read and checked.

``stories/*.yaml`` are labelled examples, ``lexicon.yaml`` the legs, ``regulators.yaml`` and
``organisations.yaml`` the names, ``topic.yaml`` the settings. A further folder adds to the first.
Reads files; knows nothing of how a model is fitted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .crossings import Crossing, crossing_of
from .examples import KIND_CLASSES, Example, Kinds, check_examples, is_seed, read_examples
from .gazetteer import Gazetteer, Name
from .lexicon import Lexicon
from .names import read_authorities, read_organisations
from .verdict import Item
from .yamlfile import read

FORMAT = 3
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
    kinds: Kinds = field(default_factory=lambda: {"relevant": (), "hard": (), "ordinary": ()})
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
        try:
            return cls._load(folders)
        except OSError as error:
            raise _unread(error, error.filename or "seeds") from error

    @classmethod
    def _load(cls, folders: Sequence[Path]) -> Topic:
        problems: list[str] = []
        books = [_book(folder, problems) for folder in folders]
        settings = _settings(books, problems)
        kinds = settings.kinds if settings else {}
        examples = [e for folder in folders for e in read_examples(folder, kinds, problems)]
        problems += check_examples(examples)
        names = _all_names(folders, problems)
        lexicon = _lexicon(books, names, problems)
        if not examples:
            problems.append(f"{folders[0] if folders else 'seeds'}: no examples in stories/*.yaml")
        if problems or settings is None or lexicon is None:
            raise SeedError(problems)
        return cls(settings, tuple(examples), lexicon, Gazetteer(names), digest(folders))


def digest(folders: Sequence[Path]) -> str:
    """A fingerprint of all seed files, whatever order they are listed in.

    Raises:
        SeedError: a file cannot be read.
    """
    whole = hashlib.sha256(f"format {FORMAT}".encode())
    files = (file for folder in folders for file in folder.rglob("*.yaml"))
    for content in sorted(filter(None, map(_fingerprint, files))):
        whole.update(content.encode())
    return whole.hexdigest()[:16]


def _fingerprint(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() if is_seed(file) else None
    except OSError as error:
        raise _unread(error, file) from error


def _unread(error: OSError, file: object) -> SeedError:
    return SeedError([f"{file}: cannot be read: {error.strerror}"])


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
    kinds = _kinds(values.pop("kinds", None), problems)
    try:
        numbers = {k: float(values.pop(k)) for k in ("base_rate", "hard_rate", "miss_cost", "prior") if k in values}  # fmt: skip
        name = str(values.pop("name", "unnamed"))
        item = Item(**story) if isinstance(story, dict) else None
    except (TypeError, ValueError) as error:
        problems.append(f"topic.yaml:1: {error}")
        return None
    problems += [f"topic.yaml:1: {key}: unknown key" for key in values]
    return Settings(name=name, kinds=kinds, model_story=item, **numbers)


def _kinds(value: Any, problems: list[str]) -> Kinds:
    """The kinds of example by class; every class must name at least one."""
    given = value if isinstance(value, dict) else {}
    kinds = {name: tuple(str(k) for k in given.get(name) or ()) for name in KIND_CLASSES}
    if set(given) - set(KIND_CLASSES) or not all(kinds.values()):
        problems.append(f"topic.yaml:1: kinds: needs a list for each of {', '.join(KIND_CLASSES)}")
    return kinds


def _lexicon(
    books: Sequence[Mapping[str, Any]], names: Sequence[Name], problems: list[str]
) -> Lexicon | None:
    merged: dict[str, dict[str, list[str]]] = {"legs": {}, "groups": {}}
    crossings: list[Crossing] = []
    speaking: set[str] = set()
    for book in books:
        for part, entries in book.get("lexicon", {}).items():
            if part == "names_for" and isinstance(entries, dict):
                _add_names(merged["legs"], entries, names)
                speaking.update(str(kind) for kinds in entries.values() for kind in kinds or ())
            elif part == "crossings" and isinstance(entries, list):
                crossings += _crossings(entries, problems)
            elif part in merged and isinstance(entries, dict):
                _add_phrases(merged[part], entries)
            else:
                problems.append(f"lexicon.yaml:1: {part}: only legs, groups and names_for (mappings) and crossings (a list)")  # fmt: skip
    if not merged["legs"]:
        problems.append("lexicon.yaml: no legs")
        return None
    legs, groups = ({n: tuple(dict.fromkeys(p)) for n, p in merged[k].items()} for k in ("legs", "groups"))  # fmt: skip
    return Lexicon(legs, groups, tuple(crossings), frozenset(speaking))


def _add_phrases(book: dict[str, list[str]], entries: Mapping[str, Any]) -> None:
    for name, languages in entries.items():
        for phrases in (languages or {}).values():
            book.setdefault(name, []).extend(str(p) for p in phrases or ())


def _crossings(entries: Sequence[Any], problems: list[str]) -> list[Crossing]:
    found = []
    for n, entry in enumerate(entries, 1):
        try:
            found.append(crossing_of(entry))
        except ValueError as error:
            problems.append(f"lexicon.yaml:1: crossings, entry {n}: {error}")
    return found


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
