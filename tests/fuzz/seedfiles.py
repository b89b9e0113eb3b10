"""What a classifier learns from: folders of YAML that others write and hand on.

The first line of an input names the file, the rest is its text; the other files are sound.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from classifiers.examples import KIND_CLASSES
from classifiers.topic import SeedError, Topic, digest
from classifiers.verdict import Item

from .files import folder

_TOPIC = b"""name: small\nbase_rate: 1000\nhard_rate: 50.5\nmiss_cost: 5\nprior: 0.2\nkinds: {relevant: [fine], hard: [opinion], ordinary: [other]}\nmodel_story: {title: T, summary: S, lang: en}\n"""
_LEXICON = b"""legs:\n  step: {en: [fines, "bann*"], ko: ["\xea\xb3\xbc\xec\xa7\x95\xea\xb8\x88"]}\n  ai: {en: [chatbot]}\ngroups: {court: {en: [court]}}\nnames_for: {privacy: [dpa]}\ncrossings:\n  - {name: both, every: ["leg:step", "leg:ai | x"], none: [y]}\n"""
_REGULATORS = b"""national: {GB: ICO}\nnations: {GB: [British]}\ntitles: [privacy watchdog]\ncues: {dpa: [data protection]}\nnames:\n  - {name: ICO, kind: dpa, jurisdiction: GB, aliases: [Information Commissioner], context: [IC], domains: [ico.example], languages: [en]}\n"""
_ORGANISATIONS = b"""names: {Clearview AI: [Clearview], Meta: [Facebook]}\ncontext: {Meta: [meta]}\ncues: [company]\n"""
_STORIES = b"""- {event: a, title: ICO fines Clearview AI over its chatbot, summary: The British privacy watchdog acts., lang: en, label: relevant, kind: fine, register: wire, why: all legs}\n- {event: b, title: New phones, lang: en, label: irrelevant, kind: other, register: title-only, why: no leg}\n"""
_FILES = {
    b"topic": ("topic.yaml", _TOPIC),
    b"lexicon": ("lexicon.yaml", _LEXICON),
    b"regulators": ("regulators.yaml", _REGULATORS),
    b"organisations": ("organisations.yaml", _ORGANISATIONS),
    b"stories": ("stories/a.yaml", _STORIES),
}
_TEXT = (
    "The Information Commissioner fines Clearview over a banned chatbot; 과징금 for Meta, a company"
)


@cache
def _place() -> Path:
    (folder() / "seeds" / "stories").mkdir(parents=True)
    return folder() / "seeds"


def seeds(data: bytes) -> None:
    """Any file of a topic: a topic that finds what it names, or every problem with its file."""
    name, _, text = data.partition(b"\n")
    for known, (file, sound) in _FILES.items():
        (_place() / file).write_bytes(text if known == name.strip() else sound)
    try:
        topic = Topic.load([_place()])
    except SeedError as error:
        assert error.problems
        assert all(p.strip() and p.isprintable() for p in error.problems), error.problems
        assert all(".yaml" in p or "stories" in p for p in error.problems), error.problems
        return
    assert topic.digest == digest([_place()])
    _usable(topic)


def _usable(topic: Topic) -> None:
    settings = topic.settings
    numbers = (settings.base_rate, settings.hard_rate, settings.miss_cost, settings.prior)
    assert all(0 < n < 1e12 for n in numbers), numbers
    assert all(settings.kinds[name] for name in KIND_CLASSES)
    items = [settings.model_story or Item(""), *(e.item for e in topic.examples)]
    for item in items:
        assert all(
            isinstance(t, str) for t in (item.title, item.summary, item.text, item.lang or "")
        )
        topic.lexicon.find(item.title)
    for matches in topic.lexicon.find(_TEXT).by_name.values():
        assert all(_TEXT[m.start : m.end] == m.words for m in matches)
    for mention in topic.gazetteer.find(_TEXT):
        assert _TEXT[mention.start : mention.end] == mention.words
        assert all(isinstance(x, str) for x in (mention.name.name, mention.name.kind))
    assert len({name.name for name in topic.gazetteer.names}) == len(topic.gazetteer.names)
    row = {"leg:step": 1.0, "leg:ai": 1.0}
    assert all(0.0 <= crossing.value(row) <= 1.0 for crossing in topic.lexicon.crossings)


TARGETS: dict[str, Callable[[bytes], None]] = {"seeds": seeds}
SAMPLES: dict[str, tuple[bytes, ...]] = {
    "seeds": tuple(name + b"\n" + sound for name, (_, sound) in _FILES.items())
}
