"""What must hold for any bytes at all, as functions of bytes: for hypothesis, atheris, or by hand.

Each target reads hostile input as the service would, and asserts what the service relies on.
``SAMPLES`` are ordinary inputs to begin from. No input may raise anything but a named error.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from . import documents, files, packs, seedfiles, slackside, texts

_PARTS = (documents, files, packs, seedfiles, slackside, texts)
TARGETS: dict[str, Callable[[bytes], None]] = {k: v for p in _PARTS for k, v in p.TARGETS.items()}
SAMPLES: dict[str, tuple[bytes, ...]] = {k: v for p in _PARTS for k, v in p.SAMPLES.items()}
LONG = 100_000
ROOM_S = 1.0
"""Processor time that an input of ``LONG`` bytes may take."""


def stretched(piece: bytes) -> bytes:
    """A piece said over and over, as long as ``LONG``."""
    return (piece * (LONG // max(1, len(piece)) + 1))[:LONG]


def in_time(name: str, data: bytes) -> None:
    """Run a target on a long input, and hold it to its time: the second, where it is over it."""
    taken = _seconds(name, data)
    if taken > ROOM_S:
        taken = _seconds(name, data)
    assert taken <= ROOM_S, f"{name}: {taken:.2f} s for {len(data)} bytes: {data[:80]!r}…"


def _seconds(name: str, data: bytes) -> float:
    begun = time.process_time()
    TARGETS[name](data)
    return time.process_time() - begun
