"""How many facts of labelled items are found right, and which are not. Pure.

Names compare by the gazetteer's aliases, case and accents folded; an organisation counts as found
when the name or one of its parts is; ban, order and suspension count as alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from classifiers.facts import Facts, find_facts, same_name
from classifiers.gazetteer import Gazetteer
from classifiers.matching import fold
from classifiers.model import Model

from .items import as_item

_ALIKE = {"ban": "measure", "order": "measure", "suspension": "measure"}
_NAMED = ("regulator", "organisation", "jurisdiction", "action")
_LARGEST = 1e15
_CLOSE = 0.02  # of a sum: outlets round


def measure_facts(model: Model, values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Per fact the share that is right of those labelled, their number, and each mistake.

    ``invented_amounts`` counts sums found where none is labelled.
    """
    right: dict[str, list[bool]] = {}
    errors: list[dict[str, Any]] = []
    invented = 0
    for value in values:
        found = find_facts(as_item(dict(value)), model.gazetteer)
        for name, good in _judged(value, found, model.gazetteer).items():
            right.setdefault(name, []).append(good)
            if not good:
                errors.append(_error(value, found, name))
        if _amount(value) is None and found.amount is not None:
            invented += 1
            errors.append(_error(value, found, "amount"))
    shares = {f"fact_{name}": round(sum(good) / len(good), 4) for name, good in right.items()}
    counts = {f"fact_{name}_labelled": len(good) for name, good in right.items()}
    return {**shares, **counts, "invented_amounts": invented, "fact_errors": errors}


def _judged(value: Mapping[str, Any], found: Facts, gazetteer: Gazetteer) -> dict[str, bool]:
    judged = {n: _same(n, found, str(value[n]), gazetteer) for n in _NAMED if value.get(n)}
    wanted = _amount(value)
    if wanted is not None:
        close = found.amount is not None and abs(found.amount - wanted) <= _CLOSE * wanted
        judged["amount"] = close and found.currency == value.get("currency")
    return judged


def _amount(value: Mapping[str, Any]) -> float | None:
    """The labelled sum; what is no number, or none that is ever imposed, labels nothing."""
    said = value.get("amount")
    return said if isinstance(said, int | float) and 0 < said < _LARGEST else None


def _same(name: str, found: Facts, wanted: str, gazetteer: Gazetteer) -> bool:
    got = getattr(found, name)
    if got is None:
        return False
    if name == "action":
        return bool(_ALIKE.get(got, got) == _ALIKE.get(wanted, wanted))
    if name == "jurisdiction":
        return bool(got == wanted.partition("-")[0])
    if same_name(got, wanted, gazetteer):
        return True
    return name == "organisation" and (fold(got) in fold(wanted) or fold(wanted) in fold(got))


def _error(value: Mapping[str, Any], found: Facts, name: str) -> dict[str, Any]:
    money = name == "amount"
    return {
        "item": value.get("id") or value.get("url") or "",
        "fact": name,
        "wanted": f"{value.get('amount')} {value.get('currency')}" if money else value.get(name),
        "found": f"{found.amount} {found.currency}" if money else getattr(found, name),
        "words": found.evidence.get(name),
        "title": value["title"],
    }
