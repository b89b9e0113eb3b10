"""Why an item was flagged, or was not: legs with their words, terms with weights. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .examples import Example
from .facts import Facts, find_facts
from .model import Model
from .nearest import Near, nearest_seeds
from .verdict import Item, Label, Verdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with what a lawyer asks next."""

    item: Item
    verdict: Verdict
    facts: Facts
    nearest: tuple[Near, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        verdict = self.verdict
        return {
            "title": self.item.title,
            "label": verdict.label.value,
            "score": verdict.score,
            "threshold": verdict.threshold,
            "screened": verdict.screened,
            "model": verdict.model,
            "legs": {leg: list(words) for leg, words in verdict.legs.items()},
            "for": [[r.term, r.weight] for r in verdict.why if r.weight > 0],
            "against": [[r.term, r.weight] for r in verdict.why if r.weight < 0],
            "facts": {
                name: getattr(self.facts, name)
                for name in (
                    "regulator",
                    "organisation",
                    "jurisdiction",
                    "action",
                    "amount",
                    "currency",
                )  # fmt: skip
            },
            "evidence": dict(self.facts.evidence),
            "nearest": [
                {
                    "title": n.example.item.title,
                    "label": n.example.label.value,
                    "likeness": round(n.likeness, 3),
                    "why": n.example.why,
                    "where": n.example.where,
                }
                for n in self.nearest
            ],
        }

    def as_text(self) -> str:
        """A page of text."""
        verdict = self.verdict
        said = "Flagged" if verdict.label is Label.RELEVANT else "Not flagged"
        lines = [self.item.title, "", f"{said}: score {verdict.score:.3f}, threshold {verdict.threshold:.3f}, model {verdict.model}"]  # fmt: skip
        for leg, words in verdict.legs.items():
            lines.append(f"  {leg + ':':<10}{', '.join(words) if words else '— nothing found'}")
        if verdict.screened:
            lines.append("A leg is missing, so the item is not judged any further.")
        for title, sign in (("Speaks for it", 1), ("Speaks against it", -1)):
            found = [r for r in verdict.why if r.weight * sign > 0]
            if found:
                lines.append(f"{title}:")
                lines += [f"  {r.weight:+.2f}  {r.term}" for r in found]
        known = {k: v for k, v in self.as_dict()["facts"].items() if v is not None}
        if known:
            lines.append("Facts:")
            lines += [f"  {k + ':':<14}{v}{self._from(k)}" for k, v in known.items()]
        if self.nearest:
            lines.append("Most alike among the examples it learned from:")
            lines += [f"  {n.likeness:.2f}  {n.example.label}: {n.example.item.title} ({n.example.why}; {n.example.where})" for n in self.nearest]  # fmt: skip
        return "\n".join(lines)

    def _from(self, name: str) -> str:
        words = self.facts.evidence.get(name)
        return f"   (from “{words}”)" if words else ""


def explain_item(
    model: Model, item: Item, threshold: float | None = None, seeds: Sequence[Example] = ()
) -> Explanation:
    """The explanation of an item's verdict, with the most alike of ``seeds``."""
    verdict = model.judge(item, threshold=threshold)
    facts = Facts() if verdict.screened else find_facts(item, model.gazetteer)
    return Explanation(item, verdict, facts, tuple(nearest_seeds(model, seeds, item)))
