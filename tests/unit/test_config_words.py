"""What a wrong configuration is told: every key, every wrong kind of value, in words of our own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from monitor.config import load
from monitor.config.loading import Root
from monitor.config.words import PATTERNS
from monitor.errors import ConfigError

VALUES: tuple[Any, ...] = (None, True, -7, 10**30, 0.5, "", "0s", "9000w", "?( ", "x" * 300, [], [7], [[]], {}, {"x": 7}, {"x": []})  # fmt: skip
LEAKS = re.compile(r"[Ii]nput should|valid |should match|at most \d+ char|at least \d+ char|unable to|Decimal|datetime|None|True|False|is not what")  # fmt: skip


def keys(model: type[BaseModel], above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # fmt: skip
    """Every key there is, those within lists in their first element."""
    for name, field in model.model_fields.items():
        yield (*above, name)
        found, path = field.annotation, (*above, name)
        for part in get_args(found) if get_origin(found) is UnionType else (found,):
            if get_origin(part) is list:
                part, path = get_args(part)[0], (*path, 0)
            if part is not NoneType and isinstance(part, type) and issubclass(part, BaseModel):
                yield from keys(part, path)


def written(path: tuple[str | int, ...], value: Any) -> Any:
    """A configuration with one key."""
    for part in reversed(path):
        value = [value] if isinstance(part, int) else {part: value}
    return value


def problems(text: str, folder: Path) -> tuple[str, ...]:
    file = folder / "feeds.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        load(file, environ={}, builtin=folder)
    except ConfigError as error:
        return error.problems
    return ()


def dotted(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")


@pytest.mark.parametrize("path", list(keys(Root)), ids=dotted)
def test_any_wrong_value_of_any_key_is_told_in_plain_words(path: tuple[str | int, ...], tmp_path: Path) -> None:  # fmt: skip
    told = []
    for value in VALUES:
        found = problems(json.dumps(written(path, value)), tmp_path)
        assert [p for p in found if LEAKS.search(p)] == []
        assert all(re.match(r"feeds\.yaml:\d+: \S+: \S", p) for p in found)
        told += [p for p in found if p.startswith(f"feeds.yaml:1: {dotted(path)}")]
    assert told


def test_every_pattern_of_a_key_has_words() -> None:
    used = set(re.findall(r"'pattern': ('[^']+')", str(Root.model_json_schema())))
    assert used
    assert used <= {repr(pattern) for pattern in PATTERNS}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("poll: {concurrency: many}", "feeds.yaml:1: poll.concurrency: 'many' is not a whole number"),
        ("poll: {concurrency: 0}", "feeds.yaml:1: poll.concurrency: 0 must be at least 1"),
        ("alerts: {coalesce: 3d}", "feeds.yaml:1: alerts.coalesce: 259200s must be at most 1 day"),
        ("alerts: {console: 7}", "feeds.yaml:1: alerts.console: 7 is not true or false"),
        ("poll: 7", "feeds.yaml:1: poll: 7 is not a mapping: keys with values, as `key: value`"),
        ("archive: [a]", "feeds.yaml:1: archive: a list is not a text; put it in quotes"),
        ("service: {log: loud}", "feeds.yaml:1: service.log: 'loud' is not one of 'auto', 'text' or 'json'"),
    ],
)  # fmt: skip
def test_what_was_found_and_what_is_expected_are_said(text: str, told: str, tmp_path: Path) -> None:
    assert problems(text, tmp_path) == (told,)


def test_all_problems_of_one_source_are_told_at_once(tmp_path: Path) -> None:
    text = "feeds:\n- name: A\n  kind: pres\n  language: english\n  url: ftp://x\n  entry: li\n  colour: red\n  fallbacks: [7]\n"
    found = problems(text, tmp_path)
    assert [p.split(": ")[1] for p in found] == [
        "feeds[0]", "feeds[0].kind", "feeds[0].language", "feeds[0].url", "feeds[0].colour", "feeds[0].fallbacks[0]",
    ]  # fmt: skip
    bare = problems("feeds:\n- {name: A, kind: press, title: h2}\n", tmp_path)
    assert [p.split(": ", 2)[2].split(":")[0] for p in bare] == ["give either url (a feed) or watch (a listing page)", "link, title and date lie within entry"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("feeds:\n", "feeds.yaml:1: feeds: there is no source"),
        ("seeds: [builtin]\n", "feeds: there is no source"),
        ("poll: {}\nfeeds:\n- {name: A, url: 'https://x.org/', kind: press, enabled: false}\n", "feeds.yaml:2: feeds: every source has enabled: false"),
    ],
)  # fmt: skip
def test_a_configuration_that_watches_nothing_is_warned_of(text: str, told: str, tmp_path: Path) -> None:  # fmt: skip
    file = tmp_path / "feeds.yaml"
    file.write_text(text, encoding="utf-8")
    (warning,) = load(file, environ={}, builtin=tmp_path).warnings
    assert told in warning
    assert "nothing would be watched; `regwatch check URL`" in warning
