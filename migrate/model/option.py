"""Option definitions and option values, and the one normal form in which values compare."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from migrate.model.origin import Origin, origin_field

LEASE_TIME = 51
"""At scope level this repeats the scope's lease duration, in seconds."""
DNS_FLAGS = 81
"""Not client-FQDN but the DNS dynamic-update settings of its level, a DWORD of flags (formats.md 1.5)."""


class OptionType(StrEnum):
    """Type words of Export-DhcpServer."""

    BYTE = "Byte"
    WORD = "Word"
    DWORD = "DWord"
    DWORD_DWORD = "DWordDWord"
    IPV4_ADDRESS = "IPv4Address"
    IPV6_ADDRESS = "IPv6Address"
    STRING = "String"
    BINARY = "BinaryData"
    ENCAPSULATED = "EncapsulatedData"


NUMBER_BITS = {OptionType.BYTE: 8, OptionType.WORD: 16, OptionType.DWORD: 32, OptionType.DWORD_DWORD: 64}
OCTET_TYPES = frozenset({OptionType.BINARY, OptionType.ENCAPSULATED})

_HEX_RUN = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2})+)")
_OCTET = re.compile(r"0[xX]([0-9a-fA-F]{1,2})")


@dataclass(frozen=True, slots=True, order=True)
class OptionKey:
    """What tells one option value from another within its level. Class names compare without regard to case."""

    option_id: int
    vendor_class: str = ""
    user_class: str = ""

    def __str__(self) -> str:
        classes = [f"vendor class {self.vendor_class}"] if self.vendor_class else []
        classes += [f"user class {self.user_class}"] if self.user_class else []
        return f"option {self.option_id}" + (f" ({', '.join(classes)})" if classes else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionDefinition:
    option_id: int
    name: str
    """Trailing spaces are part of the name."""
    type: OptionType
    multi_valued: bool
    vendor_class: str = ""
    default_values: tuple[str, ...] = ()
    description: str = ""
    origin: Origin | None = origin_field()

    @property
    def key(self) -> tuple[int, str]:
        return self.option_id, self.vendor_class.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionValue:
    """One option at one level (server, scope, reservation or policy); its values in normal form and in order."""

    option_id: int
    values: tuple[str, ...]
    vendor_class: str = ""
    user_class: str = ""
    origin: Origin | None = origin_field()

    @property
    def key(self) -> OptionKey:
        return OptionKey(self.option_id, self.vendor_class.casefold(), self.user_class.casefold())

    @property
    def label(self) -> str:
        """The key with the class names as they were written, for people."""
        return str(OptionKey(self.option_id, self.vendor_class, self.user_class))

    @property
    def text(self) -> str:
        return " ".join(self.values) if all(_OCTET.fullmatch(v) for v in self.values) else ", ".join(self.values)


def normal_values(option_type: OptionType | None, values: tuple[str, ...]) -> tuple[str, ...]:
    """The normal form of an option's values: decimal numbers, canonical addresses, one `0xnn` an octet, text untouched.

    With type None (no definition) the values stay as they are, except that a list of octets becomes lower case. Raises
    ValueError when a value does not fit its type.
    """
    if option_type in OCTET_TYPES:
        return tuple(octet for value in values for octet in _octets(value))
    if option_type in NUMBER_BITS:
        return tuple(str(_number(value, NUMBER_BITS[option_type])) for value in values)
    if option_type is OptionType.IPV4_ADDRESS:
        return tuple(str(IPv4Address(value.strip())) for value in values)
    if option_type is OptionType.IPV6_ADDRESS:
        return tuple(str(IPv6Address(value.strip())) if value.strip() else "" for value in values)
    if option_type is None and values and all(_OCTET.fullmatch(value) for value in values):
        return tuple(value.lower() for value in values)
    return values


def _octets(value: str) -> list[str]:
    text = value.strip()
    if not text:
        return []
    if match := _OCTET.fullmatch(text):
        return [f"0x{int(match[1], 16):02x}"]
    if match := _HEX_RUN.fullmatch(text.replace("-", "").replace(" ", "")):
        return [f"0x{octet:02x}" for octet in bytes.fromhex(match[1])]
    raise ValueError(f"not a hexadecimal octet: {value!r}")


def _number(value: str, bits: int) -> int:
    text = value.strip()
    number = int(text, 16) if text[:2].lower() == "0x" else int(text)
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{value} does not fit {bits} bits")
    return number
