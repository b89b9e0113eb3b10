"""The composition root: configuration, archive, model and the world, put together for a command.

The one place that names the real clock, environment and chance.
"""

from __future__ import annotations

import getpass
import logging
import os
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TextIO

import click

from classifiers.model import Model, ModelError
from classifiers.thresholds import threshold_for_budget
from classifiers.topic import SeedError, digest

from .. import log as logs
from ..config import Config, load
from ..console import ConsoleSink
from ..cycle import Poll, Watch
from ..defaults import shipped, shipped_model
from ..deliver import Pump, Sink
from ..domain import CONSOLE, OpsEvent, PollJob, PollResult
from ..errors import ConfigError
from ..net import Net, NetSettings
from ..poll import poll
from ..ports import Ports
from ..recording import Recorder
from ..store import entries, feeds, fulltexts
from ..store.archive import Archive
from ..store.deliveries import DeliveryLedger
from ..workers import ParserPool
from .tables import progress

WEBHOOK = "json webhook"
"""The channel name of the signed webhook in the ledger."""
BUDGET_OVER = timedelta(weeks=4)
"""The past by which a budget of alerts is judged."""


def release() -> str:
    """The installed version."""
    try:
        return version("regwatch")
    except PackageNotFoundError:
        return "0+checkout"


def real_ports(environ: Mapping[str, str] | None = None) -> Ports:
    """The world as it is."""
    return Ports(
        now=lambda: datetime.now(UTC),
        chance=random.random,
        environ=os.environ if environ is None else environ,
    )


@dataclass
class App:
    """What commands share; each part is made when first asked for.

    Tokens are demanded where something is to be sent. Whoever only reads the archive, a probe or an
    analyst, need not be let into them.
    """

    config_path: Path | None = None
    verbose: int = 0
    ports: Ports = field(default_factory=real_ports)
    secrets: bool = False

    def demand_secrets(self) -> None:
        """From here on a token that the configuration needs and nobody gave is a ConfigError."""
        if not self.secrets:
            self.secrets = True
            self.__dict__.pop("config", None)  # read by now without them

    @cached_property
    def config(self) -> Config:
        """The configuration in force: ``--config``, ``$REGWATCH_CONFIG``, ``./feeds.yaml``, shipped.

        Raises:
            ConfigError: with every problem.
        """
        path, base = self._where()
        config = load(path, environ=self.ports.environ, base=base, builtin=shipped("seeds"), secrets=self.secrets)  # fmt: skip
        logs.set_up(sys.stderr, style=config.service.log, verbose=self.verbose)
        logger = logging.getLogger("monitor.config")
        logger.debug(logs.event(logs.CONFIG_USED, path=path, feeds=len(config.feeds)))
        return config

    def login_name(self) -> str:
        """Who is at work here, by the environment or else the system's list of users."""
        try:
            return self.ports.environ.get("USER") or getpass.getuser()
        except (KeyError, OSError):  # a container's user without a name
            return f"uid {os.getuid()}"

    def announce(self) -> None:
        """Say which configuration and model are in force, and what is doubtful about them."""
        logger = logging.getLogger("monitor.config")
        logger.info(logs.event(logs.CONFIG_USED, path=self.config.path, feeds=len(self.config.feeds), model=self.model.id))  # fmt: skip
        for warning in self.config.warnings:
            logger.warning(logs.event(logs.CONFIG_WARNING, text=warning))

    def _where(self) -> tuple[Path, Path | None]:
        named = self.config_path or self.ports.environ.get("REGWATCH_CONFIG")
        if named:
            return Path(named), None
        if Path("feeds.yaml").exists():
            return Path("feeds.yaml"), None
        return shipped("feeds.yaml"), Path.cwd()

    @cached_property
    def model(self) -> Model:
        """The trained model beside the archive where it fits the seeds, else the shipped one.

        Raises:
            ConfigError: a file of the seeds cannot be read.
        """
        logger = logging.getLogger("monitor.model")
        trained = self.config.archive.with_name("model.json")
        if trained.exists():
            try:
                model = Model.load(trained)
                if model.seeds == digest(self.config.seeds):
                    logger.info(logs.event(logs.MODEL_USED, model=model.id, path=trained))
                    return model
                reason = "made from other seeds than those configured; run `regwatch train`"
            except ModelError as error:
                reason = str(error)
            except SeedError as error:
                raise ConfigError([f"seeds: {problem}" for problem in error.problems]) from error
            logger.warning(logs.event(logs.MODEL_REFUSED, path=trained, reason=reason, instead="the shipped model"))  # fmt: skip
        elif not self.config.builtin_seeds:
            logger.warning(logs.event(logs.MODEL_REFUSED, path=trained, reason="no model for the configured seeds yet; run `regwatch train`", instead="the shipped model"))  # fmt: skip
        return Model.load(shipped_model())

    @property
    def least_threshold(self) -> float:
        """The configured threshold, else the model's own."""
        return self.config.alerts.threshold or self.model.threshold

    def threshold(self, archive: Archive) -> float:
        """The threshold in force: raised where the past four weeks were over budget."""
        least, budget = self.least_threshold, self.config.alerts.budget
        if budget is None:
            return least
        now = self.ports.now()
        told = entries.scores_since(archive, self.model.id, least, now - BUDGET_OVER)
        weeks = max(1.0, (now - told[0][0]) / timedelta(weeks=1)) if told else 1.0
        return threshold_for_budget([s for _, s in told], weeks=weeks, budget=budget, least=least)

    @contextmanager
    def archive(self, *, write: bool = False, older: bool = False) -> Iterator[Archive]:
        """The archive, open for the time of the block; ``older``: read it in an older form too."""
        path = self.config.archive
        opened = Archive.open(path, tell=lambda line: click.echo(line, err=True), meter=partial(progress, "Migrating")) if write else Archive.open_readonly(path, older=older)  # fmt: skip
        with opened as archive:
            yield archive

    @property
    def channels(self) -> tuple[str, ...]:
        """Where alerts go: the console, Slack's channel and the webhook.

        Raises:
            ConfigError: a token is missing.
        """
        self.demand_secrets()
        names = [CONSOLE] if self.config.alerts.console else []
        names += [self.config.slack.channel] if self.config.slack else []
        return (*names, *([WEBHOOK] if self.config.webhook else []))

    def sinks(self, console: TextIO) -> dict[str, Sink]:
        """A sink per channel."""
        found: dict[str, Sink] = {}
        if self.config.alerts.console:
            found[CONSOLE] = ConsoleSink(console)
        if self.config.webhook:
            from ..webhook import SignedWebhookSink

            found[WEBHOOK] = SignedWebhookSink(self.config.webhook.url, self.config.webhook.secret, self.ports.now)  # fmt: skip
        slack = self.config.slack
        if slack is None:
            return found
        from ..slack import SlackSink, WebhookSink

        if slack.token:
            routed = [route.channel for route in self.config.alerts.routes]
            for channel in dict.fromkeys([slack.channel, *routed]):
                found[channel] = SlackSink(slack.token, channel, slack.base_url)
        elif slack.webhook:
            found[slack.channel] = WebhookSink(slack.webhook)
        return found

    def recorder(self, archive: Archive) -> Recorder:
        """Recording as configured."""
        return Recorder(
            archive=archive,
            model=self.model,
            channels=self.channels,
            fresh_for=self.config.alerts.fresh_for,
            threshold=self.threshold(archive),
            policy=self.config.alerts.policy(),
            pause_whole_host=self.config.poll.pause_whole_host,
            private_hosts=self._is_private,
            unedited=self._unedited,
            article_below=self.config.fulltext.below,
        )

    @property
    def buttons(self) -> bool:
        """Whether alerts in Slack have buttons: with a bot token and an app token."""
        slack = self.config.slack
        return slack is not None and bool(slack.token and slack.app_token)

    @property
    def _unedited(self) -> frozenset[str]:
        """Channels whose posts cannot be edited: the console, and an incoming webhook's."""
        slack = self.config.slack
        return frozenset({CONSOLE, *([slack.channel] if slack and not slack.token else [])})

    def _is_private(self, host: str) -> bool:
        import ipaddress

        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return "." not in host
        return any(address in network for network in self.config.poll.allow_addresses)

    def net_settings(self) -> NetSettings:
        """The HTTP client as configured."""
        keys = self.config.poll
        return NetSettings(
            version=release(),
            contact=keys.contact,
            timeout_s=keys.timeout.total_seconds(),
            max_body=keys.max_body,
            proxy=keys.proxy,
            allow_addresses=tuple(keys.allow_addresses),
            concurrency=keys.concurrency,
        )

    def poll_with(self, net: Net, parsers: ParserPool) -> Poll:
        """Polling in this process."""

        async def poll_here(job: PollJob) -> PollResult:
            return await poll(job, net=net, parsers=parsers, now=self.ports.now, environ=self.ports.environ, part_gap_s=self.config.poll.host_gap.total_seconds())  # fmt: skip

        return poll_here

    def watch(self, archive: Archive, net: Net, parsers: ParserPool) -> Watch:
        """A cycle's parts; the feeds' rows are brought in step with the configuration."""
        config = self.config
        feeds.sync(archive, config.feeds)
        feeds.release_leases(archive)
        fulltexts.release(archive)
        return Watch(
            feeds={f.name: f for f in config.feeds},
            recorder=self.recorder(archive),
            poll=self.poll_with(net, parsers),
            ports=self.ports,
            concurrency=config.poll.concurrency,
            host_gap=config.poll.host_gap,
            timeout=config.poll.timeout,
        )

    def pump(self, archive: Archive, console: TextIO) -> Pump:
        """The delivery pump, over all channels that are configured now."""
        sinks = self.sinks(console)
        ledger = DeliveryLedger(archive, tuple(sinks), self.channels)
        if self.config.slack is not None:
            ledger.readdress(self.config.slack.channel, self.ports.now())

        def tell(told: OpsEvent) -> None:
            logging.getLogger("monitor.deliver").warning(logs.event(logs.OPS, condition=told.condition, subject=told.subject, text=told.text))  # fmt: skip

        alert_keys = self.config.alerts
        return Pump(ledger, sinks, self.ports.now, tell, flood=alert_keys.flood, buttons=self.buttons, following=alert_keys.following())  # fmt: skip


def as_json(value: Any) -> str:
    """One JSON document, letters as they are."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
