"""Listings of `netsh dhcp server scope X show clients 1`, one or many in a file (formats.md 3.1).

Rows are recognised by their shape, because widths move and everything around them is localised. The mask stands in every row, so
the scope is known without the lines that name it; those tell whether the listing is whole.
"""

from __future__ import annotations

import re
from pathlib import Path

from migrate.errors import InputError
from migrate.model.finding import Severity
from migrate.model.leases import LeaseClientType, LeaseState
from migrate.model.origin import Origin
from parsers.fields import parse_mask
from parsers.listing import ListingBuilder, ListingRow, address_number, client_octets, state_of_client
from parsers.result import LeaseListing, ReadOptions
from parsers.text import decode_text

_ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}"
_ROW = re.compile(
    rf"\s*(?P<address>{_ADDRESS})\s*-\s*(?P<mask>{_ADDRESS})\s*-"
    r"\s*(?P<client>(?:[0-9a-fA-F]{2}-){0,254}[0-9a-fA-F]{2})-?\s*-"
    r"\s*(?P<expiry>[^\W\d][^\d-]*|\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}.*?)"
    r"\s*-\s*(?P<type>[NDBUR])\s*(?:-\s*(?P<name>.*?))?\s*",
    re.ASCII,
)
_LONGEST_ROW = 2048
_STARTS_LIKE_ROW = re.compile(rf"\s*{_ADDRESS}(?![\d.])", re.ASCII)
_TOTAL = re.compile(rf"[^#\"]*?(?<![\d.])(?P<count>\d+)[^\d.#\"]+(?P<scope>{_ADDRESS})\.?\s*", re.ASCII)
"""`No of Clients(version 4): 12 in the Scope : 192.0.2.0.` in any language: a number, words, an address, the end."""
_CONTEXT = re.compile(rf"[^\d#\"]*(?P<scope>{_ADDRESS})[^\d#\"]*", re.ASCII)
"""`Changed the current scope context to 192.0.2.0 scope.` in any language."""

_EXPIRY_WORDS = {"NEVER EXPIRES": LeaseState.ACTIVE, "INACTIVE": LeaseState.INACTIVE}
_CLIENT_TYPES = {
    "N": LeaseClientType.NONE,
    "D": LeaseClientType.DHCP,
    "B": LeaseClientType.BOOTP,
    "U": LeaseClientType.UNSPECIFIED,
    "R": LeaseClientType.RESERVATION,
}


def parse_show_clients(path: Path, options: ReadOptions) -> LeaseListing:
    """Rows marked inactive keep that state: whether it is an inactive reservation only the reservations tell. Raises InputError
    for text that is no such listing, and for dates that can mean two days."""
    decoded = decode_text(path, options)
    builder = ListingBuilder(path, options)
    reader = _Reader(builder)
    for line, text in enumerate(decoded.text.split("\n"), 1):
        if text and not text.isspace():
            reader.read(line, text)
    reader.close()
    if not reader.is_listing:
        raise InputError(
            "not-a-client-listing",
            f"{path} has no row of a netsh client listing.",
            hint="Run 'netsh dhcp server scope SCOPE show clients 1 > clients.txt' for every scope.",
            places=[Origin(str(path))],
        )
    return builder.build(decoded.findings)


class _Reader:
    """Goes through the lines; counts the rows of each scope's listing to hold them against the total below it."""

    def __init__(self, builder: ListingBuilder) -> None:
        self._builder = builder
        self._has_total = False
        self._row_count = 0
        self._client_count = 0
        """Rows that have the form of a client."""
        self._masks: dict[str, int] = {}
        self._open_since: int | None = None
        self._counted = 0
        """Rows before the current scope's listing."""

    @property
    def is_listing(self) -> bool:
        return self._client_count > 0 or (self._has_total and not self._row_count)

    def read(self, line: int, text: str) -> None:
        if _STARTS_LIKE_ROW.match(text):
            self._row_count += 1
            self._read_row(line, text)
        elif len(text) > _LONGEST_ROW:
            return
        elif match := _TOTAL.fullmatch(text):
            self._check_total(line, int(match["count"]), match["scope"])
        elif _CONTEXT.fullmatch(text):
            self.close()
            self._open_since = line

    def close(self) -> None:
        """Ends the listing of a scope; one that was begun but has no total below it was cut off."""
        if self._open_since is not None:
            self._report_incomplete("has no total below it", self._open_since)
        self._begin_next()

    def _check_total(self, line: int, total: int, scope: str) -> None:
        self._has_total = True
        rows = self._row_count - self._counted
        if total != rows:
            self._report_incomplete(f"has {rows} rows but says that there are {total}", line, scope)
        self._begin_next()

    def _begin_next(self) -> None:
        self._open_since = None
        self._counted = self._row_count

    def _read_row(self, line: int, text: str) -> None:
        match = _ROW.fullmatch(text) if len(text) <= _LONGEST_ROW else None
        if match is None:
            self._builder.refuse(line, text.split()[0][:32], "they do not have the form of a client", text.strip()[:120])
            return
        self._client_count += 1
        try:
            self._builder.add(self._row(line, match))
        except ValueError as problem:
            self._builder.refuse(line, match["address"], "one of their values makes no sense", str(problem))

    def _row(self, line: int, match: re.Match[str]) -> ListingRow:
        address, mask_text, client, expiry, type_letter, name = match.groups()
        address_value, octets = address_number(address), client_octets(client)
        state = LeaseState.ACTIVE
        if not expiry[0].isdigit():
            state, expiry = self._state(expiry.strip()), ""
        host_name = name or ""
        if state is LeaseState.INACTIVE and octets == address_value.to_bytes(4, "little"):
            state = LeaseState.DECLINED
        return ListingRow(
            line=line,
            address=address_value,
            scope_id=address_value & self._mask(mask_text),
            client_id=octets,
            state=state_of_client(state, host_name),
            client_type=_CLIENT_TYPES[type_letter],
            expiry=expiry,
            host_name=host_name,
        )

    def _state(self, word: str) -> LeaseState:
        try:
            return _EXPIRY_WORDS[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is no end of a lease that is known here") from None

    def _mask(self, text: str) -> int:
        mask = self._masks.get(text)
        if mask is None:
            mask = self._masks[text] = int(parse_mask(text))
        return mask

    def _report_incomplete(self, problem: str, line: int, scope: str = "") -> None:
        which = f"The listing of scope {scope}" if scope else f"The listing that begins at line {line}"
        self._builder.find(
            "incomplete-listing",
            Severity.ERROR,
            f"{which} in {self._builder.path.name} {problem}: leases are missing.",
            "List the clients of this scope again.",
            [line],
        )
