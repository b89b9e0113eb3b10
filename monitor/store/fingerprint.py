"""A hit's words as few bytes: a number for each term and its weight. Pure.

Terms that happen to share a number count as one; among the hundred of a hit that changes nothing.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Mapping
from zlib import crc32


def pack(vector: Mapping[str, float]) -> bytes:
    """A vector as bytes: the numbers of its terms, then their weights in 16 bits."""
    numbers = array("I", (crc32(term.encode()) for term in vector))
    weights = struct.pack(f"<{len(vector)}e", *vector.values())
    return numbers.tobytes() + weights


def unpack(data: bytes) -> dict[int, float]:
    """The vector that ``pack`` wrote."""
    count = len(data) // 6
    numbers = array("I", data[: 4 * count])
    return dict(zip(numbers, struct.unpack(f"<{count}e", data[4 * count :]), strict=True))
