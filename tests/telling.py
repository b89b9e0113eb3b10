"""Steps of authorities that the shipped model flags, told by as many sources as a test likes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from classifiers.model import Model
from monitor.domain import ParsedEntry
from monitor.recording import Recorder, record_items
from monitor.store.archive import Archive

AUTHORITIES = ("ICO", "CNIL", "Garante", "AEPD", "Dutch AP", "OAIC")
PARTIES = ("OpenAI", "Clearview AI", "Meta", "LinkedIn", "DeepSeek", "Worldcoin", "Snap", "TikTok", "Uber", "Deliveroo", "PimEyes", "Google")  # fmt: skip
MANY = len(AUTHORITIES) * len(PARTIES)


def tell(
    archive: Archive,
    model: Model,
    channels: Sequence[str],
    source: str,
    n: int,
    now: datetime,
    unedited: frozenset[str] = frozenset(),
) -> None:
    """A source tells of the n-th step; the same step of another source is the same story."""
    who, whom = AUTHORITIES[n % 6], PARTIES[n // 6 % 12]
    entry = ParsedEntry(
        f"{who} fines {whom} over AI training with biometric personal data",
        url=f"https://{source}.example/{n}",
        guid=f"{source}-{n}",
        summary=f"The penalty of {n + 3}.{n % 9} million euros over facial recognition of customers follows a breach of data protection law.",
        published=datetime.fromisoformat("2026-11-24T08:00:00Z"),
    )
    recorder = Recorder(archive, model, tuple(channels), timedelta(days=3), unedited=unedited)
    record_items(recorder, [(source, entry)], now=now, alert=True)
