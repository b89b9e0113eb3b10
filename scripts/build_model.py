"""Build the shipped model from the shipped seeds."""

from pathlib import Path

from classifiers.topic import Topic
from classifiers.training import train

ROOT = Path(__file__).resolve().parent.parent
fit = train(Topic.load([ROOT / "seeds"]))
fit.model.write(ROOT / "classifiers" / "data" / "model.json.gz")
print(fit.model.id, f"threshold {fit.model.threshold}")
