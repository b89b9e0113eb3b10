"""The command line: one small file per group of commands, exit codes in one place.

0 done or asked to stop · 1 a bug · 2 configuration or usage · 3 archive · 4 a red check.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from ..errors import MonitorError
from .app import App, release
from .judge import evaluate, explain, ingest, label, score, suggest
from .keep import audit, backup, export, prune
from .learn import rescore, train
from .look import feeds, hits, stories
from .poller import poller
from .run import health, once, run, status
from .setup import check, demo, init
from .share import browse, digest, import_, report
from .story import silence, story


class _Commands(click.Group):
    """The group, ending quietly where the reader of a pipe left (``| head``)."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # what is still buffered goes nowhere, without a complaint at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration file; else $REGWATCH_CONFIG, ./feeds.yaml, or the shipped one.")  # fmt: skip
@click.option("-v", "--verbose", count=True, help="Log more.")
@click.version_option(release(), prog_name="regwatch")
@click.pass_context
def cli(context: click.Context, config_path: Path | None, verbose: int) -> None:
    """Watch regulators, courts, NGOs and press; tell when an authority acts against an AI system that uses personal data."""
    context.obj = App(config_path=config_path, verbose=verbose)


for _command in (
    init, check, run, once, poller, score, ingest, explain, hits, stories, feeds, label, suggest, story,
    silence, train, rescore, evaluate, status, health, export, backup, prune, audit, demo, digest, report, import_, browse,
):  # fmt: skip
    cli.add_command(_command)


def main() -> None:
    """The entry point of the command ``regwatch``."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except MonitorError as error:
        click.echo(f"regwatch: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(0)
