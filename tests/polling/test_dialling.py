"""What is dialled, and over which line (D1, D2, D4, D9); no packet goes where it must not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpcore
import pytest

from monitor.errors import FeedError
from monitor.fetch import fetch
from monitor.net import Net, NetSettings

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TLS = Path(__file__).with_name("tls")
ONLY = (ip_network("127.0.0.1/32"),)


class Names:
    """A resolver that gives other answers as time goes by, and notes what it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class NoNetwork(httpcore.AsyncNetworkBackend):
    """Whoever dials has failed the test."""

    async def connect_tcp(self, host: str, *arguments: Any, **named: Any) -> Any:
        raise AssertionError(f"dialled {host}")


async def error_of(url: str, net: Net) -> str:
    """The class of the error that a fetch ends in."""
    async with net:
        with pytest.raises(FeedError) as caught:
            await fetch(net, url, now=NOW)
    return caught.value.error_class


@contextmanager
def listener(host: str) -> Iterator[tuple[int, list[object]]]:
    """A port that notes who connects."""
    came: list[object] = []
    with socket.create_server((host, 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def accept() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                came.append(connection)
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1], came
        over.set()
        thread.join()


async def test_a_name_that_changes_its_address_after_the_check_reaches_nothing_d1(
    farm: Any,
) -> None:
    """Public at the first look, private at the second: the name is looked up once per connection."""
    farm.pages["/f"] = (200, {}, "x")
    names = Names(["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"])
    net = Net(NetSettings(allow_addresses=ONLY), resolve=names)
    async with net:
        await fetch(net, f"http://feeds.example:{farm.port}/f", now=NOW)
        assert names.asked == ["feeds.example"]
        for _ in range(2):
            with pytest.raises(FeedError, match="not a public address"):
                await fetch(net, f"http://feeds.example:{farm.port}/f", now=NOW)
    assert [r["host"] for r in farm.requests] == ["feeds.example"]


async def test_a_redirect_is_looked_up_and_checked_anew_d1(farm: Any) -> None:
    farm.pages["/f"] = (302, {"Location": f"http://feeds.example:{farm.port}/secret"}, "")
    farm.pages["/secret"] = (200, {}, "secret")
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    net = Net(NetSettings(allow_addresses=ONLY), resolve=names)
    assert await error_of(f"http://feeds.example:{farm.port}/f", net) == "address"
    assert farm.asked("/secret") == []


async def test_of_several_addresses_only_the_public_ones_are_dialled_d1(farm: Any) -> None:
    farm.pages["/f"] = (200, {}, "x")
    net = Net(
        NetSettings(allow_addresses=ONLY), resolve=Names(["10.0.0.1", "fe80::1", "127.0.0.1"])
    )
    async with net:
        assert (await fetch(net, f"http://feeds.example:{farm.port}/f", now=NOW)).body == b"x"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.2", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.192", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.2", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "::7f00:2", "2001:db8::1", "fec0::1", "3fff::1", "192.88.99.1",
    ],
)  # fmt: skip
async def test_no_private_address_behind_a_name_is_ever_dialled_d1(address: str) -> None:
    net = Net(NetSettings(allow_addresses=ONLY), resolve=Names([address]), network=NoNetwork())
    assert await error_of("http://feeds.example/", net) == "address"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1\\@example.org:{port}/",
        "http://example.org@127.0.0.1:{port}/",
        "http://example.org#@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\\@example.org/",
        "http://127.0.\t0.1:{port}/",
        "http://127.1:{port}/",
        "http://0x7f000001:{port}/",
        "http://017700000001:{port}/",
        "http://127.0.0.1.:{port}/",
        "http://１２７.0.0.1:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::1%25lo]:{port}/",
        "http:///127.0.0.1:{port}/",
        "http:127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@example.org/",
        "http://\r\nHost: 127.0.0.1:{port}/",
    ],
)
async def test_an_address_written_to_be_read_in_two_ways_reaches_nothing_d2(url: str) -> None:
    """Whatever host is read from it is the host that is looked up, checked and dialled."""
    with listener("127.0.0.1") as (port, came):
        names = Names(["10.0.0.1"])
        net = Net(NetSettings(), resolve=names)
        assert await error_of(url.format(port=port), net) in ("address", "redirect", "dns")
        assert came == []


@contextmanager
def secure(certificate: str) -> Iterator[int]:
    """A TLS server with a certificate of ours; returns its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / certificate, TLS / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()
        server.settimeout(0.1)

        def accept() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                try:
                    connection.settimeout(5)
                    with context.wrap_socket(connection, server_side=True) as line:
                        line.recv(65536)
                        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                except OSError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join()


def trusting(certificate: str) -> ssl.SSLContext:
    """A client that trusts this certificate as an authority."""
    return ssl.create_default_context(cafile=str(TLS / certificate))


async def test_a_certificate_that_nobody_vouches_for_is_a_tls_error_d9() -> None:
    with secure("self-signed.pem") as port:
        net = Net(NetSettings(allow_addresses=ONLY))
        assert await error_of(f"https://localhost:{port}/", net) == "tls"


async def test_an_expired_certificate_is_a_tls_error_d9() -> None:
    with secure("expired.pem") as port:
        net = Net(NetSettings(allow_addresses=ONLY), context=trusting("expired.pem"))
        assert await error_of(f"https://localhost:{port}/", net) == "tls"


async def test_a_certificate_of_another_name_is_a_tls_error_d9() -> None:
    with secure("self-signed.pem") as port:
        net = Net(NetSettings(allow_addresses=ONLY), context=trusting("self-signed.pem"), resolve=Names(["127.0.0.1"]))  # fmt: skip
        assert await error_of(f"https://other.example:{port}/", net) == "tls"


async def test_a_certificate_that_is_trusted_is_no_error_d9() -> None:
    with secure("self-signed.pem") as port:
        net = Net(NetSettings(allow_addresses=ONLY), context=trusting("self-signed.pem"))
        async with net:
            assert (await fetch(net, f"https://localhost:{port}/", now=NOW)).body == b"ok"


async def test_https_to_a_port_that_speaks_plain_http_is_a_tls_error_d9(farm: Any) -> None:
    net = Net(NetSettings(allow_addresses=ONLY))
    assert await error_of(f"https://127.0.0.1:{farm.port}/", net) == "tls"
