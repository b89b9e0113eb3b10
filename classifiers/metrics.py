"""Measures of a ranking and of a threshold. Pure, standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Bin:
    """Scores of one stretch: their mean, the share of hits among them and their weight."""

    score: float
    share: float
    weight: float


def reliability(scored: Scored, *, prior: float | None = None, bins: int = 10) -> list[Bin]:
    """What scores claim beside what came true, over equal-width bins.

    With ``prior`` hits and others are weighted so that hits make up this share, as the scores
    of a model that is calibrated to it assume.
    """
    share = sum(truth for _, truth in scored) / len(scored) if scored else 0.0
    hit = other = 1.0
    if prior is not None and 0 < share < 1:
        hit, other = prior / share, (1 - prior) / (1 - share)
    found = []
    for n in range(bins):
        inside = [(s, t, hit if t else other) for s, t in scored if min(int(s * bins), bins - 1) == n]  # fmt: skip
        weight = sum(w for _, _, w in inside)
        if inside:
            found.append(Bin(sum(s * w for s, _, w in inside) / weight, sum(w for _, t, w in inside if t) / weight, weight / len(scored)))  # fmt: skip
    return found


def calibration_error(scored: Scored, *, prior: float | None = None, bins: int = 10) -> float:
    """Expected calibration error: the mean gap of ``reliability`` (Naeini et al. 2015)."""
    return sum(b.weight * abs(b.score - b.share) for b in reliability(scored, prior=prior, bins=bins))  # fmt: skip


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
