"""Finding many phrases in a text at once. Pure, standard library only.

Case and accents are folded one character to one, so that offsets stay those of the text.
In scripts with spaces a phrase begins and ends at word boundaries; ``word*`` also matches its
inflections, and a lone ``*`` between words stands for any one word. In Chinese, Japanese and Korean a phrase matches anywhere. A phrase marked exact
(an acronym such as ``DPC``) matches only in its own case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_EAST = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_EAST_ASIAN = re.compile(f"[{_EAST}]")
# a run of an East Asian script is a word of its own, also where Latin letters touch it
_WORD = re.compile(rf"[^\W_{_EAST}]+(?:['’][^\W_{_EAST}]+)?|[{_EAST}]+")
_PHRASE_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?\*?|(?<= )\*(?= )")
_CACHE_CAP = 50_000
MAX_TEXT = 20_000
"""Characters looked at; a longer text is cut here."""


def _folding() -> dict[int, str]:
    table: dict[int, str] = {ord("İ"): "i", ord("ı"): "i", ord("ł"): "l", ord("Ł"): "l",
                             ord("ø"): "o", ord("Ø"): "o", ord("’"): "'", ord("‘"): "'",
                             ord("đ"): "d", ord("Đ"): "d", ord("\u00a0"): " ", ord("‑"): "-"}  # fmt: skip
    for code in [*range(0xC0, 0x250), *range(0x386, 0x3CF), *range(0x1E00, 0x1FFF)]:
        decomposed = unicodedata.normalize("NFD", chr(code))
        if len(decomposed) > 1 and len(decomposed[0].lower()) == 1:
            table[code] = decomposed[0].lower()
    return table


_FOLDS = _folding()


def fold(text: str) -> str:
    """Lower case without accents, of the same length as the text."""
    if text.isascii():
        return text.lower()
    folded = text.translate(_FOLDS).lower()
    if len(folded) != len(text):
        folded = "".join(
            c if len(c) == 1 else c[0] for c in (x.translate(_FOLDS).lower() or " " for x in text)
        )
    return folded


Token = tuple[str, int, int]
"""A folded word with its start and end; a plain tuple, since each text makes dozens."""


def tokens(folded: str) -> list[Token]:
    """The words of a folded text."""
    return [(m[0], m.start(), m.end()) for m in _WORD.finditer(folded)]


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase found at ``[start, end)``; ``words`` are the text's own."""

    start: int
    end: int
    words: str
    payload: T


@dataclass(frozen=True, slots=True)
class _Phrase(Generic[T]):
    rest: tuple[tuple[str, bool], ...]
    exact: str | None
    payload: T


_Filed = tuple[str, str | None, T]
"""A phrase not yet read: folded, in its own case where that counts, payload."""


def _parts(folded: str) -> list[str]:
    return _PHRASE_WORD.findall(folded)


def _rest(folded: str) -> tuple[tuple[str, bool], ...]:
    """The words after the first, and whether each is a beginning only."""
    return tuple((w.rstrip("*"), w.endswith("*")) for w in _parts(folded)[1:])


class PhraseIndex(Generic[T]):
    """Many phrases, each with a payload; built once, then only read."""

    def __init__(self) -> None:
        self._exact: dict[str, list[_Filed[T]]] = {}
        self._prefix: dict[str, list[_Filed[T]]] = {}
        self._lengths: tuple[int, ...] = ()
        self._inside: dict[str, list[tuple[str, T]]] = {}
        self._cache: dict[str, tuple[_Phrase[T], ...]] = {}

    @classmethod
    def build(
        cls, phrases: Iterable[tuple[str, T]], *, exact: Iterable[tuple[str, T]] = ()
    ) -> PhraseIndex[T]:
        """An index of ``(phrase, payload)``; those in ``exact`` match only in their own case."""
        index = cls()
        book: list[tuple[str, T, str | None]] = [(p, payload, None) for p, payload in phrases]
        book += [(p, payload, p) for p, payload in exact]
        for phrase, payload, case in book:
            index._add(fold(phrase.strip()), payload, case)
        index._lengths = tuple(sorted({len(p) for p in index._prefix}))
        return index

    def _add(self, folded: str, payload: T, exact: str | None) -> None:
        """File a phrase under its first word; its other words are read when that word is met."""
        head = folded.partition(" ")[0]
        stem = head.removesuffix("*")
        if not (folded.isascii() and stem.isalnum()):
            if _EAST_ASIAN.search(folded):
                self._inside.setdefault(folded[0], []).append((folded, payload))
                return
            head = next(iter(_parts(folded)), "")
            stem = head.removesuffix("*")
        if stem:
            shelf = self._exact if stem == head else self._prefix
            shelf.setdefault(stem, []).append((folded, exact, payload))

    def find(
        self, text: str, *, folded: str | None = None, words: list[Token] | None = None
    ) -> list[Match[T]]:
        """All matches, also overlapping ones, by their start.

        ``folded`` and ``words`` spare the work where the caller has them already.
        """
        folded = fold(text) if folded is None else folded
        words = tokens(folded) if words is None else words
        found: list[Match[T]] = []
        for n, (word, start, _) in enumerate(words):
            candidates = self._cache.get(word)
            if candidates is None:
                candidates = self._candidates(word)
            for phrase in candidates:
                end = _end_of(words, n, phrase.rest)
                if end is None:
                    continue
                said = text[start:end]
                if (
                    phrase.exact is None
                    or said.removesuffix("'s").removesuffix("’s") == phrase.exact
                ):
                    found.append(Match(start, end, said, phrase.payload))
        if self._inside and _EAST_ASIAN.search(folded):
            found += self._find_inside(text, folded)
            found.sort(key=lambda m: m.start)
        return found

    def _candidates(self, word: str) -> tuple[_Phrase[T], ...]:
        found = list(self._exact.get(word, ()))
        # a possessive or elided word is also its stem: "ICO's", "l'autorité"
        for part in word.split("'") if "'" in word else ():
            if len(part) > 1:
                found += self._exact.get(part, ())
                found += self._by_prefix(part)
        found += self._by_prefix(word)
        if len(self._cache) >= _CACHE_CAP:
            self._cache.clear()
        phrases = tuple(_Phrase(_rest(folded), exact, payload) for folded, exact, payload in found)
        self._cache[word] = phrases
        return phrases

    def payloads(self, word: str) -> tuple[T, ...]:
        """The payloads of all phrases that begin with this folded word: a cheap first look."""
        candidates = self._cache.get(word)
        return tuple(
            p.payload for p in (self._candidates(word) if candidates is None else candidates)
        )

    @property
    def has_inside(self) -> bool:
        """Whether any phrase belongs to a script without spaces."""
        return bool(self._inside)

    def _by_prefix(self, word: str) -> list[_Filed[T]]:
        found: list[_Filed[T]] = []
        for length in self._lengths:
            if length > len(word):
                break
            found += self._prefix.get(word[:length], ())
        return found

    def _find_inside(self, text: str, folded: str) -> list[Match[T]]:
        found = []
        for start, letter in enumerate(folded):
            for phrase, payload in self._inside.get(letter, ()):
                if folded.startswith(phrase, start):
                    end = start + len(phrase)
                    found.append(Match(start, end, text[start:end], payload))
        return found


def _end_of(words: list[Token], first: int, rest: tuple[tuple[str, bool], ...]) -> int | None:
    """Where the phrase ends that begins at word ``first``, None where its words do not follow."""
    place = first
    for word, prefix in rest:
        place += 1
        if place >= len(words):
            return None
        token, start, _ = words[place]
        if start - words[place - 1][2] > 3:
            return None
        if word and not (token.startswith(word) if prefix else _same(token, word)):
            return None
    return words[place][2]


def _same(token: str, word: str) -> bool:
    return token == word or token.removesuffix("'s") == word or token.partition("'")[2] == word
