"""Archives in memory, made once and copied: an input finds the same archive as the one before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

from monitor.domain import ParsedEntry
from monitor.recording import Recorder, record_items
from monitor.store.archive import Archive

from .documents import NOW, shipped

MEMORY = Path(":memory:")
TOLD = (
    ("Clearview AI fined £7.5m over facial recognition", "The ICO says the database of faces breached UK data protection law."),
    ("Garante blocks DeepSeek’s chatbot", "The Italian authority ordered the AI company to stop processing personal data."),
)  # fmt: skip


def recorder(archive: Archive) -> Recorder:
    """What records into an archive, alerting one channel."""
    return Recorder(archive, shipped(), ("C1",), timedelta(days=3))


@cache
def _image(*, told: bool) -> bytes:
    with Archive.open(MEMORY) as archive:
        if told:
            items = [("ICO", ParsedEntry(title, summary=summary, published=NOW)) for title, summary in TOLD]  # fmt: skip
            record_items(recorder(archive), items, now=NOW, alert=True)
        return archive.connection.serialize()


@contextmanager
def opened(*, told: bool = False) -> Iterator[Archive]:
    """An archive with nothing in it, or with the two stories of ``TOLD``."""
    with closing(sqlite3.connect(MEMORY, isolation_level=None)) as connection:
        connection.deserialize(_image(told=told))
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        yield Archive(MEMORY, connection)
