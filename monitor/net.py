"""The guarded, bounded HTTP client: the only importer of httpx and httpcore.

Every connection is checked against the address policy after DNS and dialled to the very
address that was checked. Bodies are inflated under a bound. Redirects are never followed here.
Knows nothing of feeds, validators or schedules.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx

from .addresses import Network, refusal
from .errors import FeedError

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class NetSettings:
    """How the client behaves; times in seconds, sizes in bytes."""

    version: str = "0"
    contact: str = "https://github.com/regwatch/regwatch"
    timeout_s: float = 30.0
    max_body: int = 10_000_000
    proxy: str | None = None
    allow_addresses: tuple[Network, ...] = ()
    concurrency: int = 20

    @property
    def user_agent(self) -> str:
        """``regwatch/VERSION (+contact)``."""
        return f"regwatch/{self.version} (+{self.contact})"


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, its body inflated; headers as the server wrote them, names in lower case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    next_url: str | None = None


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves once, refuses what is not public, and dials what was checked."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend, allowed: Sequence[Network]) -> None:
        self._inner = inner
        self._allowed = allowed

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FeedError("dns", f"{host}: {_reason(error)}") from error
        failure: Exception | None = None
        for address in dict.fromkeys(str(info[4][0]) for info in infos):
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

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise FeedError("address", "a source cannot be a Unix socket")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class Net:
    """The client, as an async context manager. One for the whole service."""

    def __init__(self, settings: NetSettings, *, context: ssl.SSLContext | None = None) -> None:
        self.settings = settings
        self.slots = asyncio.Semaphore(settings.concurrency)
        # keep-alive is off: feeds are on different hosts, and httpx's idle pool is O(n) per request
        transport = httpx.AsyncHTTPTransport(
            verify=context or ssl.create_default_context(),
            trust_env=False,
            proxy=settings.proxy,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )
        pool = transport._pool
        pool._network_backend = _GuardedBackend(pool._network_backend, self._reachable())
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, timeout=None)  # noqa: S113 - the deadline is the caller's, for the whole fetch
        self._client.cookies.jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))

    def _reachable(self) -> tuple[Network, ...]:
        """The operator's ranges; with a proxy the guard sees only the proxy, which is theirs."""
        if self.settings.proxy is None:
            return self.settings.allow_addresses
        from ipaddress import ip_network

        return (ip_network("0.0.0.0/0"), ip_network("::/0"))

    async def __aenter__(self) -> Self:
        await self._self_test()
        return self

    async def _self_test(self) -> None:
        """Fail closed: the guard sits on a private attribute of httpx that may move one day."""
        if self.settings.proxy is not None or refusal("127.0.0.1", self._reachable()) is None:
            return
        try:
            await self._client.get("http://127.0.0.1:9/", timeout=2)
        except FeedError as error:
            if error.error_class == "address":
                return
        except httpx.HTTPError:
            pass
        raise RuntimeError("the address guard is not in place; refusing to fetch anything")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def request(
        self, url: str, headers: Mapping[str, str], *, method: str = "GET", body: bytes = b""
    ) -> Response:
        """One request, no redirects followed, the body bounded. The caller sets the deadline.

        Raises:
            FeedError: dns, connect, tls, timeout, address, redirect or too_large.
        """
        try:
            request = self._client.build_request(
                method, url, content=body or None, headers=self._headers(headers)
            )
            if request.url.scheme not in ("http", "https") or not request.url.host:
                raise FeedError("redirect", f"not an http or https URL: {url[:200]}")
            response = await self._client.send(request, stream=True)
        except (httpx.InvalidURL, ValueError) as error:
            raise FeedError("redirect", f"not a usable URL: {url[:200]!r}: {error}") from error
        except (httpx.HTTPError, OSError) as error:
            raise _translated(error, url) from error
        try:
            content = await self._read(response)
        except (httpx.HTTPError, OSError) as error:
            raise _translated(error, url) from error
        finally:
            await response.aclose()
        return Response(
            status=response.status_code,
            url=str(response.url),
            headers=_header_map(response.headers),
            body=content,
            next_url=_next_url(response),
        )

    def _headers(self, extra: Mapping[str, str]) -> dict[str, str]:
        return {
            "User-Agent": self.settings.user_agent,
            "Accept": ACCEPT,
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
            **extra,
        }

    async def _read(self, response: httpx.Response) -> bytes:
        """The body, inflated chunk by chunk so that no bomb outgrows ``max_body``."""
        coding = response.headers.get("content-encoding", "").strip().lower()
        if coding in ("", "identity"):
            return await self._collect(response.aiter_raw(), None)
        if coding in ("gzip", "x-gzip", "deflate"):
            return await self._collect(response.aiter_raw(), coding)
        raise FeedError("parse", f"content encoding {coding[:40]!r} was not asked for")

    async def _collect(self, chunks: AsyncIterator[bytes], coding: str | None) -> bytes:
        limit = self.settings.max_body
        inflater = None
        body = bytearray()
        raw = 0
        async for chunk in chunks:
            raw += len(chunk)
            if coding is None:
                body += chunk
            else:
                inflater = inflater or _inflater(coding, chunk)
                _inflate(inflater, chunk, body, limit)
            if len(body) > limit or raw > limit:
                raise FeedError("too_large", f"more than {limit:,} bytes (poll.max_body)")
        if inflater is not None and not inflater.eof:
            raise FeedError("parse", "the compressed body ends too early")
        return bytes(body)


def _inflater(coding: str, first: bytes) -> Any:
    """zlib's object for gzip, zlib, or the raw deflate that some servers send."""
    if coding == "deflate" and (first[:1] != b"\x78" or len(first) < 2):
        return zlib.decompressobj(-zlib.MAX_WBITS)
    return zlib.decompressobj(zlib.MAX_WBITS | 32)


def _inflate(inflater: Any, chunk: bytes, body: bytearray, limit: int) -> None:
    try:
        while chunk and len(body) <= limit and not inflater.eof:
            body += inflater.decompress(chunk, _CHUNK)
            chunk = inflater.unconsumed_tail
    except zlib.error as error:
        raise FeedError("parse", f"the body says it is compressed and is not: {error}") from error


def _header_map(headers: httpx.Headers) -> dict[str, str]:
    # latin-1 keeps every byte of a validator as the server sent it
    found: dict[str, str] = {}
    for name, value in headers.raw:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _next_url(response: httpx.Response) -> str | None:
    location: str | None = response.headers.get("location")
    if response.status_code not in (301, 302, 303, 307, 308) or not location:
        return None
    try:
        return str(response.url.join(location))
    except (httpx.InvalidURL, ValueError):
        return location


def _translated(error: Exception, url: str) -> FeedError:
    host = httpx.URL(url).host
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return FeedError("timeout", f"{host}: no answer in time")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "CERTIFICATE_VERIFY" in str(cause):
            return FeedError("tls", f"{host}: {_reason(cause)}")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.UnsupportedProtocol):
        return FeedError("redirect", f"not an http or https URL: {url[:200]}")
    if isinstance(error, httpx.RemoteProtocolError):
        return FeedError("connect", f"{host}: broken answer: {_reason(error)}")
    return FeedError("connect", f"{host}: {_reason(error)}")


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)[:200]
