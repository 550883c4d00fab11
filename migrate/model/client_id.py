"""Client identifiers, compared as octets whatever their spelling or length (formats.md section 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEX = re.compile(r"[0-9a-fA-F]*")
_SEPARATORS = str.maketrans("", "", "-:. ")


@dataclass(frozen=True, slots=True, order=True)
class ClientId:
    """The octets by which a server knows a client: six for a MAC address, any other number for a real client id.

    `01` + MAC and MAC are different clients here, as they are for the server.
    """

    octets: bytes

    @classmethod
    def parse(cls, text: str) -> ClientId:
        """From hex digits with or without dashes, colons or dots. Raises ValueError for anything else, odd counts included."""
        digits = text.strip().translate(_SEPARATORS)
        if not _HEX.fullmatch(digits):
            raise ValueError(f"not a hexadecimal client id: {text!r}")
        if len(digits) % 2:
            raise ValueError(f"client id with an odd number of hexadecimal digits: {text!r}")
        return cls(bytes.fromhex(digits))

    @property
    def is_mac(self) -> bool:
        return len(self.octets) == 6

    def __str__(self) -> str:
        return self.octets.hex("-")
