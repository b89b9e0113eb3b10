"""Dialling only what may be dialled: a name is resolved once, its addresses are checked, and the
very address that was checked is the one that is dialled. Knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address
from typing import Any

import httpcore

from .addresses import Network, refusal
from .errors import FeedError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""A name and a port to addresses, best first; raises ``OSError`` where there are none."""


class Resolver:
    """The system's resolver in threads of its own: a name that hangs holds back no other source."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        infos = await loop.run_in_executor(
            self._threads, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(str(info[4][0]) for info in infos))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves once, refuses what is not public, and dials what was checked."""

    def __init__(
        self,
        inner: httpcore.AsyncNetworkBackend,
        resolve: Resolve,
        allowed: Sequence[Network],
    ) -> None:
        self._inner = inner
        self._resolve = resolve
        self._allowed = allowed

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._addresses(host, port)
        except (OSError, UnicodeError, OverflowError) as error:
            raise FeedError("dns", f"{host}: {reason_of(error)}") from error
        failure: Exception | None = None
        for address in addresses:
            refused = refusal(address, self._allowed)
            if refused:
                failure = FeedError("address", f"{host}: {refused}; see poll.allow_addresses")
                continue
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or FeedError("dns", f"{host}: no address")

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            return [str(IPv4Address(host))]  # a dotted quad is its own address
        except ValueError:
            return await self._resolve(host, port)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise FeedError("address", "a source cannot be a Unix socket")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


def reason_of(error: BaseException) -> str:
    """What went wrong, as the system or the library puts it; at most 200 characters."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)[:200]
