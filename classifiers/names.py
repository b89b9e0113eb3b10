"""``regulators.yaml`` and ``organisations.yaml`` to names. Reads files; finds nothing in texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .forms import Form, fitted
from .gazetteer import Name
from .yamlfile import read_file

_LISTS: Form = {str: [str]}
_NAME: Form = {
    **dict.fromkeys(("name", "kind", "jurisdiction"), str),
    **{key: [str] for key in ("aliases", "context", "domains", "languages")},
}
_AUTHORITIES: Form = {"national": {str: str}, "nations": _LISTS, "titles": [str], "cues": _LISTS, "names": [_NAME]}  # fmt: skip
_ORGANISATIONS: Form = {"names": _LISTS, "context": _LISTS, "cues": [str]}


def read_authorities(path: Path, problems: list[str]) -> list[Name]:
    """The authorities of a file; national ones also under the names the press makes for them."""
    document = read_file(path, problems)
    book = fitted(document, _AUTHORITIES, path.name, problems) or {}
    made = _made_names(book)
    territory = {str(name): place for place, name in (book.get("national") or {}).items()}
    names: dict[str, Name] = {}
    for n, entry in enumerate(book.get("names") or ()):
        name, kind = (str((entry or {}).get(key) or "") for key in ("name", "kind"))
        if not (name and kind) or name in names:
            said = f"{name}: stands twice" if name in names else "an authority needs name and kind"
            problems.append(f"{path.name}:{document.line_of(('names', n))}: {said}")
            continue
        place = territory.get(name, "")
        names[name] = Name(
            name=name,
            kind=kind,
            jurisdiction=str(entry.get("jurisdiction") or "") or None,
            aliases=(*_texts(entry, "aliases"), *made.get(name, ())),
            context=_texts(entry, "context"),
            cues=_texts(book.get("cues") or {}, kind),
            national=name in territory,
            region=place if "-" in place else None,
            domains=_texts(entry, "domains"),
        )
    return list(names.values())


def _texts(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(text) for text in values.get(key) or () if text is not None)


def _made_names(book: Mapping[str, Any]) -> dict[str, list[str]]:
    """``Italian privacy watchdog`` for the national authority of Italy, and so on."""
    made: dict[str, list[str]] = {}
    for country, name in (book.get("national") or {}).items():
        for adjective in _texts(book.get("nations") or {}, country):
            made.setdefault(str(name), []).extend(
                f"{adjective} {t}" for t in _texts(book, "titles")
            )
    return made


def read_organisations(path: Path, problems: list[str]) -> list[Name]:
    """The organisations of a file, their products as aliases."""
    document = read_file(path, problems)
    book = fitted(document, _ORGANISATIONS, path.name, problems) or {}
    context = book.get("context") or {}
    names = []
    for name, aliases in (book.get("names") or {}).items():
        if aliases is None:
            problems.append(f"{path.name}:{document.line_of(('names', name))}: {name}: its aliases must be a list")  # fmt: skip
            continue
        names.append(
            Name(
                name=name,
                kind="organisation",
                aliases=_texts(book["names"], name),
                context=_texts(context, name),
                cues=_texts(book, "cues"),
            )
        )
    return names
