"""``rescue``: what can still be read of a damaged archive, into a new one."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import CheckFailed
from ..store import evidence, keeping
from ..store.archive import Archive
from ..store.rescue import rescue as rescue_archive
from .app import App, as_json
from .files import NEW_FILE
from .tables import print_table, progress


@click.command()
@click.argument("damaged", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("target", type=NEW_FILE)
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
@click.pass_obj
def rescue(app: App, damaged: Path, target: Path, json_: bool) -> None:
    """Copy what can be read of a DAMAGED archive into the new archive TARGET; DAMAGED is only read."""
    with progress("Reading", 0) as step:
        found = rescue_archive(damaged, target, step)
    rows = [{"table": r.table, "rows": r.rows, "dropped": r.dropped, "complete": "yes" if r.complete else "no"} for r in found]  # fmt: skip
    with Archive.open_readonly(target) as archive:
        chain = archive.connection.execute("SELECT * FROM evidence ORDER BY seq")
        broken = evidence.broken_at(chain)
    if json_:
        click.echo(as_json({"tables": rows, "evidence_broken_at": broken}))
    else:
        print_table(rows, ("table", "rows", "dropped", "complete"))
        click.echo("The evidence log is whole." if broken is None else f"The evidence log is broken at row {broken}: take it from a copy.", err=True)  # fmt: skip
    sound = keeping.quick_check(target)
    if sound != "ok":
        raise CheckFailed(f"{target}: {sound}")
    lost = [r.table for r in found if r.dropped or not r.complete]
    if lost or broken is not None:
        raise CheckFailed(f"{target}: made, with losses in {', '.join(lost) or 'the evidence log'}; put the last copy in the archive's place and `regwatch import {target}` into it")  # fmt: skip
