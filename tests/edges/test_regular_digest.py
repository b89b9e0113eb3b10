"""The regular digest: what happened since the last one, to the main channels."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from monitor.cli.app import App
from monitor.cli.run import _digest
from monitor.domain import ParsedEntry
from monitor.ports import Ports
from monitor.recording import record_items
from monitor.store.archive import Archive

MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
HIT = ParsedEntry(
    "ICO fines Clearview AI over facial recognition of UK residents",
    url="https://example.org/1",
    guid="1",
    summary="The company's database of faces breached UK data protection law.",
)


def test_each_digest_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    config = tmp_path / "feeds.yaml"
    config.write_text("archive: a.db\nalerts: {digest: {at: '08:30', zone: Europe/Berlin, weekday: mon}}\n")  # fmt: skip
    clock = [MONDAY]
    app = App(config_path=config, ports=Ports(now=lambda: clock[0], chance=lambda: 0.5, environ={}))
    files: Any = SimpleNamespace(app=app)
    with app.archive(write=True) as archive:
        record_items(app.recorder(archive), [("press", HIT)], now=MONDAY - timedelta(days=2), alert=False)  # fmt: skip
        asyncio.run(_digest(files, archive))
        clock[0] = MONDAY + timedelta(days=7)
        asyncio.run(_digest(files, archive))
        told = [(row["kind"], row["text"].splitlines()[0]) for row in digests(archive)]
        assert told == [
            ("digest", "Since 2026-11-16 07:30 UTC: 1 new stories."),
            ("digest", "Since 2026-11-23 07:30 UTC: 0 new stories."),
        ]
        assert {row["channel"] for row in archive.rows("SELECT channel FROM deliveries")} == {"console"}  # fmt: skip


def digests(archive: Archive) -> list[Any]:
    return archive.rows("SELECT kind, text FROM alerts ORDER BY id")
