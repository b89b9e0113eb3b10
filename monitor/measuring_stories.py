"""How well labelled items fall into their stories, and where they do not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from classifiers.facts import find_facts
from classifiers.metrics import b_cubed
from classifiers.model import Model

from .domain import SourceKind
from .items import as_entry, as_item
from .stories import StoryHit, arrange

_UNDATED = datetime(2024, 1, 1, tzinfo=UTC)


def measure_stories(model: Model, values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """B-cubed precision, recall and F1 of the stories, and each story that is mixed or split."""
    hits = [_hit(model, n, value) for n, value in enumerate(values)]
    groups = arrange(hits, {}).groups
    of = {h.entry_id: n for n, group in enumerate(groups) for h in group.hits}
    found = [of[n] for n in range(len(hits))]
    truth = [str(v.get("story")) for v in values]
    precision, recall = b_cubed(found, truth)
    both = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {
        "story_precision": round(precision, 4),
        "story_recall": round(recall, 4),
        "story_f1": round(both, 4),
        "stories_found": len(groups),
        "stories_labelled": len(set(truth)),
        "story_errors": _errors(values, found, truth),
    }


def _hit(model: Model, number: int, value: Mapping[str, Any]) -> StoryHit:
    item, published = as_item(dict(value)), as_entry(dict(value)).published
    return StoryHit(
        entry_id=number,
        key=str(value.get("id") or number),
        title=item.title,
        when=published or _UNDATED,
        kind=SourceKind.PRESS,
        facts=find_facts(item, model.gazetteer),
        vector=model.vector(replace(item, text="")),
        dated=published is not None,
    )


def _errors(
    values: Sequence[Mapping[str, Any]], found: Sequence[int], truth: Sequence[str]
) -> list[dict[str, Any]]:
    """A labelled story that fell apart, and a found one that holds hits of several."""
    errors: list[dict[str, Any]] = []
    for story in dict.fromkeys(truth):
        places = [n for n, name in enumerate(truth) if name == story]
        if len({found[n] for n in places}) > 1:
            errors.append(_told("split", story, places, values, found))
    for group in dict.fromkeys(found):
        places = [n for n, number in enumerate(found) if number == group]
        names = dict.fromkeys(truth[n] for n in places)
        if len(names) > 1:
            errors.append(_told("mixed", " + ".join(names), places, values, found))
    return errors


def _told(
    problem: str,
    story: str,
    places: Sequence[int],
    values: Sequence[Mapping[str, Any]],
    found: Sequence[int],
) -> dict[str, Any]:
    hits = [{"group": found[n], "item": values[n].get("id") or "", "title": values[n]["title"]} for n in places]  # fmt: skip
    return {"problem": problem, "story": story, "hits": hits}
