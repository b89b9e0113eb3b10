"""From which score an item is a hit: by expected cost, or by a budget of alerts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

from .topic import Settings

_STEPS = tuple(n / 200 for n in range(10, 196))
SMOOTHING = 0.5
"""Log-odds over which a held-out score is spread: near the threshold stand too few for counting."""


def cheapest_threshold(hits: Sequence[float], hard: Sequence[float], settings: Settings) -> float:
    """The threshold of least expected cost at the real base rate.

    ``hits`` and ``hard`` are scores of held-out hits and near misses. A miss costs ``miss_cost``
    false alerts; false alerts come from the share of the stream that looks like a near miss.
    """
    found, near = [_log_odds(s) for s in hits], [_log_odds(s) for s in hard]

    def cost(bound: float) -> float:
        at = _log_odds(bound)
        missed = (1.0 - _share_over(found, at)) / settings.base_rate
        return settings.miss_cost * missed + _share_over(near, at) / settings.hard_rate

    return min(_STEPS, key=cost)


def _log_odds(score: float) -> float:
    bounded = min(max(score, 1e-6), 1 - 1e-6)
    return log(bounded / (1 - bounded))


def _share_over(values: Sequence[float], bound: float) -> float:
    """The share of log-odds over a bound, each spread by ``SMOOTHING``."""
    return sum(1 / (1 + exp((bound - v) / SMOOTHING)) for v in values) / max(1, len(values))


def threshold_for_budget(
    scores: Sequence[float], *, weeks: float, budget: float, least: float
) -> float:
    """The threshold at which the stories of the past ``weeks`` come to ``budget`` alerts a week.

    ``scores`` are the best scores of these stories. Never below ``least``, the threshold without
    a budget: a quiet month is no reason to send weaker alerts.
    """
    allowed = int(budget * weeks)
    strongest = sorted((s for s in scores if s >= least), reverse=True)
    if len(strongest) <= allowed:
        return least
    first_over = strongest[allowed]
    above = [s for s in strongest[:allowed] if s > first_over]
    return (above[-1] + first_over) / 2 if above else min(1.0, (1.0 + first_over) / 2)
