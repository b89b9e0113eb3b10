"""A bounded run over every target; ``make fuzz`` goes on for longer, with atheris where it is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .mutations import mutated, swapped
from .targets import SAMPLES, TARGETS, stretched

SWAPS = 150
"""Of some thousands; ``make fuzz`` tries each."""


@pytest.mark.parametrize("name", TARGETS)
def test_the_samples_are_read(name: str) -> None:
    for sample in SAMPLES[name]:
        TARGETS[name](sample)


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_breaks_nothing(name: str) -> None:
    @settings(max_examples=100)
    @given(mutated(SAMPLES[name]) | st.binary(max_size=300))
    def run(data: bytes) -> None:
        TARGETS[name](data)

    run()


@pytest.mark.parametrize("name", TARGETS)
def test_any_word_may_be_another(name: str) -> None:
    every = swapped(SAMPLES[name])
    for data in random.Random(name).sample(every, min(len(every), SWAPS)):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_a_long_input_breaks_nothing(name: str) -> None:
    """What it costs is measured by ``make fuzz``."""
    for piece in (SAMPLES[name][0], b"-1", b"["):
        TARGETS[name](stretched(piece))
