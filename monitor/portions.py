"""Work in portions, one per transaction: the write lock is held for moments, however long texts are. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
CHARACTERS = 250_000
"""Of a portion of long texts."""
THINGS = 250
"""Of a portion of short ones. Even where all are hits, judging and placing either takes a second or two."""


def portions(
    things: Iterable[T],
    size: Callable[[T], int],
    *,
    most: int = THINGS,
    characters: int = CHARACTERS,
) -> Iterator[list[T]]:
    """The things in their order, at most ``most`` and ``characters`` of ``size`` at a time.

    A thing that is larger by itself is a portion of its own. Nothing is read ahead of a full portion.
    """
    portion: list[T] = []
    held = 0
    for thing in things:
        weight = size(thing)
        if portion and held + weight > characters:
            yield portion
            portion, held = [], 0
        portion.append(thing)
        held += weight
        if len(portion) >= most:
            yield portion
            portion, held = [], 0
    if portion:
        yield portion
