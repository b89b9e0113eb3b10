"""``status``: how the service is, as one page or one JSON document."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC
from pathlib import Path

import click

from ..state import NIGHTLY_AT, health_problems, status_document
from ..status_page import TROUBLED, Job, Overview, lines, next_at
from ..store import overview
from ..store.archive import Archive
from .app import App, as_json, release

PIPED = 100
"""Columns where there is no terminal to ask."""


@click.command()
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
@click.pass_obj
def status(app: App, json_: bool) -> None:
    """How the service is: sources, queue, alerts, model, archive, what comes next."""
    with app.archive() as archive:
        if json_:
            click.echo(as_json(status_document(archive, app.model.id)))
            return
        told = _overview(app, archive)
    screen = shutil.get_terminal_size((PIPED, 24))
    width = screen.columns if sys.stdout.isatty() else PIPED
    for line in lines(told, width=max(40, width), height=max(12, screen.lines)):
        click.echo(_coloured(line))


def _coloured(line: str) -> str:
    """Click leaves the colours out where the output is no terminal."""
    name, said = line[:10], line[10:]
    if line.startswith(("Problem", "regwatch")):
        return click.style(line, fg="red" if line.startswith("Problem") else None, bold=True)
    if not name.strip() and any(f"  {state} " in said for state in TROUBLED):
        return click.style(line, fg="yellow")
    return click.style(name, bold=True) + said if name.strip() else line


def _overview(app: App, archive: Archive) -> Overview:
    now, model = app.ports.now(), app.model
    return Overview(
        release=release(),
        now=now,
        model=model.id,
        threshold=app.threshold(archive),
        path=str(app.config.archive),
        size=sum(p.stat().st_size for p in _files(archive)),
        jobs=_jobs(app, archive),
        problems=health_problems(archive, now),
        **overview.read(archive, now, model.id),
    )


def _files(archive: Archive) -> list[Path]:
    names = (archive.path, archive.path.with_name(archive.path.name + "-wal"))
    return [path for path in names if path.exists()]


def _jobs(app: App, archive: Archive) -> list[Job]:
    now = app.ports.now()
    copies = sorted((archive.path.parent / "backups").glob(f"{archive.path.stem}-????-??-??.db"))
    last = f"last copy {copies[-1].stem[-10:]}" if copies else "no copy yet"
    found = [Job("nightly copy and trim", next_at(now, NIGHTLY_AT, UTC), last)]
    wanted = app.config.alerts.digest
    if wanted is not None:
        found.append(Job("digest", next_at(now, wanted.at, wanted.zone, wanted.weekday)))
    return found
