"""`leases.csv`: the merged leases, as data for later commands and for anybody's own tools.

RFC 4180 in UTF-8 without a byte order mark; `lease_expiry_utc` is `2026-11-20T18:00:00Z`, empty for a lease without end.
Values stand here as they are, because the file is read back: a host name that begins with `=` is a formula to a spreadsheet
that opens the file directly. The workbook is the file for spreadsheets. What only a lease record of the server has (DNS and
NAP state, policy name) goes to primary.xml, not here.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from migrate.emit.quoting import csv_fields
from migrate.errors import InputError
from migrate.model.lease_text import dotted_quads, hex_ids, utc_texts
from migrate.model.leases import (
    NEVER,
    LeaseClientType,
    LeaseState,
    LeaseTable,
    LeaseTableBuilder,
    PackedColumn,
    WordColumn,
)
from migrate.model.origin import Origin
from migrate.model.row_text import Part, Words, few_addresses, rows_of, word_part

COLUMNS = (
    "ip_address",
    "scope_id",
    "client_id",
    "host_name",
    "state",
    "lease_expiry_utc",
    "client_type",
    "description",
    "source",
    "reserved",
)

_STATES = tuple(state.word for state in LeaseState)
_CLIENT_TYPES = tuple(kind.word for kind in LeaseClientType)
_STATE_OF_WORD = {word: value for value, word in enumerate(_STATES)}
_CLIENT_TYPE_OF_WORD = {word: value for value, word in enumerate(_CLIENT_TYPES)}
_OCTET_OF_TEXT = {str(octet): octet for octet in range(256)}
_ROWS_AT_A_TIME = 1 << 15


def write_leases_csv(leases: LeaseTable, source: WordColumn, reserved: npt.NDArray[np.bool_], stream: TextIO) -> None:
    """One line a lease, in the order of the table. `source` says where each was read, `reserved` whether its address is
    reserved for this client; both have one element a lease."""
    stream.write(",".join(COLUMNS) + "\r\n")
    for first in range(0, len(leases), _ROWS_AT_A_TIME):
        stream.write(_rows(leases, source, reserved, first, min(first + _ROWS_AT_A_TIME, len(leases))))


def _rows(leases: LeaseTable, source: WordColumn, reserved: npt.NDArray[np.bool_], first: int, last: int) -> str:
    window = slice(first, last)
    sources = Words(source.codes[window], source.words)
    return rows_of(
        dotted_quads(leases.address[window]),
        ",",
        few_addresses(leases.scope_id[window]),
        ",",
        hex_ids(leases.client_id, first, last),
        ",",
        _text_fields(leases.host_name, first, last),
        word_part((Words(leases.state[window], _STATES),), ",{},".format),
        utc_texts(leases.expiry_s[window]),
        word_part((Words(leases.client_type[window], _CLIENT_TYPES),), ",{},".format),
        _text_fields(leases.description, first, last),
        word_part((sources, Words(reserved[window].astype(np.uint8), ("false", "true"))), _source_and_reserved),
    )


def _source_and_reserved(source: str, reserved: str) -> str:
    return f",{csv_fields([source])[0]},{reserved}\r\n"


def _text_fields(column: PackedColumn, first: int, last: int) -> Part:
    if column.starts[first] == column.starts[last]:
        return ""
    return csv_fields([value.decode() for value in column.values(first, last)])


def read_leases_csv(path: Path) -> LeaseTable:
    """The leases of an output folder; `line` is where each row ends. Raises InputError, which names the line that is wrong."""
    builder = LeaseTableBuilder()
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            if tuple(next(reader, ())) != COLUMNS:
                raise _unreadable(path, 1, f"the header is not {','.join(COLUMNS)}")
            while rows := list(islice(_numbered_rows(reader, path), _ROWS_AT_A_TIME)):
                builder.append_table(_table(rows, path))
    except OSError as error:
        raise InputError("leases-csv-unreadable", f"{path}: {error.strerror}", places=[Origin(str(path))]) from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, 0, "it is not UTF-8") from error
    except csv.Error as error:
        raise _unreadable(path, reader.line_num, str(error)) from error
    return builder.build()


def _numbered_rows(reader: Any, path: Path) -> Iterator[tuple[str, ...]]:
    for row in reader:
        if len(row) != len(COLUMNS):
            raise _unreadable(path, reader.line_num, f"{len(row)} fields, not {len(COLUMNS)}")
        yield (*row, reader.line_num)


def _table(rows: list[tuple[Any, ...]], path: Path) -> LeaseTable:
    addresses, scope_ids, client_ids, host_names, states, expiries, client_types, descriptions, _, _, lines = zip(
        *rows, strict=True
    )
    count = len(rows)

    def column(name: str, values: tuple[str, ...], convert: Callable[[str], Any]) -> list[Any]:
        try:
            return list(map(convert, values))
        except (ValueError, KeyError):
            raise _first_unreadable(path, name, values, lines, convert) from None

    no_word = WordColumn(np.zeros(count, np.uint32), ("",))
    return LeaseTable(
        address=np.array(column("ip_address", addresses, _address), np.uint32),
        scope_id=np.array(column("scope_id", scope_ids, _address), np.uint32),
        expiry_s=np.array(column("lease_expiry_utc", expiries, _epoch_s), np.int64),
        state=np.array(column("state", states, _STATE_OF_WORD.__getitem__), np.uint8),
        client_type=np.array(column("client_type", client_types, _CLIENT_TYPE_OF_WORD.__getitem__), np.uint8),
        client_id=PackedColumn.of_values(column("client_id", client_ids, _octets)),
        host_name=PackedColumn.of_values([name.encode() for name in host_names]),
        description=PackedColumn.of_values([description.encode() for description in descriptions]),
        policy_name=no_word,
        dns_rr=no_word,
        dns_registration=no_word,
        nap_capable=np.zeros(count, np.bool_),
        nap_status=no_word,
        probation_ends_s=np.full(count, NEVER, np.int64),
        line=np.array(lines, np.uint32),
        path=WordColumn(np.zeros(count, np.uint32), (str(path),)),
    )


def _address(text: str) -> int:
    first, second, third, fourth = text.split(".")
    octet = _OCTET_OF_TEXT
    return octet[first] << 24 | octet[second] << 16 | octet[third] << 8 | octet[fourth]


def _octets(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", ""))


def _epoch_s(text: str) -> int:
    if not text:
        return NEVER
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no time zone")
    return int(instant.timestamp())


def _first_unreadable(
    path: Path, name: str, values: tuple[str, ...], lines: tuple[int, ...], convert: Callable[[str], Any]
) -> InputError:
    for value, line in zip(values, lines, strict=True):
        try:
            convert(value)
        except (ValueError, KeyError):
            return _unreadable(path, line, f"{name} {value!r} cannot be read")
    raise AssertionError(f"every {name} can be read")


def _unreadable(path: Path, line: int, what: str) -> InputError:
    return InputError(
        "leases-csv-unreadable",
        f"{path.name} is not a leases.csv of unsplit: {what}.",
        hint="Use the file as `unsplit migrate` wrote it, or run that again.",
        places=[Origin(str(path), line)],
    )
