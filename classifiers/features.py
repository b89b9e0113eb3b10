"""An item as numbers: the same for training and for scoring. Pure, standard library only.

Names of authorities, organisations and amounts are seen as classes, so that one never met in
training still counts. What the legs and groups say is a handful of dense features; the words
themselves are TF-IDF terms.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import log1p

from .gazetteer import Gazetteer, Mention
from .lexicon import Lexicon
from .matching import MAX_TEXT, Match, Token, fold, tokens
from .verdict import Item

TITLE_WEIGHT = 2
UNSAID = 1
"""Legs that a title without a summary may leave unsaid."""
_TEXT_SEEN = 1500
_AMOUNT = re.compile(
    r"(?:[€$£¥₩]|\b(?:eur|usd|gbp|euros?|dollars?|pounds?|won|zł|zloty|r\$))\s?\d|\d[\d.,]*\s?(?:[€$£¥₩]|k\b|m\b|bn\b|million|milliard|mrd|mio|milion|mln|millon|milhõ|miljoen|billion|억|만|億|万|euros?\b|eur\b|zł|kr\b)",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?。])\s+|\n+|(?<=[。！？])")
_EAST_ASIAN_RUN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """An item with what was found in it; ``cut`` is where the title ends."""

    text: str
    cut: int
    folded: str
    words: list[Token]
    found: Mapping[str, list[Match[str]]]
    mentions: list[Mention]
    passed: bool


def text_of(item: Item) -> tuple[str, int]:
    """Title and body in one text, and the length of the title."""
    title = item.title[:1000]
    body = f"{item.summary}\n{item.text[:_TEXT_SEEN]}" if item.text else item.summary
    return f"{title}\n{body[:MAX_TEXT]}", len(title)


def read(item: Item, lexicon: Lexicon, gazetteer: Gazetteer) -> Reading:
    """Find legs, groups and names; the names only where the item passes the screen.

    Every leg must be there; a bare title is too short to say everything and may lack one.
    """
    text, cut = text_of(item)
    folded = fold(text)
    words = tokens(folded)
    missing = 0 if len(text) > cut + 3 else UNSAID
    if not lexicon.may_pass(folded, words, missing):
        return Reading(text, cut, folded, words, {}, [], passed=False)
    found = lexicon.find(text, folded=folded, words=words).by_name
    passed = sum(leg in found for leg in lexicon.legs) >= len(lexicon.legs) - missing
    # where all legs are there, an ambiguous acronym of a kind that speaks for one is that authority
    mentions = gazetteer.find(text, folded=folded, words=words, trust=lexicon.speaking) if passed else []  # fmt: skip
    return Reading(text, cut, folded, words, found, mentions, passed)


def dense(reading: Reading, lexicon: Lexicon) -> dict[str, float]:
    """The dense features by name."""
    row: dict[str, float] = {"bias:title only": float(len(reading.folded) <= reading.cut + 2)}
    cut = reading.cut
    in_title: dict[str, bool] = {}
    for name in (*lexicon.legs, *lexicon.groups):
        matches = reading.found.get(name, [])
        title = sum(m.start < cut for m in matches)
        in_title[name] = title > 0
        row[f"{name}:title"] = float(title > 0)
        row[f"{name}:any"] = float(bool(matches))
        row[f"{name}:distinct"] = log1p(len({m.words.lower() for m in matches})) / 2
    legs_in_title = sum(in_title[leg] for leg in lexicon.legs)
    row["legs in title"] = legs_in_title / len(lexicon.legs)
    row["all legs in title"] = float(legs_in_title == len(lexicon.legs))
    row["legs in one sentence"] = _together(reading, lexicon)
    row |= _names(reading)
    row |= {crossing.name: crossing.value(row) for crossing in lexicon.crossings}
    row["amount"] = float(bool(_AMOUNT.search(reading.text)))
    row["question"] = float("?" in reading.text[:cut])
    return row


def _names(reading: Reading) -> dict[str, float]:
    authorities = [m for m in reading.mentions if m.name.kind not in ("organisation", "ngo")]
    organisations = [m for m in reading.mentions if m.name.kind == "organisation"]
    cut = reading.cut
    return {
        "authority name:title": float(any(m.start < cut for m in authorities)),
        "authority name:any": float(bool(authorities)),
        "dpa:any": float(any(m.name.kind == "dpa" for m in authorities)),
        "ngo:any": float(any(m.name.kind == "ngo" for m in reading.mentions)),
        "organisation:title": float(any(m.start < cut for m in organisations)),
        "organisation:any": float(bool(organisations)),
        "organisations": log1p(len({m.name.name for m in organisations})) / 2,
    }


def _together(reading: Reading, lexicon: Lexicon) -> float:
    """The largest share of legs that one sentence carries."""
    bounds = [0, *(m.end() for m in _SENTENCE.finditer(reading.text)), len(reading.text) + 1]
    best = 0
    for start, end in pairwise(bounds):
        legs = sum(
            any(start <= m.start < end for m in reading.found.get(leg, ())) for leg in lexicon.legs
        )
        best = max(best, legs)
    return best / len(lexicon.legs)


def terms(reading: Reading) -> Counter[str]:
    """TF-IDF terms with their counts: words, pairs of words and word beginnings."""
    counts: Counter[str] = Counter()
    previous, previous_in_title = "", False
    for word, in_title in _classed(reading):
        weight = TITLE_WEIGHT if in_title else 1
        counts[word] += weight
        if len(word) > 6 and word[0] != "«":
            counts[f"{word[:5]}~"] += weight
        if previous and previous_in_title == in_title:
            counts[f"{previous} {word}"] += weight
        previous, previous_in_title = word, in_title
    return counts


def _classed(reading: Reading) -> list[tuple[str, bool]]:
    """The words in order, names and numbers as classes, East Asian runs as pairs of characters."""
    spans = {m.start: m for m in reading.mentions}
    words: list[tuple[str, bool]] = []
    covered = -1
    for word, start, end in reading.words:
        if start < covered:
            continue
        in_title = start < reading.cut
        mention = spans.get(start)
        if mention is not None:
            covered = mention.end
            kind = mention.name.kind
            words.append(("«organisation»" if kind == "organisation" else f"«{'authority' if kind != 'ngo' else 'ngo'}»", in_title))  # fmt: skip
        elif word[0].isdigit():
            words.append(("«number»", in_title))
        elif _EAST_ASIAN_RUN.search(word):
            words += [(word[n : n + 2], in_title) for n in range(max(1, len(word) - 1))]
        elif len(word) > 1:
            words.append((word, in_title))
        del end
    return words
