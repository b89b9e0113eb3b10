"""Which things are most alike: the seeds nearest to an item, and a diverse choice. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

from .examples import Example
from .model import Model, cosine
from .verdict import Item

SAME = 0.9
"""From this likeness on, two entries teach the same."""


@dataclass(frozen=True, slots=True)
class Near:
    """A seed and how alike it is to the item, 0 to 1."""

    example: Example
    likeness: float


def nearest_seeds(
    model: Model, examples: Sequence[Example], item: Item, count: int = 3
) -> list[Near]:
    """The seeds whose words are most like the item's, best first; none where no word is shared."""
    wanted = model.vector(item)
    found = (Near(e, cosine(wanted, model.vector(e.item))) for e in examples)
    return [n for n in nlargest(count, found, key=lambda n: n.likeness) if n.likeness > 0]


def most_instructive(
    vectors: Sequence[Mapping[str, float]], doubts: Sequence[float], count: int
) -> list[int]:
    """The places of ``count`` items that teach most: doubtful ones, each unlike those before it.

    ``doubts`` are 1 at the threshold and 0 where the model is sure. Greedy: the next is the one
    of most doubt times unlikeness to all that were chosen.
    """
    unlike = [1.0] * len(vectors)
    chosen: list[int] = []
    while len(chosen) < count:
        left = [n for n in range(len(vectors)) if n not in chosen and unlike[n] > 1 - SAME]
        if not left:
            break
        best = max(left, key=lambda n: (doubts[n] * unlike[n], -n))
        chosen.append(best)
        for n in left:
            unlike[n] = min(unlike[n], 1.0 - cosine(vectors[best], vectors[n]))
    return chosen
