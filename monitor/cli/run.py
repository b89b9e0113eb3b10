"""``run``, ``once``, ``health``: the service, and whether it is well."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import click

from ..articles import Reader
from ..away import Away
from ..cycle import Report, deliver_due, log_cycle, poll_due
from ..domain import CONSOLE
from ..errors import CheckFailed, FeedError, UsageError
from ..fetch import fetch
from ..identity import host_of
from ..log import METRICS_SERVED, PING_FAILED, event
from ..net import Net
from ..notify import Notifier
from ..state import health_problems
from ..store import alerts, lock, periods, runs
from ..store.archive import Archive
from ..store.codec import from_iso, iso
from ..workers import ParserPool
from .app import App, as_json, release
from .nightly import nightly
from .out import Target
from .poller import polls_elsewhere
from .tables import progress

if TYPE_CHECKING:
    from .reload import Reloader

log = logging.getLogger("monitor.service")

_DEBTS_FOR = timedelta(seconds=10)
_ARTICLES_FOR_S = 60.0


@click.command()
@click.pass_obj
def run(app: App) -> None:
    """The service: poll, judge, alert, until stopped."""
    app.demand_secrets()
    app.announce()
    with lock.hold(app.config.archive, "run"):
        asyncio.run(_run(app))


async def _run(app: App) -> None:
    parsers = ParserPool()
    try:
        with app.archive(write=True) as archive:
            async with Net(app.net_settings()) as net:
                await _serve(app, archive, net, parsers)
    finally:
        parsers.close()


async def _serve(app: App, archive: Archive, net: Net, parsers: ParserPool) -> None:
    # APScheduler is for the service alone
    from ..service import Service
    from .buttons import wire_buttons
    from .reload import Reloader, digest_when

    now = app.ports.now()
    run_id, away = runs.begin(archive, now, command="run", version=release(), model=app.model.id)
    runs.adopt_model(archive, app.model.id, app.threshold(archive), "service", now)
    watch = app.watch(archive, net, parsers)
    service = Service(
        archive=archive,
        watch=watch,
        pump=app.pump(archive, sys.stdout),
        run_id=run_id,
        notifier=Notifier(app.ports.environ),
    )
    service.articles = Reader(watch, net, parsers)
    files = Reloader(app, archive, service, net, parsers)
    service.nightly = partial(nightly, files, watch)
    spell = Away.between(away, now, app.config.poll.interval)
    service.after_cycle = partial(_after_cycle, files, archive, net, Target(), spell)
    service.digest = partial(_digest, files, archive)
    service.digest_at(digest_when(app.config))
    service.reload, service.reload_if_changed = files.now, files.if_changed
    wire_buttons(files, archive, service)
    try:
        async with polls_elsewhere(app, service):
            with _metrics(app):
                await service.run()
    finally:
        runs.end(archive, run_id, app.ports.now())


async def _digest(files: Reloader, archive: Archive) -> None:
    """What happened since the last digest, to the main channels."""
    app = files.app
    now, wanted = app.ports.now(), app.config.alerts.digest
    if wanted is None:
        return  # a reload took it away while it was about to begin
    spell = timedelta(weeks=1) if wanted.weekday else timedelta(days=1)
    since = from_iso(runs.noted(archive, "digest")) or now - spell
    channels = tuple(c for c in app.channels if c != CONSOLE) or app.channels
    text = periods.digest_since(archive, since).as_text()
    with archive.write() as connection:
        alerts.raise_digest(connection, text, channels, now, "regular")
        runs.note(connection, "digest", iso(now))


@contextmanager
def _metrics(app: App) -> Iterator[None]:
    """Serve figures where a port is configured.

    Raises:
        UsageError: the extra is not installed, or the port is taken.
    """
    port = app.config.service.metrics_port
    if port is None:
        yield
        return
    try:
        from ..metrics import HOST, serve
    except ImportError as error:
        raise UsageError("service.metrics_port needs the extra: pip install 'regwatch[metrics]'") from error  # fmt: skip
    with ExitStack() as stack:
        try:
            taken = stack.enter_context(serve(app.config.archive, port, app.ports.now))
        except OSError as error:
            raise UsageError(f"service.metrics_port {port}: {error.strerror}; choose another") from error  # fmt: skip
        log.info(event(METRICS_SERVED, url=f"http://{HOST}:{taken}/metrics"))
        yield


async def _after_cycle(
    files: Reloader, archive: Archive, net: Net, target: Target, away: Away | None, report: Report
) -> None:
    """What was missed, a sign of life for a watchdog elsewhere, the file for other readers."""
    app = files.app
    told = away.event(report.polled, report.failed) if away else None
    if told is not None:
        files.service.tell(told)
    if app.config.service.ping and not health_problems(archive, app.ports.now()):
        await _ping(app.config.service.ping, net, app.ports.now())
    target.refresh(app, archive)


async def _ping(url: str, net: Net, now: datetime) -> None:
    try:
        await fetch(net, url, now=now)
    except FeedError as error:
        # the address itself is a secret with most watchdogs
        log.warning(event(PING_FAILED, host=host_of(url), reason=error.error_class))


@click.command()
@click.option("--now", "all_feeds", is_flag=True, help="All sources, due or not; a Retry-After still counts.")  # fmt: skip
@click.option("--json", "json_", is_flag=True, help="The report as one JSON document.")
@click.pass_obj
def once(app: App, all_feeds: bool, json_: bool) -> None:
    """One cycle over the due sources, then deliver what is due."""
    parsers = ParserPool()
    try:
        # the parsers start while configuration and model are read
        parsers.warm()
        app.demand_secrets()
        app.announce()
        with lock.hold(app.config.archive, "once"):
            report = asyncio.run(_once(app, parsers, all_feeds=all_feeds, json_=json_))
    except asyncio.CancelledError:
        raise click.Abort from None
    finally:
        parsers.close()
    if json_:
        click.echo(as_json(report.as_dict()))
    else:
        click.echo(
            f"{report.polled} sources polled, {report.failed} failed; {report.new} new entries, "
            f"{report.hits} hits, {report.delivered} deliveries."
        )


async def _once(app: App, parsers: ParserPool, *, all_feeds: bool, json_: bool) -> Report:
    report, stop = Report(), _asked_to_stop()
    with app.archive(write=True) as archive:
        now = app.ports.now()
        run_id, _ = runs.begin(archive, now, command="once", version=release(), model=app.model.id)  # fmt: skip
        runs.adopt_model(archive, app.model.id, app.threshold(archive), "once", now)
        try:
            async with Net(app.net_settings()) as net:
                watch = app.watch(archive, net, parsers)
                with progress("Polling", sum(f.enabled for f in app.config.feeds)) as step:
                    await poll_due(watch, report, stop=stop, polled_before=now if all_feeds else None, on_done=step)  # fmt: skip
                # alerts go first: an article that is slow to come keeps none of them back
                await _pay_debts(app, archive, report, stop, json_=json_)
                if await Reader(watch, net, parsers).read_due(
                    report, stop=stop, within_s=_ARTICLES_FOR_S
                ):
                    await _pay_debts(app, archive, report, stop, json_=json_)
            Target().refresh(app, archive)
            runs.cycle_done(archive, run_id, app.ports.now(), bugs=report.bugs)
        finally:
            runs.end(archive, run_id, app.ports.now())
    log_cycle(report)
    return report


def _asked_to_stop() -> asyncio.Event:
    """Set by the first signal; the second ends what is in hand at once."""
    loop, stop, work = asyncio.get_running_loop(), asyncio.Event(), asyncio.current_task()

    def asked() -> None:
        if not stop.is_set():
            stop.set()
            click.echo("regwatch: ending what is in hand; a second signal ends it at once", err=True)  # fmt: skip
        elif work is not None and not work.cancelling():
            work.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked)
    return stop


def deliver_now(app: App, archive: Archive) -> Report:
    """Deliver what is due, outside a cycle."""
    report = Report()
    asyncio.run(_pay_debts(app, archive, report, asyncio.Event(), json_=False))
    return report


async def _pay_debts(
    app: App, archive: Archive, report: Report, stop: asyncio.Event, *, json_: bool
) -> None:
    """Deliver until nothing is due soon; what waits longer is the next cycle's."""
    pump = app.pump(archive, sys.stderr if json_ else sys.stdout)
    while not stop.is_set():
        await deliver_due(pump, report)
        due, now = pump.next_due(), app.ports.now()
        if due is None or due > now + _DEBTS_FOR or report.bugs:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), max(0.02, (due - now).total_seconds()))


@click.command()
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
@click.pass_obj
def health(app: App, json_: bool) -> None:
    """For probes: exit code 0 when all is well, 4 when something is red."""
    with app.archive() as archive:
        problems = health_problems(archive, app.ports.now())
    if json_:
        click.echo(as_json({"healthy": not problems, "problems": problems}))
    elif not problems:
        click.echo("healthy")
    if problems:
        raise CheckFailed("; ".join(problems))
