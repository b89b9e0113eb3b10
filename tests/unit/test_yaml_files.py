"""YAML as others may write it: tags, endless nesting, endless aliases, and numbers as they look."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.topic import SeedError, Topic
from classifiers.yamlfile import DEEPEST, MOST_REPEATED, one_line, read
from monitor.cli.files import write_whole
from monitor.config import load
from monitor.errors import ConfigError, UsageError

SEEDS = {
    "topic.yaml": "name: small\nkinds: {relevant: [fine], hard: [opinion], ordinary: [other]}\n",
    "lexicon.yaml": "legs: {step: {en: [fines]}}\n",
    "regulators.yaml": "names: [{name: ICO, kind: dpa}]\n",
    "organisations.yaml": "names: {Meta: [Facebook]}\n",
    "stories/a.yaml": "- {event: a, title: ICO fines X, lang: en, label: relevant, kind: fine, register: title-only, why: x}\n",
}


def said(text: str) -> str:
    return "\n".join(f"{line}: {problem}" for line, problem in read(text).problems)


@pytest.mark.parametrize("tag", ["int ''", "float ''", "bool x", "timestamp x", "int 0x", "set {a}", "omap [1]", "binary x", "python/name:os.system ''"])  # fmt: skip
def test_a_tag_builds_nothing_and_is_named(tag: str) -> None:
    document = read(f"a: 1\nb: !!{tag}\n")
    assert document.value == {"a": 1, "b": None}
    assert said(f"a: 1\nb: !!{tag}\n") == f"2: !!{tag.partition(' ')[0]}: tags are not read"


def test_numbers_are_as_they_look() -> None:
    assert read("[010, 08, -7, 1., +.5, 1.5e3]").value == [10, 8, -7, 1.0, 0.5, 1500.0]
    assert read("!!int '5'").value == 5
    assert said("a:\n  b: " + "9" * 5000) == "2: a number of too many digits"


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 1000, "[" * 1000 + "]" * 1000, "&a [*a]", "a: &a {b: *a}"])  # fmt: skip
def test_what_is_nested_without_end_is_refused_not_followed(text: str) -> None:
    assert said(text) == f"1: not valid YAML: more than {DEEPEST} lists and mappings within each other"  # fmt: skip


def test_aliases_may_repeat_and_may_not_multiply_without_end() -> None:
    assert read("a: &a {b: [1]}\nc: *a\nd: *a").value == {key: {"b": [1]} for key in "acd"}
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]  # fmt: skip
    assert f"aliases stand for more than {MOST_REPEATED} values" in said("\n".join(lines))


def test_keys_that_are_no_texts_are_named() -> None:
    assert said("5: a\n? [x]\n: b\nc: d") == "1: key 5: not a text; put it in quotes\n2: key of several values: not a text; put it in quotes"  # fmt: skip


def test_a_problem_is_one_line_whatever_a_file_says(tmp_path: Path) -> None:
    assert one_line("a\x1b[2K\rb\nc é") == r"a\x1b[2K\rb\nc é"
    (tmp_path / "feeds.yaml").write_bytes(b'"\\e[2K\\nfine": 1\nfeeds: "\\r"\n')
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "feeds.yaml", environ={}, builtin=tmp_path)
    assert all(problem.isprintable() for problem in caught.value.problems)
    (tmp_path / "feeds.yaml").write_bytes(b"a: \x00\n")
    with pytest.raises(ConfigError, match="unacceptable character") as caught:
        load(tmp_path / "feeds.yaml", environ={}, builtin=tmp_path)
    assert caught.value.problems[0].isprintable()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('archive: "a\\0b"', "archive: 'a\\x00b' is not a path: it holds a NUL"),
        ('seeds: ["\\0"]', "seeds[0]: '\\x00' is not a path: it holds a NUL"),
        ('keep: {export: "\\0"}', "keep.export: '\\x00' is not a path: it holds a NUL"),
        ('alerts: {slack: {token_file: "\\0"}}', "alerts.slack.token_file: '\\x00' is not a path: it holds a NUL"),
        ("seeds: [" + "x" * 256 + "]", "seeds[0]: no such folder"),
        ("seeds: [" + "x/" * 3000 + "]", "seeds[0]: no such folder"),
        ("poll: {max_body: " + "'" + "9" * 400 + "'}", "is too large a size"),
        ("poll: {interval: 99999999d}", "'99999999d' is too long a time: more than a hundred years"),
        ("keep: {text: " + "9" * 400 + "d}", "is too long a time: more than a hundred years"),
        ("poll: {contact: 'é@b.example'}", "poll.contact: 'é@b.example' is not an address at which you can be reached, in ASCII"),
        ("alerts: {quiet_hours: {begins: '22:00+01:00', ends: '07:00', zone: UTC}}", "begins: '22:00+01:00' has an offset of its own"),
    ],
)  # fmt: skip
def test_what_could_not_be_used_later_is_named_at_once(
    tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "feeds.yaml").write_text(text + "\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "feeds.yaml", environ={}, builtin=tmp_path)
    assert problem in str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small topic."""
    (tmp_path / "stories").mkdir()
    for name, text in SEEDS.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("topic.yaml", "kinds: {relevant: 5}", "topic.yaml:1: kinds.relevant: must be a list"),
        ("topic.yaml", "name: a\nbase_rate: .nan", "topic.yaml:2: base_rate: must be a number above 0"),
        ("topic.yaml", "prior: 1.0", "topic.yaml:1: prior: must be below 1"),
        ("topic.yaml", "model_story: {summary: x}", "topic.yaml:1: model_story: needs a title"),
        ("topic.yaml", "model_story: {title: [x]}", "topic.yaml:1: model_story.title: must be a text"),
        ("topic.yaml", "colour: red", "topic.yaml:1: colour: unknown key"),
        ("lexicon.yaml", "legs:\n  step: [fines]", "lexicon.yaml:2: legs.step: must be a mapping"),
        ("lexicon.yaml", "legs: {a: {en: [[x]]}}", "lexicon.yaml:1: legs.a.en[0]: must be a text"),
        ("lexicon.yaml", "names_for: {a: dpa}", "lexicon.yaml:1: names_for.a: must be a list"),
        ("lexicon.yaml", "- a", "lexicon.yaml:1: the file: must be a mapping"),
        ("regulators.yaml", "names: 5", "regulators.yaml:1: names: must be a list"),
        ("regulators.yaml", "names: [{name: [a], kind: b}]", "regulators.yaml:1: names[0].name: must be a text"),
        ("regulators.yaml", "names: [null]", "regulators.yaml:1: an authority needs name and kind"),
        ("regulators.yaml", "national: [GB]", "regulators.yaml:1: national: must be a mapping"),
        ("organisations.yaml", "names: [Meta]", "organisations.yaml:1: names: must be a mapping"),
        ("organisations.yaml", "cues: x", "organisations.yaml:1: cues: must be a list"),
    ],
)  # fmt: skip
def test_seeds_of_another_form_are_named_with_their_line(
    folder: Path, file: str, text: str, problem: str
) -> None:
    (folder / file).write_text(text + "\n")
    with pytest.raises(SeedError) as caught:
        Topic.load([folder])
    assert problem in str(caught.value)


@pytest.mark.parametrize("file", SEEDS)
def test_seeds_that_are_no_text_are_named(folder: Path, file: str) -> None:
    (folder / file).write_bytes(b"\xff\xfe")
    with pytest.raises(SeedError, match=f"{Path(file).name}:1: not UTF-8 text"):
        Topic.load([folder])


def test_numbers_and_empty_keys_stand_for_themselves_in_seeds(folder: Path) -> None:
    (folder / "regulators.yaml").write_text("national:\ntitles:\nnames: [{name: 2030, kind: dpa, aliases: [1984], context: null}]\n")  # fmt: skip
    topic = Topic.load([folder])
    assert [(n.name, n.aliases) for n in topic.gazetteer.names] == [("2030", ("1984",)), ("Meta", ("Facebook",))]  # fmt: skip


def test_an_export_to_a_name_that_no_disk_takes_is_named_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot write .*: File name too long"):
        write_whole(tmp_path / ("x" * 256), ["text"])
