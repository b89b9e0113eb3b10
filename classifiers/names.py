"""``regulators.yaml`` and ``organisations.yaml`` to names. Reads files; finds nothing in texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .gazetteer import Name
from .yamlfile import Document, read

_KEYS = frozenset({"name", "kind", "jurisdiction", "aliases", "context", "domains", "languages"})


def read_authorities(path: Path, problems: list[str]) -> list[Name]:
    """The authorities of a file; national ones also under the names the press makes for them."""
    document = read(path.read_text(encoding="utf-8"))
    problems += [f"{path.name}:{line}: {text}" for line, text in document.problems]
    book = document.value if isinstance(document.value, dict) else {}
    made = _made_names(book)
    territory = {name: place for place, name in (book.get("national") or {}).items()}
    cues = book.get("cues") or {}
    names: list[Name] = []
    for n, entry in enumerate(book.get("names") or ()):
        problem = _problem(entry, {x.name for x in names})
        if problem:
            problems.append(f"{path.name}:{document.line_of(('names', n))}: {problem}")
            continue
        names.append(
            Name(
                name=entry["name"],
                kind=entry["kind"],
                jurisdiction=entry.get("jurisdiction") or None,
                aliases=(*entry.get("aliases", ()), *made.get(entry["name"], ())),
                context=tuple(entry.get("context", ())),
                cues=tuple(cues.get(entry["kind"], ())),
                national=entry["name"] in territory,
                region=place if "-" in (place := territory.get(entry["name"], "")) else None,
                domains=tuple(entry.get("domains", ())),
            )
        )
    return names


def _problem(entry: Any, seen: set[str]) -> str | None:
    if not isinstance(entry, dict) or not {"name", "kind"} <= set(entry):
        return "an authority needs name and kind"
    unknown = set(entry) - _KEYS
    if unknown:
        return f"{entry['name']}: unknown key {min(unknown)}"
    if entry["name"] in seen:
        return f"{entry['name']}: stands twice"
    return None


def _made_names(book: Mapping[str, Any]) -> dict[str, list[str]]:
    """``Italian privacy watchdog`` for the national authority of Italy, and so on."""
    made: dict[str, list[str]] = {}
    for country, name in (book.get("national") or {}).items():
        for adjective in (book.get("nations") or {}).get(country, ()):
            made.setdefault(name, []).extend(f"{adjective} {t}" for t in book.get("titles") or ())
    return made


def read_organisations(path: Path, problems: list[str]) -> list[Name]:
    """The organisations of a file, their products as aliases."""
    document: Document = read(path.read_text(encoding="utf-8"))
    problems += [f"{path.name}:{line}: {text}" for line, text in document.problems]
    book = document.value if isinstance(document.value, dict) else {}
    context = book.get("context") or {}
    names = []
    for name, aliases in (book.get("names") or {}).items():
        if not isinstance(aliases, list):
            problems.append(f"{path.name}:{document.line_of(('names', name))}: {name}: its aliases must be a list")  # fmt: skip
            continue
        names.append(
            Name(
                name=name,
                kind="organisation",
                aliases=tuple(str(a) for a in aliases),
                context=tuple(str(a) for a in context.get(name) or ()),
                cues=tuple(book.get("cues") or ()),
            )
        )
    return names
