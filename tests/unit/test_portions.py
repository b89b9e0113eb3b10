"""Work in portions: in order, whole, and never more than may be held at once."""

from __future__ import annotations

from itertools import chain, pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.portions import portions


@given(st.lists(st.integers(0, 50)), st.integers(1, 9), st.integers(0, 60))
def test_portions_are_whole_in_order_and_within_both_bounds(
    sizes: list[int], most: int, characters: int
) -> None:
    found = list(portions(sizes, lambda n: n, most=most, characters=characters))
    assert list(chain.from_iterable(found)) == sizes
    for portion in found:
        assert 1 <= len(portion) <= most
        assert len(portion) == 1 or sum(portion) <= characters


@given(st.lists(st.integers(1, 50)), st.integers(1, 9), st.integers(1, 60))
def test_no_portion_ends_before_the_next_thing_would_be_too_much(
    sizes: list[int], most: int, characters: int
) -> None:
    found = list(portions(sizes, lambda n: n, most=most, characters=characters))
    for one, following in pairwise(found):
        assert len(one) == most or sum(one) + following[0] > characters
