"""From the rows of a lease listing to its LeaseTable, with dates judged together and refused rows accounted for.

`show_clients` and `lease_csv` know what the rows look like; this does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from pathlib import Path
from socket import AF_INET, inet_pton
from typing import NamedTuple

import numpy as np

from migrate.model.finding import Finding, Severity
from migrate.model.leases import (
    NEVER,
    Indices,
    LeaseClientType,
    LeaseState,
    LeaseTable,
    PackedColumn,
    WordColumn,
)
from migrate.model.origin import Origin
from migrate.model.server import NotCarried, ObjectKind
from parsers.listing_dates import UNREADABLE, read_instants
from parsers.result import LeaseListing, ReadOptions

DECLINED_NAME = "BAD_ADDRESS"
"""Windows' name for the client of an address that somebody declined."""

_ROWS_AT_ONCE = 1 << 16
_PLACES_SHOWN = 10
_ID_SEPARATORS = str.maketrans("", "", "-:. ")


class ListingRow(NamedTuple):
    """One lease as its row says; dates are still text, empty for a lease without end."""

    line: int
    address: int
    scope_id: int
    client_id: bytes
    state: int
    client_type: int
    expiry: str
    host_name: str = ""
    description: str = ""
    policy_name: str = ""
    dns_rr: str = ""
    dns_registration: str = ""
    nap_capable: bool = False
    nap_status: str = ""
    probation_ends: str = ""


def address_number(text: str) -> int:
    """An IPv4 address as a number, several times faster than IPv4Address. Raises ValueError."""
    try:
        return int.from_bytes(inet_pton(AF_INET, text), "big")
    except OSError:
        raise ValueError(f"{text!r} is not an IPv4 address") from None


def client_octets(text: str) -> bytes:
    """A client id of any length, with or without separators. Raises ValueError."""
    try:
        octets = bytes.fromhex(text.replace("-", "") if "-" in text else text.translate(_ID_SEPARATORS))
    except ValueError:
        raise ValueError(f"{text!r} is not a client id in hexadecimal") from None
    if not octets:
        raise ValueError("there is no client id")
    return octets


@dataclass(slots=True)
class _Refusal:
    count: int
    example: str
    lines: list[int]


class ListingBuilder:
    def __init__(self, path: Path, options: ReadOptions) -> None:
        self.path = path
        self._options = options
        self._rows: list[ListingRow] = []
        self._tables: list[LeaseTable] = []
        self._expiries: list[str] = []
        self._probations: list[str] = []
        self._not_carried: list[NotCarried] = []
        self._refusals: dict[str, _Refusal] = {}
        self._findings: list[Finding] = []

    def add(self, row: ListingRow) -> None:
        self._rows.append(row)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._flush()

    def refuse(self, line: int, key: str, reason: str, detail: str = "") -> None:
        """`reason` is the same for all rows refused for it, and makes one finding; `detail` is this row's."""
        explained = f"{reason}: {detail}" if detail else reason
        origin = Origin(str(self.path), line)
        self._not_carried.append(NotCarried(kind=ObjectKind.LEASE, key=key, reason=explained, origin=origin))
        refusal = self._refusals.setdefault(reason, _Refusal(0, explained, []))
        refusal.count += 1
        if len(refusal.lines) < _PLACES_SHOWN:
            refusal.lines.append(line)

    def find(self, rule: str, severity: Severity, message: str, remedy: str, lines: list[int]) -> None:
        places = tuple(Origin(str(self.path), line) for line in lines[:_PLACES_SHOWN]) or (Origin(str(self.path)),)
        thing = self.path.name
        self._findings.append(Finding(rule=rule, severity=severity, object=thing, message=message, remedy=remedy, places=places))

    def build(self, findings: tuple[Finding, ...] = ()) -> LeaseListing:
        """`findings` are those of the text itself. Raises InputError for dates that can mean two days."""
        self._flush()
        table = self._with_dates(LeaseTable.concatenate(self._tables or [LeaseTable.empty()]))
        self._report_refusals()
        everything = sorted((*findings, *self._findings), key=lambda finding: finding.sort_key)
        return LeaseListing(leases=table, not_carried=tuple(self._not_carried), findings=tuple(everything))

    def _with_dates(self, table: LeaseTable) -> LeaseTable:
        texts = self._expiries + self._probations
        written = np.fromiter(map(bool, texts), np.bool_, len(texts))
        instants = read_instants(list(filter(None, texts)), self._options, self.path)
        seconds = np.full(len(texts), NEVER, np.int64)
        seconds[written] = instants.seconds
        expiry, probation = np.split(seconds, 2)
        if instants.takes_local_as_utc:
            self._report_time_zone()
        is_readable = expiry != UNREADABLE
        for row in np.flatnonzero(~is_readable).tolist():
            key = str(IPv4Address(int(table.address[row])))
            self.refuse(int(table.line[row]), key, "the end of the lease is no date", self._expiries[row])
        table = replace(table, expiry_s=expiry, probation_ends_s=np.where(probation == UNREADABLE, NEVER, probation))
        rows: Indices = np.flatnonzero(is_readable)
        return table if len(rows) == len(table) else table.take(rows)

    def _report_time_zone(self) -> None:
        self.find(
            "guessed-time-zone",
            Severity.WARNING,
            f"The times in {self.path.name} name no time zone; they were read as UTC.",
            "Give the time zone of the computer that made the list with --time-zone.",
            [],
        )

    def _report_refusals(self) -> None:
        for reason, refusal in self._refusals.items():
            rows = "1 row" if refusal.count == 1 else f"{refusal.count} rows"
            self.find(
                "unreadable-lease",
                Severity.ERROR,
                f"{rows} of {self.path.name} cannot be read, {reason}; the first is line {refusal.lines[0]}: {refusal.example}",
                "Correct the rows, or make the list again; a lease that is not read is not protected by the migration.",
                refusal.lines,
            )

    def _flush(self) -> None:
        """The collected rows as columns; their dates follow when all are known."""
        if not self._rows:
            return
        count = len(self._rows)
        columns = ListingRow(*zip(*self._rows, strict=True))  # type: ignore[arg-type]
        self._rows = []
        self._expiries += columns.expiry
        self._probations += columns.probation_ends
        self._tables.append(
            LeaseTable(
                address=np.array(columns.address, np.uint32),
                scope_id=np.array(columns.scope_id, np.uint32),
                expiry_s=np.zeros(count, np.int64),
                state=np.array(columns.state, np.uint8),
                client_type=np.array(columns.client_type, np.uint8),
                client_id=PackedColumn.of_values(columns.client_id),  # type: ignore[arg-type]
                host_name=_texts(columns.host_name),
                description=_texts(columns.description),
                policy_name=_words(columns.policy_name),
                dns_rr=_words(columns.dns_rr),
                dns_registration=_words(columns.dns_registration),
                nap_capable=np.array(columns.nap_capable, np.bool_),
                nap_status=_words(columns.nap_status),
                probation_ends_s=np.zeros(count, np.int64),
                line=np.array(columns.line, np.uint32),
                path=_words([str(self.path)] * count),
            )
        )


def _texts(column: Iterable[str]) -> PackedColumn:
    return PackedColumn.of_values([text.encode() for text in column])


def _words(column: Iterable[str]) -> WordColumn:
    """As WordColumn.of_values, quick where few words fill many rows."""
    values = list(column)
    codes = {word: code for code, word in enumerate(dict.fromkeys(values))}
    return WordColumn(np.fromiter(map(codes.__getitem__, values), np.uint32, len(values)), tuple(codes))


def state_of_client(state: LeaseState, host_name: str) -> LeaseState:
    """A declined address may be listed as active or inactive, but with a name of its own."""
    return LeaseState.DECLINED if host_name.upper() == DECLINED_NAME else state


CLIENT_TYPES = {kind.word.casefold(): kind for kind in LeaseClientType}
