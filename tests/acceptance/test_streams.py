"""Where a command reads and writes, and who interrupts it: pipes, full disks, closed streams, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import MODEL_CASE, base_environment, command_line

ITEM = {"title": MODEL_CASE[0], "summary": MODEL_CASE[1]}


@pytest.mark.parametrize("command", ["hits", "hits --json", "status", "score items.jsonl"])
def test_a_full_disk_behind_the_output_is_named(
    regwatch: Any, configure: Callable[..., Path], tmp_path: Path, command: str
) -> None:
    configure()
    (tmp_path / "items.jsonl").write_text(json.dumps(ITEM))
    regwatch("ingest", "items.jsonl")
    done = shell(f'"$@" {command} > /dev/full', tmp_path)
    assert done.returncode == 2
    assert done.stderr == "regwatch: the output could not be written: no space left where it goes\n"


@pytest.mark.parametrize("form", ["csv", "jsonl", "atom"])
def test_an_export_whose_reader_left_ends_without_a_word(
    regwatch: Any, configure: Callable[..., Path], tmp_path: Path, form: str
) -> None:
    configure()
    lines = [json.dumps(ITEM | {"url": f"https://a.example/{n}"}) for n in range(300)]
    (tmp_path / "items.jsonl").write_text("\n".join(lines))
    regwatch("ingest", "items.jsonl")
    done = shell(f'"$@" export --format {form} | head -c 10', tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_like_the_null_device(
    regwatch: Any, configure: Callable[..., Path], tmp_path: Path, closed: str
) -> None:
    configure()
    (tmp_path / "items.jsonl").write_text(json.dumps(ITEM))
    for command in ("ingest items.jsonl", "hits", "status", "health"):
        done = shell(f'"$@" {command} {closed}', tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), command
    assert len(json.loads(regwatch("hits", "--json").stdout)) == 1


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``"$@"`` is the command."""
    return subprocess.run(["sh", "-c", line, "sh", *command_line()], cwd=folder, env=base_environment(), text=True, capture_output=True, timeout=60, check=False)  # fmt: skip


def interrupted(folder: Path, silent: socket.socket, *command: str, twice: bool) -> tuple[int, str]:
    """Ctrl-C while the source of a command says nothing; gives the exit code and what was said."""
    with subprocess.Popen([*command_line(), *command], cwd=folder, env=base_environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:  # fmt: skip
        connection, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        heard = ""
        if twice and process.stderr is not None:
            while "a second signal ends it" not in heard:
                heard += process.stderr.readline()
            process.send_signal(signal.SIGINT)
        # a source is given thirty seconds, and what is in flight after a first signal six
        _, rest = process.communicate(timeout=5)
        connection.close()
    return process.returncode, heard + rest


@pytest.mark.parametrize(
    ("command", "twice", "code", "said"),
    [
        (("once", "--now"), True, 0, "regwatch: interrupted"),
        (("check", "--online"), False, 4, "interrupted; not everything was checked"),
    ],
)
def test_who_insists_is_obeyed_at_once_and_an_interrupted_check_is_not_green(
    configure: Callable[..., Path],
    tmp_path: Path,
    command: tuple[str, ...],
    twice: bool,
    code: int,
    said: str,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configure(f"http://127.0.0.1:{silent.getsockname()[1]}/slow")
        ended, log = interrupted(tmp_path, silent, *command, twice=twice)
    assert ended == code
    assert said in log
    assert "Traceback" not in log


def test_an_interrupted_training_is_no_success_and_leaves_the_model_in_force(
    configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure()
    with subprocess.Popen([*command_line(), "train"], cwd=tmp_path, env=base_environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True) as process:  # fmt: skip
        assert process.stderr is not None
        log = process.stderr.readline()  # it has begun
        os.killpg(process.pid, signal.SIGINT)
        log += process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "train was interrupted; the model in force stays" in log
    assert "Traceback" not in log
    assert not (tmp_path / "data" / "model.json").exists()
