"""Moments as people write them: ``7d``, ``12h`` or an ISO date, relative to now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from ..config.schema import parse_duration


class Moment(click.ParamType[Callable[[datetime], datetime]]):
    """Gives a function from now to the moment meant."""

    name = "time"

    def __init__(self, direction: int) -> None:
        self.direction = direction

    def convert(self, value: Any, param: Any, ctx: Any) -> Callable[[datetime], datetime]:
        try:
            moved = _moved(value, self.direction)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return moved


def _moved(text: str, direction: int) -> Callable[[datetime], datetime]:
    try:
        span = parse_duration(text)
    except ValueError:
        pass
    else:
        return lambda now: now + direction * span
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is neither a span such as 7d nor an ISO date") from error
    return lambda now: moment


SINCE = Moment(-1)
"""A span lies before now."""
UNTIL = Moment(1)
"""A span lies after now."""
