"""``poller``: a process that only polls; and ``run``'s end of the same road (extra ``cluster``)."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import click

from ..config import Config
from ..errors import UsageError
from ..log import POLLER_STOPPED, event
from ..net import Net
from ..notify import Notifier
from ..workers import ParserPool
from .app import App

if TYPE_CHECKING:
    from ..cluster.queue import Queue
    from ..service import Service

log = logging.getLogger("monitor.cluster")

BEAT_S = 30


@click.command()
@click.option("--name", default=None, help="How it is called in PostgreSQL; by default host and process.")  # fmt: skip
@click.pass_obj
def poller(app: App, name: str | None) -> None:
    """Poll for a service elsewhere, until stopped; needs `cluster:` and no archive."""
    app.demand_secrets()
    queue = queue_of(app.config)
    asyncio.run(_poller(app, queue, name or f"{socket.gethostname()}-{os.getpid()}"))


async def _poller(app: App, queue: Queue, name: str) -> None:
    from ..cluster.poller import serve

    parsers, notifier = ParserPool(), Notifier(app.ports.environ)
    try:
        async with Net(app.net_settings()) as net:
            poll = app.poll_with(net, parsers)
            serving = asyncio.create_task(serve(queue, poll, name=name, concurrency=app.config.poll.concurrency))  # fmt: skip
            beating = asyncio.create_task(_beat(notifier))
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, serving.cancel)
            with suppress(asyncio.CancelledError):
                await serving
            notifier.stopping()
            beating.cancel()
            log.info(event(POLLER_STOPPED, poller=name))
    finally:
        parsers.close()


async def _beat(notifier: Notifier) -> None:
    notifier.ready()
    while True:
        notifier.alive()
        await asyncio.sleep(BEAT_S)


def queue_of(config: Config) -> Queue:
    """The configured queue.

    Raises:
        UsageError: none is configured, or the extra is not installed.
    """
    if config.cluster is None:
        raise UsageError("there is no cluster: in the configuration, so no poller is needed")
    try:
        from ..cluster.queue import Queue, Timing
    except ImportError as error:
        raise UsageError("cluster: needs the extra: pip install 'regwatch[cluster]'") from error
    found = config.cluster
    return Queue(found.dsn, found.queue, Timing(found.stalled_after))


@asynccontextmanager
async def polls_elsewhere(app: App, service: Service) -> AsyncIterator[None]:
    """For the time of the block, pollers poll for the service, where a cluster is configured."""
    if app.config.cluster is None:
        yield
        return
    queue = queue_of(app.config)
    from ..cluster.remote import RemotePolls

    polite = app.config.poll.host_gap.total_seconds() > 0
    async with RemotePolls(queue, polite, service.tell, service.fail) as remote:
        service.watch.poll = remote.poll
        yield
