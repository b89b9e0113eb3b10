"""Slack's limits of a message, as measured and documented; an error as Slack words it."""

from __future__ import annotations

import json
from typing import Any

TEXT = 40_000
BLOCKS = 50
ALL_TEXT, ALL_JSON = 11_000, 17_000
"""Refused as a whole above these; undocumented, seen by others at 11,341 and 17,694."""

_TYPES = {"section", "header", "context", "actions", "divider", "image", "rich_text", "input"}


def refusal(text: str, blocks: list[dict[str, Any]]) -> tuple[str, list[str]] | None:
    """The error code and its messages, None for a message that Slack takes."""
    if not text and not blocks:
        return "no_text", []
    if len(text) > TEXT:
        return "msg_too_long", []
    if len(blocks) > BLOCKS:
        return "invalid_blocks", [f"no more than {BLOCKS} items allowed [json-pointer:/blocks]"]
    said = [m for n, block in enumerate(blocks) for m in _block(block, f"/blocks/{n}")]
    if said:
        return "invalid_blocks", said
    whole = json.dumps(blocks, ensure_ascii=False)
    if sum(len(t) for t in _texts(blocks)) > ALL_TEXT or len(whole) > ALL_JSON:
        return "msg_blocks_too_long", []
    return None


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        found = [value["text"]] if isinstance(value.get("text"), str) else []
        return found + [t for v in value.values() for t in _texts(v)]
    return [t for v in value for t in _texts(v)] if isinstance(value, list) else []


def _block(block: dict[str, Any], at: str) -> list[str]:
    kind = block.get("type")
    if kind not in _TYPES:
        return [f"unsupported type: {kind} [json-pointer:{at}/type]"]
    said = _length(block.get("block_id"), 1, 255, f"{at}/block_id")
    if kind == "section":
        fields = block.get("fields") or []
        if not block.get("text") and not fields:
            said.append(f"must have text or fields [json-pointer:{at}]")
        if block.get("text"):
            said += _length(block["text"].get("text", ""), 1, 3000, f"{at}/text/text")
        said += _count(fields, 10, f"{at}/fields")
        for n, field in enumerate(fields):
            said += _length(field.get("text", ""), 1, 2000, f"{at}/fields/{n}/text")
    elif kind == "header":
        said += _length(block["text"].get("text", ""), 1, 150, f"{at}/text/text")
    elif kind in ("context", "actions"):
        elements = block.get("elements") or []
        said += _count(elements, 10 if kind == "context" else 25, f"{at}/elements")
        said += [] if elements else [f"must have elements [json-pointer:{at}/elements]"]
        for n, element in enumerate(elements):
            said += _element(element, f"{at}/elements/{n}")
    return said


def _element(element: dict[str, Any], at: str) -> list[str]:
    if element.get("type") in ("mrkdwn", "plain_text"):
        return _length(element.get("text", ""), 1, 2000, f"{at}/text")
    if element.get("type") == "button":
        said = _length(element["text"].get("text", ""), 1, 75, f"{at}/text/text")
        said += _length(element.get("value"), 1, 2000, f"{at}/value")
        said += _length(element.get("url"), 1, 3000, f"{at}/url")
        return said + _length(element.get("action_id"), 1, 255, f"{at}/action_id")
    return []


def _length(text: str | None, least: int, most: int, at: str) -> list[str]:
    if text is None or least <= len(text) <= most:
        return []
    word = f"must be less than {most + 1} characters" if text else "must be more than 0 characters"
    return [f"{word} [json-pointer:{at}]"]


def _count(items: list[Any], most: int, at: str) -> list[str]:
    return [f"no more than {most} items allowed [json-pointer:{at}]"] if len(items) > most else []
