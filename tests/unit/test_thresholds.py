"""From which score an item is a hit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.metrics import calibration_error, reliability
from classifiers.thresholds import cheapest_threshold, threshold_for_budget
from classifiers.topic import Settings

SCORES = st.floats(0.0, 1.0, exclude_max=True)


@given(st.lists(SCORES, max_size=60), st.integers(1, 20), st.floats(0.05, 0.9))
def test_a_budget_is_kept_and_never_lowers_the_threshold(
    scores: list[float], budget: int, least: float
) -> None:
    bound = threshold_for_budget(scores, weeks=2, budget=budget, least=least)
    assert bound >= least
    assert sum(s >= bound for s in scores) <= budget * 2


def test_a_budget_that_is_not_exceeded_changes_nothing() -> None:
    assert threshold_for_budget([0.9, 0.8], weeks=1, budget=2, least=0.4) == 0.4


def test_a_budget_keeps_the_strongest() -> None:
    bound = threshold_for_budget([0.9, 0.8, 0.7, 0.5], weeks=1, budget=2, least=0.4)
    assert 0.7 < bound <= 0.8


def test_dearer_misses_lower_the_threshold() -> None:
    hits, hard = [0.3, 0.6, 0.9], [0.2, 0.5, 0.55]
    cheap, dear = (Settings("x", miss_cost=c) for c in (0.1, 1000.0))
    assert cheapest_threshold(hits, hard, dear) < cheapest_threshold(hits, hard, cheap)


def test_scores_calibrated_to_a_prior_are_measured_at_that_prior() -> None:
    """Ten hits and ten others at a score of 0.1: right where one in ten is a hit, wrong at evens."""
    scored = [(0.1, True)] * 10 + [(0.1, False)] * 10
    assert calibration_error(scored, prior=0.1) == pytest.approx(0.0)
    assert calibration_error(scored) == pytest.approx(0.4)
    assert sum(b.weight for b in reliability(scored, prior=0.1)) == pytest.approx(1.0)
