"""YAML text to plain values with the line of every key; without YAML 1.1's traps.

``NO`` is Norway, ``on`` a word, ``12:30`` a time of day; a key that stands twice is a problem.
Knows nothing of what the keys mean. The only importer of PyYAML; the service's configuration
and the seeds are both read with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """A read YAML file: its value, the line of each path, and what was wrong with it."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of the nearest enclosing key that is known."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


class _CoreLoader(yaml.CSafeLoader):
    """YAML 1.2's core schema: only true/false, null, and plain numbers are not text."""


_CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )


DEEPEST = 50
"""More levels than anybody writes; the parser's own recursion ends in a crash."""
REPEATED = 10_000
"""Values that aliases may add to those that are written out."""


class _TooMuch(Exception):
    """A text that grows beyond all measure as it is read; its line, and how."""


def read(text: str) -> Document:
    """Read one YAML document; problems are collected, never raised."""
    document = Document()
    loader = _CoreLoader(text)
    try:
        _look_ahead(text)
        node = loader.get_single_node()
        if node is not None:
            document.value = _build(loader, node, (), document, [len(text) + REPEATED])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.problems.append(
            ((mark.line if mark else 0) + 1, f"not valid YAML: {error.problem or error}")
        )
    except _TooMuch as error:
        document.value = None
        document.problems.append(error.args)
    except (yaml.YAMLError, ValueError) as error:
        document.problems.append((1, f"not valid YAML: {error}"))
    finally:
        loader.dispose()
    return document


def _look_ahead(text: str) -> None:
    """Refuse what is nested too deeply before anything recurses into it."""
    depth = 0
    for found in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(found, yaml.CollectionStartEvent)
        depth -= isinstance(found, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            line = found.start_mark.line + 1 if found.start_mark else 1
            raise _TooMuch(line, f"nested more than {DEEPEST} levels deep")


def _build(
    loader: _CoreLoader, node: yaml.Node, path: Path, document: Document, left: list[int]
) -> Any:
    """The value of a node; ``left`` counts down the values that may still be built."""
    left[0] -= 1
    if left[0] < 0 or len(path) > DEEPEST:
        raise _TooMuch(node.start_mark.line + 1, "an alias that repeats too much, or itself")
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [
            _build(loader, item, (*path, n), document, left) for n, item in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    built: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            document.problems.append((line, f"key {key!r}: not a text; put it in quotes"))
            continue
        if key in built:
            document.problems.append((line, f"{dotted((*path, key))}: key stands twice"))
            continue
        document.lines[(*path, key)] = line
        built[key] = _build(loader, value_node, (*path, key), document, left)
    return built


def dotted(path: Path) -> str:
    """``('feeds', 3, 'url')`` as ``feeds[3].url``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
