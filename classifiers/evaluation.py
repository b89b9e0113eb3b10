"""How good the classifier is, on events it never saw, beside plain baselines in the same run.

Cross-validation is grouped by event. What is reported is measured, never assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .baselines import cosine_scores, keyword_scores, plain_scores
from .examples import Example
from .metrics import Scored, average_precision, calibration_error, precision_recall
from .model import Model
from .plot import precision_recall_svg
from .topic import Topic
from .training import Fit, OutOfFold, train
from .verdict import Label


def seed_scores(fit: Fit) -> dict[str, float]:
    """The out-of-fold figures of a fit."""
    scored = _scored(fit.out_of_fold)
    precision, recall = precision_recall(scored, fit.model.threshold)
    return {
        "average_precision": round(average_precision(scored), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
    }


def judged_scores(model: Model, examples: Sequence[Example]) -> float:
    """The share of judged examples that a model judges alike."""
    right = sum(model.judge(e.item).label is e.label for e in examples)
    return right / len(examples) if examples else 1.0


def _scored(out_of_fold: Sequence[OutOfFold]) -> list[tuple[float, bool]]:
    return [(o.score or 0.0, o.example.label is Label.RELEVANT) for o in out_of_fold]


def evaluate_seeds(
    topic: Topic, *, plot: Path | None = None, tell: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Everything ``regwatch evaluate`` reports."""
    fit = train(topic, tell=tell)
    scored = _scored(fit.out_of_fold)
    threshold = fit.model.threshold
    judged = [(o.score, o.example.label is Label.RELEVANT) for o in fit.out_of_fold if o.score is not None]  # fmt: skip
    baselines = {
        "keyword rule (every leg present)": keyword_scores(topic),
        "plain TF-IDF and logistic regression": plain_scores(topic),
        "cosine to the model story": cosine_scores(topic, fit.model),
    }
    if plot is not None:
        plot.write_text(precision_recall_svg({"regwatch": scored, **baselines}), encoding="utf-8")
    return {
        "model": fit.model.id,
        "threshold": threshold,
        "examples": len(scored),
        **seed_scores(fit),
        "calibration_error": round(calibration_error(judged), 4),
        "baselines": {n: round(average_precision(s), 4) for n, s in baselines.items()},
        "by_language": _by(fit.out_of_fold, threshold, lambda o: o.example.item.lang or "?"),
        "by_register": _by(fit.out_of_fold, threshold, lambda o: o.example.register),
        "false_by_kind": _false_by_kind(fit.out_of_fold, threshold),
        "worst_misses": _worst(fit.out_of_fold, relevant=True),
        "worst_false_alerts": _worst(fit.out_of_fold, relevant=False),
    }


def _by(
    out_of_fold: Sequence[OutOfFold], threshold: float, key: Callable[[OutOfFold], str]
) -> dict[str, str]:
    groups: dict[str, list[OutOfFold]] = {}
    for one in out_of_fold:
        groups.setdefault(key(one), []).append(one)
    found = {}
    for name, members in sorted(groups.items()):
        scored: Scored = _scored(members)
        precision, recall = precision_recall(scored, threshold)
        found[name] = f"{len(members)} examples, precision {precision:.3f}, recall {recall:.3f}, average precision {average_precision(scored):.3f}"  # fmt: skip
    return found


def _false_by_kind(out_of_fold: Sequence[OutOfFold], threshold: float) -> dict[str, str]:
    counts: dict[str, list[bool]] = {}
    for one in out_of_fold:
        if one.example.label is Label.IRRELEVANT:
            counts.setdefault(one.example.kind, []).append((one.score or 0.0) >= threshold)
    return {kind: f"{sum(flags)} of {len(flags)}" for kind, flags in sorted(counts.items())}


def _worst(out_of_fold: Sequence[OutOfFold], *, relevant: bool) -> list[str]:
    wanted = [o for o in out_of_fold if (o.example.label is Label.RELEVANT) is relevant]
    wanted.sort(key=lambda o: o.score or 0.0, reverse=not relevant)
    return [
        f"{'screened' if o.score is None else f'{o.score:.3f}'}  {o.example.item.title}  ({o.example.why})"
        for o in wanted[:10]
    ]


def report_text(result: Mapping[str, Any]) -> str:
    """A report as lines."""
    lines: list[str] = []
    for name, value in result.items():
        if isinstance(value, Mapping):
            lines.append(f"{name}:")
            lines += [f"  {k}: {v}" for k, v in value.items()]
        elif isinstance(value, list):
            lines.append(f"{name}:")
            lines += [f"  {v}" for v in value]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)
