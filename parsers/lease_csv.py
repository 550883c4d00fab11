"""Lease lists as CSV: `Get-DhcpServerv4Lease | Export-Csv`, and "Export List" of the management console (formats.md 3.2, 3.3).

Columns are found by their headings, in any order. Export-Csv writes property names, which are English everywhere; the console
writes localised headings and quotes nothing, so a comma in a description makes a row longer.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from migrate.errors import InputError
from migrate.model.finding import Severity
from migrate.model.leases import LeaseClientType, LeaseState
from migrate.model.origin import Origin
from parsers.listing import CLIENT_TYPES, ListingBuilder, ListingRow, address_number, client_octets, state_of_client
from parsers.result import LeaseListing, ReadOptions
from parsers.text import decode_text

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "address": ("ipaddress", "client ip address", "ip-adresse des clients", "ip-adresse"),
    "client_id": ("clientid", "unique id", "eindeutige kennung"),
    "scope_id": ("scopeid",),
    "host_name": ("hostname", "name"),
    "expiry": ("leaseexpirytime", "lease expiration", "leaseablaufdatum"),
    "client_type": ("clienttype", "type", "typ"),
    "state": ("addressstate",),
    "description": ("description", "beschreibung"),
    "policy_name": ("policyname", "policy", "richtlinie"),
    "dns_rr": ("dnsrr",),
    "dns_registration": ("dnsregistration",),
    "nap_capable": ("napcapable",),
    "nap_status": ("napstatus",),
    "probation_ends": ("probationends", "probation expiration"),
}
"""What is read of a list, by lower-case heading; other columns hold nothing that a failover pair keeps."""

_FIELDS = {heading: field for field, headings in HEADINGS.items() for heading in headings}
_REQUIRED = ("address", "client_id")
_DELIMITERS = (",", ";", "\t")
_LINES_BEFORE_HEADING = 20
_LONGEST_RECORD = 50
"""Lines that a quoted text may span."""

_STATES = {state.word.casefold(): state for state in LeaseState}
_RESERVED = re.compile(r"(?:reservation|reservierung) \((?:(?P<active>active|aktiv)|inactive|inaktiv)\)", re.IGNORECASE)
_UNLIMITED = ("unlimited", "unbegrenzt")
_NO_DATE = ("", "n/a", "none")
_TYPE_WORDS = {**CLIENT_TYPES, "": LeaseClientType.UNSPECIFIED, "keine": LeaseClientType.NONE}


class Record(NamedTuple):
    """The fields of one row that are read, empty where the list has no such column."""

    address: str
    client_id: str
    scope_id: str
    host_name: str
    expiry: str
    client_type: str
    state: str
    description: str
    policy_name: str
    dns_rr: str
    dns_registration: str
    nap_capable: str
    nap_status: str
    probation_ends: str


@dataclass(frozen=True, slots=True)
class Heading:
    """`positions` maps each field to its column."""

    delimiter: str
    width: int
    positions: Mapping[str, int]

    def picker(self) -> Callable[[list[str]], tuple[str, ...]]:
        """Takes the fields of a Record out of a row; a row has an empty field behind its last for those that are missing."""
        return itemgetter(*(self.positions.get(field, self.width) for field in Record._fields))


def parse_lease_csv(path: Path, options: ReadOptions) -> LeaseListing:
    """Rows without a scope column have scope id 0. Raises InputError for text without a heading of a lease list, and for dates
    that can mean two days."""
    decoded = decode_text(path, options)
    lines = [line.rstrip("\r") for line in decoded.text.split("\n")]
    at, heading = _find_heading(lines, path)
    builder = ListingBuilder(path, options)
    reader = _Reader(builder, heading)
    for line, fields in reader.records(lines, at + 1):
        reader.read(line, fields)
    reader.report()
    return builder.build(decoded.findings)


def _find_heading(lines: Sequence[str], path: Path) -> tuple[int, Heading]:
    for at, line in enumerate(lines[:_LINES_BEFORE_HEADING]):
        if heading := read_heading(line):
            return at, heading
    raise InputError(
        "not-a-lease-list",
        f"{path} has no heading with the address and the client id of a lease.",
        hint="Export with 'Get-DhcpServerv4Lease -AllLeases | Export-Csv', or with Export List in English or German.",
        places=[Origin(str(path))],
    )


def read_heading(line: str) -> Heading | None:
    """The columns that the line names, when it names those that every lease list has."""
    for delimiter in _DELIMITERS:
        names = [name.strip().casefold() for name in _fields(line, delimiter)]
        positions = {_FIELDS[name]: position for position, name in reversed(list(enumerate(names))) if name in _FIELDS}
        if all(field in positions for field in _REQUIRED):
            return Heading(delimiter, len(names), positions)
    return None


def _fields(text: str, delimiter: str) -> list[str]:
    """The fields of one record; a quote that does not close is part of the text, not the start of a longer record."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return text.split(delimiter)


class _Reader:
    def __init__(self, builder: ListingBuilder, heading: Heading) -> None:
        self._builder = builder
        self._heading = heading
        self._pick = heading.picker()
        self._scope_ids = {"": 0}
        self._odd_quotes: list[int] = []
        self._surplus: list[int] = []
        self._unknown_types: dict[str, int] = {}

    def records(self, lines: Sequence[str], start: int) -> Iterator[tuple[int, list[str]]]:
        """Every record with the line it starts at; `#TYPE` lines and blank ones are left out, and headings of lists that were
        joined to the first take over from there."""
        at = start
        while at < len(lines):
            text, first = lines[at], at + 1
            at += 1
            if not text or text.isspace() or text.startswith("#TYPE"):
                continue
            if text.count('"') % 2:
                end = self._end_of_record(lines, at)
                if end is None:
                    self._odd_quotes.append(first)
                    yield first, text.replace('"', "").split(self._heading.delimiter)
                    continue
                text, at = "\n".join(lines[at - 1 : end]), end
            fields = _fields(text, self._heading.delimiter)
            if not fields[0][:1].isdigit() and (heading := read_heading(text)):
                self._heading, self._pick = heading, heading.picker()
            else:
                yield first, fields

    def _end_of_record(self, lines: Sequence[str], at: int) -> int | None:
        """Where a text that began before `at` ends; None when a line before its closing quote is a whole record itself."""
        for end in range(at, min(at + _LONGEST_RECORD, len(lines))):
            if lines[end].count('"') % 2:
                return end + 1
            if len(_fields(lines[end], self._heading.delimiter)) >= self._heading.width > 1:
                return None
        return None

    def read(self, line: int, fields: list[str]) -> None:
        if len(fields) != self._heading.width:
            fields = self._fitted(line, fields)
        record = Record._make(self._pick([*fields, ""]))
        try:
            self._builder.add(self._row(line, record))
        except ValueError as problem:
            self._builder.refuse(line, record.address.strip()[:32], "one of their values makes no sense", str(problem))

    def _fitted(self, line: int, fields: list[str]) -> list[str]:
        """As many fields as the heading has: what is too much belongs to the description, the one text that may hold anything."""
        width, at = self._heading.width, self._heading.positions.get("description")
        while len(fields) > width and not fields[-1]:
            fields = fields[:-1]
        surplus = len(fields) - width
        if surplus <= 0:
            return fields + [""] * -surplus
        if at is None:
            return fields
        if at != width - 1:
            self._surplus.append(line)
        end = at + surplus + 1
        return [*fields[:at], self._heading.delimiter.join(fields[at:end]), *fields[end:]]

    def _row(self, line: int, record: Record) -> ListingRow:
        state, expiry = _state_and_expiry(record.state.strip(), record.expiry.strip())
        probation = record.probation_ends.strip()
        return ListingRow(
            line,
            address_number(record.address.strip()),
            self._scope_id(record.scope_id),
            client_octets(record.client_id.strip()),
            state_of_client(state, record.host_name),
            self._client_type(line, record.client_type),
            expiry,
            record.host_name,
            record.description,
            record.policy_name,
            record.dns_rr,
            record.dns_registration,
            record.nap_capable.casefold() == "true",
            record.nap_status,
            "" if probation.casefold() in _NO_DATE else probation,
        )

    def _scope_id(self, text: str) -> int:
        number = self._scope_ids.get(text)
        if number is None:
            number = self._scope_ids[text] = address_number(text.strip())
        return number

    def _client_type(self, line: int, word: str) -> LeaseClientType:
        client_type = _TYPE_WORDS.get(word.strip().casefold())
        if client_type is None:
            self._unknown_types.setdefault(word, line)
            return LeaseClientType.UNSPECIFIED
        return client_type

    def report(self) -> None:
        name = self._builder.path.name
        if self._odd_quotes:
            self._builder.find(
                "odd-quotes",
                Severity.WARNING,
                f"{len(self._odd_quotes)} rows of {name} have a quotation mark without a partner; they were read without quotes.",
                "Compare these rows with the server.",
                self._odd_quotes,
            )
        if self._surplus:
            self._builder.find(
                "surplus-fields",
                Severity.WARNING,
                f"{len(self._surplus)} rows of {name} have more fields than its heading; what is too much was read as part of the "
                "description.",
                "Compare description and policy of these leases with the server, or export with Export-Csv, which quotes texts.",
                self._surplus,
            )
        for word, line in self._unknown_types.items():
            self._builder.find(
                "unreadable-value",
                Severity.INFO,
                f"{word!r} is no type of client that is known here; such leases of {name} are read as UnSpecified.",
                "Nothing to do: the type of a lease's client is for information.",
                [line],
            )


def _state_and_expiry(state_word: str, expiry: str) -> tuple[LeaseState, str]:
    """The console has no column for the state, and shows reservations where the others have their date."""
    if match := _RESERVED.fullmatch(expiry):
        return LeaseState.ACTIVE_RESERVATION if match["active"] else LeaseState.INACTIVE_RESERVATION, ""
    if expiry.casefold() in _UNLIMITED:
        expiry = ""
    if not state_word:
        return LeaseState.ACTIVE, expiry
    state = _STATES.get(state_word.casefold())
    if state is None:
        raise ValueError(f"{state_word!r} is no state of a lease")
    return state, expiry
