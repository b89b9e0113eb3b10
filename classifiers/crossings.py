"""What counts only together: products of features, since a linear model cannot multiply.

Which ones is said by the topic's lexicon; this module knows none by name. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

Alternatives = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crossing:
    """A feature that is 1 where all of ``every`` and nothing of ``none`` is seen.

    Each part is a feature's name or alternatives of which the strongest counts.
    """

    name: str
    every: tuple[Alternatives, ...] = ()
    none: tuple[Alternatives, ...] = ()

    def value(self, row: Mapping[str, float]) -> float:
        """The product over the parts, each between 0 and 1."""
        seen = prod((_strongest(row, part) for part in self.every), start=1.0)
        return prod((1.0 - _strongest(row, part) for part in self.none), start=seen)

    def to_data(self) -> dict[str, Any]:
        """Plain data, in the form of the lexicon file."""
        return {"name": self.name, "every": [" | ".join(p) for p in self.every], "none": [" | ".join(p) for p in self.none]}  # fmt: skip


def _strongest(row: Mapping[str, float], part: Alternatives) -> float:
    return max(row.get(name, 0.0) for name in part)


def crossing_of(entry: Any) -> Crossing:
    """A crossing from its entry in the lexicon: ``name`` with ``every`` and/or ``none``.

    Raises:
        ValueError: the entry has another form.
    """
    if not isinstance(entry, Mapping) or set(entry) - {"name", "every", "none"}:
        raise ValueError("a crossing is a mapping of name, every and none")
    every, none = (_parts(entry.get(key, ())) for key in ("every", "none"))
    if not isinstance(entry.get("name"), str) or not (every or none):
        raise ValueError("a crossing needs a name and something in every or none")
    return Crossing(entry["name"], every, none)


def _parts(entries: Any) -> tuple[Alternatives, ...]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise ValueError("every and none are lists of feature names")  # noqa: TRY004 - bad data, not a bad call
    return tuple(tuple(name.strip() for name in str(e).split("|")) for e in entries)
