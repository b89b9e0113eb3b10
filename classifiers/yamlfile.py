"""YAML text to plain values with the line of every key; without YAML 1.1's traps.

``NO`` is Norway, ``on`` a word, ``12:30`` a time of day, ``010`` ten; a key that stands twice is a
problem. Tags build nothing, nothing nests without end, and aliases multiply nothing without end.
Knows nothing of what the keys mean. The only importer of PyYAML; the service's configuration
and the seeds are both read with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

Path = tuple[str | int, ...]
DEEPEST = 50
"""Mappings and lists within each other; PyYAML's own reading has no end but the stack's."""
MOST_REPEATED = 100_000
"""Values that the aliases of a file may stand for; nested ones multiply."""


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


_TAG = "tag:yaml.org,2002:"
_Scalar = tuple[re.Pattern[str], str | list[str], Callable[[str], Any]]
_SCALARS: dict[str, _Scalar] = {
    "bool": (re.compile(r"true|True|TRUE|false|False|FALSE"), "tTfF", lambda s: s.lower() == "true"),
    "null": (re.compile(r"~|null|Null|NULL|"), ["~", "n", "N", ""], lambda s: None),
    "int": (re.compile(r"[-+]?[0-9]+"), "-+0123456789", int),
    "float": (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?"), "-+.0123456789", float),
}  # fmt: skip
_CoreLoader.yaml_implicit_resolvers = {}
for _name, (_pattern, _first, _) in _SCALARS.items():
    _CoreLoader.add_implicit_resolver(
        f"{_TAG}{_name}", re.compile(f"^(?:{_pattern.pattern})$"), list(_first)
    )


def read_file(path: FilePath, problems: list[str]) -> Document:
    """Read a file; what is wrong is added to ``problems`` as ``file:line: reason``.

    Raises:
        OSError: it cannot be read.
    """
    try:
        document = read(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        document = Document(problems=[(1, "not UTF-8 text")])
    problems += [f"{path.name}:{line}: {text}" for line, text in document.problems]
    return document


def read(text: str) -> Document:
    """Read one YAML document; problems are collected, never raised."""
    document = Document()
    try:
        _check_depth(text)
        _Builder(document).read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.problems.append(
            ((mark.line if mark else 0) + 1, f"not valid YAML: {error.problem or error}")
        )
    except yaml.YAMLError as error:
        document.problems.append((1, f"not valid YAML: {' '.join(str(error).split())}"))
    return document


def _check_depth(text: str) -> None:
    """Walk over the text before anything is built: building goes as deep as what it reads.

    Raises:
        yaml.YAMLError: it is nested too deeply, or no YAML.
    """
    depth = 0
    for event in yaml.parse(text, _CoreLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _too_deep(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _too_deep(place: yaml.Event | yaml.Node) -> yaml.MarkedYAMLError:
    said = f"more than {DEEPEST} lists and mappings within each other"
    return yaml.MarkedYAMLError(problem=said, problem_mark=place.start_mark)  # type: ignore[arg-type] # libyaml's own marks are no subclass


class _Builder:
    """Builds the value of a document; remembers what its aliases have cost."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[int] = set()
        self._repeated = 0

    def read(self, text: str) -> None:
        """Fill the document in.

        Raises:
            yaml.YAMLError: the text is no YAML, or it has no end.
        """
        loader = _CoreLoader(text)
        try:
            node = loader.get_single_node()
            if node is not None:
                self._document.value = self._build(node, ())
        finally:
            loader.dispose()

    def _build(self, node: yaml.Node, path: Path) -> Any:
        self._count(node)
        if len(path) > DEEPEST:
            raise _too_deep(node)
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self._build(item, (*path, n)) for n, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, path)
        self._problem(node, f"{_shown(node)}: tags are not read")
        return None

    def _count(self, node: yaml.Node) -> None:
        """An alias leads to a node that was built before, and to all that is below it."""
        self._repeated += id(node) in self._seen
        self._seen.add(id(node))
        if self._repeated > MOST_REPEATED:
            raise yaml.MarkedYAMLError(problem=f"aliases stand for more than {MOST_REPEATED} values", problem_mark=node.start_mark)  # fmt: skip

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else ()
            if not isinstance(key, str):
                self._problem(key_node, f"key {key_node.value if key != () else 'of several values'}: not a text; put it in quotes")  # fmt: skip
                continue
            if key in built:
                self._problem(key_node, f"{dotted((*path, key))}: key stands twice")
                continue
            self._document.lines[(*path, key)] = line
            built[key] = self._build(value_node, (*path, key))
        return built

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text, name = str(node.value), node.tag.removeprefix(_TAG)
        if name == "str":
            return text
        pattern, _, build = _SCALARS.get(name, (None, "", str))
        if pattern is None or not pattern.fullmatch(text):
            self._problem(node, f"{_shown(node)}: tags are not read")
            return None
        try:
            return build(text)
        except ValueError:  # Python reads no number of thousands of digits
            self._problem(node, "a number of too many digits")
            return None

    def _problem(self, node: yaml.Node, text: str) -> None:
        self._document.problems.append((node.start_mark.line + 1, text))


def _shown(node: yaml.Node) -> str:
    return f"!!{node.tag.removeprefix(_TAG)}" if node.tag.startswith(_TAG) else str(node.tag)


def one_line(text: str) -> str:
    """A problem as one line for a terminal: what a file says may neither break nor colour it."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def dotted(path: Path) -> str:
    """``('feeds', 3, 'url')`` as ``feeds[3].url``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
