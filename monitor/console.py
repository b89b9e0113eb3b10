"""Alerts as text on a stream: the sink that is always there."""

from __future__ import annotations

from typing import TextIO

from .domain import DeliveryJob
from .ledger import Receipt, SendFailure, Trouble
from .message import Message, console_text


class ConsoleSink:
    """Writes each alert to a stream, at once."""

    can_look = True

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def send(self, job: DeliveryJob, message: Message) -> Receipt | SendFailure:
        """Write the alert."""
        try:
            self._stream.write(console_text(job) + "\n")
            self._stream.flush()
        except (OSError, ValueError) as error:
            return SendFailure(Trouble.TRANSIENT, f"console: {error}")
        return Receipt()

    async def find(self, job: DeliveryJob) -> Receipt | SendFailure | None:
        """None: a line shown twice after a crash does no harm."""
        return None
