"""Which addresses a source may lead to (D1)."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from monitor.addresses import refusal


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
        "fc00::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
        "2002:7f00:1::", "2001:0:7f00:1::", "not an address", "192.0.2.1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused_d1(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_what_is_public_may_be_dialled_d1(address: str) -> None:
    assert refusal(address) is None


def test_the_operators_own_ranges_may_be_dialled_and_no_others_d1() -> None:
    allowed = [ip_network("127.0.0.0/8")]
    assert refusal("127.0.0.5", allowed) is None
    assert refusal("10.0.0.1", allowed)
