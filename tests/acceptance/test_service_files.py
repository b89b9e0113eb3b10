"""What the service is run by: systemd's units, launchd's, the image and the compose file."""

from __future__ import annotations

import plistlib
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from monitor.cli import cli

from .conftest import base_environment, command_line

ROOT = Path(__file__).parent.parent.parent
UNITS = sorted((ROOT / "docs").glob("*.service"))
EXPOSURE = 20  # tenths: systemd calls below 2.0 "OK", the best it says of a service with a network
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="there is no systemd-analyze here (Debian: apt-get install systemd)",
)


def commands() -> list[str]:
    """The commands there are."""
    return cli.list_commands(click.Context(cli))


def installed_unit(unit: Path, folder: Path) -> Path:
    """The unit as it would stand on a machine where regwatch is installed."""
    path = folder / unit.name
    program = shutil.which("true") or "/bin/true"
    path.write_text(unit.read_text().replace("/opt/regwatch/bin/regwatch", program))
    return path


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_systemd_finds_no_fault_with_the_unit(unit: Path, tmp_path: Path) -> None:
    path = installed_unit(unit, tmp_path)
    found = subprocess.run(["systemd-analyze", "verify", str(path)], check=False, capture_output=True, text=True)  # fmt: skip
    mine = [line for line in found.stderr.splitlines() if unit.name in line]
    assert (found.returncode, mine) == (0, [])
    path.write_text(path.read_text().replace("WatchdogSec=180", "WatchdogSec=often"))
    found = subprocess.run(["systemd-analyze", "verify", str(path)], check=False, capture_output=True, text=True)  # fmt: skip
    assert "often" in found.stderr  # the check can fail


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_systemd_finds_the_unit_well_confined(unit: Path, tmp_path: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURE}"]  # fmt: skip
    found = subprocess.run([*command, str(installed_unit(unit, tmp_path))], check=False, capture_output=True, text=True)  # fmt: skip
    assert found.returncode == 0, found.stdout[-400:]


@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_the_unit_calls_a_command_that_exists_and_waits_longer_than_it_takes_to_stop(unit: Path) -> None:  # fmt: skip
    from monitor.service import BEAT_S, STOP_WITHIN_S

    keys = dict(line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line)
    assert keys["ExecStart"].split()[-1] in commands()
    assert keys["Type"] == "notify"
    assert float(keys["WatchdogSec"]) > 3 * BEAT_S
    assert float(keys["TimeoutStopSec"]) > STOP_WITHIN_S


def test_the_service_tells_its_manager_that_it_is_ready_and_stopping(
    site: Any, configure: Callable[..., Path], tmp_path: Path
) -> None:
    config = configure(site.rss("/a", ("Title", "Summary")))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        with subprocess.Popen([*command_line(), "--config", str(config), "run"], cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=base_environment() | {"NOTIFY_SOCKET": str(tmp_path / "notify")}) as service:  # fmt: skip
            heard = [manager.recv(100)]
            service.send_signal(signal.SIGTERM)
            assert service.wait(15) == 0
        manager.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                heard.append(manager.recv(100))
    assert [word for word in heard if word != b"WATCHDOG=1"] == [b"READY=1", b"STOPPING=1"]


def test_launchd_can_read_its_example_and_it_calls_the_service() -> None:

    with (ROOT / "docs" / "regwatch.plist").open("rb") as file:
        job = plistlib.load(file)
    assert job["Label"] == "org.regwatch.service"
    assert job["ProgramArguments"][-1] in commands()
    assert Path(job["ProgramArguments"][0]).is_absolute()
    assert (job["RunAtLoad"], job["KeepAlive"], job["ExitTimeOut"] > 10) == (True, {"SuccessfulExit": False}, True)  # fmt: skip


def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["regwatch"]


def test_the_compose_file_is_valid_by_the_specification() -> None:
    spec = pytest.importorskip("compose_spec", reason="compose-spec is not installed")
    text = (ROOT / "compose.yaml").read_text()
    assert spec.PyCompose.from_yaml(text).service_names() == ["regwatch"]
    for wrong in (("read_only: true", "read_only: maybe"), ("tmpfs", "tmp_fs"), ("15s", "soon")):
        with pytest.raises(ValueError, match="services"):
            spec.PyCompose.from_yaml(text.replace(*wrong))


def test_the_container_has_no_rights_and_writes_only_into_its_volume() -> None:
    service = compose()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["volumes"] == ["archive:/var/lib/regwatch"]
    assert service["healthcheck"]["test"] == ["CMD", "regwatch", "health"]


def test_the_image_runs_unprivileged_and_is_given_time_to_stop() -> None:
    from monitor.service import STOP_WITHIN_S

    text = (ROOT / "Dockerfile").read_text()
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 65534:65534$", last, re.M)
    assert re.search(r"^STOPSIGNAL SIGTERM$", last, re.M)
    assert re.search(r'^ENTRYPOINT \["regwatch"\]$', last, re.M)
    assert float(compose()["stop_grace_period"].rstrip("s")) > STOP_WITHIN_S


def test_everything_the_image_copies_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    for line in re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text(), re.M):
        *sources, _ = line.split()
        assert [s for s in sources if not (ROOT / s).exists() or s in ignored] == []
