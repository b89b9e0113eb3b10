"""What is wrong with a key, in plain words: what was found, and what is expected there.

Knows the kinds of pydantic's errors, so that none of its own sentences reach a reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .schema import shown

_KINDS = {
    "string": "a text; put it in quotes",
    "int": "a whole number",
    "float": "a number",
    "finite_number": "a number",
    "bool": "true or false",
    "list": "a list: write [one, two], or a line `- one` for each",
    "dict": "a mapping: names with values, as `name: value`",
    "model": "a mapping: keys with values, as `key: value`",
}
"""By the first word of an error's kind; ``model_type`` stands for a whole block of keys."""
PATTERNS = {
    r"^[A-Za-z_][A-Za-z0-9_]*$": "the name of an environment variable: letters, digits and _, no digit first",
    r"^([CGD][A-Z0-9]+)?$": "a channel's id such as C0123ABCD; in Slack it stands at the bottom of the channel's details",
    r"^[CGD][A-Z0-9]+$": "a channel's id such as C0123ABCD; in Slack it stands at the bottom of the channel's details",
    r"^[!-'*-~]+$": "an address at which you can be reached, in ASCII, without spaces and brackets",
    r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$": "an ISO 3166 code in capitals such as GB or US-CA, or EU",
    r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$": "an ISO 639 code such as en or pt-BR",
    r"^[A-Za-z0-9_-]{1,60}$": "a name of letters, digits, _ and -, at most 60 of them",
}
"""What each pattern of the keys asks for."""
_LIMITS = {
    "greater_than": ("gt", "must be more than"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"),
    "less_than_equal": ("le", "must be at most"),
    "string_too_short": ("min_length", "is too short: letters at least"),
    "string_too_long": ("max_length", "is too long: letters at most"),
}


def say(detail: Mapping[str, Any]) -> str:
    """One of pydantic's errors as a sentence about the file."""
    kind, context, found = detail["type"], detail.get("ctx", {}), shown(detail["input"])
    if kind == "extra_forbidden":
        return "unknown key; see docs/config.md for the keys there are"
    if kind == "missing":
        return "required, but missing"
    if kind == "value_error":
        return str(context["error"])
    if kind in _LIMITS:
        name, said = _LIMITS[kind]
        return f"{found} {said} {context[name]}"
    return f"{found} is not {_expected(kind, context)}"


def _expected(kind: str, context: Mapping[str, Any]) -> str:
    if kind in ("enum", "literal_error"):
        return f"one of {context['expected']}"
    if kind == "string_pattern_mismatch":
        return PATTERNS[context["pattern"]]
    return next((said for word, said in _KINDS.items() if kind.startswith(word)), "what is expected here")  # fmt: skip


def source_problems(keys: Mapping[str, Any]) -> Iterator[str]:
    """What does not go together within one source."""
    entry, watch = keys.get("entry"), keys.get("watch")
    if (keys.get("url") is None) == (watch is None):
        yield "give either url (a feed) or watch (a listing page)"
    if entry is None and any(keys.get(name) for name in ("link", "title", "date")):
        yield "link, title and date lie within entry: give entry as well"
    if entry is not None and watch is None:
        yield "entry goes with watch, not with url"
