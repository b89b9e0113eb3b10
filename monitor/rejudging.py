"""The archive under another model: what would change, and judging it anew.

Knows the order of the steps; the verdict is the model's, what follows from it is recorded as for
any other entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from classifiers.model import Model
from classifiers.verdict import Label

from .portions import portions
from .recording import Recorded, Recorder, record_verdicts
from .store import entries
from .store.archive import Archive

BATCH = 500
"""Entries read at a time; they are written in smaller portions."""


@dataclass(frozen=True, slots=True)
class Change:
    """An archived entry that a model would judge otherwise."""

    entry_id: int
    title: str
    source: str
    now_a_hit: bool
    score: float

    def as_dict(self) -> dict[str, Any]:
        """Plain values; ``change`` is ``hit`` or ``no hit``."""
        change = "hit" if self.now_a_hit else "no hit"
        return {"entry_id": self.entry_id, "change": change, "score": round(self.score, 4), "source": self.source, "title": self.title}  # fmt: skip


def changes(
    archive: Archive, model: Model, threshold: float | None, *, tell: Callable[[str], None]
) -> Iterator[Change]:
    """What a model would change; nothing is written. ``tell`` is called once per entry."""
    last = 0
    while rows := entries.after(archive, last, BATCH):
        for row in rows:
            verdict = model.judge(entries.item_of(row), threshold=threshold, brief=True)
            flagged = verdict.label is Label.RELEVANT
            tell(row["source"])
            if flagged is not bool(row["hit"]):
                yield Change(row["id"], row["title"], row["source"], flagged, verdict.score)
        last = rows[-1]["id"]


def rejudge(
    recorder: Recorder,
    *,
    alert: bool,
    now: Callable[[], datetime],
    tell: Callable[[str], None],
    batch: int = BATCH,
) -> Recorded:
    """Judge every entry that the recorder's model has not judged; ``tell`` once per entry.

    Each portion of a batch is a transaction of its own, and judged entries are not judged again: a run that
    was interrupted is continued by the next. A hit stays a hit whatever a later model says.

    Raises:
        StoreError: nothing of the portion in hand was kept.
    """
    total, last = Recorded(), 0
    while rows := entries.unjudged(recorder.archive, recorder.model.id, last, batch):
        last = rows[-1]["id"]
        for portion in portions(rows, entries.text_size):
            done = record_verdicts(recorder, portion, now=now(), alert=alert)
            total.edited += done.edited
            total.hits += done.hits
            total.alerts += done.alerts
            for row in portion:
                tell(row["source"])
    return total
