"""``browse``: Datasette on the archive."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import click

from ..browse.serving import arguments, description
from ..errors import UsageError
from .app import App


@click.command()
@click.option("--port", default=8001, show_default=True, type=click.IntRange(0, 65535), help="0: any free one.")  # fmt: skip
@click.option("--datasette", type=click.Path(path_type=Path, dir_okay=False), help="The command, where it is installed elsewhere; 0.65 and 1.0 will do.")  # fmt: skip
@click.pass_obj
def browse(app: App, port: int, datasette: Path | None) -> None:
    """Datasette on the archive, read-only, on this machine (extra `browse`)."""
    with app.archive():
        pass  # says clearly when there is none yet
    command, archive = (
        [str(datasette)] if datasette else _installed(),
        app.config.archive.absolute(),
    )
    with tempfile.TemporaryDirectory(prefix="regwatch-browse-") as folder:
        described = Path(folder) / "datasette.yaml"
        described.write_text(description(archive), encoding="utf-8")
        call = [*command, *arguments(_version(command), archive, described, port)]
        code = _until_stopped(call)
    if code:
        raise UsageError(f"Datasette ended with exit code {code}; its reason stands above, such as a port in use (--port)")  # fmt: skip


def _until_stopped(call: list[str]) -> int:
    """Run Datasette until it ends or is asked to; being asked is no error."""
    with subprocess.Popen(call) as process:  # noqa: S603 - our own arguments
        asked: list[int] = []

        def stop(number: int, _: object) -> None:
            asked.append(number)
            process.terminate()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        code = process.wait()
    return 0 if asked else code


def _installed() -> list[str]:
    if find_spec("datasette") is not None:
        return [sys.executable, "-m", "datasette"]
    found = shutil.which("datasette")
    if found is None:
        raise UsageError("Datasette is not installed; install the extra: pip install 'regwatch[browse]'")  # fmt: skip
    return [found]


def _version(command: list[str]) -> str:
    try:
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - as above  # fmt: skip
    except OSError as error:
        raise UsageError(f"{command[0]}: cannot be started: {error.strerror}") from error
    if done.returncode:
        raise UsageError(f"{command[0]} --version failed: {(done.stderr or done.stdout).strip()[-300:]}")  # fmt: skip
    return done.stdout
