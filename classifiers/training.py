"""Fitting the model: the only importer of scikit-learn, and only inside functions that fit.

scikit-learn's TF-IDF and logistic regression are fitted on what ``features`` gives; the fitted
numbers are exported and nothing of scikit-learn remains. Same seeds in any order, same model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from .examples import JUDGED, Example
from .features import TITLE_WEIGHT, UNSAID, Reading, dense, read, terms
from .metrics import average_precision, precision_recall
from .model import Model
from .thresholds import cheapest_threshold
from .topic import Topic
from .verdict import Item, Label

FOLDS = 5
BACKGROUND = "background"
"""The kind of an unlabelled entry of the archive."""
C_TERMS = 8.0
DENSE_SCALE = 0.5
TITLE_ALONE = 0.7
"""Weight of an example's title seen without its summary: feeds often carry no more."""


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """An example with the score of a model that never saw its event; None: screened."""

    example: Example
    score: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model with its out-of-fold scores."""

    model: Model
    out_of_fold: tuple[OutOfFold, ...]


def train(
    topic: Topic,
    *,
    labels: Sequence[Example] = (),
    background: Iterable[Item] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Fit:
    """Fit, calibrate and choose the threshold; ``labels`` are judgements, ``background`` ordinary items."""
    examples = _ordered([*topic.examples, *labels, *_background(background)])
    tell(f"reading {len(examples)} examples")
    rows = _rows(topic, examples)
    tell(f"fitting on {len(rows)} readings")
    held_out = _cross_validate(rows, tell)
    fitted = _fit(rows)
    calibration = _calibrate(rows, held_out, topic.settings.prior)
    model = _export(topic, examples, fitted, calibration)
    scored = _out_of_fold(examples, rows, held_out, model)
    model.threshold = choose_threshold(scored, topic)
    model.measured = _measured(scored, model.threshold)
    model.golden = _golden(model, examples)
    return Fit(model, scored)


@dataclass(frozen=True, slots=True)
class _Row:
    reading: Reading
    features: dict[str, float]
    example: Example
    whole: bool


@dataclass(frozen=True, slots=True)
class _Fitted:
    vectorizer: Any
    names: tuple[str, ...]
    regression: Any

    def decide(self, rows: Sequence[_Row]) -> Any:
        return self.regression.decision_function(_matrix(self.vectorizer, self.names, rows))


def _ordered(examples: Sequence[Example]) -> list[Example]:
    return sorted(examples, key=lambda e: (e.item.title, e.item.summary, e.event))


def _background(items: Iterable[Item]) -> list[Example]:
    return [
        Example(item, Label.IRRELEVANT, f"background-{n}", BACKGROUND, "label", weight=0.5)
        for n, item in enumerate(items)
    ]


def _rows(topic: Topic, examples: Sequence[Example]) -> list[_Row]:
    """What passes the screen, whole and as a title alone."""
    rows = []
    for example in examples:
        bare = replace(example, item=replace(example.item, summary="", text=""), weight=TITLE_ALONE * example.weight)  # fmt: skip
        for variant, whole in ((example, True), (bare, False)):
            if not whole and not (example.item.summary or example.item.text):
                continue
            reading = read(variant.item, topic.lexicon, topic.gazetteer)
            if reading.passed:
                rows.append(_Row(reading, dense(reading, topic.lexicon), variant, whole))
    return rows


def _analyze(row: _Row) -> list[str]:
    return list(terms(row.reading).elements())


def _matrix(vectorizer: Any, names: Sequence[str], rows: Sequence[_Row]) -> Any:
    numbers = np.array([[r.features.get(n, 0.0) for n in names] for r in rows]) * DENSE_SCALE
    return hstack([vectorizer.transform(rows), csr_matrix(numbers)]).tocsr()


def _fit(rows: Sequence[_Row]) -> _Fitted:
    vectorizer = TfidfVectorizer(analyzer=_analyze, min_df=2, sublinear_tf=True)
    vectorizer.fit(rows)
    names = tuple(sorted({name for row in rows for name in row.features}))
    regression = LogisticRegression(C=C_TERMS, max_iter=3000, solver="lbfgs")
    labels = [r.example.label is Label.RELEVANT for r in rows]
    regression.fit(
        _matrix(vectorizer, names, rows), labels, sample_weight=[r.example.weight for r in rows]
    )
    return _Fitted(vectorizer, names, regression)


def _cross_validate(rows: Sequence[_Row], tell: Callable[[str], None]) -> dict[int, float]:
    """Decision values by row number, each from a model that saw nothing of the row's event."""
    labels = [int(r.example.label is Label.RELEVANT) for r in rows]
    groups = [r.example.event for r in rows]
    held_out: dict[int, float] = {}
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for n, (seen, unseen) in enumerate(folds.split(np.zeros(len(rows)), labels, groups), 1):
        tell(f"cross-validating {n} of {FOLDS}")
        fitted = _fit([rows[i] for i in seen])
        for i, value in zip(unseen, fitted.decide([rows[i] for i in unseen]), strict=True):
            held_out[int(i)] = float(value)
    return held_out


def _calibrate(
    rows: Sequence[_Row], held_out: dict[int, float], prior: float
) -> tuple[float, float]:
    """Platt's sigmoid on out-of-fold values, weighted to the prior share of hits."""
    values = np.array([[held_out[n]] for n in range(len(rows))])
    truth = np.array([int(r.example.label is Label.RELEVANT) for r in rows])
    share = truth.mean()
    weights = np.where(truth == 1, prior / share, (1 - prior) / (1 - share))
    regression = LogisticRegression(C=1e6, max_iter=1000).fit(values, truth, sample_weight=weights)
    return float(regression.coef_[0][0]), float(regression.intercept_[0])


def _export(
    topic: Topic, examples: Sequence[Example], fitted: _Fitted, calibration: tuple[float, float]
) -> Model:
    terms_count = len(fitted.vectorizer.vocabulary_)
    weights = fitted.regression.coef_[0]
    idf = fitted.vectorizer.idf_
    vocabulary = {
        term: (float(idf[n]), float(weights[n]))
        for term, n in sorted(fitted.vectorizer.vocabulary_.items())
    }
    dense_weights = {
        name: float(weights[terms_count + n]) * DENSE_SCALE for n, name in enumerate(fitted.names)
    }
    seeds = topic.digest
    mark = hashlib.sha256(seeds.encode())
    for example in examples:
        mark.update(f"{example.label}\x1f{example.item.title}\x1f{example.item.summary}".encode())
    mark.update(f"{C_TERMS} {DENSE_SCALE} {TITLE_ALONE} {TITLE_WEIGHT} {UNSAID}".encode())
    return Model(
        id=f"m-{mark.hexdigest()[:12]}",
        seeds=seeds,
        threshold=0.5,
        lexicon=topic.lexicon,
        gazetteer=topic.gazetteer,
        vocabulary=vocabulary,
        weights=dense_weights,
        intercept=float(fitted.regression.intercept_[0]),
        calibration=calibration,
    )


def _out_of_fold(
    examples: Sequence[Example],
    rows: Sequence[_Row],
    held_out: dict[int, float],
    model: Model,
) -> tuple[OutOfFold, ...]:
    scores = {
        (row.example.item.title, row.example.item.summary): model.probability(held_out[n])
        for n, row in enumerate(rows)
        if row.whole
    }
    return tuple(OutOfFold(e, scores.get((e.item.title, e.item.summary))) for e in examples)


def choose_threshold(scored: Sequence[OutOfFold], topic: Topic) -> float:
    """The cheapest threshold on what was held out; ordinary items play no part in it."""
    easy = (*topic.settings.kinds["ordinary"], BACKGROUND)
    hits = [s.score or 0.0 for s in scored if s.example.label is Label.RELEVANT]
    hard = [
        s.score or 0.0
        for s in scored
        if s.example.label is Label.IRRELEVANT and s.example.kind not in easy
    ]
    return cheapest_threshold(hits, hard, topic.settings)


def _measured(scored: Sequence[OutOfFold], threshold: float) -> dict[str, float]:
    """The out-of-fold figures on the seeds alone, comparable between models of the same seeds."""
    seeds = [
        (o.score or 0.0, o.example.label is Label.RELEVANT)
        for o in scored
        if o.example.kind not in (JUDGED, BACKGROUND)
    ]
    precision, recall = precision_recall(seeds, threshold)
    return {
        "average_precision": round(average_precision(seeds), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
    }


def _golden(model: Model, examples: Sequence[Example]) -> list[tuple[str, str, float]]:
    step = max(1, len(examples) // 12)
    chosen = [e.item for e in examples[::step]] + [
        Item("", ""),
        Item("ΑΊ — Ünïcødé 🤖 개인정보 個人情報"),
    ]
    return [(i.title, i.summary, model.score(i)) for i in chosen]
