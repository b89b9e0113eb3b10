"""``--since``: ``7d``, ``12h`` or an ISO date, as a moment relative to now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from ..config.schema import parse_duration


class Since(click.ParamType[Callable[[datetime], datetime]]):
    """Gives a function from now to the moment meant."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> Callable[[datetime], datetime]:
        try:
            span = parse_duration(value)
            return lambda now: now - span
        except (ValueError, OverflowError):
            pass
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a span such as 7d nor an ISO date", param, ctx)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return lambda now: moment


SINCE = Since()
