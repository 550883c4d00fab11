"""The options that every Windows DHCP server defines by itself: RFC 2132, with Windows' names and types.

An export need not define them, and a value does not repeat its type, so this is where the type is looked up. What a file
defines goes before what stands here. Option 81 has no definition on the server; its values are flags (formats.md 1.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from migrate.model.option import OptionType


@dataclass(frozen=True, slots=True)
class StandardOption:
    name: str
    type: OptionType
    multi_valued: bool


def _one(name: str, option_type: OptionType) -> StandardOption:
    return StandardOption(name, option_type, multi_valued=False)


def _many(name: str, option_type: OptionType) -> StandardOption:
    return StandardOption(name, option_type, multi_valued=True)


STANDARD_OPTIONS: Mapping[int, StandardOption] = MappingProxyType(
    {
        1: _one("Subnet Mask", OptionType.IPV4_ADDRESS),
        2: _one("Time Offset", OptionType.DWORD),
        3: _many("Router", OptionType.IPV4_ADDRESS),
        4: _many("Time Server", OptionType.IPV4_ADDRESS),
        5: _many("Name Servers", OptionType.IPV4_ADDRESS),
        6: _many("DNS Servers", OptionType.IPV4_ADDRESS),
        7: _many("Log Servers", OptionType.IPV4_ADDRESS),
        8: _many("Cookie Servers", OptionType.IPV4_ADDRESS),
        9: _many("LPR Servers", OptionType.IPV4_ADDRESS),
        10: _many("Impress Servers", OptionType.IPV4_ADDRESS),
        11: _many("Resource Location Servers", OptionType.IPV4_ADDRESS),
        12: _one("Host Name", OptionType.STRING),
        13: _one("Boot File Size", OptionType.WORD),
        14: _one("Merit Dump File", OptionType.STRING),
        15: _one("DNS Domain Name", OptionType.STRING),
        16: _one("Swap Server", OptionType.IPV4_ADDRESS),
        17: _one("Root Path", OptionType.STRING),
        18: _one("Extensions Path", OptionType.STRING),
        19: _one("IP Layer Forwarding", OptionType.BYTE),
        20: _one("Nonlocal Source Routing", OptionType.BYTE),
        21: _many("Policy Filter Masks", OptionType.IPV4_ADDRESS),
        22: _one("Max DG Reassembly Size", OptionType.WORD),
        23: _one("Default IP Time-to-live", OptionType.BYTE),
        24: _one("Path MTU Aging Timeout", OptionType.DWORD),
        25: _many("Path MTU Plateau Table", OptionType.WORD),
        26: _one("MTU Option", OptionType.WORD),
        27: _one("All subnets are local", OptionType.BYTE),
        28: _one("Broadcast Address", OptionType.IPV4_ADDRESS),
        29: _one("Perform Mask Discovery", OptionType.BYTE),
        30: _one("Mask Supplier Option", OptionType.BYTE),
        31: _one("Perform Router Discovery", OptionType.BYTE),
        32: _one("Router Solicitation Address", OptionType.IPV4_ADDRESS),
        33: _many("Static Route Option", OptionType.IPV4_ADDRESS),
        34: _one("Trailer Encapsulation", OptionType.BYTE),
        35: _one("ARP Cache Timeout", OptionType.DWORD),
        36: _one("Ethernet Encapsulation", OptionType.BYTE),
        37: _one("TCP Default Time-to-live", OptionType.BYTE),
        38: _one("Keepalive Interval", OptionType.DWORD),
        39: _one("Keepalive Garbage", OptionType.BYTE),
        40: _one("NIS Domain Name", OptionType.STRING),
        41: _many("NIS Servers", OptionType.IPV4_ADDRESS),
        42: _many("NTP Servers", OptionType.IPV4_ADDRESS),
        43: _one("Vendor Specific Info", OptionType.BINARY),
        44: _many("WINS/NBNS Servers", OptionType.IPV4_ADDRESS),
        45: _many("NetBIOS over TCP/IP NBDD", OptionType.IPV4_ADDRESS),
        46: _one("WINS/NBT Node Type", OptionType.BYTE),
        47: _one("NetBIOS Scope ID", OptionType.STRING),
        48: _many("X Window System Font", OptionType.IPV4_ADDRESS),
        49: _many("X Window System Display", OptionType.IPV4_ADDRESS),
        51: _one("Lease", OptionType.DWORD),
        58: _one("Renewal (T1) Time Value", OptionType.DWORD),
        59: _one("Rebinding (T2) Time Value", OptionType.DWORD),
        64: _one("NIS+ Domain Name", OptionType.STRING),
        65: _many("NIS+ Servers", OptionType.IPV4_ADDRESS),
        66: _one("Boot Server Host Name", OptionType.STRING),
        67: _one("Bootfile Name", OptionType.STRING),
        68: _many("Mobile IP Home Agents", OptionType.IPV4_ADDRESS),
        69: _many("Simple Mail Transport Protocol (SMTP) Servers", OptionType.IPV4_ADDRESS),
        70: _many("Post Office Protocol (POP3) Servers", OptionType.IPV4_ADDRESS),
        71: _many("Network News Transport Protocol (NNTP) Servers", OptionType.IPV4_ADDRESS),
        72: _many("World Wide Web (WWW) Servers", OptionType.IPV4_ADDRESS),
        73: _many("Finger Servers", OptionType.IPV4_ADDRESS),
        74: _many("Internet Relay Chat (IRC) Servers", OptionType.IPV4_ADDRESS),
        75: _many("StreetTalk Servers", OptionType.IPV4_ADDRESS),
        76: _many("StreetTalk Directory Assistance (STDA) Servers", OptionType.IPV4_ADDRESS),
        81: _one("DNS dynamic update flags", OptionType.DWORD),
        121: _one("Classless Static Routes", OptionType.BINARY),
    }
)
"""By option id; standard options have no vendor class."""
