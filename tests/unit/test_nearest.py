"""Which seeds an item is most like, and which doubtful entries teach most."""

from __future__ import annotations

from classifiers.explanation import explain_item
from classifiers.model import Model
from classifiers.nearest import most_instructive, nearest_seeds
from classifiers.topic import Topic
from classifiers.verdict import Item
from monitor.defaults import shipped


def test_an_explanation_names_the_seeds_that_are_most_alike(model: Model) -> None:
    seeds = Topic.load([shipped("seeds")]).examples
    item = Item("Clearview AI fined over scraped faces", "The privacy watchdog says the facial database is illegal.")  # fmt: skip
    near = nearest_seeds(model, seeds, item)
    assert len(near) == 3
    assert 1 >= near[0].likeness >= near[-1].likeness > 0
    shown = explain_item(model, item, seeds=seeds)
    assert "Most alike among the examples" in shown.as_text()
    assert near[0].example.item.title in shown.as_text()
    assert shown.as_dict()["nearest"][0]["title"] == near[0].example.item.title


def test_an_item_that_shares_no_word_has_no_nearest_seed(model: Model) -> None:
    assert nearest_seeds(model, Topic.load([shipped("seeds")]).examples, Item("")) == []


def test_what_is_suggested_is_doubtful_and_diverse() -> None:
    vectors = [{"a": 1.0}, {"a": 1.0}, {"b": 1.0}, {"c": 1.0}]
    assert most_instructive(vectors, [0.99, 0.98, 0.9, 0.1], 3) == [0, 2, 3]
    assert most_instructive(vectors, [0.5, 0.5, 0.5, 0.5], 10) == [0, 2, 3]
    assert most_instructive([], [], 5) == []
