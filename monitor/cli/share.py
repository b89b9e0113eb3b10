"""``digest``, ``report``, ``import``: the archive for other people and programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..domain import CONSOLE
from ..errors import UsageError
from ..importing import import_archive
from ..report.page import as_html
from ..store import alerts, lock, periods, reported
from ..store.archive import Archive
from .app import App, as_json, release
from .files import NEW_FILE, write_whole
from .run import deliver_now
from .since import SINCE
from .tables import progress


@click.command()
@click.option(
    "--since", type=SINCE, default="7d", show_default=True, help="7d, 12h or an ISO date."
)
@click.option("--send", is_flag=True, help="Deliver it to the configured channels as well.")
@click.pass_obj
def digest(app: App, since: Any, send: bool) -> None:
    """What is new, moved on, was held back, and which sources need a look."""
    if send:
        app.demand_secrets()
    now = app.ports.now()
    with app.archive(write=send) as archive:
        text = periods.digest_since(archive, since(now)).as_text()
    click.echo(text.replace("\t", "  "))
    if not send:
        return
    channels = tuple(c for c in app.channels if c != CONSOLE)
    if not channels:
        raise UsageError("--send: no channel but the console is configured; see docs/config.md, alerts.slack")  # fmt: skip
    with lock.hold(app.config.archive, "digest --send"), app.archive(write=True) as archive:
        with archive.write() as connection:
            alerts.raise_digest(connection, text, channels, now, "asked for")
        deliver_now(app, archive)


@click.command()
@click.option(
    "--since", type=SINCE, default="30d", show_default=True, help="7d, 12h or an ISO date."
)
@click.option("--until", type=SINCE, default="0s", show_default="now", help="The same forms.")
@click.option("--out", type=NEW_FILE, required=True, help="The HTML file.")
@click.pass_obj
def report(app: App, since: Any, until: Any, out: Path) -> None:
    """One self-contained page: stories, plots, and what was watched."""
    now = app.ports.now()
    start, end = since(now), min(until(now), now)
    if start >= now:
        raise UsageError(f"--since {start:%Y-%m-%d %H:%M} UTC is not over yet")
    if end <= start:
        raise UsageError(f"--until {end:%Y-%m-%d %H:%M} UTC does not lie after --since {start:%Y-%m-%d %H:%M} UTC")  # fmt: skip
    with app.archive() as archive:
        period = reported.period(archive, start, end, made=now, release=release())
    write_whole(out, (as_html(period),))
    click.echo(f"{out}: {len(period.stories)} stories.")


@click.command(name="import")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
@click.pass_obj
def import_(app: App, path: Path, json_: bool) -> None:
    """Entries and judgements of another regwatch archive, without doubles."""
    if path.resolve() == app.config.archive.resolve():
        raise UsageError(f"{path} is this archive itself")
    with (
        app.archive(write=True) as archive,
        Archive.open_readonly(path, older=True) as other,
        progress("Importing", 0) as step,
    ):
        done = import_archive(app.recorder(archive), other, now=app.ports.now(), tell=lambda n: step(f"{n} new"))  # fmt: skip
    if json_:
        click.echo(as_json(done.as_dict()))
    else:
        click.echo(f"{done.entries} new entries, {done.hits} hits, {done.labels} judgements, {done.corrections} corrections of stories.")  # fmt: skip
