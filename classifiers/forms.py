"""The form that a seed file must have, so that nothing else need be prepared for another one. Pure.

A form is ``str`` (a text, or a number that stands for one), ``float`` (a number above 0),
``[form]`` (a list), ``{str: form}`` (a mapping with any keys), a mapping of the known keys, or
``object`` (anything). What is empty has any form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .yamlfile import Document, Path, dotted

Form = Any
"""``type`` of a scalar, or a list or mapping of forms; mypy knows no such recursion of values."""
_MOST = 1e9


def fitted(document: Document, form: Form, file: str, problems: list[str]) -> Any:
    """The document's value if it has the form; else its problems are added, and nothing is given."""
    found = [
        f"{file}:{document.line_of(path)}: {dotted(path) or 'the file'}: {said}"
        for path, said in _misfits(document.value, form, ())
    ]
    problems += found
    return None if found else document.value


def _misfits(value: Any, form: Form, path: Path) -> Iterator[tuple[Path, str]]:
    if value is None or form is object:
        return
    if isinstance(form, list):
        yield from _of_list(value, form[0], path)
    elif isinstance(form, Mapping):
        yield from _of_mapping(value, form, path)
    elif form is float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MOST:
            yield path, f"must be a number above 0 and below {_MOST:.0e}"
    elif isinstance(value, bool) or not isinstance(value, str | int | float):
        yield path, "must be a text"


def _of_list(value: Any, form: Form, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(value, list):
        yield path, "must be a list"
        return
    for n, part in enumerate(value):
        yield from _misfits(part, form, (*path, n))


def _of_mapping(value: Any, form: Mapping[Any, Form], path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(value, dict):
        yield path, "must be a mapping"
        return
    for key, part in value.items():
        if str in form:
            yield from _misfits(part, form[str], (*path, key))
        elif key in form:
            yield from _misfits(part, form[key], (*path, key))
        else:
            yield (*path, key), "unknown key"
