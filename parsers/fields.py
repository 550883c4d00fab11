"""Typed readers for single values, shared by the parsers. Each takes text as written and raises ValueError with the reason.

Durations are read by `migrate.model.timespan.parse_timespan`, client ids by `ClientId.parse`, option values by `normal_values`.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address

from migrate.model.scope import ClientKind

_DECIMAL = re.compile(r"[0-9]{1,10}")
_HEX_OCTETS = re.compile(r"(?:[0-9a-fA-F]{2})*")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_CLIENT_KINDS = {kind.value.lower(): kind for kind in ClientKind}
_MAC_FILTER = re.compile(r"(?:[0-9A-F]{2}|\*)(?:-(?:[0-9A-F]{2}|\*)){0,31}")


def parse_address(text: str) -> IPv4Address:
    try:
        return IPv4Address(text.strip())
    except AddressValueError:
        raise ValueError(f"not an IPv4 address: {text!r}") from None


def parse_mask(text: str) -> IPv4Address:
    """A subnet mask in dotted form, ones before zeros; 0.0.0.0 is none."""
    mask = parse_address(text)
    host_bits = int(mask) ^ 0xFFFFFFFF
    if host_bits & (host_bits + 1) or not int(mask):
        raise ValueError(f"not a subnet mask: {text!r}")
    return mask


def check_network(scope_id: IPv4Address, subnet_mask: IPv4Address) -> None:
    """Raises ValueError unless the scope id is the network address of a subnet of that mask."""
    if int(scope_id) & ~int(subnet_mask) & 0xFFFFFFFF:
        raise ValueError(f"{scope_id} is not the network address of a subnet with mask {subnet_mask}")


def parse_number(text: str, minimum: int, maximum: int) -> int:
    """A decimal number from `minimum` to `maximum`, both included."""
    digits = text.strip()
    if not _DECIMAL.fullmatch(digits):
        raise ValueError(f"not a number: {text!r}")
    if not minimum <= int(digits) <= maximum:
        raise ValueError(f"{digits} is not between {minimum} and {maximum}")
    return int(digits)


def parse_flag(text: str) -> bool:
    """`true`, `false`, `1` or `0` in any case."""
    try:
        return _FLAGS[text.strip().lower()]
    except KeyError:
        raise ValueError(f"neither true nor false: {text!r}") from None


def parse_hex(text: str) -> bytes:
    """Hexadecimal octets without separators, with or without `0x`."""
    digits = text.strip()
    digits = digits[2:] if digits[:2].lower() == "0x" else digits
    if not _HEX_OCTETS.fullmatch(digits):
        raise ValueError(f"not whole octets in hexadecimal: {text!r}")
    return bytes.fromhex(digits)


def parse_client_kind(text: str) -> ClientKind:
    """`Dhcp`, `Bootp` or `Both` in any case."""
    try:
        return _CLIENT_KINDS[text.strip().lower()]
    except KeyError:
        raise ValueError(f"none of Dhcp, Bootp and Both: {text!r}") from None


def parse_filter_mac(text: str) -> str:
    """The MAC address of a filter in upper case with dashes; octets may be `*`."""
    mac = text.strip().upper().replace(":", "-")
    if "-" not in mac and len(mac) % 2 == 0 and _HEX_OCTETS.fullmatch(mac):
        mac = "-".join(mac[i : i + 2] for i in range(0, len(mac), 2))
    if not _MAC_FILTER.fullmatch(mac):
        raise ValueError(f"not a MAC address: {text!r}")
    return mac
