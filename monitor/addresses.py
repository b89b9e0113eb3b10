"""Which IP addresses a source may lead to. Pure; resolves nothing.

Everything that is not public unicast is refused, also where it hides inside an IPv6
transition address (IPv4-mapped, NAT64, 6to4, Teredo).
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
# special by IANA's registries, yet public to the ipaddress module of some Python versions
_SPECIAL = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "fec0::/10",
        "100::/64",
        "3fff::/20",
        "5f00::/16",
    )
)
_COMPATIBLE = ip_network("::/96")


def refusal(text: str, allowed: Sequence[Network] = ()) -> str | None:
    """Why the address must not be dialled, or None when it may be.

    ``allowed`` are the operator's own ranges (``poll.allow_addresses``).
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return f"{text} is not an IP address"
    if any(address.version == net.version and address in net for net in allowed):
        return None
    for candidate in (address, *_hidden(address)):
        if not _is_public(candidate):
            return f"{text} is not a public address"
    return None


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in net for net in _SPECIAL if net.version == address.version)


def _hidden(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address carries inside it."""
    if isinstance(address, IPv4Address):
        return []
    found: list[Address] = []
    if address.ipv4_mapped:
        found.append(address.ipv4_mapped)
    if address.sixtofour:
        found.append(address.sixtofour)
    if address.teredo:
        found.extend(address.teredo)
    if address in _COMPATIBLE or any(address in net for net in _NAT64):
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return found
