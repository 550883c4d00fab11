"""Columns of many leases at once, from the spans that `lease_tags` found.

Each field has one strict form that is read by numpy; a lease with any field in another form is read by `lease_row` from the
same octets. Both give the same result, so the strict forms are a matter of speed only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migrate.model.leases import NEVER, LeaseClientType, LeaseTable, PackedColumn, WordColumn
from parsers.export_xml.lease_row import CLIENT_TYPES, FIELDS, STATES, read_lease
from parsers.export_xml.lease_tags import LeaseSpans, TextSpans, decode_references
from parsers.instants import NEVER_YEAR, InstantReader

Rows = npt.NDArray[np.bool_]
"""For each lease, whether its field was in the strict form."""

_UNREAD = 255
_DAY_S = 86400
_NIBBLES = np.full(256, _UNREAD, np.uint8)
for _digit in range(16):
    _NIBBLES[[ord(f"{_digit:x}"), ord(f"{_digit:X}")]] = _digit


@dataclass(frozen=True, slots=True)
class UnreadLease:
    address: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class LeaseColumns:
    """`table` has a row for each lease; the rows in `unread` could not be read, and hold nothing of use."""

    table: LeaseTable
    unread: dict[int, UnreadLease]

    def part(self, first: int, stop: int) -> tuple[LeaseTable, list[UnreadLease]]:
        """The sound leases and the others, from row `first` up to, not including, `stop`."""
        table = self.table.slice(first, stop)
        if not self.unread:
            return table, []
        unread = [row for row in range(first, stop) if row in self.unread]
        kept = np.delete(np.arange(stop - first), [row - first for row in unread])
        return table.take(kept), [self.unread[row] for row in unread]


def read_columns(spans: LeaseSpans, lines: npt.NDArray[np.int64], instants: InstantReader, path: str) -> LeaseColumns:
    values = np.frombuffer(spans.octets, np.uint8)
    none = TextSpans(np.zeros(spans.count, np.intp), np.zeros(spans.count, np.intp))

    def of(name: str) -> TextSpans:
        return spans.fields.get(name, none)

    address, strict = _addresses(values, of("IPAddress"))
    scope_id, scope_id_strict = _scope_ids(values, spans)
    expiry_s, expiry_strict, expiry_naive = _instants(values, of("LeaseExpiryTime"), instants)
    probation_ends_s, probation_strict, probation_naive = _instants(values, of("ProbationEnds"), instants)
    client_id, client_id_strict = _client_ids(values, of("ClientId"))
    state = _codes(spans, "AddressState", _STATE_CODES)
    client_type = _codes(spans, "ClientType", _CLIENT_TYPE_CODES)
    nap_capable = _codes(spans, "NapCapable", _FLAG_CODES)
    strict &= scope_id_strict & expiry_strict & probation_strict & client_id_strict
    strict &= (state != _UNREAD) & (client_type != _UNREAD) & (nap_capable != _UNREAD)
    naive = np.flatnonzero(strict & (expiry_naive | probation_naive))
    if len(naive):
        instants.note_naive(int(lines[naive[0]]))
    unread: dict[int, UnreadLease] = {}
    for row in np.flatnonzero(~strict).tolist():
        texts = _row_texts(spans, row)
        try:
            lease = read_lease(texts, instants, path, int(lines[row]))
        except ValueError as error:
            unread[row] = UnreadLease(texts.get("IPAddress", "").strip(), str(error), int(lines[row]))
            continue
        address[row], scope_id[row] = int(lease.ip_address), int(lease.scope_id)
        expiry_s[row], probation_ends_s[row] = lease.expiry_s, lease.probation_ends_s
        state[row], client_type[row], nap_capable[row] = lease.state, lease.client_type, lease.nap_capable
        client_id[row] = lease.client_id.octets
    table = LeaseTable(
        address=address,
        scope_id=scope_id,
        expiry_s=expiry_s,
        state=state,
        client_type=client_type,
        client_id=PackedColumn.of_values(client_id),
        host_name=_texts(spans, "HostName"),
        description=_texts(spans, "Description"),
        policy_name=_words(spans, "PolicyName"),
        dns_rr=_words(spans, "DnsRR"),
        dns_registration=_words(spans, "DnsRegistration"),
        nap_capable=nap_capable == 1,
        nap_status=_words(spans, "NapStatus"),
        probation_ends_s=probation_ends_s,
        line=lines.astype(np.uint32),
        path=WordColumn(np.zeros(spans.count, np.uint32), (path,)),
    )
    return LeaseColumns(table, unread)


def _row_texts(spans: LeaseSpans, row: int) -> dict[str, str]:
    return {name: decode_references(spans.text(name, row)).decode() for name in FIELDS if name in spans.fields}


def _texts(spans: LeaseSpans, name: str) -> PackedColumn:
    if spans.is_blank(name):
        return PackedColumn(np.zeros(0, np.uint8), np.zeros(spans.count + 1, np.int64))
    texts = spans.texts(name)
    if spans.has_references:
        texts = [decode_references(text) if b"&" in text else text for text in texts]
    return PackedColumn.of_values(texts)


def _words(spans: LeaseSpans, name: str) -> WordColumn:
    codes, texts = spans.distinct(name)
    return WordColumn(codes, tuple(decode_references(text).decode() for text in texts))


def _spellings(words: Mapping[str, int]) -> dict[bytes, int]:
    return {word.encode(): int(code) for word, code in words.items()}


_STATE_CODES = _spellings({state.word: state for state in STATES.values()})
_CLIENT_TYPE_CODES = _spellings({kind.word: kind for kind in CLIENT_TYPES.values()} | {"": LeaseClientType.UNSPECIFIED})
_FLAG_CODES = {b"": 0, b"false": 0, b"true": 1, b"0": 0, b"1": 1}


def _codes(spans: LeaseSpans, name: str, known: Mapping[bytes, int]) -> npt.NDArray[np.uint8]:
    codes, texts = spans.distinct(name)
    return np.array([known.get(text, _UNREAD) for text in texts], np.uint8)[codes]


def _matrix(values: npt.NDArray[np.uint8], starts: npt.NDArray[np.intp], width: int) -> npt.NDArray[np.uint8]:
    """One row of `width` octets for each start."""
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    return windows[starts]


def _addresses(values: npt.NDArray[np.uint8], spans: TextSpans) -> tuple[npt.NDArray[np.uint32], Rows]:
    """Strict: four decimal numbers up to 255 without leading zeros."""
    lengths = spans.stops - spans.starts
    addresses, strict = np.zeros(len(lengths), np.uint32), np.zeros(len(lengths), np.bool_)
    dots = (_matrix(values, spans.starts, 16) == ord(".")) & (np.arange(16) < lengths[:, np.newaxis])
    rows = np.flatnonzero((dots.sum(axis=1) == 3) & (lengths < 16))
    part_stops = np.empty((len(rows), 4), np.intp)
    part_stops[:, :3] = np.nonzero(dots[rows])[1].reshape(-1, 3)
    part_stops[:, 3] = lengths[rows]
    sizes = np.diff(part_stops, axis=1, prepend=-1) - 1
    last = spans.starts[rows, np.newaxis] + part_stops - 1
    units, tens, hundreds = (
        np.where(sizes > place, values[last - place] - np.uint8(ord("0")), np.uint8(0)).astype(np.uint32) for place in range(3)
    )
    parts = units + tens * 10 + hundreds * 100
    plain = (sizes >= 1) & (sizes <= 3) & (units < 10) & (tens < 10) & (hundreds < 10) & (parts < 256)
    plain &= ((sizes < 2) | (parts >= 10)) & ((sizes < 3) | (parts >= 100))
    strict[rows] = plain.all(axis=1)
    addresses[rows] = parts[:, 0] << 24 | parts[:, 1] << 16 | parts[:, 2] << 8 | parts[:, 3]
    addresses[~strict] = 0
    return addresses, strict


def _scope_ids(values: npt.NDArray[np.uint8], spans: LeaseSpans) -> tuple[npt.NDArray[np.uint32], Rows]:
    """Strict: as addresses are, or absent. All leases of a scope have the same one."""
    if "ScopeId" not in spans.fields:
        return np.zeros(spans.count, np.uint32), np.ones(spans.count, np.bool_)
    heads, run_of_lease = spans.runs("ScopeId")
    head_spans = TextSpans(spans.fields["ScopeId"].starts[heads], spans.fields["ScopeId"].stops[heads])
    numbers, strict = _addresses(values, head_spans)
    return numbers[run_of_lease], (strict | (head_spans.starts == head_spans.stops))[run_of_lease]


_CLOCK = "dddd-dd-dd dd:dd:dd"
_CLOCK_DIGITS = [column for column, sign in enumerate(_CLOCK) if sign == "d"]
_DAYS_BEFORE_MONTH = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365])
_DAYS_IN_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def _instants(values: npt.NDArray[np.uint8], spans: TextSpans, instants: InstantReader) -> tuple[npt.NDArray[np.int64], Rows, Rows]:
    """Strict: absent, or `2026-11-20 18:00:00Z`; without the Z too where that means UTC, and then the row is naive."""
    lengths = spans.stops - spans.starts
    absent = lengths == 0
    result = np.full(len(lengths), NEVER, np.int64)
    if absent.all():
        return result, absent, ~absent
    octets = _matrix(values, spans.starts, len(_CLOCK) + 1)
    naive = lengths == len(_CLOCK)
    strict = (lengths == len(_CLOCK) + 1) & (octets[:, len(_CLOCK)] == ord("Z"))
    if instants.takes_naive_as_utc:
        strict |= naive
    for column, sign in enumerate(_CLOCK):
        if sign == " ":
            strict &= (octets[:, column] == ord(" ")) | (octets[:, column] == ord("T"))
        elif sign != "d":
            strict &= octets[:, column] == ord(sign)
    digits = octets[:, _CLOCK_DIGITS] - np.uint8(ord("0"))
    strict &= (digits < 10).all(axis=1)
    epoch_s, exists = _epoch_seconds(digits.astype(np.int32))
    strict &= exists
    result = np.where(strict & ~absent, epoch_s, result)
    return result, strict | absent, naive


def _epoch_seconds(digits: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], Rows]:
    """From fourteen digits a row: year, month, day, hour, minute, second; and whether there is such an instant before NEVER."""
    pairs = digits[:, 0::2] * 10 + digits[:, 1::2]
    year, month, day = pairs[:, 0] * 100 + pairs[:, 1], pairs[:, 2], pairs[:, 3]
    hour, minute, second = pairs[:, 4], pairs[:, 5], pairs[:, 6]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    month_index = np.clip(month, 0, 12)
    exists = (year >= 1) & (year < NEVER_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    exists &= (day <= _DAYS_IN_MONTH[month_index] + (leap & (month == 2))) & (hour <= 23) & (minute <= 59) & (second <= 59)
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 - 719162
    days = days + _DAYS_BEFORE_MONTH[month_index] + (leap & (month > 2)) + day - 1
    return days.astype(np.int64) * _DAY_S + hour * 3600 + minute * 60 + second, exists


def _client_ids(values: npt.NDArray[np.uint8], spans: TextSpans) -> tuple[list[bytes], Rows]:
    """Strict: two hexadecimal digits an octet, dashes between them."""
    lengths = spans.stops - spans.starts
    ids = [b""] * len(lengths)
    strict = np.zeros(len(lengths), np.bool_)
    counts = np.bincount(lengths)
    for length in np.flatnonzero(counts).tolist():
        if length % 3 != 2 or length > 1000:
            continue
        rows = np.flatnonzero(lengths == length)
        text = _matrix(values, spans.starts[rows], length)
        nibbles = _NIBBLES[text]
        high, low = nibbles[:, 0::3], nibbles[:, 1::3]
        strict[rows] = (high < 16).all(axis=1) & (low < 16).all(axis=1) & (text[:, 2::3] == ord("-")).all(axis=1)
        octets = (high << 4 | low & 15).tobytes()
        size = (length + 1) // 3
        for row, start in zip(rows.tolist(), range(0, len(octets), size), strict=True):
            ids[row] = octets[start : start + size]
    return ids, strict
