"""The shapes an option's value can have. Each knows four verbs: from bytes, to bytes, to JSON, from JSON.

A kind raises ValueError, worded to follow the option's name; `options` adds the name. Values a field may hold but nobody has
defined (a reject-reason of 99) are kept as they are: what they are worth is for the endpoint to say.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, NamedTuple, TypeVar

Value = TypeVar("Value")


class HardwareAddress(NamedTuple):
    """D12 12.5: `htype` is 1 for Ethernet."""

    htype: int
    address: bytes


class Ddns(NamedTuple):
    """D12 12.9: `name` is in DNS encoding."""

    flags: int
    name: bytes


class Digest(NamedTuple):
    """D12 12.17."""

    type: int
    digest: bytes


OptionValue = int | str | bytes | IPv4Address | tuple[IPv4Address, ...] | HardwareAddress | Ddns | Digest


class Kind:
    """`decode` gets exactly the bytes of the value; `encode` and `from_json` accept only what `decode` and `to_json` can give."""

    __slots__ = ()

    def decode(self, raw: bytes) -> OptionValue:
        raise NotImplementedError

    def encode(self, value: Any) -> bytes:
        raise NotImplementedError

    def to_json(self, value: Any) -> object:
        return value

    def from_json(self, value: Any) -> Any:
        return value


@dataclass(frozen=True, slots=True)
class Unsigned(Kind):
    """A number of `size` bytes, in network order."""

    size: int

    def decode(self, raw: bytes) -> int:
        if len(raw) != self.size:
            raise ValueError(f"is {_bytes(len(raw))} long, not {self.size}")
        return int.from_bytes(raw, "big")

    def encode(self, value: object) -> bytes:
        number = _expect(value, int, "a whole number")
        if not 0 <= number < 1 << 8 * self.size:
            raise ValueError(f"is {_shown(number)}, which does not fit into {_bytes(self.size)}")
        return number.to_bytes(self.size, "big")


class Named(Kind):
    """One byte that stands for a member of an enumeration; a number nobody has named stays a number."""

    __slots__ = ("_members", "_members_by_name", "_names", "_numbers")

    def __init__(self, numbers: Mapping[Any, int], names: Mapping[Any, str]) -> None:
        """`numbers` and `names` give each member's byte and its name in JSON; a member without a name is shown as its number."""
        self._numbers = numbers
        self._names = names
        self._members: dict[int, OptionValue] = {number: member for member, number in numbers.items()}
        self._members_by_name: dict[str, OptionValue] = {name: member for member, name in names.items()}

    def decode(self, raw: bytes) -> OptionValue:
        number = BYTE.decode(raw)
        return self._members.get(number, number)

    def encode(self, value: Any) -> bytes:
        return BYTE.encode(self._numbers.get(value, value))

    def to_json(self, value: Any) -> object:
        return self._names[value] if value in self._names else self._numbers.get(value, value)

    def from_json(self, value: object) -> OptionValue:
        if isinstance(value, str):
            if value not in self._members_by_name:
                raise ValueError(f"is {_shown(value)}, none of {', '.join(self._members_by_name)}")
            return self._members_by_name[value]
        number = _expect(value, int, "a name or a whole number")
        return self._members.get(number, number)


class Address(Kind):
    """Four bytes, in network order."""

    __slots__ = ()

    def decode(self, raw: bytes) -> IPv4Address:
        if len(raw) != 4:
            raise ValueError(f"is {_bytes(len(raw))} long, not 4")
        return IPv4Address(raw)

    def encode(self, value: object) -> bytes:
        return _expect(value, IPv4Address, "an IPv4 address").packed

    def to_json(self, value: object) -> str:
        return str(value)

    def from_json(self, value: object) -> IPv4Address:
        return IPv4Address(_expect(value, str, "an IPv4 address"))


class HostOrderAddresses(Kind):
    """IPv4 addresses, each with its last byte first (MS-DHCPF 2.2.1)."""

    __slots__ = ()

    def decode(self, raw: bytes) -> tuple[IPv4Address, ...]:
        if len(raw) % 4:
            raise ValueError(f"is {_bytes(len(raw))} long, not a multiple of 4")
        return tuple(IPv4Address(raw[at : at + 4][::-1]) for at in range(0, len(raw), 4))

    def encode(self, value: object) -> bytes:
        return b"".join(ADDRESS.encode(address)[::-1] for address in _expect(value, tuple, "IPv4 addresses"))

    def to_json(self, value: tuple[IPv4Address, ...]) -> list[str]:
        return [str(address) for address in value]

    def from_json(self, value: object) -> tuple[IPv4Address, ...]:
        return tuple(ADDRESS.from_json(item) for item in _expect(value, list, "a list of IPv4 addresses"))


@dataclass(frozen=True, slots=True)
class Octets(Kind):
    """Bytes that are not looked into; hexadecimal in JSON."""

    lengths: tuple[int, ...] = ()
    """Allowed ones; none given: any."""

    def decode(self, raw: bytes) -> bytes:
        if self.lengths and len(raw) not in self.lengths:
            raise ValueError(f"is {_bytes(len(raw))} long, not {' or '.join(map(str, self.lengths))}")
        return raw

    def encode(self, value: object) -> bytes:
        return self.decode(_expect(value, bytes, "bytes"))

    def to_json(self, value: Any) -> str:
        return str(value.hex())

    def from_json(self, value: object) -> bytes:
        return octets_of_hex(value)


class Text(Kind):
    """Characters without a terminator. Bytes that are not UTF-8 survive as surrogate escapes."""

    __slots__ = ()

    def decode(self, raw: bytes) -> str:
        return raw.decode("utf-8", "surrogateescape")

    def encode(self, value: object) -> bytes:
        return _expect(value, str, "text").encode("utf-8", "surrogateescape")


class Utf16(Kind):
    """UTF-16LE with a final NUL that is not part of the value; unpaired surrogates survive."""

    __slots__ = ()

    def decode(self, raw: bytes) -> str:
        if len(raw) % 2:
            raise ValueError(f"is {_bytes(len(raw))} long, which no UTF-16 text can be")
        if raw[-2:] != b"\0\0":
            raise ValueError("does not end with a NUL character")
        return raw[:-2].decode("utf-16-le", "surrogatepass")

    def encode(self, value: object) -> bytes:
        return _expect(value, str, "text").encode("utf-16-le", "surrogatepass") + b"\0\0"


@dataclass(frozen=True, slots=True)
class Prefixed(Kind):
    """A number of `size` bytes and then octets to the end, as a pair of type `record`."""

    record: Any
    size: int
    has_colons: bool = False
    """In JSON, between the octets."""

    def decode(self, raw: bytes) -> OptionValue:
        if len(raw) < self.size:
            raise ValueError(f"is {_bytes(len(raw))} long, at least {self.size} expected")
        pair: OptionValue = self.record(int.from_bytes(raw[: self.size], "big"), raw[self.size :])
        return pair

    def encode(self, value: object) -> bytes:
        number, octets = _expect(value, self.record, f"a {self.record.__name__}")
        return Unsigned(self.size).encode(number) + ANY_OCTETS.encode(octets)

    def to_json(self, value: tuple[int, bytes]) -> dict[str, object]:
        octets = value[1].hex(":") if self.has_colons else value[1].hex()
        return dict(zip(self.record._fields, (value[0], octets), strict=True))

    def from_json(self, value: object) -> OptionValue:
        names = self.record._fields
        parts = _expect(value, dict, f"an object with {' and '.join(names)}")
        if tuple(sorted(parts)) != tuple(sorted(names)):
            raise ValueError(f"is not an object with {' and '.join(names)}")
        pair: OptionValue = self.record(parts[names[0]], octets_of_hex(parts[names[1]]))
        return pair


def octets_of_hex(text: object) -> bytes:
    """From hexadecimal digits, with or without colons or blanks between the bytes."""
    digits = "".join(_expect(text, str, "hexadecimal digits").replace(":", " ").split())
    try:
        return binascii.unhexlify(digits)
    except ValueError:
        raise ValueError(f"is {_shown(text)}, not pairs of hexadecimal digits") from None


def _expect(value: object, wanted: type[Value], words: str) -> Value:
    if not isinstance(value, wanted):
        raise ValueError(f"is {_shown(value)}, not {words}")
    return value


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count} bytes"


BYTE = Unsigned(1)
ADDRESS = Address()
ANY_OCTETS = Octets()
