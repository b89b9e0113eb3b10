"""Where the world comes in: time, chance and the environment, as one frozen value.

Built by the command line, handed down; tests hand in their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ports:
    """``now`` gives aware UTC, ``chance`` a number in [0, 1)."""

    now: Callable[[], datetime]
    chance: Callable[[], float]
    environ: Mapping[str, str]
