"""``export``: the archive for other programs, on demand and as a file kept up to date."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import click

from ..atom import atom
from ..errors import UsageError
from ..exporting import as_csv, as_jsonl
from ..log import EXPORT_FAILED, event
from ..store import exported
from ..store.archive import Archive
from .app import App
from .files import NEW_FILE, write_whole
from .since import SINCE

log = logging.getLogger("monitor.export")

_FORMS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@click.command()
@click.option("--format", "form", type=click.Choice(["csv", "jsonl", "atom"]), default="csv", show_default=True)  # fmt: skip
@click.option("--what", type=click.Choice(get_args(exported.What)), default="hits", show_default=True, help="tracker: a line per story in the columns of public lists of fines.")  # fmt: skip
@click.option("--since", type=SINCE, help="7d, 12h or an ISO date; on first_seen.")
@click.option("--out", type=NEW_FILE, help="A file, written whole or not at all; stdout without it.")  # fmt: skip
@click.pass_obj
def export(app: App, form: str, what: exported.What, since: Any, out: Path | None) -> None:
    """Hits or stories for other programs, newest first; Atom gives the newest 500."""
    if form == "atom" and what == "tracker":
        raise UsageError("--what tracker has no Atom form; use csv or jsonl")
    with app.archive() as archive, closing(pieces(archive, form, what, since and since(app.ports.now()))) as parts:  # fmt: skip
        if out is not None:
            write_whole(out, parts)
            click.echo(f"{out} written.", err=True)
            return
        for part in parts:
            click.echo(part, nl=False)


def pieces(archive: Archive, form: str, what: exported.What, since: datetime | None) -> Generator[str, None, None]:  # fmt: skip
    """The export, piece by piece, so that a large archive needs no memory."""
    rows = exported.each(archive, what, since)
    if form == "csv":
        return as_csv(rows, exported.columns(archive, what))
    if form == "jsonl":
        return as_jsonl(rows)
    return atom(rows, archive=exported.archive_name(archive), name=what)


class Target:
    """The file of ``keep.export``, written anew when what it shows may have changed."""

    def __init__(self) -> None:
        self.written: tuple[Path, str] | None = None

    def refresh(self, app: App, archive: Archive) -> None:
        """Bring the file up to date. One that cannot be written is told in the log, and tried again."""
        if app.config.keep.export is None:
            return
        path = app.config.path.absolute().parent / app.config.keep.export
        state = (path, exported.mark(archive))
        if state == self.written and path.exists():
            return
        try:
            write_whole(path, pieces(archive, _FORMS.get(path.suffix.lower(), "atom"), "hits", None))  # fmt: skip
        except UsageError as error:
            log.warning(event(EXPORT_FAILED, path=path, reason=str(error)))
        else:
            self.written = state
