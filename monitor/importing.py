"""Another regwatch archive into this one: entries known here stay as they are, judgements come along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .recording import Recorder, record_items
from .store.archive import Archive
from .store.entries import entry_of

_BATCH = 500


@dataclass(slots=True)
class Imported:
    """What an import brought."""

    entries: int = 0
    hits: int = 0
    labels: int = 0


def import_archive(
    recorder: Recorder, other: Archive, *, now: datetime, tell: Callable[[int], None]
) -> Imported:
    """Take over entries and judgements; a second import brings nothing.

    Raises:
        StoreError: the batch in hand was not kept; those before it were.
    """
    done, last = Imported(), 0
    while True:
        rows = other.rows("SELECT * FROM entries WHERE id > ? ORDER BY id LIMIT ?", (last, _BATCH))
        if not rows:
            break
        last = rows[-1]["id"]
        recorded = record_items(
            recorder, [(r["source"], entry_of(r)) for r in rows], now=now, alert=False
        )
        done.entries += recorded.new
        done.hits += recorded.hits
        tell(done.entries)
    done.labels = _labels(recorder.archive, other)
    return done


def _labels(here: Archive, other: Archive) -> int:
    rows = other.rows(
        "SELECT l.*, e.source, e.key FROM labels l JOIN entries e ON e.id = l.entry_id"
    )
    done = 0
    with here.write() as connection:
        for row in rows:
            done += connection.execute(
                "INSERT INTO labels (entry_id, label, why, author, model, made, origin) "
                "SELECT e.id, :label, :why, :author, :model, :made, 'import' FROM entries e "
                "WHERE e.source = :source AND e.key = :key AND NOT EXISTS (SELECT 1 FROM labels x "
                "WHERE x.entry_id = e.id AND x.made = :made AND x.author = :author)",
                {k: row[k] for k in ("label", "why", "author", "model", "made", "source", "key")},
            ).rowcount
    return done
