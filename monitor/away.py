"""The service itself was down: told when its first cycle is over and what could be caught up is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .domain import OpsEvent


@dataclass(slots=True)
class Away:
    """A spell in which nothing ran; ``event`` tells it once."""

    began: datetime
    ended: datetime
    told: bool = False

    @classmethod
    def between(cls, lasted: timedelta | None, now: datetime, interval: timedelta) -> Away | None:
        """The spell before ``now``, where it was longer than an interval: a poll was missed."""
        if lasted is None or lasted <= interval:
            return None
        return cls(now - lasted, now)

    def event(self, polled: int, failed: int) -> OpsEvent | None:
        """What to tell after a cycle; None where it was told."""
        if self.told:
            return None
        self.told = True
        hours = (self.ended - self.began).total_seconds() / 3600
        missing = f", {failed} of them failed" if failed else ""
        return OpsEvent("away", "service", f"regwatch was away from {self.began:%Y-%m-%d %H:%M} to {self.ended:%Y-%m-%d %H:%M} UTC ({hours:.1f} h). Caught up: {polled} sources were polled{missing}. What came and left a feed in that time was not seen.")  # fmt: skip
