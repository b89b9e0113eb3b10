"""Measures of a ranking and of a threshold. Pure, standard library only."""

from __future__ import annotations

from collections.abc import Sequence

Scored = Sequence[tuple[float, bool]]


def average_precision(scored: Scored) -> float:
    """The mean of the precision at each hit, in the order of the scores; ties count as worst."""
    found, total = 0, 0.0
    hits = sum(truth for _, truth in scored)
    for rank, (_, truth) in enumerate(sorted(scored, key=lambda p: (-p[0], p[1])), 1):
        if truth:
            found += 1
            total += found / rank
    return total / hits if hits else 0.0


def precision_recall(scored: Scored, threshold: float) -> tuple[float, float]:
    """Precision and recall at a threshold; precision is 1 where nothing is flagged."""
    flagged = [truth for score, truth in scored if score >= threshold]
    hits = sum(truth for _, truth in scored)
    right = sum(flagged)
    return (right / len(flagged) if flagged else 1.0, right / hits if hits else 0.0)


def false_per_10k(scored: Scored, threshold: float) -> float:
    """False alerts per 10,000 irrelevant items."""
    others = [score for score, truth in scored if not truth]
    return 1e4 * sum(s >= threshold for s in others) / len(others) if others else 0.0


def calibration_error(scored: Scored, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins (Naeini et al. 2015)."""
    total = 0.0
    for n in range(bins):
        inside = [(s, t) for s, t in scored if n / bins <= s < (n + 1) / bins or (n == bins - 1 and s == 1)]  # fmt: skip
        if inside:
            gap = abs(sum(s for s, _ in inside) - sum(t for _, t in inside))
            total += gap / len(scored)
    return total


def b_cubed(found: Sequence[int], truth: Sequence[str]) -> tuple[float, float]:
    """B-cubed precision and recall of a clustering (Bagga and Baldwin 1998)."""
    precision = recall = 0.0
    for cluster, story in zip(found, truth, strict=True):
        same_cluster = {n for n, c in enumerate(found) if c == cluster}
        same_story = {n for n, s in enumerate(truth) if s == story}
        both = len(same_cluster & same_story)
        precision += both / len(same_cluster)
        recall += both / len(same_story)
    size = len(found) or 1
    return precision / size, recall / size
