"""The day a headline or summary names: when a step is said to have been taken. Pure."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = (
    "jan gen ene sty", "feb fev fevr lut", "mar marz maer mrt", "apr avr abr kwi", "may mai mag maj mei maio", "jun jui giu cze",
    "jul juil lug lip", "aug aou ago sie", "sep set wrz", "oct okt ott out paz", "nov lis", "dec dez dic gru",
)  # fmt: skip
_NUMBER = {word: n for n, words in enumerate(_MONTHS, 1) for word in words.split()}
_NAME = r"(?P<month>[a-z]{3,10})"
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º)?\.? (?:de |di |of |d')?{_NAME}\.?,? (?:de |del |van )?(?P<year>20\d\d)\b",
        rf"\b{_NAME}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>20\d\d)\b",
        r"\b(?P<day>\d{1,2})[./](?P<number>\d{1,2})[./](?P<year>20\d\d)\b",
        r"\b(?P<year>20\d\d)-(?P<number>\d\d)-(?P<day>\d\d)\b",
        r"(?P<year>20\d\d)[년年] ?(?P<number>\d{1,2})[월月] ?(?P<day>\d{1,2})[일日]",
    )
)


def told_date(folded: str) -> str | None:
    """The latest full date in a folded text, as ISO 8601; None where there is none."""
    found = (_read(match) for form in _FORMS for match in form.finditer(folded))
    return max((day.isoformat() for day in found if day is not None), default=None)


def _read(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    number = int(parts["number"]) if parts.get("number") else _month(parts["month"] or "")
    try:
        return date(int(parts["year"]), number, int(parts["day"]))
    except ValueError:
        return None


def _month(word: str) -> int:
    """A month's number by the beginning of its name; 0 where it is none."""
    return next((n for size in (4, 3) if (n := _NUMBER.get(word[:size]))), 0)
