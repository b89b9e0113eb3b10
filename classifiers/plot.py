"""Precision against recall as an SVG, written by hand: a few polylines need no library."""

from __future__ import annotations

from collections.abc import Mapping

from .metrics import Scored

_SIZE, _PAD = 420, 50
_COLOURS = ("#0b6e4f", "#c05621", "#2b6cb0", "#805ad5")


def precision_recall_svg(curves: Mapping[str, Scored]) -> str:
    """One line per classifier."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE + 260} {_SIZE + 20}" font-family="sans-serif" font-size="12">',  # fmt: skip
        f'<rect width="100%" height="100%" fill="#fff"/><rect x="{_PAD}" y="20" width="{_SIZE - _PAD - 20}" height="{_SIZE - _PAD - 20}" fill="none" stroke="#888"/>',  # fmt: skip
        f'<text x="{_SIZE / 2}" y="{_SIZE}" text-anchor="middle">recall</text>',
        f'<text x="14" y="{_SIZE / 2}" transform="rotate(-90 14 {_SIZE / 2})" text-anchor="middle">precision</text>',  # fmt: skip
    ]
    for n, (name, scored) in enumerate(curves.items()):
        colour = _COLOURS[n % len(_COLOURS)]
        points = " ".join(f"{_x(r):.1f},{_y(p):.1f}" for r, p in _curve(scored))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(f'<text x="{_SIZE}" y="{40 + 20 * n}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _curve(scored: Scored) -> list[tuple[float, float]]:
    hits = sum(t for _, t in scored) or 1
    points, right = [], 0
    ordered = sorted(scored, key=lambda p: (-p[0], p[1]))
    for rank, (_, truth) in enumerate(ordered, 1):
        right += truth
        points.append((right / hits, right / rank))
    return points


def _x(recall: float) -> float:
    return _PAD + recall * (_SIZE - _PAD - 20)


def _y(precision: float) -> float:
    return 20 + (1 - precision) * (_SIZE - _PAD - 20)
