"""Measuring the model on labelled items, and what it found in words: for ``evaluate FILE``. Pure.

``related`` items are neither right nor wrong and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from classifiers.metrics import average_precision, false_per_10k, precision_recall
from classifiers.model import Model

from .items import as_item
from .measuring_facts import measure_facts
from .measuring_stories import measure_stories

Values = Sequence[Mapping[str, Any]]


def measure_file(
    model: Model, threshold: float, values: Values, *, facts: bool, stories: bool
) -> dict[str, Any]:
    """The figures of a labelled file; ``fact_errors`` and ``story_errors`` list what was wrong."""
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


def as_text(result: Mapping[str, Any], *, errors: bool) -> str:
    """The figures a line each; with ``errors`` each mistake below them."""
    lines = [f"{key}: {value}" for key, value in result.items() if not key.endswith("_errors")]
    if errors:
        for error in result.get("fact_errors", ()):
            lines.append(f"{error['item']} {error['fact']}: wanted {error['wanted']}, found {error['found']} ({error['words'] or 'no words'}) in: {error['title']}")  # fmt: skip
        for error in result.get("story_errors", ()):
            lines.append(f"{error['problem']} {error['story']}:")
            lines += [f"  {hit['group']}  {hit['item']} {hit['title']}" for hit in error["hits"]]
    return "\n".join(lines)
