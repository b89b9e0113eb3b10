"""The service's night: a checked copy, then the trim, beside polling and not in its way."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from ..cycle import Watch
from ..domain import OpsEvent
from ..errors import StoreError
from ..log import BACKUP_DONE, PRUNE_DONE, event
from ..state import COPY_FAILED
from ..store import evidence, keeping, runs
from ..store.archive import Archive
from .app import App
from .reload import Reloader

log = logging.getLogger("monitor.service")


async def nightly(files: Reloader, watch: Watch) -> None:
    """Copy first, then trim; then weigh the budget of alerts anew.

    A copy that cannot be made is told and stops nothing: watching goes on, and nothing is trimmed.
    """
    try:
        # a connection and a thread of its own: a large archive takes a while
        await asyncio.to_thread(_copy, files.app)
    except StoreError as error:
        files.service.tell(OpsEvent("backup_failed", "archive", f"Tonight's copy of the archive failed; nothing was trimmed. {error}"))  # fmt: skip
        _note(watch, str(error))
    else:
        _note(watch, "")
        await asyncio.to_thread(_trim, files.app)
    # a reload meanwhile put another configuration and another recorder in force
    threshold = files.app.threshold(watch.recorder.archive)
    watch.recorder = replace(watch.recorder, threshold=threshold)


def _note(watch: Watch, problem: str) -> None:
    """Health is red from a copy that failed to the next one that is good."""
    with watch.recorder.archive.write() as connection:
        runs.note(connection, COPY_FAILED, problem)


def _copy(app: App) -> None:
    with Archive.open_readonly(app.config.archive) as archive:
        copy = keeping.rotate(archive, app.ports.now(), keep=app.config.keep.backups)
        rows, head = evidence.head(archive)
    # whoever keeps the log elsewhere can prove by this hash what stood in the archive tonight
    log.info(event(BACKUP_DONE, path=copy, evidence_rows=rows, evidence_head=head))


def _trim(app: App) -> None:
    keep = app.config.keep
    with Archive.open(app.config.archive) as archive:
        done = keeping.prune(archive, app.ports.now(), text=keep.text, fetches=keep.fetches)
    log.info(event(PRUNE_DONE, **done))
