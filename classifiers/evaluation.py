"""How good the classifier is, on events it never saw, beside plain baselines in the same run.

Cross-validation is grouped by event. What is reported is measured, never assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .baselines import cosine_scores, keyword_scores, plain_scores
from .examples import Example
from .metrics import (
    Scored,
    average_precision,
    calibration_error,
    precision_recall,
    reliability,
)
from .model import Model
from .plot import precision_recall_svg, reliability_svg
from .topic import Settings, Topic
from .training import OutOfFold, train
from .verdict import Label


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
        drawn = reliability(judged, prior=topic.settings.prior)
        plot.write_text(precision_recall_svg({"regwatch": scored, **baselines}), encoding="utf-8")
        beside = plot.with_name(f"{plot.stem}-reliability{plot.suffix}")
        beside.write_text(reliability_svg(drawn), encoding="utf-8")
    return {
        "model": fit.model.id,
        "threshold": threshold,
        "examples": len(scored),
        **fit.model.measured,
        "precision_at_base_rate": round(
            precision_at_base_rate(fit.out_of_fold, threshold, topic.settings), 4
        ),
        "calibration_error": round(calibration_error(judged, prior=topic.settings.prior), 4),
        "baselines": {n: round(average_precision(s), 4) for n, s in baselines.items()},
        "by_language": _by(fit.out_of_fold, threshold, lambda o: o.example.item.lang or "?"),
        "by_register": _by(fit.out_of_fold, threshold, lambda o: o.example.register),
        "flagged_by_kind": _flagged_by_kind(fit.out_of_fold, threshold),
        "worst_misses": _worst(fit.out_of_fold, relevant=True),
        "worst_false_alerts": _worst(fit.out_of_fold, relevant=False),
    }


def precision_at_base_rate(
    out_of_fold: Sequence[OutOfFold], threshold: float, settings: Settings
) -> float:
    """The share of right alerts in a stream as rare in hits and near misses as the topic says."""
    hits, hard, ordinary = [], [], []
    for one in out_of_fold:
        flagged = (one.score or 0.0) >= threshold
        if one.example.label is Label.RELEVANT:
            hits.append(flagged)
        elif one.example.kind in settings.kinds["hard"]:
            hard.append(flagged)
        else:
            ordinary.append(flagged)
    right = _share(hits) / settings.base_rate
    wrong = _share(hard) / settings.hard_rate + _share(ordinary) * (1 - 1 / settings.hard_rate)
    return right / (right + wrong) if right + wrong else 1.0


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


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


def _flagged_by_kind(out_of_fold: Sequence[OutOfFold], threshold: float) -> dict[str, str]:
    counts: dict[str, list[bool]] = {}
    for one in out_of_fold:
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
