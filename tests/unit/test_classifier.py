"""The classifier: seeds, model and explanation."""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.examples import REGISTERS, read_examples
from classifiers.explanation import explain_item
from classifiers.matching import PhraseIndex, fold
from classifiers.metrics import average_precision, calibration_error, precision_recall
from classifiers.model import Model, ModelError, cosine
from classifiers.topic import SeedError, Topic, digest
from classifiers.training import Fit, train
from classifiers.verdict import Item, Label
from monitor.defaults import shipped, shipped_model

CHILDREN = Path(__file__).parent.parent / "data" / "topics" / "children"


@pytest.fixture(scope="module")
def topic() -> Topic:
    """The shipped seeds."""
    return Topic.load([shipped("seeds")])


@pytest.fixture(scope="module")
def fit(topic: Topic) -> Fit:
    """A model fitted from the shipped seeds."""
    return train(topic)


def test_the_shipped_model_is_the_one_the_shipped_seeds_give(fit: Fit, model: Model) -> None:
    assert fit.model.id == model.id
    for example in list(fit.out_of_fold)[::20]:
        item = example.example.item
        assert model.score(item) == pytest.approx(fit.model.score(item), abs=1e-9)


def test_pure_python_scores_as_scikit_learn_does(topic: Topic) -> None:
    from classifiers import training

    rows = training._rows(topic, training._ordered(topic.examples))
    fitted = training._fit(rows)
    model = training._export(topic, topic.examples, fitted, (1.0, 0.0))
    for row, value in list(zip(rows, fitted.decide(rows), strict=True))[::7]:
        ours = model.intercept + sum(model.contributions(row.reading).values())
        assert ours == pytest.approx(float(value), abs=1e-9)


def test_held_out_events_are_found_beyond_a_floor(fit: Fit) -> None:
    """The floor is what the examples gave when it was set; it may only rise."""
    scored = [(o.score or 0.0, o.example.label is Label.RELEVANT) for o in fit.out_of_fold]
    precision, recall = precision_recall(scored, fit.model.threshold)
    assert average_precision(scored) >= 0.95
    assert precision >= 0.97
    assert recall >= 0.65


def test_the_seeds_are_many_diverse_and_balanced(topic: Topic) -> None:
    kinds = topic.settings.kinds
    of_class = {c: [e for e in topic.examples if e.kind in kinds[c]] for c in kinds}
    relevant = of_class["relevant"]
    assert len(topic.examples) >= 1500
    assert len(relevant) >= 550
    assert len({e.event for e in relevant}) >= 180
    assert len(of_class["hard"]) >= 700
    assert len(of_class["ordinary"]) >= 250
    assert {e.kind for e in topic.examples} == {k for names in kinds.values() for k in names}
    languages = Counter(e.item.lang for e in relevant)
    assert min(languages[x] for x in ("en", "fr", "de", "it", "es", "pt", "nl", "pl")) >= 25
    assert min(languages[x] for x in ("ko", "ja")) >= 15
    assert languages["en"] < len(relevant) / 2
    registers = Counter(e.register for e in topic.examples)
    assert set(registers) == set(REGISTERS)
    assert min(registers.values()) >= 100
    assert max(registers.values()) < len(topic.examples) / 2


def test_the_examples_of_a_step_tell_it_in_different_words(topic: Topic) -> None:
    """Several outlets may tell one step; an event with another label would be a contradiction."""
    labels: dict[str, set[str]] = {}
    for example in topic.examples:
        labels.setdefault(example.event, set()).add(example.label)
    assert all(len(of_event) == 1 for of_event in labels.values())
    assert len({e.why for e in topic.examples}) > len(topic.examples) / 3


BAD = """
- {event: a, title: "T one", summary: "S", lang: en, label: maybe, kind: general, register: wire, why: "x"}
- {event: b, title: "T two", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
- {event: c, title: "Same", summary: "Text of it", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
- {event: d, title: "Same", summary: "Text of it", lang: en, label: relevant, kind: enforcement, register: wire, why: "x"}
- {event: e, title: "Same", summary: "Text of it", lang: en, label: irrelevant, kind: general, register: wire, why: "x", colour: red}
"""


def test_every_bad_seed_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "stories").mkdir()
    shutil.copy(CHILDREN / "topic.yaml", tmp_path)
    (tmp_path / "stories" / "bad.yaml").write_text(BAD)
    with pytest.raises(SeedError) as caught:
        Topic.load([tmp_path])
    said = "\n".join(caught.value.problems)
    for expected in ("bad.yaml:2: label: 'maybe'", "bad.yaml:3: register", "bad.yaml:5: contradicts bad.yaml:4", "bad.yaml:6: colour: unknown key"):  # fmt: skip
        assert expected in said


def test_another_topic_is_a_folder() -> None:
    """Nothing in the code knows the shipped topic: a folder with other legs and kinds does as well."""
    fitted = train(Topic.load([CHILDREN])).model
    step = Item("Game studio fined for profiles of children", "The regulator found no consent for the data of minors.")  # fmt: skip
    advice = Item("Tips for parents: children and privacy", "A campaign with guidance on data; no fine in sight.")  # fmt: skip
    verdict = fitted.judge(step)
    assert set(verdict.legs) == {"step", "data", "child"}
    assert verdict.score > fitted.score(advice)
    assert fitted.judge(
        Item("Regulator fines bank", "Its customers were told late that data had leaked.")
    ).screened


def test_a_topic_without_kinds_or_with_a_broken_crossing_says_so(tmp_path: Path) -> None:
    shutil.copytree(CHILDREN, tmp_path / "topic")
    (tmp_path / "topic" / "topic.yaml").write_text("name: x\nkinds: {relevant: [enforcement]}\n")
    with (tmp_path / "topic" / "lexicon.yaml").open("a") as file:
        file.write("  - {every: [a], whenever: [b]}\n")
    with pytest.raises(SeedError) as caught:
        Topic.load([tmp_path / "topic"])
    said = "\n".join(caught.value.problems)
    assert "topic.yaml:1: kinds: needs a list for each of relevant, hard, ordinary" in said
    assert "lexicon.yaml:1: crossings, entry 2: a crossing is a mapping" in said


@given(st.text(max_size=300), st.text(max_size=600))
def test_any_text_gets_a_verdict(model: Model, title: str, summary: str) -> None:
    verdict = model.judge(Item(title, summary))
    assert 0.0 <= verdict.score <= 1.0


def test_an_item_without_a_leg_is_screened_and_says_which(model: Model) -> None:
    verdict = model.judge(Item("Village fete raises record sum"))
    assert verdict.screened
    assert {r.leg for r in verdict.why} <= {"step", "privacy", "ai"}
    assert verdict.label is Label.IRRELEVANT


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"not json", b'{"format": 1}', gzip.compress(b"[]", mtime=0), b"\x1f\x8bbroken"],
)
def test_a_damaged_model_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="regwatch train"):
        Model.load(path)


def test_a_model_that_computes_other_scores_is_refused(tmp_path: Path) -> None:
    data = json.loads(gzip.decompress(shipped_model().read_bytes()))
    data["intercept"] += 1
    path = tmp_path / "model.json"
    path.write_text(json.dumps(data))
    with pytest.raises(ModelError, match="other scores"):
        Model.load(path)


def test_the_digest_of_seeds_does_not_depend_on_their_order(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.yaml").write_text(name)
    assert digest([tmp_path / "a", tmp_path / "b"]) == digest([tmp_path / "b", tmp_path / "a"])


def test_phrases_match_inflections_accents_and_scripts_without_spaces() -> None:
    index = PhraseIndex.build([("données personnelles", "a"), ("fin*", "b"), ("개인정보", "c"), ("opens * probe", "d")], exact=[("DPC", "e")])  # fmt: skip
    assert [m.payload for m in index.find("Les Donnees personnelles")] == ["a"]
    assert [m.payload for m in index.find("It was fined.")] == ["b"]
    assert [m.payload for m in index.find("한국개인정보보호")] == ["c"]
    assert [m.payload for m in index.find("opens formal probe")] == ["d"]
    assert [m.words for m in index.find("the DPC's and dpc")] == ["DPC's"]


@given(st.text(max_size=200))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_an_explanation_is_readable(model: Model) -> None:
    item = Item("ICO fines firm over facial recognition", "Biometric data was used unlawfully.")
    text = explain_item(model, item).as_text()
    for said in ("score", "threshold", "step:", "privacy:", "ai:", "Speaks for it", "regulator"):
        assert said in text


def test_measures_of_a_ranking() -> None:
    scored = [(0.9, True), (0.8, False), (0.7, True)]
    assert average_precision(scored) == pytest.approx((1 + 2 / 3) / 2)
    assert precision_recall(scored, 0.75) == (0.5, 0.5)
    assert calibration_error([(1.0, True), (0.0, False)]) == 0.0
    assert cosine({"a": 0.6, "b": 0.8}, {"a": 1.0}) == pytest.approx(0.6)
    assert read_examples(Path("/nowhere"), {}, []) == []


def test_seeds_with_a_yaml_tag_are_refused(tmp_path: Path) -> None:
    """A tag could build objects; the loader knows none."""
    shutil.copytree(CHILDREN, tmp_path / "topic")
    (tmp_path / "topic" / "stories" / "evil.yaml").write_text(
        "- !!python/object/apply:os.system ['touch /tmp/never']\n"
    )
    with pytest.raises(SeedError, match=r"evil\.yaml"):
        Topic.load([tmp_path / "topic"])
