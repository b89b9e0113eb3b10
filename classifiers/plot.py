"""Precision against recall, and scores against what came true, as SVG written by hand: a few polylines need no library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .metrics import Bin, Scored

_SIZE, _PAD = 420, 50
_COLOURS = ("#0b6e4f", "#c05621", "#2b6cb0", "#805ad5")


def precision_recall_svg(curves: Mapping[str, Scored]) -> str:
    """One line per classifier."""
    parts = _frame("recall", "precision", _SIZE + 260)
    for n, (name, scored) in enumerate(curves.items()):
        colour = _COLOURS[n % len(_COLOURS)]
        points = " ".join(f"{_x(r):.1f},{_y(p):.1f}" for r, p in _curve(scored))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(f'<text x="{_SIZE}" y="{40 + 20 * n}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def reliability_svg(bins: Sequence[Bin]) -> str:
    """The share of hits against the score, one circle per bin, its area by the bin's weight."""
    parts = _frame("score", "share of hits", _SIZE + 20)
    parts.append(f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#bbb" stroke-dasharray="4"/>')  # fmt: skip
    for one in bins:
        radius = 3 + 20 * one.weight**0.5
        parts.append(f'<circle cx="{_x(one.score):.1f}" cy="{_y(one.share):.1f}" r="{radius:.1f}" fill="{_COLOURS[0]}" fill-opacity="0.6"/>')  # fmt: skip
    return "\n".join([*parts, "</svg>"]) + "\n"


def _frame(across: str, up: str, width: int) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_SIZE + 20}" font-family="sans-serif" font-size="12">',  # fmt: skip
        f'<rect width="100%" height="100%" fill="#fff"/><rect x="{_PAD}" y="20" width="{_SIZE - _PAD - 20}" height="{_SIZE - _PAD - 20}" fill="none" stroke="#888"/>',  # fmt: skip
        f'<text x="{_SIZE / 2}" y="{_SIZE}" text-anchor="middle">{across}</text>',
        f'<text x="14" y="{_SIZE / 2}" transform="rotate(-90 14 {_SIZE / 2})" text-anchor="middle">{up}</text>',  # fmt: skip
    ]


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
