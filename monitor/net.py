"""The guarded, bounded HTTP client: the only importer of httpx (addresses) and httpcore (requests).

Every connection goes through ``guard``. Bodies are inflated under a bound. Redirects are never followed here.
Knows nothing of feeds, validators or schedules.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import zlib
from collections.abc import AsyncIterable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_network
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx

from .addresses import Network
from .errors import FeedError
from .guard import GuardedBackend, Resolve, Resolver, reason_of

if find_spec("sniffio") is None:
    # httpcore asks for it six times per request, and Python searches its whole path each time
    sys.modules["sniffio"] = None  # type: ignore[assignment]

_HTTP_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)
_CHUNK = 65536
_GZIP = b"\x1f\x8b"


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


class Net:
    """The client, as an async context manager. One for the whole service.

    ``resolve`` takes the place of the system's resolver, ``network`` that of its sockets.
    """

    def __init__(
        self,
        settings: NetSettings,
        *,
        context: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._context = context
        self._resolve = resolve
        self._network = network or httpcore.AnyIOBackend()
        self.adopt(settings)

    def adopt(self, settings: NetSettings) -> None:
        """Behave like this from the next request on; what is in flight ends as it began."""
        self.settings = settings
        self.slots = asyncio.Semaphore(settings.concurrency)
        # the threads of a resolver that nobody holds any more end by themselves
        self._resolver = Resolver(settings.concurrency)
        self._backend = GuardedBackend(
            self._network, self._resolve or self._resolver, self._reachable()
        )

    def _reachable(self) -> tuple[Network, ...]:
        """The operator's ranges; with a proxy the guard sees only the proxy, which is theirs."""
        if self.settings.proxy is None:
            return self.settings.allow_addresses
        return (ip_network("0.0.0.0/0"), ip_network("::/0"))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resolver.close()

    async def request(
        self, url: str, headers: Mapping[str, str], *, method: str = "GET", body: bytes = b""
    ) -> Response:
        """One request, no redirects followed, the body bounded. The caller sets the deadline.

        Raises:
            FeedError: dns, connect, tls, timeout, address, redirect or too_large.
        """
        try:
            target, request = self._request(url, headers, method, body)
        except (httpx.InvalidURL, ValueError) as error:
            raise FeedError("redirect", f"not a usable URL: {url[:200]!r}: {error}") from error
        # a connection of its own: sources are on different hosts, and nothing is kept alive
        connection = self._connection(request)
        try:
            response = await connection.handle_async_request(request)
            content = await self._read(response)
        except (*_HTTP_ERRORS, OSError) as error:
            raise _translated(error, target) from error
        finally:
            await connection.aclose()
        return Response(
            status=response.status,
            url=str(target),
            headers=_header_map(response.headers),
            body=content,
            next_url=_next_url(response, target),
        )

    def _request(
        self, url: str, headers: Mapping[str, str], method: str, body: bytes
    ) -> tuple[httpx.URL, httpcore.Request]:
        target = httpx.URL(url)
        if target.scheme not in ("http", "https") or not target.host:
            raise FeedError("redirect", f"not an http or https URL: {url[:200]}")
        # latin-1 gives a validator back in the very bytes in which it came
        fields = [(b"Host", target.netloc)]
        fields += [(k.encode("latin-1"), v.encode("latin-1")) for k, v in self._headers(headers).items()]  # fmt: skip
        if body:
            fields.append((b"Content-Length", b"%d" % len(body)))
        address = httpcore.URL(
            scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path
        )
        return target, httpcore.Request(method, address, headers=fields, content=body)

    def _connection(self, request: httpcore.Request) -> httpcore.AsyncHTTPConnection | httpcore.AsyncConnectionPool:  # fmt: skip
        secure = request.url.scheme == b"https" or self.settings.proxy is not None
        if secure and self._context is None:
            self._context = ssl.create_default_context()
        if self.settings.proxy is None:
            return httpcore.AsyncHTTPConnection(
                request.url.origin, ssl_context=self._context, network_backend=self._backend
            )
        proxy = httpcore.Proxy(self.settings.proxy)
        return httpcore.AsyncConnectionPool(
            ssl_context=self._context, proxy=proxy, network_backend=self._backend
        )

    def _headers(self, extra: Mapping[str, str]) -> dict[str, str]:
        return {
            "User-Agent": self.settings.user_agent,
            "Accept": ACCEPT,
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
            **extra,
        }

    async def _read(self, response: httpcore.Response) -> bytes:
        """The body, inflated chunk by chunk so that no bomb outgrows ``max_body``."""
        coding = _header_map(response.headers).get("content-encoding", "").strip().lower()
        if coding in ("", "identity"):
            body = await self._collect(response.aiter_stream(), None)
            return _unpacked(body, self.settings.max_body) if body[:2] == _GZIP else body
        if coding in ("gzip", "x-gzip", "deflate"):
            return await self._collect(response.aiter_stream(), coding)
        raise FeedError("parse", f"content encoding {coding[:40]!r} was not asked for")

    async def _collect(self, chunks: AsyncIterable[bytes], coding: str | None) -> bytes:
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
                raise _too_large(limit)
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


def _unpacked(body: bytes, limit: int) -> bytes:
    """A file that is itself compressed (``sitemap.xml.gz``), under the same bound."""
    inflater, content = _inflater("gzip", body), bytearray()
    _inflate(inflater, body, content, limit)
    if len(content) > limit:
        raise _too_large(limit)
    if not inflater.eof:
        raise FeedError("parse", "the compressed file ends too early")
    return bytes(content)


def _too_large(limit: int) -> FeedError:
    return FeedError("too_large", f"more than {limit:,} bytes (poll.max_body)")


def _header_map(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    # latin-1 keeps every byte of a validator as the server sent it
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _next_url(response: httpcore.Response, url: httpx.URL) -> str | None:
    location = _header_map(response.headers).get("location")
    if response.status not in (301, 302, 303, 307, 308) or not location:
        return None
    with suppress(UnicodeDecodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return str(url.join(location))
    except (httpx.InvalidURL, ValueError):
        return location


def _translated(error: Exception, url: httpx.URL) -> FeedError:
    host = url.host
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return FeedError("timeout", f"{host}: no answer in time")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "CERTIFICATE_VERIFY" in str(cause):
            return FeedError("tls", f"{host}: {reason_of(cause)}")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpcore.RemoteProtocolError):
        return FeedError("connect", f"{host}: broken answer: {reason_of(error)}")
    return FeedError("connect", f"{host}: {reason_of(error)}")
