"""The words of the legs and of the cue groups, found in a text. Pure.

The legs come from the lexicon in its own order; this module knows none of them by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .crossings import Crossing
from .matching import _EAST_ASIAN, Match, PhraseIndex, Token, fold, tokens

Phrases = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """Matches of a text by leg or group."""

    folded: str
    words: list[Token]
    by_name: Mapping[str, list[Match[str]]]


@dataclass(slots=True)
class Lexicon:
    """Phrases by leg and by group, ready to be found, and which features count together."""

    legs: Phrases
    groups: Phrases
    crossings: tuple[Crossing, ...] = ()
    speaking: frozenset[str] = frozenset()
    """Kinds of names that speak for a leg by themselves."""
    _index: PhraseIndex[str] = field(init=False, repr=False)
    _masks: dict[str, int] = field(init=False, repr=False)
    _all: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._index = PhraseIndex.build(
            (phrase, name)
            for book in (self.legs, self.groups)
            for name, phrases in book.items()
            for phrase in dict.fromkeys(phrases)
        )
        self._masks = {}
        self._all = (1 << len(self.legs)) - 1

    def may_pass(self, folded: str, words: list[Token], missing: int = 0) -> bool:
        """A quick look: False when more than ``missing`` legs certainly have no phrase in the text."""
        mask = 0
        masks = self._masks
        for token in words:
            bits = masks.get(token[0])
            mask |= self._bits(token[0]) if bits is None else bits
            if mask == self._all:
                return True
        if mask.bit_count() >= len(self.legs) - missing:
            return True
        return bool(self._index.has_inside and _EAST_ASIAN.search(folded))

    def _bits(self, word: str) -> int:
        names = set(self._index.payloads(word))
        bits = sum(1 << n for n, leg in enumerate(self.legs) if leg in names)
        if len(self._masks) > 100_000:
            self._masks.clear()
        self._masks[word] = bits
        return bits

    def find(
        self, text: str, *, folded: str | None = None, words: list[Token] | None = None
    ) -> Found:
        """All matches by the name of their leg or group."""
        folded = fold(text) if folded is None else folded
        words = tokens(folded) if words is None else words
        by_name: dict[str, list[Match[str]]] = {}
        for match in self._index.find(text, folded=folded, words=words):
            by_name.setdefault(match.payload, []).append(match)
        return Found(folded, words, by_name)
