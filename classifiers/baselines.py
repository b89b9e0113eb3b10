"""What a simpler tool would reach on the same examples: measured beside the model, in one run."""

from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from .features import read
from .model import Model, cosine
from .topic import Topic
from .verdict import Label


def keyword_scores(topic: Topic) -> list[tuple[float, bool]]:
    """An expert's rule: 1 where every leg has a word, else 0."""
    return [
        (
            float(read(e.item, topic.lexicon, topic.gazetteer).passed),
            e.label is Label.RELEVANT,
        )
        for e in topic.examples
    ]


def plain_scores(topic: Topic) -> list[tuple[float, bool]]:
    """Words and pairs of words, TF-IDF and logistic regression, out of fold by event."""
    texts = np.array([f"{e.item.title} {e.item.summary}" for e in topic.examples])
    truth = np.array([int(e.label is Label.RELEVANT) for e in topic.examples])
    groups = [e.event for e in topic.examples]
    scores = np.zeros(len(texts))
    for seen, unseen in StratifiedGroupKFold(5, shuffle=True, random_state=0).split(texts, truth, groups):  # fmt: skip
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        regression = LogisticRegression(max_iter=2000)
        regression.fit(vectorizer.fit_transform(texts[seen]), truth[seen])
        scores[unseen] = regression.predict_proba(vectorizer.transform(texts[unseen]))[:, 1]
    return [(float(s), bool(t)) for s, t in zip(scores, truth, strict=True)]


def cosine_scores(topic: Topic, model: Model) -> list[tuple[float, bool]]:
    """Likeness to the topic's model story."""
    story = topic.settings.model_story
    if story is None:
        return []
    vector = model.vector(story)
    return [(cosine(vector, model.vector(e.item)), e.label is Label.RELEVANT) for e in topic.examples]  # fmt: skip
