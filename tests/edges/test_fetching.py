"""The guarded client against a hostile loopback server; the server's log is the oracle."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor.errors import FeedError
from monitor.fetch import Refused, RetryLater, fetch
from monitor.net import Net, NetSettings

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.1/32"),)


def net(**changes: object) -> Net:
    given: dict[str, object] = {"allow_addresses": LOOPBACK, "timeout_s": 2.0, "version": "1"}
    return Net(NetSettings(**(given | changes)))  # type: ignore[arg-type]


@contextmanager
def raw_server(*chunks: bytes, hold: bool = False) -> Iterator[str]:
    """A server that answers each connection with fixed bytes, and may then go silent."""
    done = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)

    def serve() -> None:
        while not done.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                connection.recv(65536)
                try:
                    for chunk in chunks:
                        connection.sendall(chunk)
                        if hold:
                            done.wait(0.3)
                    if hold:
                        done.wait(10)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        done.set()
        thread.join()
        listener.close()


async def error_of(url: str, client: Net) -> FeedError:
    async with client as open_net:
        with pytest.raises(FeedError) as caught:
            await fetch(open_net, url, now=NOW)
    return caught.value


async def test_a_client_takes_other_settings_while_it_is_open(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(b"x" * 200)
    url = httpserver.url_for("/").replace("localhost", "127.0.0.1")
    async with net(allow_addresses=()) as client:
        with pytest.raises(FeedError, match="allow_addresses"):
            await fetch(client, url, now=NOW)
        client.adopt(net().settings)
        assert (await fetch(client, url, now=NOW)).body == b"x" * 200
        client.adopt(net(max_body=100).settings)
        with pytest.raises(FeedError, match="too_large"):
            await fetch(client, url, now=NOW)


async def test_validators_are_echoed_byte_for_byte_a1_a5(httpserver: HTTPServer) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: Request) -> Response:
        seen.append(dict(request.headers))
        return Response(b"", 304)

    httpserver.expect_request("/f").respond_with_handler(answer)
    odd = "Thu, 1 Jan 2025 00:00:00 +0000 (odd)"
    async with net() as client:
        page = await fetch(
            client, httpserver.url_for("/f"), etag='W/"ab c"', last_modified=odd, now=NOW
        )
    assert page.unchanged
    assert (seen[0]["If-None-Match"], seen[0]["If-Modified-Since"]) == ('W/"ab c"', odd)


async def test_requests_say_who_asks_and_carry_nothing_else_d10_e1_e2(
    httpserver: HTTPServer,
) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: Request) -> Response:
        seen.append(dict(request.headers))
        return Response(b"x", headers={"Set-Cookie": "a=b"})

    httpserver.expect_request("/f").respond_with_handler(answer)
    async with net(contact="https://example.org/watch") as client:
        await fetch(client, httpserver.url_for("/f"), now=NOW)
        await fetch(client, httpserver.url_for("/f"), now=NOW)
    assert seen[1]["User-Agent"] == "regwatch/1 (+https://example.org/watch)"
    assert seen[1]["Accept-Encoding"] == "gzip, deflate"
    assert "application/atom+xml" in seen[1]["Accept"]
    assert not {"Cookie", "Referer", "If-None-Match"} & set(seen[1])


async def test_a_304_to_an_unconditional_request_is_an_error_a9(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/f").respond_with_data(b"", 304)
    assert (await error_of(httpserver.url_for("/f"), net())).error_class == "http_304"


async def test_a_gzip_bomb_is_cut_off_d3(httpserver: HTTPServer) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    httpserver.expect_request("/f").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    error = await error_of(httpserver.url_for("/f"), net(max_body=1_000_000))
    assert error.error_class == "too_large"


async def test_an_endless_body_is_cut_off_d3() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 65536] * 40) as url:
        assert (await error_of(url, net(max_body=1_000_000))).error_class == "too_large"


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip"])
async def test_an_encoding_that_cannot_be_bounded_is_refused_d3(
    httpserver: HTTPServer, coding: str
) -> None:
    httpserver.expect_request("/f").respond_with_data(b"abc", headers={"Content-Encoding": coding})
    assert (await error_of(httpserver.url_for("/f"), net())).error_class == "parse"


async def test_a_body_that_only_says_it_is_gzip_is_an_error_d5(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/f").respond_with_data(
        b"<rss/>", headers={"Content-Encoding": "gzip"}
    )
    assert (await error_of(httpserver.url_for("/f"), net())).error_class == "parse"


@pytest.mark.parametrize(
    "chunks",
    [
        (),
        (b"HTTP/1.1 200 OK\r\nX-A: b\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"x"] * 20),
    ],
    ids=["hang", "slow headers", "slow body"],
)
async def test_one_deadline_ends_every_kind_of_slowness_d4(chunks: tuple[bytes, ...]) -> None:
    with raw_server(*chunks, hold=True) as url:
        assert (await error_of(url, net(timeout_s=0.5))).error_class == "timeout"


async def test_a_short_read_is_an_error_d5() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc") as url:
        assert (await error_of(url, net())).error_class == "connect"


async def test_a_closed_port_is_connect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert (await error_of(f"http://127.0.0.1:{port}/", net())).error_class == "connect"


async def test_an_unknown_name_is_dns() -> None:
    assert (await error_of("http://name.invalid/", net())).error_class == "dns"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2/",
        "http://2130706434/",
        "http://[::ffff:127.0.0.2]/",
        "http://localhost/",
        "http://0x7f.2/",
    ],  # fmt: skip
)
async def test_private_addresses_are_refused_however_they_are_written_d1(url: str) -> None:
    assert (await error_of(url, net(allow_addresses=()))).error_class == "address"


@pytest.mark.parametrize(
    ("target", "error_class"),
    [("http://127.0.0.2:9/", "address"), ("file:///etc/passwd", "redirect"), ("/loop", "redirect")],
)
async def test_a_redirect_cannot_leave_for_where_it_must_not_c1_d1(
    httpserver: HTTPServer, target: str, error_class: str
) -> None:
    httpserver.expect_request("/f").respond_with_data(b"", 302, headers={"Location": target})
    httpserver.expect_request("/loop").respond_with_data(b"", 302, headers={"Location": "/f"})
    assert (await error_of(httpserver.url_for("/f"), net())).error_class == error_class


async def test_only_an_unbroken_chain_of_permanent_redirects_counts_c2(
    httpserver: HTTPServer,
) -> None:
    httpserver.expect_request("/a").respond_with_data(b"", 301, headers={"Location": "/b"})
    httpserver.expect_request("/b").respond_with_data(b"", 302, headers={"Location": "/c"})
    httpserver.expect_request("/c").respond_with_data(b"", 308, headers={"Location": "/d"})
    httpserver.expect_request("/d").respond_with_data(b"body")
    async with net() as client:
        page = await fetch(client, httpserver.url_for("/a"), now=NOW)
    assert page.facts.permanent_url == httpserver.url_for("/b")
    assert page.facts.final_url == httpserver.url_for("/d")


async def test_a_hop_to_another_origin_drops_credentials_c4(httpserver: HTTPServer) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: Request) -> Response:
        seen.append(dict(request.headers))
        return Response(b"x")

    other = HTTPServer(host="127.0.0.1", port=0)
    other.expect_request("/x").respond_with_handler(answer)
    with other:
        httpserver.expect_request("/f").respond_with_data(b"", 302, headers={"Location": other.url_for("/x")})  # fmt: skip
        async with net() as client:
            await fetch(
                client, httpserver.url_for("/f"), headers={"Authorization": "secret"}, now=NOW
            )
    assert "Authorization" not in seen[0]


@pytest.mark.parametrize(("status", "error_class"), [(429, "rate_limited"), (503, "http_503")])
async def test_a_retry_after_counts_from_the_answer_and_is_never_sooner_b5(
    httpserver: HTTPServer, status: int, error_class: str
) -> None:
    httpserver.expect_request("/f").respond_with_data(b"", status, headers={"Retry-After": "3600"})
    error = await error_of(httpserver.url_for("/f"), net())
    assert isinstance(error, RetryLater)
    assert error.error_class == error_class
    assert error.not_before is not None
    assert 0 <= (error.not_before - NOW).total_seconds() - 3600 < 30


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"cf-mitigated": "challenge"}, "<html>x"),
        (200, {}, "<!doctype html><html><title>Just a moment...</title>"),
        (403, {}, "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD>"),
        (200, {}, "<html><head></head><body>https://errors.edgesuite.net/18.1</body>"),
        (503, {}, "<html><title>DDoS protection by x</title>"),
        (403, {}, "<html><body>Please verify you are human"),
    ],
)
async def test_a_challenge_page_is_blocked_and_not_news_e3(
    httpserver: HTTPServer, status: int, headers: dict[str, str], body: str
) -> None:
    httpserver.expect_request("/f").respond_with_data(body, status, headers=headers, content_type="text/html")  # fmt: skip
    error = await error_of(httpserver.url_for("/f"), net())
    assert isinstance(error, Refused)
    assert error.error_class == "blocked"


async def test_a_status_is_its_own_error_class_g4(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/f").respond_with_data(b"", 410)
    assert (await error_of(httpserver.url_for("/f"), net())).error_class == "http_410"
