"""The command line: one small file per group of commands, exit codes in one place.

0 done or asked to stop · 1 a bug · 2 configuration or usage · 3 archive · 4 a red check.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from ..errors import MonitorError, UsageError
from .files import OUTPUT_ENDED

_ROOMS = {
    "setup": ("init", "check", "demo"),
    "run": ("run", "once", "health"),
    "status": ("status",),
    "poller": ("poller",),
    "judge": ("score", "ingest", "explain", "label", "suggest", "evaluate"),
    "look": ("hits", "stories", "feeds", "deliveries"),
    "story": ("story", "silence"),
    "learn": ("train", "rescore"),
    "keep": ("backup", "prune", "audit"),
    "rescue": ("rescue",),
    "out": ("export",),
    "share": ("digest", "report", "import"),
    "browse": ("browse",),
}
_ROOM_OF = {command: room for room, commands in _ROOMS.items() for command in commands}


class _Commands(click.Group):
    """The group: a command's room is imported when the command is asked for.

    Parser processes import the program too, and every start should be quick.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_ROOM_OF)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ROOM_OF:
            return None
        room = import_module(f".{_ROOM_OF[cmd_name]}", __package__)
        name = f"{cmd_name}_" if cmd_name == "import" else cmd_name
        command: click.Command = getattr(room, name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, ending quietly where the reader of a pipe left (``| head``)."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
        except UnicodeEncodeError as error:
            if all(argument.isprintable() for argument in sys.argv):
                raise
            raise UsageError("an argument holds bytes that are no UTF-8 text") from error
        except OSError as error:
            if error.errno not in OUTPUT_ENDED or error.filename is not None:
                raise
            # what is still buffered goes nowhere, without a complaint at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if error.errno == errno.ENOSPC:
                raise UsageError("the output could not be written: no space left where it goes") from error  # fmt: skip
            return None
        return done


def _show_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from .app import release

        click.echo(f"regwatch, version {release()}")
        context.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration file; else $REGWATCH_CONFIG, ./feeds.yaml, or the shipped one.")  # fmt: skip
@click.option("-v", "--verbose", count=True, help="Log more.")
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version and exit.")  # fmt: skip
@click.pass_context
def cli(context: click.Context, config_path: Path | None, verbose: int) -> None:
    """Watch regulators, courts, NGOs and press; tell when an authority acts against an AI system that uses personal data."""
    from .app import App

    context.obj = App(config_path=config_path, verbose=verbose)


def _open_the_closed() -> None:
    """A stream that the caller closed (``>&-``) reads as empty, and what is written to it goes nowhere."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # gets the lowest number that is free, which is the stream's own
            opened = os.open(os.devnull, os.O_RDWR)
            stream = os.fdopen(opened, "w" if number else "r", encoding="utf-8", closefd=False)
            setattr(sys, name, stream)


def main() -> None:
    """The entry point of the command ``regwatch``."""
    _open_the_closed()
    try:
        cli.main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("regwatch: interrupted", err=True)
        sys.exit(0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except MonitorError as error:
        click.echo(f"regwatch: {error}", err=True)
        sys.exit(error.exit_code)
