"""The model: JSON in, verdict out. Pure Python; equal to scikit-learn to 1e-9.

A model file holds everything a verdict needs: lexicon, names, vocabulary, weights, calibration,
threshold, and golden scores that are checked when it is loaded. No pickle, no third party.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

from .crossings import crossing_of
from .features import Reading, dense, read, terms
from .gazetteer import Gazetteer
from .lexicon import Lexicon
from .topic import FORMAT
from .verdict import Item, Label, Reason, Verdict

SCREENED = 0.0005
"""The score of an item that lacks a leg."""

_SHOWN = 12


class ModelError(ValueError):
    """A model file that cannot be used; the text says why."""


@dataclass(slots=True)
class Model:
    """A fitted model.

    ``vocabulary`` maps a term to its idf and weight; ``measured`` holds its cross-validated
    figures on the seeds, which a candidate has to match.
    """

    id: str
    seeds: str
    threshold: float
    lexicon: Lexicon
    gazetteer: Gazetteer
    vocabulary: Mapping[str, tuple[float, float]]
    weights: Mapping[str, float]
    intercept: float
    calibration: tuple[float, float]
    golden: list[tuple[str, str, float]] = field(default_factory=list)
    measured: Mapping[str, float] = field(default_factory=dict)

    def judge(self, item: Item, *, threshold: float | None = None, brief: bool = False) -> Verdict:
        """The verdict on an item; any text gives one, never an exception.

        ``brief`` leaves the legs of an item empty that the quick look stops: collecting their
        words costs more than the look, and ``explain`` does it when somebody asks.
        """
        bound = self.threshold if threshold is None else threshold
        reading = read(item, self.lexicon, self.gazetteer)
        legs = {leg: _words(reading, leg) for leg in self.lexicon.legs}
        if not reading.passed:
            if brief and not reading.found:
                return Verdict(SCREENED, Label.IRRELEVANT, legs, (), self.id, bound, screened=True)
            if not reading.found:
                legs = self._legs_of(reading)
            why = tuple(Reason(f"no words for {leg}", 0.0, leg) for leg, w in legs.items() if not w)
            return Verdict(SCREENED, Label.IRRELEVANT, legs, why, self.id, bound, screened=True)
        parts = self.contributions(reading)
        score = self.probability(self.intercept + sum(parts.values()))
        label = Label.RELEVANT if score >= bound else Label.IRRELEVANT
        return Verdict(score, label, legs, self._why(parts), self.id, bound, screened=False)

    def _legs_of(self, reading: Reading) -> dict[str, tuple[str, ...]]:
        found = self.lexicon.find(reading.text, folded=reading.folded, words=reading.words).by_name
        return {
            leg: tuple(dict.fromkeys(m.words.lower() for m in found.get(leg, ())))[:8]
            for leg in self.lexicon.legs
        }

    def contributions(self, reading: Reading) -> dict[str, float]:
        """What each feature and term adds to the log-odds."""
        parts = {
            f"[{name}]": value * self.weights[name]
            for name, value in dense(reading, self.lexicon).items()
            if value and name in self.weights
        }
        counts = terms(reading)
        weighted = {
            term: (1.0 + log(count)) * self.vocabulary[term][0]
            for term, count in counts.items()
            if term in self.vocabulary
        }
        norm = sqrt(sum(v * v for v in weighted.values())) or 1.0
        for term, value in weighted.items():
            parts[term] = value / norm * self.vocabulary[term][1]
        return parts

    def probability(self, log_odds: float) -> float:
        """The calibrated score of a decision value."""
        slope, offset = self.calibration
        z = slope * log_odds + offset
        return 1.0 / (1.0 + exp(-z)) if z >= 0 else exp(z) / (1.0 + exp(z))

    def score(self, item: Item) -> float:
        """The score alone."""
        return self.judge(item).score

    def vector(self, item: Item) -> dict[str, float]:
        """The item's TF-IDF vector of length 1, for comparing stories."""
        reading = read(item, self.lexicon, self.gazetteer)
        weighted = {
            term: (1.0 + log(count)) * self.vocabulary[term][0]
            for term, count in terms(reading).items()
            if term in self.vocabulary
        }
        norm = sqrt(sum(v * v for v in weighted.values())) or 1.0
        return {term: value / norm for term, value in weighted.items()}

    def _why(self, parts: Mapping[str, float]) -> tuple[Reason, ...]:
        strongest = sorted(parts.items(), key=lambda p: (-abs(p[1]), p[0]))[:_SHOWN]
        return tuple(Reason(term, weight, self._leg_of(term)) for term, weight in strongest)

    def _leg_of(self, term: str) -> str | None:
        name = term.strip("[").partition(":")[0]
        return name if name in self.lexicon.legs else None

    def to_data(self) -> dict[str, Any]:
        """Plain data for the model file."""
        return {
            "format": FORMAT,
            "id": self.id,
            "seeds": self.seeds,
            "threshold": self.threshold,
            "legs": self.lexicon.legs,
            "groups": self.lexicon.groups,
            "crossings": [c.to_data() for c in self.lexicon.crossings],
            "speaking": sorted(self.lexicon.speaking),
            "names": self.gazetteer.to_data(),
            "vocabulary": self.vocabulary,
            "weights": self.weights,
            "intercept": self.intercept,
            "calibration": self.calibration,
            "golden": self.golden,
            "measured": self.measured,
        }

    def write(self, path: Path) -> None:
        """Write the model file, whole or not at all."""
        data = json.dumps(self.to_data(), ensure_ascii=False, separators=(",", ":")).encode()
        part = path.with_name(path.name + ".part")
        part.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read a model file and check its golden scores.

        Raises:
            ModelError: missing, damaged, of another format, or computing other scores.
        """
        try:
            raw = path.read_bytes()
            data = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        except (OSError, ValueError, EOFError) as error:
            raise ModelError(
                f"model {path}: cannot be read: {error}; run `regwatch train`"
            ) from error
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ModelError(f"model {path}: of another version; run `regwatch train`")
        try:
            model = cls._from_data(data)
            wrong = [
                t for t, s, score in model.golden if abs(model.score(Item(t, s)) - score) > 1e-9
            ]
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise ModelError(f"model {path}: damaged: {error!r}; run `regwatch train`") from error
        if wrong:
            raise ModelError(f"model {path}: computes other scores than it was made with; run `regwatch train`")  # fmt: skip
        return model

    @classmethod
    def _from_data(cls, data: Mapping[str, Any]) -> Model:
        slope, offset = data["calibration"]
        return cls(
            id=str(data["id"]),
            seeds=str(data["seeds"]),
            threshold=float(data["threshold"]),
            lexicon=Lexicon(
                {k: tuple(v) for k, v in data["legs"].items()},
                {k: tuple(v) for k, v in data["groups"].items()},
                tuple(crossing_of(c) for c in data["crossings"]),
                frozenset(data["speaking"]),
            ),
            gazetteer=Gazetteer.from_data(data["names"]),
            vocabulary=data["vocabulary"],
            weights=data["weights"],
            intercept=float(data["intercept"]),
            calibration=(float(slope), float(offset)),
            golden=[(str(t), str(s), float(x)) for t, s, x in data["golden"]],
            measured=dict(data["measured"]),
        )


def _words(reading: Reading, leg: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.words.lower() for m in reading.found.get(leg, ())))[:8]


def cosine(a: Mapping[Any, float], b: Mapping[Any, float]) -> float:
    """How alike two unit vectors are, 0 to 1; both with keys of one kind."""
    if len(b) < len(a):
        a, b = b, a
    return sum(value * b[term] for term, value in a.items() if term in b)
