"""Measuring model, facts and stories on labelled items: for ``evaluate FILE``. Pure.

``related`` items are neither right nor wrong and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from classifiers.facts import Facts, find_facts, same_name
from classifiers.gazetteer import Gazetteer
from classifiers.matching import fold
from classifiers.metrics import average_precision, b_cubed, false_per_10k, precision_recall
from classifiers.model import Model

from .domain import SourceKind
from .items import as_entry, as_item
from .stories import StoryHit, arrange

_ALIKE = {"ban": "measure", "order": "measure", "suspension": "measure"}
Values = Sequence[Mapping[str, Any]]


def measure_file(
    model: Model, threshold: float, values: Values, *, facts: bool, stories: bool
) -> dict[str, Any]:
    """The figures of a labelled file."""
    judged = [v for v in values if v.get("label") in ("relevant", "irrelevant")]
    full = [(model.score(as_item(dict(v))), v["label"] == "relevant") for v in judged]
    titles = [(model.score(as_item({**v, "summary": "", "text": ""})), v["label"] == "relevant") for v in judged]  # fmt: skip
    precision, recall = precision_recall(full, threshold)
    result: dict[str, Any] = {
        "items": len(judged),
        "relevant": sum(t for _, t in full),
        "threshold": threshold,
        "average_precision": round(average_precision(full), 4),
        "average_precision_title_only": round(average_precision(titles), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "false_alerts_per_10000": round(false_per_10k(full, threshold), 2),
    }
    hits = [v for v in judged if v["label"] == "relevant"]
    if facts and hits:
        result |= measure_facts(model, hits)
    if stories and hits:
        result |= measure_stories(model, hits)
    return result


def measure_facts(model: Model, values: Values) -> dict[str, Any]:
    """The share of right values per fact, of those that are labelled."""
    right: dict[str, list[bool]] = {}
    invented = 0
    for value in values:
        found = find_facts(as_item(dict(value)), model.gazetteer)
        for name in ("regulator", "organisation", "jurisdiction", "action"):
            if value.get(name):
                right.setdefault(name, []).append(_same(name, found, str(value[name]), model.gazetteer))  # fmt: skip
        if value.get("amount"):
            close = found.amount is not None and abs(found.amount - value["amount"]) <= 0.02 * value["amount"]  # fmt: skip
            right.setdefault("amount", []).append(close and found.currency == value.get("currency"))
        else:
            invented += found.amount is not None
    shares: dict[str, Any] = {k: round(sum(v) / len(v), 4) for k, v in right.items()}
    return {f"fact_{k}": v for k, v in shares.items()} | {"invented_amounts": invented}


def _same(name: str, found: Facts, wanted: str, gazetteer: Gazetteer) -> bool:
    got = getattr(found, name)
    if got is None:
        return False
    if name == "action":
        return bool(_ALIKE.get(got, got) == _ALIKE.get(wanted, wanted))
    if name == "jurisdiction":
        return bool(got == wanted.partition("-")[0])
    if same_name(got, wanted, gazetteer):
        return True
    return name == "organisation" and (fold(got) in fold(wanted) or fold(wanted) in fold(got))


def measure_stories(model: Model, values: Values) -> dict[str, Any]:
    """B-cubed precision, recall and F1 of the stories."""
    undated = datetime(2024, 1, 1, tzinfo=UTC)
    hits = []
    for n, value in enumerate(values):
        item = as_item(dict(value))
        published = as_entry(dict(value)).published
        hits.append(
            StoryHit(
                entry_id=n,
                key=str(value.get("id") or n),
                title=item.title,
                when=published or undated,
                kind=SourceKind.PRESS,
                facts=find_facts(item, model.gazetteer),
                vector=model.vector(replace(item, text="")),
                dated=published is not None,
            )
        )
    groups = arrange(hits, {}).groups
    of = {h.entry_id: n for n, group in enumerate(groups) for h in group.hits}
    precision, recall = b_cubed([of[n] for n in range(len(hits))], [str(v.get("story")) for v in values])  # fmt: skip
    both = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {
        "story_precision": round(precision, 4),
        "story_recall": round(recall, 4),
        "story_f1": round(both, 4),
    }
