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
GROWTH = 3.0
"""What twice the bytes may cost: twice as much in a straight line, four times as its square."""
SPARE_S = 0.2
"""Processor time that is always free: short runs are uneven."""


def stretched(piece: bytes, length: int = LONG) -> bytes:
    """A piece said over and over."""
    return (piece * (length // max(1, len(piece)) + 1))[:length]


def in_proportion(name: str, piece: bytes) -> None:
    """Run a target on long inputs: twice the bytes cost about twice the time."""
    half, whole = (_seconds(name, stretched(piece, n)) for n in (LONG // 2, LONG))
    assert whole <= GROWTH * half + SPARE_S, f"{name}: {half:.2f} s for {LONG // 2} bytes, {whole:.2f} s for {LONG}: {piece[:80]!r}…"  # fmt: skip


def _seconds(name: str, data: bytes) -> float:
    """Processor time, of two runs the quicker."""
    taken = []
    for _ in range(2):
        begun = time.process_time()
        TARGETS[name](data)
        taken.append(time.process_time() - begun)
    return min(taken)
