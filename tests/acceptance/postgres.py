"""A PostgreSQL of a test's own: in a temporary folder, on a Unix socket, as a user without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WHY_SKIPPED = "there is no PostgreSQL here (Debian: apt-get install postgresql)"


def programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``: Debian keeps them out of PATH."""
    on_path = shutil.which("postgres")
    candidates = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    candidates += [Path(on_path).resolve().parent] if on_path else []
    return next((c for c in candidates if (c / "initdb").exists()), None)


@dataclass
class Postgres:
    """A server that a test can stop, start and kill."""

    bin: Path
    folder: Path
    user: str | None
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def create(cls, bin: Path) -> Postgres:
        """A new, empty one; PostgreSQL refuses to run as root."""
        folder = Path(tempfile.mkdtemp(prefix="regwatch-pg-", dir="/tmp"))
        user = None
        if os.geteuid() == 0:
            known = {entry.pw_name for entry in pwd.getpwall()}
            user = "postgres" if "postgres" in known else "nobody"
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        made = cls(bin, folder, user)
        made.run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "regwatch", "-E", "UTF8", "--no-sync")  # fmt: skip
        return made

    @property
    def dsn(self) -> str:
        return f"postgresql://regwatch@/postgres?host={self.folder}"

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, user=self.user, cwd=self.folder)

    def start(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "fsync": "off"}  # fmt: skip
        settings = [f"--{name}={value}" for name, value in options.items()]
        command = [str(self.bin / "postgres"), "-D", str(self.folder / "data"), *settings]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, user=self.user, cwd=self.folder)  # fmt: skip
        for _ in range(200):
            ready = subprocess.run([self.bin / "pg_isready", "-h", self.folder, "-t", "1"], check=False, capture_output=True)  # fmt: skip
            if ready.returncode == 0:
                return
            if self.process.poll() is not None:
                break
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        """At once, whoever is connected."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
            self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def running() -> Iterator[Postgres]:
    """A fresh server for the time of the block."""
    found = programs()
    assert found is not None, WHY_SKIPPED
    server = Postgres.create(found)
    try:
        server.start()
        yield server
    finally:
        server.remove()
