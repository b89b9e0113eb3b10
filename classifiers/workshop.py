"""Training and evaluating as a process of its own: a JSON request on stdin, a report on stdout.

Run by ``regwatch train`` and ``regwatch evaluate``, so that the service never imports
scikit-learn. A candidate that is worse than the model in force does not replace it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .evaluation import evaluate_seeds, judged_scores, report_text
from .examples import Example
from .model import Model, ModelError
from .topic import SeedError, Topic
from .training import train
from .verdict import Item, Label

WORSE_BY = 0.005


def main(arguments: Sequence[str]) -> int:
    """Do what is asked; exit code 2 for bad seeds or a refused candidate."""
    request = json.load(sys.stdin)
    try:
        topic = Topic.load([Path(p) for p in request["seeds"]])
        result = _train(topic, request) if arguments[0] == "train" else _evaluate(topic, request)
    except SeedError as error:
        for problem in error.problems:
            _say(problem)
        return 2
    text = json.dumps(result, ensure_ascii=False, indent=2) if "--json" in arguments else report_text(result)  # fmt: skip
    sys.stdout.write(text + "\n")
    return 2 if result.get("refused") else 0


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _train(topic: Topic, request: dict[str, Any]) -> dict[str, Any]:
    labels = [
        Example(Item(x["title"], x["summary"], lang=x["lang"]), Label(x["label"]), x["event"])
        for x in request["labels"]
    ]
    background = [Item(x["title"], x["summary"], lang=x["lang"]) for x in request["background"]]
    fit = train(topic, labels=labels, background=background, tell=_say)
    result: dict[str, Any] = {"model": fit.model.id, "threshold": fit.model.threshold, "examples": len(topic.examples), "labels": len(labels), "background": len(background), **fit.model.measured}  # fmt: skip
    current = _current(Path(request["current"]))
    if current is not None:
        result |= _beside(current, fit.model, labels)
        worse = _worse(current, fit.model, labels)
        if worse and not request["force"]:
            _say(f"refused: {worse}")
            result["refused"] = f"{worse}; the model in force stays (--force takes the candidate all the same)"  # fmt: skip
            return result
    target = Path(request["out"])
    target.parent.mkdir(parents=True, exist_ok=True)
    fit.model.write(target)
    result["written"] = str(target)
    return result


def _beside(current: Model, candidate: Model, labels: Sequence[Example]) -> dict[str, Any]:
    """The model in force beside the candidate."""
    result: dict[str, Any] = {"in_force": current.id}
    if current.seeds == candidate.seeds and current.measured:
        result["average_precision_before"] = current.measured["average_precision"]
    if labels:
        result["labels_right_before"] = round(judged_scores(current, labels), 4)
        result["labels_right"] = round(judged_scores(candidate, labels), 4)
    return result


def _worse(current: Model, candidate: Model, labels: Sequence[Example]) -> str | None:
    """In what a candidate is worse; models of other seeds are not compared on seeds."""
    if current.seeds == candidate.seeds and current.measured:
        before, after = (m.measured["average_precision"] for m in (current, candidate))
        if after < before - WORSE_BY:
            return f"cross-validated average precision falls from {before:.3f} to {after:.3f}"
    before, after = judged_scores(current, labels), judged_scores(candidate, labels)
    if after < before - WORSE_BY:
        return f"of the labels it judges {after:.1%} as you did, the model in force {before:.1%}"
    return None


def _current(path: Path) -> Model | None:
    try:
        return Model.load(path)
    except ModelError as error:
        _say(str(error))
        return None


def _evaluate(topic: Topic, request: dict[str, Any]) -> dict[str, Any]:
    plot = Path(request["plot"]) if request.get("plot") else None
    return evaluate_seeds(topic, plot=plot, tell=_say)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
