"""The configuration read anew while the service runs: on SIGHUP, or when a file changed.

All of it comes into force, or nothing: what is invalid or needs a restart is refused and told,
and the old configuration, seeds and model go on.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifiers.topic import SeedError

from ..config import Config
from ..domain import OpsEvent
from ..errors import ConfigError, MonitorError
from ..log import CONFIG_REFUSED, CONFIG_RELOADED, event, set_up
from ..net import Net
from ..service import Service
from ..store import feeds, runs
from ..store.archive import Archive
from ..workers import ParserPool
from .app import App

log = logging.getLogger("monitor.config")

Signature = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class Reloader:
    """Brings a running service in step with its files; ``app`` is what is in force."""

    app: App
    archive: Archive
    service: Service
    net: Net
    parsers: ParserPool
    _seen: Signature = field(init=False)

    def __post_init__(self) -> None:
        self._seen = _signature(self.app)

    def if_changed(self) -> None:
        """Reload where a file is another than when it was last looked at."""
        found = _signature(self.app)
        if found != self._seen:
            self._seen = found
            self.now()

    def now(self) -> None:
        """Reload; a problem is logged and told in every channel, and nothing changes."""
        old = self.app
        new = App(config_path=old.config_path, verbose=old.verbose, ports=old.ports, secrets=True)
        try:
            self._take_over(new)
        except (MonitorError, SeedError, OSError) as error:
            # reading the new configuration has set up its way of logging
            set_up(sys.stderr, style=old.config.service.log, verbose=old.verbose)
            log.error(event(CONFIG_REFUSED, path=old.config.path, reason=str(error)))  # noqa: TRY400 - the text says all
            self.service.tell(OpsEvent("config_refused", "configuration", f"The changed configuration is refused, the old one stays in force. {error}"))  # fmt: skip
            return
        self._seen = _signature(new)
        log.info(event(CONFIG_RELOADED, path=new.config.path, feeds=len(new.config.feeds), model=new.model.id))  # fmt: skip

    def _take_over(self, new: App) -> None:
        """Raises:
        ConfigError: the files are invalid, or ask for what needs a restart.
        """
        config = new.config
        if fixed := _fixed(self.app.config, config):
            raise ConfigError([f"{config.path}: {key}: a change needs a restart" for key in fixed])
        recorder = new.recorder(self.archive)
        pump = new.pump(self.archive, sys.stdout)
        # from here on nothing fails for what the files say
        feeds.sync(self.archive, config.feeds)
        now = new.ports.now()
        runs.adopt_model(self.archive, new.model.id, new.threshold(self.archive), "reload", now)
        watch = self.service.watch
        watch.feeds = {feed.name: feed for feed in config.feeds}
        watch.recorder = recorder
        watch.concurrency = config.poll.concurrency
        watch.host_gap = config.poll.host_gap
        watch.timeout = config.poll.timeout
        self.net.adopt(new.net_settings())
        if config.cluster is None:
            watch.poll = new.poll_with(self.net, self.parsers)
        self.service.pump = pump
        self.service.digest_at(digest_when(config))
        self.app = new


def digest_when(config: Config) -> dict[str, Any] | None:
    """When the regular digest is sent, in APScheduler's cron fields; None: never."""
    wanted = config.alerts.digest
    if wanted is None:
        return None
    return {"hour": wanted.at.hour, "minute": wanted.at.minute, "timezone": wanted.zone, "day_of_week": wanted.weekday or "*"}  # fmt: skip


def _fixed(old: Config, new: Config) -> list[str]:
    """The keys that differ and hold for the life of the process."""
    pairs = {
        "archive": (old.archive, new.archive),
        "cluster": (old.cluster, new.cluster),
        "service.metrics_port": (old.service.metrics_port, new.service.metrics_port),
        "alerts.slack (the connection for buttons)": (_socket(old), _socket(new)),
    }
    if new.cluster is not None:
        # whether pollers take turns on a host is agreed when the road to them is opened
        pairs["poll.host_gap (from or to 0s, with a cluster)"] = (bool(old.poll.host_gap), bool(new.poll.host_gap))  # fmt: skip
    return [key for key, (before, after) in pairs.items() if before != after]


def _socket(config: Config) -> tuple[str, str, str] | None:
    """What the connection for buttons stands on; None where there is none."""
    slack = config.slack
    if slack is None or not slack.token or not slack.app_token:
        return None
    return slack.token, slack.app_token, slack.base_url


def _signature(app: App) -> Signature:
    """Names, times and sizes of the files that a reload reads."""
    config = app.config
    files = [config.path, config.archive.with_name("model.json")]
    files += [file for folder in config.seeds for file in _seed_files(folder)]
    return tuple(stamp for file in files if (stamp := _stamp(file)) is not None)


def _seed_files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.rglob("*.yaml"))
    except OSError:
        return []  # taken away while it was read: another signature, so a reload says what is wrong


def _stamp(file: Path) -> tuple[str, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return str(file), found.st_mtime_ns, found.st_size
