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
from .forms import Form, fitted
from .gazetteer import Gazetteer, Name
from .lexicon import Lexicon
from .names import read_authorities, read_organisations
from .verdict import Item
from .yamlfile import one_line, read_file

FORMAT = 3
"""Version of the model file; part of every model's id."""


class SeedError(ValueError):
    """The seeds have problems; ``problems`` lists all of them as ``file:line: reason``."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(map(one_line, problems))
        super().__init__("\n".join(self.problems))


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


_TEXTS: Form = {str: [str]}
_STORY: Form = dict.fromkeys(("title", "summary", "text", "lang", "url", "source"), str)
_NUMBERS = ("base_rate", "hard_rate", "miss_cost", "prior")
_FORMS: dict[str, Form] = {
    "topic": {
        "name": str,
        **dict.fromkeys(_NUMBERS, float),
        "kinds": {key: [str] for key in KIND_CLASSES},
        "model_story": _STORY,
    },
    "lexicon": {
        "legs": {str: _TEXTS},
        "groups": {str: _TEXTS},
        "names_for": _TEXTS,
        "crossings": [object],
    },
}


def _book(folder: Path, problems: list[str]) -> dict[str, Any]:
    book: dict[str, Any] = {}
    for name, form in _FORMS.items():
        path = folder / f"{name}.yaml"
        if not path.exists():
            continue
        document = read_file(path, problems)
        value = fitted(document, form, path.name, problems)
        if value is not None:
            book[name] = value
        elif document.value is None:
            problems.append(f"{path.name}:1: must be a mapping")
    return book


def _settings(books: Sequence[Mapping[str, Any]], problems: list[str]) -> Settings | None:
    values: dict[str, Any] = {}
    for book in books:
        values |= book.get("topic", {})
    kinds = _kinds(values.get("kinds") or {}, problems)
    numbers = {k: float(values[k]) for k in _NUMBERS if values.get(k) is not None}
    if numbers.get("prior", 0.5) >= 1:
        problems.append("topic.yaml:1: prior: must be below 1")
    story = {k: str(v) for k, v in (values.get("model_story") or {}).items() if v is not None}
    if story and "title" not in story:
        problems.append("topic.yaml:1: model_story: needs a title")
        return None
    item = Item(**story) if story else None
    return Settings(name=str(values.get("name") or "unnamed"), kinds=kinds, model_story=item, **numbers)  # fmt: skip


def _kinds(given: Mapping[str, Any], problems: list[str]) -> Kinds:
    """The kinds of example by class; every class must name at least one."""
    kinds = {name: tuple(str(k) for k in given.get(name) or ()) for name in KIND_CLASSES}
    if not all(kinds.values()):
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
            if part == "names_for":
                _add_names(merged["legs"], entries or {}, names)
                speaking.update(
                    str(kind) for kinds in (entries or {}).values() for kind in kinds or ()
                )
            elif part == "crossings":
                crossings += _crossings(entries or (), problems)
            else:
                _add_phrases(merged[part], entries or {})
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
            if name.kind in (wanted or ()):
                legs.setdefault(leg, []).extend(a for a in (name.name, *name.aliases) if len(a) > 3 and a not in name.context)  # fmt: skip


def _all_names(folders: Sequence[Path], problems: list[str]) -> tuple[Name, ...]:
    names: dict[str, Name] = {}
    for folder in folders:
        for path, reader in (("regulators.yaml", read_authorities), ("organisations.yaml", read_organisations)):  # fmt: skip
            if (folder / path).exists():
                names |= {n.name: n for n in reader(folder / path, problems)}
    return tuple(names.values())
