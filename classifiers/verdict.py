"""What goes into the classifier and what comes out: frozen values, standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """The judgement of one item."""

    RELEVANT = "relevant"
    IRRELEVANT = "irrelevant"


@dataclass(frozen=True, slots=True)
class Item:
    """One news item as a feed carries it; ``text`` is the full text where it is known."""

    title: str
    summary: str = ""
    text: str = ""
    lang: str | None = None
    url: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One term and what it added to the log-odds; ``leg`` where it belongs to one."""

    term: str
    weight: float
    leg: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement with its grounds.

    ``score`` is a calibrated probability; ``legs`` the words found for each leg; ``screened``
    says that a leg is missing, in which case the score is a small constant.
    """

    score: float
    label: Label
    legs: Mapping[str, tuple[str, ...]]
    why: tuple[Reason, ...]
    model: str
    threshold: float
    screened: bool
