"""`ledger.csv`: one row for every object read."""

from __future__ import annotations

import csv
import io
from typing import TextIO

import numpy as np
import numpy.typing as npt

from migrate.merge.result import MergeResult
from migrate.model.lease_text import dotted_quads, hex_ids
from migrate.model.leases import LeaseTable
from migrate.model.ledger import DISPOSITIONS, LeaseFates
from migrate.model.server import ObjectKind, Role
from reports.ledger_rows import CHUNK, COLUMNS, configuration_rows

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_ledger_csv(result: MergeResult, stream: TextIO) -> None:
    """Lines end in CR LF (RFC 4180): open `stream` with `newline=""`, and as UTF-8.

    The file is opened in Excel by administrators, and names come from the network: a value that a spreadsheet would read as a
    formula (beginning with = + - @, tab or a line end) is written with an apostrophe in front, the mark Excel itself uses for
    text. A program that wants the original strips that one apostrophe.
    """
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for source, kind, scope_id, key, disposition, reason, line in configuration_rows(result):
        writer.writerow((source, kind, scope_id, guarded(key), disposition, guarded(reason), line))
    for role, fates in result.ledger.leases.items():
        count = len(fates.disposition)
        for first in range(0, count, CHUNK):
            stream.write(_lease_lines(result.sources[role].leases, fates, role, first, min(first + CHUNK, count)))


def guarded(text: str) -> str:
    return "'" + text if text.startswith(_STARTS_A_FORMULA) else text


def _lease_lines(table: LeaseTable, fates: LeaseFates, role: Role, first: int, last: int) -> str:
    """As the rows of `ledger_rows.lease_rows`, a million in a second: no value of theirs but the reason needs quoting."""
    part = slice(first, last)
    combined = fates.disposition[part].astype(np.int64) * len(fates.reason.words) + fates.reason.codes[part]
    endings = {code: _ending(fates, code) for code in np.unique(combined).tolist()}
    scopes = _scope_texts(table.scope_id[part])
    begin = f"{role.value},{ObjectKind.LEASE.value},"
    return "".join(
        f"{begin}{scopes[scope]},{address} {client}{endings[code]}{line or ''}\r\n"
        for scope, address, client, code, line in zip(
            table.scope_id[part].tolist(),
            dotted_quads(table.address[part]),
            hex_ids(table.client_id, first, last),
            combined.tolist(),
            table.line[part].tolist(),
            strict=True,
        )
    )


def _scope_texts(scope_ids: npt.NDArray[np.uint32]) -> dict[int, str]:
    distinct = np.unique(scope_ids)
    return dict(zip(distinct.tolist(), dotted_quads(distinct), strict=True))


def _ending(fates: LeaseFates, code: int) -> str:
    disposition, reason = divmod(code, len(fates.reason.words))
    line = io.StringIO()
    csv.writer(line, lineterminator=",").writerow(("", DISPOSITIONS[disposition].value, guarded(fates.reason.words[reason])))
    return line.getvalue()
