"""A pump with its ledger, on a clock that a test moves, in front of Slack's double."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slackdouble.server import SlackDouble
from slackdouble.workspace import Room
from telling import tell

from classifiers.model import Model
from monitor.cycle import Report, deliver_due
from monitor.deliver import Pump, Sink
from monitor.domain import (
    OpsEvent,
)
from monitor.slack import SlackSink
from monitor.store.archive import Archive
from monitor.store.deliveries import DeliveryLedger

TOKEN = "xoxb-desk"
TICK = timedelta(seconds=1)


@dataclass
class Desk:
    """The pump of some channels, on a clock that a test moves; nothing else is made up."""

    slack: SlackDouble
    archive: Archive
    model: Model
    time: datetime
    channels: tuple[str, ...] = ("C1",)
    flood: int = 60
    told: list[OpsEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.slack.workspace.clock = lambda: self.time.timestamp()
        self.restart()

    def restart(self, **sinks: Sink) -> None:
        """A new process, with the channels as they are configured now."""
        self.ledger = DeliveryLedger(self.archive, self.channels)
        found: dict[str, Sink] = {c: SlackSink(TOKEN, c, self.slack.base_url) for c in self.channels}  # fmt: skip
        self.pump = Pump(self.ledger, found | sinks, lambda: self.time, self.told.append, flood=self.flood)  # fmt: skip

    def tell(self, *steps: int, source: str = "first", channels: tuple[str, ...] = ()) -> None:
        for n in steps:
            tell(self.archive, self.model, channels or self.channels, source, n, self.time)

    def turn(self, rounds: int, tick: timedelta = TICK) -> Report:
        report = Report()
        for _ in range(rounds):
            asyncio.run(deliver_due(self.pump, report))
            self.time += tick
        return report

    def posts(self, channel: str = "C1") -> list[dict[str, Any]]:
        return self.slack.workspace.rooms.setdefault(channel, Room()).messages

    def states(self, channel: str = "C1") -> list[str]:
        return [r["state"] for r in self.archive.rows("SELECT state FROM deliveries WHERE channel = ? ORDER BY id", (channel,))]  # fmt: skip
