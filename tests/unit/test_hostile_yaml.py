"""A YAML file that grows as it is read: a problem with a line, whatever it was made for."""

from __future__ import annotations

import pytest

from classifiers.yamlfile import read

LAYERS = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("x: 1\nfeeds: &a\n - *a", 2, "repeats too much, or itself"),
        ("x: 1\nfeeds: &a {b: *a}", 2, "repeats too much, or itself"),
        (f"a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{LAYERS}", 1, "repeats too much, or itself"),
        ("x: 1\nfeeds: " + "[" * 100_000 + "]" * 100_000, 2, "more than 50 levels deep"),
        ("x: 1\nfeeds: " + "{a: " * 100_000, 2, "more than 50 levels deep"),
        ("- " * 100_000, 1, "more than 50 levels deep"),
        ("? " * 5_000, 1, "more than 50 levels deep"),
    ],
)
def test_what_is_nested_or_repeated_beyond_measure_is_refused(text: str, line: int, said: str) -> None:  # fmt: skip
    document = read(text)
    ((where, problem),) = document.problems
    assert (where, document.value) == (line, None)
    assert said in problem


def test_an_alias_is_what_it_stands_for() -> None:
    document = read("one: &x {kind: press, tags: [a]}\ntwo: *x\n")
    assert document.problems == []
    assert document.value["two"] == document.value["one"] == {"kind": "press", "tags": ["a"]}
