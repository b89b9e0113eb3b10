"""``train`` and ``rescore``: another model, what it would change, and the archive under it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from classifiers.model import Model

from ..defaults import shipped_model
from ..errors import UsageError
from ..rejudging import Change, changes, rejudge
from ..store import entries, labels
from .app import App, as_json
from .files import NEW_FILE
from .tables import print_table, progress

SHOWN = 20


@click.command()
@click.option("--out", type=NEW_FILE, help="Where the model goes; beside the archive by default.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would change; the model in force stays.")
@click.option("--force", is_flag=True, help="Take the candidate even if it is worse.")
@click.option("--json", "json_", is_flag=True, help="The result as one JSON document.")
@click.pass_obj
def train(app: App, out: Path | None, dry_run: bool, force: bool, json_: bool) -> None:
    """Build the model from seeds and labels; a worse one does not replace the model in force.

    Before it does, the archived entries are named that it would judge otherwise.
    """
    target = out or app.config.archive.with_name("model.json")
    candidate = target.with_name(target.name + ".candidate")
    try:
        result = _train(app, target, candidate, force=force)
        changed = _changes(app, Model.load(candidate)) if app.config.archive.exists() else []
        if not dry_run:
            candidate.replace(target)
    finally:
        candidate.unlink(missing_ok=True)
    result["written"] = None if dry_run else str(target)
    result["changes"] = [c.as_dict() for c in changed]
    click.echo(as_json(result) if json_ else _as_text(result))
    if not json_:
        _show(changed)


def _train(app: App, target: Path, candidate: Path, *, force: bool) -> dict[str, Any]:
    config = app.config
    request: dict[str, Any] = {
        "seeds": [str(s) for s in config.seeds],
        "out": str(candidate),
        "current": str(target if target.exists() else shipped_model()),
        "labels": [],
        "background": [],
        "force": force,
    }
    if config.archive.exists():
        with app.archive() as archive:
            request["labels"] = labels.examples(archive)
            request["background"] = labels.background(archive)
    result: dict[str, Any] = json.loads(run_workshop("train", request, json_=True, capture=True))
    return result


def _changes(app: App, model: Model) -> list[Change]:
    with app.archive() as archive, progress("Comparing", entries.count_with_text(archive)) as step:
        return list(changes(archive, model, app.config.alerts.threshold, tell=step))


def _as_text(result: Mapping[str, Any]) -> str:
    shown = {k: v for k, v in result.items() if k != "changes"}
    return "\n".join(f"{key}: {value}" for key, value in shown.items())


def _show(changed: list[Change]) -> None:
    click.echo(f"changes: {len(changed)} archived entries would be judged otherwise")
    if changed:
        print_table([c.as_dict() for c in changed[:SHOWN]], ("entry_id", "change", "score", "source", "title"))  # fmt: skip
        click.echo("`regwatch rescore` judges the archive by the model in force.")


@click.command()
@click.option("--alert", is_flag=True, help="Alert what becomes a hit as well.")
@click.option("--json", "json_", is_flag=True, help="The result as one JSON document.")
@click.pass_obj
def rescore(app: App, alert: bool, json_: bool) -> None:
    """Judge the archived entries by the model in force; can be interrupted and continued.

    What becomes a hit joins its story; nothing is alerted without --alert. A hit stays a hit.
    """
    with app.archive(write=True) as archive:
        recorder = app.recorder(archive)
        with progress("Judging", entries.count_unjudged(archive, app.model.id)) as step:
            done = rejudge(recorder, alert=alert, now=app.ports.now, tell=step)
    result = {"model": app.model.id, "judged": done.edited, "hits": done.hits, "alerts": done.alerts}  # fmt: skip
    click.echo(as_json(result) if json_ else f"{done.edited} entries judged by {app.model.id}; {done.hits} became hits, {done.alerts} alerts.")  # fmt: skip


def run_workshop(
    what: str, request: Mapping[str, Any], *, json_: bool, capture: bool = False
) -> str:
    """Run scikit-learn in a process of its own, so that this one never imports it.

    Returns:
        What it printed where ``capture``, else nothing: it printed to stdout itself.

    Raises:
        UsageError: bad seeds, or a candidate that was refused; the reasons stand on stderr.
    """
    command = [sys.executable, "-P", "-m", "classifiers.workshop", what, *(["--json"] if json_ else [])]  # fmt: skip
    try:
        # a group of its own: Ctrl-C comes here, and the process ends without a page of its own
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=json.dumps(request), text=True, check=False, stdout=subprocess.PIPE if capture else None, process_group=0
        )  # fmt: skip
    except KeyboardInterrupt:
        raise UsageError(f"{what} was interrupted; the model in force stays") from None
    if done.returncode:
        raise UsageError(f"{what} failed; the model in force stays")
    return done.stdout or ""
