"""The classifier: seeds, model and explanation."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.examples import KINDS, REGISTERS, read_examples
from classifiers.explanation import explain_item
from classifiers.matching import PhraseIndex, fold
from classifiers.metrics import average_precision, calibration_error, precision_recall
from classifiers.model import Model, ModelError, cosine
from classifiers.topic import SeedError, Topic, digest
from classifiers.training import Fit, train
from classifiers.verdict import Item, Label
from monitor.defaults import shipped, shipped_model


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
    assert average_precision(scored) >= 0.90
    assert precision >= 0.90
    assert recall >= 0.65


def test_the_seeds_are_many_diverse_and_balanced(topic: Topic) -> None:
    relevant = [e for e in topic.examples if e.label is Label.RELEVANT]
    assert len(topic.examples) >= 250
    assert len({e.event for e in relevant}) >= 100
    assert {e.kind for e in topic.examples} == set(KINDS)
    assert {e.register for e in topic.examples} == set(REGISTERS)
    languages = {e.item.lang for e in relevant}
    assert {"en", "fr", "de", "it", "es", "pt", "nl", "pl", "ko", "ja"} <= languages
    assert max(sum(e.item.lang == lang for e in relevant) for lang in languages) < 0.7 * len(
        relevant
    )


BAD = """
- {event: a, title: "T one", summary: "S", lang: en, label: maybe, kind: general, register: wire, why: "x"}
- {event: b, title: "T two", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
- {event: c, title: "Same", summary: "Text of it", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
- {event: d, title: "Same", summary: "Text of it", lang: en, label: relevant, kind: enforcement, register: wire, why: "x"}
- {event: e, title: "Same", summary: "Text of it", lang: en, label: irrelevant, kind: general, register: wire, why: "x", colour: red}
"""


def test_every_bad_seed_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "bad.yaml").write_text(BAD)
    with pytest.raises(SeedError) as caught:
        Topic.load([tmp_path])
    said = "\n".join(caught.value.problems)
    for expected in ("bad.yaml:2: label: 'maybe'", "bad.yaml:3: register", "bad.yaml:5: contradicts bad.yaml:4", "bad.yaml:6: colour: unknown key"):  # fmt: skip
        assert expected in said


RESCUES = """
- {event: r1, title: "Crew rescues cat from church roof", summary: "Firefighters needed a ladder and patience.", lang: en, label: relevant, kind: enforcement, register: wire, why: "x"}
- {event: r2, title: "Dog saved from frozen lake", summary: "Two firefighters went in; the rescue took an hour.", lang: en, label: relevant, kind: enforcement, register: wire, why: "x"}
- {event: r3, title: "Kitten stuck in drain: firefighters to the rescue", summary: "The cat is well, a vet said later that day.", lang: en, label: relevant, kind: enforcement, register: wire, why: "x"}
- {event: r4, title: "Old dog rescued after three nights in a well", summary: "Neighbours heard barking and called firefighters at dawn.", lang: en, label: relevant, kind: enforcement, register: wire, why: "x"}
- {event: r5, title: "Lift opens, cat free", summary: "Firefighters rescued the animal between two floors of a tower.", lang: en, label: relevant, kind: enforcement, register: wire, why: "x"}
- {event: r6, title: "Firefighters rescue dogs from burning kennel", summary: "All eleven survived the night without injuries.", lang: en, label: relevant, kind: enforcement, register: wire, why: "x"}
- {event: n1, title: "Rescue dog wins talent show", summary: "A show about dogs drew nine million viewers on Saturday.", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
- {event: n2, title: "Film review: Cat Rescue 3", summary: "The show goes on; the jokes are older than the heroine.", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
- {event: n3, title: "Bank rescue package named Black Cat", summary: "Traders show little humour about the fund.", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
- {event: n4, title: "Ten gifts for people who love their rescue cat", summary: "From a show of mugs to a blanket with your name.", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
- {event: n5, title: "Hot dog stand seeks rescue by council", summary: "Prices show no sign of falling, says its owner.", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
- {event: n6, title: "Mountain rescue team adopts a cat as mascot", summary: "The members will show it at the village fair in May.", lang: en, label: irrelevant, kind: general, register: wire, why: "x"}
"""


def test_another_topic_is_a_folder(tmp_path: Path) -> None:
    """Nothing in the code knows the shipped topic: two legs of another subject do as well."""
    (tmp_path / "stories").mkdir()
    (tmp_path / "lexicon.yaml").write_text(
        "legs: {rescue: {en: [rescue*]}, animal: {en: [cat*, dog*]}}\n"
    )
    (tmp_path / "topic.yaml").write_text("name: animal rescues\n")
    (tmp_path / "stories" / "a.yaml").write_text(RESCUES)
    fitted = train(Topic.load([tmp_path])).model
    verdict = fitted.judge(Item("Crew rescues dog from quarry", "Firefighters rescued it."))
    assert set(verdict.legs) == {"rescue", "animal"}
    assert verdict.score > fitted.score(
        Item("Dog named after rescue wins prize", "A show about dogs.")
    )


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
    "content", [b"", b"{}", b"not json", b'{"format": 1}', gzip.compress(b"[]"), b"\x1f\x8bbroken"]
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
    assert read_examples(Path("/nowhere"), []) == []
