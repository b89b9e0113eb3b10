"""Which source of a story leads, and what its record says: the best source first. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.facts import Facts

from .domain import SourceKind
from .stories import StoryHit

_RANK = {
    SourceKind.REGULATOR: 0, SourceKind.COURT: 1, SourceKind.NGO: 2, SourceKind.PRESS: 3,
    SourceKind.LAW: 4, SourceKind.AGGREGATOR: 5,
}  # fmt: skip


def lead(hits: Sequence[StoryHit]) -> StoryHit:
    """The best source: authority, court, NGO, press, law firm, aggregator; the earliest of them."""
    return min(hits, key=lambda h: (_RANK[h.kind], h.when, h.key))


def story_facts(hits: Sequence[StoryHit]) -> tuple[Facts, dict[str, dict[str, list[int]]]]:
    """A story's facts from its best source, filled from the next; and where values disagree.

    Disagreements map a field to each value and the entries that say it.
    """
    ordered = sorted(hits, key=lambda h: (_RANK[h.kind], h.when, h.key))
    values: dict[str, object] = {}
    for name in ("regulator", "organisation", "jurisdiction", "action", "ai_leg", "court", "complainant"):  # fmt: skip
        values[name] = next((v for h in ordered if (v := getattr(h.facts, name)) is not None), None)
    money = next((h.facts for h in ordered if h.facts.amount is not None), Facts())
    facts = Facts(
        **values,  # type: ignore[arg-type]
        amount=money.amount,
        currency=money.currency,
        amount_text=money.amount_text,
        regulators=_union(ordered, "regulators"),
        organisations=_union(ordered, "organisations"),
        legal_basis=_union(ordered, "legal_basis"),
    )
    return facts, _disagreements(ordered)


def _union(hits: Sequence[StoryHit], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for h in hits for v in getattr(h.facts, name)))


def _disagreements(hits: Sequence[StoryHit]) -> dict[str, dict[str, list[int]]]:
    found: dict[str, dict[str, list[int]]] = {}
    for name in ("regulator", "organisation", "jurisdiction", "action", "amount"):
        said: dict[str, list[int]] = {}
        for hit in hits:
            value = getattr(hit.facts, name)
            if value is not None:
                said.setdefault(str(value), []).append(hit.entry_id)
        if len(said) > 1:
            found[name] = said
    return found
