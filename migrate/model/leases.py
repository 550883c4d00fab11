"""Leases as columns: a server may hold a million, and a million objects cost more than everything else together.

A `LeaseTable` has one numpy array per field and packs text into single buffers. `Lease` is one row, made for display and tests
only. Tables are immutable by convention: nothing writes into a column after `LeaseTableBuilder.build`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from ipaddress import IPv4Address
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from migrate.model.client_id import ClientId

NEVER = 1 << 62
"""Expiry of a lease that has none: a reservation, or an unlimited lease."""

Indices = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class LeaseState(IntEnum):
    """Words of Export-DhcpServer by value; `word` spells them."""

    ACTIVE = 0
    OFFERED = 1
    DECLINED = 2
    EXPIRED = 3
    ACTIVE_RESERVATION = 4
    INACTIVE_RESERVATION = 5
    INACTIVE = 6

    @property
    def word(self) -> str:
        return self.name.title().replace("_", "")


class LeaseClientType(IntEnum):
    UNSPECIFIED = 0
    DHCP = 1
    BOOTP = 2
    NONE = 3
    BOTH = 4
    RESERVATION = 5

    @property
    def word(self) -> str:
        return {"UNSPECIFIED": "UnSpecified", "BOOTP": "BootP"}.get(self.name, self.name.title())


@dataclass(frozen=True, slots=True)
class PackedColumn:
    """Variable-length octets: row i is `data[starts[i]:starts[i + 1]]`, so `starts` has one element more than there are rows."""

    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of_values(cls, values: Sequence[bytes]) -> PackedColumn:
        return cls.of_lengths(b"".join(values), np.fromiter(map(len, values), np.int64, len(values)))

    @classmethod
    def of_lengths(cls, data: bytes, lengths: npt.NDArray[np.int64]) -> PackedColumn:
        starts = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        return cls(np.frombuffer(data, np.uint8), starts)

    @classmethod
    def concatenate(cls, columns: Sequence[PackedColumn]) -> PackedColumn:
        starts, base = [], 0
        for column in columns:
            starts.append(column.starts[:-1] + (base - int(column.starts[0])))
            base += len(column.used_data)
        data = np.concatenate([*(column.used_data for column in columns), np.zeros(0, np.uint8)])
        return cls(data, np.concatenate([*starts, np.array([base], np.int64)]))

    @property
    def used_data(self) -> npt.NDArray[np.uint8]:
        return self.data[int(self.starts[0]) : int(self.starts[-1])]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> bytes:
        return self.data[int(self.starts[row]) : int(self.starts[row + 1])].tobytes()

    def values(self, first: int = 0, last: int | None = None) -> list[bytes]:
        """The rows from `first` up to, not including, `last`."""
        bounds = self.starts[first : (len(self) if last is None else last) + 1].tolist()
        data = self.data[bounds[0] : bounds[-1]].tobytes()
        base = bounds[0]
        return [data[start - base : stop - base] for start, stop in pairwise(bounds)]

    def slice(self, first: int, stop: int) -> PackedColumn:
        """The rows from `first` up to, not including, `stop`; shares memory."""
        return PackedColumn(self.data, self.starts[first : stop + 1])

    def take(self, rows: Indices, runs: Indices | None = None) -> PackedColumn:
        """The given rows, in the given order. Long runs of consecutive rows are copied as they are, others through an index, a
        slice at a time so that it stays small. `runs` are those of `rows`, for who knows them already."""
        lengths = self.lengths[rows]
        starts = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        runs = _runs(rows) if runs is None else runs
        if len(runs) * 16 < len(rows):
            slices = [self.data[int(self.starts[first]) : int(self.starts[last + 1])] for first, last in runs.tolist()]
            return PackedColumn(np.concatenate([*slices, np.zeros(0, np.uint8)]), starts)
        data = np.empty(int(starts[-1]), np.uint8)
        for begin in range(0, len(rows), 1 << 16):
            part = slice(begin, begin + (1 << 16))
            base = int(starts[begin])
            shift = np.repeat(self.starts[rows[part]] - (starts[begin : begin + len(rows[part])] - base), lengths[part])
            data[base : base + len(shift)] = self.data[shift + np.arange(len(shift))]
        return PackedColumn(data, starts)


@dataclass(frozen=True, slots=True)
class WordColumn:
    """Few distinct texts in many rows: row i is `words[codes[i]]`."""

    codes: npt.NDArray[np.uint32]
    words: tuple[str, ...]

    @classmethod
    def of_values(cls, values: Iterable[str]) -> WordColumn:
        words: dict[str, int] = {}
        codes = np.fromiter((words.setdefault(value, len(words)) for value in values), np.uint32)
        return cls(codes, tuple(words))

    @classmethod
    def concatenate(cls, columns: Sequence[WordColumn]) -> WordColumn:
        words: dict[str, int] = {}
        parts = [np.zeros(0, np.uint32)]
        for column in columns:
            mapping = np.fromiter((words.setdefault(word, len(words)) for word in column.words), np.uint32, len(column.words))
            parts.append(mapping[column.codes] if len(column.codes) else column.codes)
        return cls(np.concatenate(parts), tuple(words))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.words[int(self.codes[row])]

    def values(self, first: int = 0, last: int | None = None) -> list[str]:
        words = self.words
        return [words[code] for code in self.codes[first:last].tolist()]

    def slice(self, first: int, stop: int) -> WordColumn:
        """The rows from `first` up to, not including, `stop`; shares memory."""
        return WordColumn(self.codes[first:stop], self.words)

    def take(self, rows: Indices) -> WordColumn:
        return WordColumn(self.codes[rows], self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One row of a LeaseTable. `expiry_s` is seconds since 1970 UTC or NEVER; `line` is where it was read."""

    ip_address: IPv4Address
    scope_id: IPv4Address
    client_id: ClientId
    state: LeaseState = LeaseState.ACTIVE
    expiry_s: int = NEVER
    host_name: str = ""
    description: str = ""
    client_type: LeaseClientType = LeaseClientType.DHCP
    policy_name: str = ""
    dns_rr: str = ""
    dns_registration: str = ""
    nap_capable: bool = False
    nap_status: str = ""
    probation_ends_s: int = NEVER
    line: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeaseTable:
    """Every column has one element a row. Text columns hold UTF-8."""

    address: npt.NDArray[np.uint32]
    scope_id: npt.NDArray[np.uint32]
    expiry_s: npt.NDArray[np.int64]
    """Seconds since 1970 UTC, NEVER where the lease has no end."""
    state: npt.NDArray[np.uint8]
    client_type: npt.NDArray[np.uint8]
    client_id: PackedColumn
    host_name: PackedColumn
    description: PackedColumn
    policy_name: WordColumn
    dns_rr: WordColumn
    dns_registration: WordColumn
    nap_capable: npt.NDArray[np.bool_]
    nap_status: WordColumn
    probation_ends_s: npt.NDArray[np.int64]
    line: npt.NDArray[np.uint32]
    path: WordColumn
    """The file each row was read from."""

    def __len__(self) -> int:
        return len(self.address)

    @classmethod
    def empty(cls) -> LeaseTable:
        return cls.of_rows(())

    @classmethod
    def of_rows(cls, rows: Iterable[Lease]) -> LeaseTable:
        builder = LeaseTableBuilder()
        for row in rows:
            builder.append(row)
        return builder.build()

    @classmethod
    def concatenate(cls, tables: Sequence[LeaseTable]) -> LeaseTable:
        """The rows of all tables, in order. Raises ValueError without any table."""
        if len(tables) == 1:
            return tables[0]
        if not tables:
            raise ValueError("no tables to concatenate")
        return cls(**{name: _concatenate([getattr(table, name) for table in tables]) for name in _COLUMNS})

    def slice(self, first: int, stop: int) -> LeaseTable:
        """The rows from `first` up to, not including, `stop`; shares memory."""
        return LeaseTable(**{name: _slice(getattr(self, name), first, stop) for name in _COLUMNS})

    def take(self, rows: Indices) -> LeaseTable:
        """The given rows, in the given order."""
        runs = _runs(rows)
        return LeaseTable(**{name: _take(getattr(self, name), rows, runs) for name in _COLUMNS})

    def row(self, index: int) -> Lease:
        return Lease(
            ip_address=IPv4Address(int(self.address[index])),
            scope_id=IPv4Address(int(self.scope_id[index])),
            client_id=ClientId(self.client_id[index]),
            state=LeaseState(int(self.state[index])),
            expiry_s=int(self.expiry_s[index]),
            host_name=self.host_name[index].decode(),
            description=self.description[index].decode(),
            client_type=LeaseClientType(int(self.client_type[index])),
            policy_name=self.policy_name[index],
            dns_rr=self.dns_rr[index],
            dns_registration=self.dns_registration[index],
            nap_capable=bool(self.nap_capable[index]),
            nap_status=self.nap_status[index],
            probation_ends_s=int(self.probation_ends_s[index]),
            line=int(self.line[index]),
            path=self.path[index],
        )

    def rows(self) -> Iterator[Lease]:
        return (self.row(index) for index in range(len(self)))


_COLUMNS = tuple(column.name for column in fields(LeaseTable))


class LeaseTableBuilder:
    """Collects leases in order, row by row or as ready tables, and makes one table of them."""

    def __init__(self) -> None:
        self._rows: list[Lease] = []
        self._tables: list[LeaseTable] = []

    def append(self, row: Lease) -> None:
        self._rows.append(row)
        if len(self._rows) >= 4096:
            self._flush()

    def append_table(self, table: LeaseTable) -> None:
        self._flush()
        self._tables.append(table)

    def build(self) -> LeaseTable:
        self._flush()
        tables, self._tables = self._tables, []
        return LeaseTable.concatenate(tables or [_table_of([])])

    def _flush(self) -> None:
        if self._rows:
            self._tables.append(_table_of(self._rows))
            self._rows = []


def _table_of(rows: list[Lease]) -> LeaseTable:
    count = len(rows)
    return LeaseTable(
        address=np.fromiter((int(row.ip_address) for row in rows), np.uint32, count),
        scope_id=np.fromiter((int(row.scope_id) for row in rows), np.uint32, count),
        expiry_s=np.fromiter((row.expiry_s for row in rows), np.int64, count),
        state=np.fromiter((row.state for row in rows), np.uint8, count),
        client_type=np.fromiter((row.client_type for row in rows), np.uint8, count),
        client_id=PackedColumn.of_values([row.client_id.octets for row in rows]),
        host_name=PackedColumn.of_values([row.host_name.encode() for row in rows]),
        description=PackedColumn.of_values([row.description.encode() for row in rows]),
        policy_name=WordColumn.of_values(row.policy_name for row in rows),
        dns_rr=WordColumn.of_values(row.dns_rr for row in rows),
        dns_registration=WordColumn.of_values(row.dns_registration for row in rows),
        nap_capable=np.fromiter((row.nap_capable for row in rows), np.bool_, count),
        nap_status=WordColumn.of_values(row.nap_status for row in rows),
        probation_ends_s=np.fromiter((row.probation_ends_s for row in rows), np.int64, count),
        line=np.fromiter((row.line for row in rows), np.uint32, count),
        path=WordColumn.of_values(row.path for row in rows),
    )


def _concatenate(columns: list[Any]) -> Any:
    first = columns[0]
    if isinstance(first, PackedColumn | WordColumn):
        return type(first).concatenate(columns)
    return np.concatenate(columns)


def _slice(column: Any, first: int, stop: int) -> Any:
    return column.slice(first, stop) if isinstance(column, PackedColumn | WordColumn) else column[first:stop]


def _runs(rows: Indices) -> Indices:
    """First and last row of each stretch of consecutive rows, as an array of pairs."""
    breaks = np.flatnonzero(np.diff(rows) != 1)
    firsts = rows[np.concatenate(([0], breaks + 1))] if len(rows) else rows
    lasts = rows[np.concatenate((breaks, [len(rows) - 1]))] if len(rows) else rows
    return np.stack((firsts, lasts), axis=1)


def _take(column: Any, rows: Indices, runs: Indices) -> Any:
    if isinstance(column, PackedColumn):
        return column.take(rows, runs)
    return column.take(rows) if isinstance(column, WordColumn) else column[rows]
