"""What happened, as text a person can follow: one line a happening, the time since the start first, always the same for one seed.

Lines are kept as parts and made into text when somebody reads them, because most runs end well and are never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from typing import NamedTuple


class Entry(NamedTuple):
    at_s: int
    who: str
    """A partner, a client, the operator, or the network."""
    form: str
    """A format string of `parts`."""
    parts: tuple[object, ...] = ()
    address: int = 0
    """The address it is about; 0 when it is about none."""
    client: bytes = b""
    """The identity of the client it is about; empty when it is about none."""
    is_detail: bool = False
    """A message of the wire or a renewal as expected: shown only when asked for."""

    @property
    def text(self) -> str:
        return self.form.format(*map(shown, self.parts))


class Transcript:
    def __init__(self, start_s: int, *, details: bool = False) -> None:
        self.start_s = start_s
        self.details = details
        self.entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        if self.details or not entry.is_detail:
            self.entries.append(entry)

    def lines(self, entries: Iterable[Entry] | None = None) -> Iterator[str]:
        for entry in self.entries if entries is None else entries:
            yield f"{elapsed(entry.at_s - self.start_s)}  {entry.who:<10} {entry.text}".rstrip()

    def of_victim(self, addresses: Iterable[int], clients: Iterable[bytes]) -> list[str]:
        """The lines that tell what befell these addresses and clients, with everything that concerns nobody in particular."""
        wanted_addresses, wanted_clients = set(addresses) - {0}, set(clients) - {b""}
        chosen = (
            entry
            for entry in self.entries
            if entry.address in wanted_addresses
            or entry.client in wanted_clients
            or not (entry.address or entry.client or entry.is_detail)
        )
        return list(self.lines(chosen))


def shown(part: object) -> str:
    return part.hex("-") if isinstance(part, bytes) else str(part)


def elapsed(seconds: int) -> str:
    """`1d 02:03:04` after the start, days left out while there are none."""
    sign = "-" if seconds < 0 else ""
    days, rest = divmod(abs(seconds), 86400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{sign}{f'{days}d ' if days else ''}{clock}"


def duration(seconds: int) -> str:
    """In the largest unit that fits evenly, two units at most: `90 s`, `8 d`, `1 h 30 min`."""
    if seconds >= 0xFFFFFFFF:
        return "ever"
    parts = []
    for name, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


def address_text(number: int) -> str:
    return str(IPv4Address(number))
