"""What a reload brings into force in a running service, and what it refuses."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.app import App, real_ports
from monitor.cli.reload import Reloader, digest_when
from monitor.cli.run import _digest
from monitor.defaults import shipped_model
from monitor.net import Net
from monitor.notify import Notifier
from monitor.service import Service
from monitor.store import runs
from monitor.workers import ParserPool

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "OTHER": "xapp-2", "DSN": "postgresql://nowhere/"}  # fmt: skip
DIGEST = "alerts: {{digest: {{at: '{}', zone: Europe/Berlin}}}}\n"


@dataclass
class Running:
    """A service that runs, and the file it is configured by."""

    files: Reloader
    net: Net
    file: Path

    def reload(self, text: str) -> None:
        self.file.write_text("archive: a.db\n" + text)
        self.files.now()

    def refused(self) -> list[str]:
        """What the operator was told."""
        return [row["text"] for row in self.files.archive.rows("SELECT text FROM alerts WHERE reason = 'config_refused'")]  # fmt: skip

    def digest_job(self) -> Any:
        return self.files.service._scheduler.get_job("digest")


@asynccontextmanager
async def running(folder: Path, text: str) -> AsyncIterator[Running]:
    """A service that was started with this configuration; ended with the block."""
    file, parsers = folder / "feeds.yaml", ParserPool()
    file.write_text("archive: a.db\n" + text)
    app = App(config_path=file, ports=real_ports(TOKENS))
    try:
        with app.archive(write=True) as archive:
            now = app.ports.now()
            run_id, _ = runs.begin(archive, now, command="run", version="0", model=app.model.id)
            async with Net(app.net_settings()) as net:
                watch = app.watch(archive, net, parsers)
                service = Service(archive, watch, app.pump(archive, io.StringIO()), run_id, Notifier({}))  # fmt: skip
                files = Reloader(app, archive, service, net, parsers)
                service.digest = partial(_digest, files, archive)
                service.digest_at(digest_when(app.config))
                task = asyncio.create_task(service.run())
                while service._scheduler is None or not service._scheduler.running:
                    await asyncio.sleep(0)
                yield Running(files, net, file)
                service.stop.set()
                await task
    finally:
        parsers.close()


def test_the_digest_moves_appears_and_goes_with_a_reload(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, "") as service:
            assert service.digest_job() is None
            service.reload(DIGEST.format("08:30"))
            assert service.digest_job().next_run_time.strftime("%H:%M") == "08:30"
            service.reload(DIGEST.format("17:15"))
            assert service.digest_job().next_run_time.strftime("%H:%M") == "17:15"
            service.reload("")
            assert service.digest_job() is None
            await _digest(service.files, service.files.archive)
            assert service.files.archive.rows("SELECT 1 FROM alerts") == []

    asyncio.run(scenario())


def test_everything_under_poll_is_in_force_after_a_reload(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, "poll: {concurrency: 3}\n") as service:
            poll = service.files.service.watch.poll
            service.reload("poll: {concurrency: 7, host_gap: 4s, timeout: 9s, max_body: 5000, contact: me@here, proxy: 'http://127.0.0.1:1', allow_addresses: [127.0.0.0/8]}\n")  # fmt: skip
            assert service.net.settings == service.files.app.net_settings()
            assert service.net.settings.max_body == 5000
            assert service.net.slots._value == 7
            watch = service.files.service.watch
            assert (watch.concurrency, watch.host_gap, watch.timeout) == (7, timedelta(seconds=4), timedelta(seconds=9))  # fmt: skip
            assert watch.poll is not poll
            assert service.refused() == []

    asyncio.run(scenario())


BUTTONS = "alerts: {{slack: {{channel: C1, app_token_env: {}, base_url: 'http://127.0.0.1:9/'}}}}\n"


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("", "service: {metrics_port: 9100}\n", "service.metrics_port"),
        ("", "cluster: {dsn_env: DSN}\n", "cluster"),
        (BUTTONS.format("NONE"), BUTTONS.format("OTHER"), "buttons"),
        (BUTTONS.format("SLACK_APP_TOKEN"), BUTTONS.format("OTHER"), "buttons"),
        (BUTTONS.format("SLACK_APP_TOKEN"), "", "buttons"),
        ("cluster: {dsn_env: DSN}\n", "cluster: {dsn_env: DSN}\npoll: {host_gap: 0s}\n", "poll.host_gap"),
    ],
)  # fmt: skip
def test_what_needs_a_restart_is_refused_as_a_whole(
    tmp_path: Path, before: str, after: str, key: str
) -> None:
    async def scenario() -> None:
        async with running(tmp_path, before) as service:
            old = service.files.app
            service.reload(after + "keep: {backups: 3}\n")
            (told,) = service.refused()
            assert key in told
            assert "needs a restart" in told
            assert service.files.app is old
            service.reload(before + "keep: {backups: 3}\n")
            assert service.files.app.config.keep.backups == 3

    asyncio.run(scenario())


def test_a_folder_of_seeds_that_fails_while_it_is_listed_is_a_refusal_not_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.yaml").write_text("[]\n")
    (tmp_path / "model.json").write_bytes(shipped_model().read_bytes())

    def fails(folder: Path, pattern: str) -> Iterator[Path]:
        raise OSError(5, "Input/output error", str(folder))

    async def scenario() -> None:
        async with running(tmp_path, "seeds: [builtin, mine]\n") as service:
            with monkeypatch.context() as broken:
                broken.setattr(Path, "rglob", fails)
                service.files.if_changed()
            (told,) = service.refused()
            assert "Input/output error" in told

    asyncio.run(scenario())
