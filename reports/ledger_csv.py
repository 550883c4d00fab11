"""`ledger.csv`: one row for every object read."""

from __future__ import annotations

import csv
import io
from typing import TextIO

from migrate.merge.result import MergeResult
from migrate.model.lease_text import dotted_quads, hex_ids
from migrate.model.leases import LeaseTable
from migrate.model.ledger import DISPOSITIONS, LeaseFates
from migrate.model.row_text import Words, few_addresses, rows_of, word_part
from migrate.model.server import ObjectKind, Role
from reports.ledger_rows import CHUNK, COLUMNS, configuration_rows

_DISPOSITIONS = tuple(disposition.value for disposition in DISPOSITIONS)
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
    return rows_of(
        f"{role.value},{ObjectKind.LEASE.value},",
        few_addresses(table.scope_id[part]),
        ",",
        dotted_quads(table.address[part]),
        " ",
        hex_ids(table.client_id, first, last),
        word_part((Words(fates.disposition[part], _DISPOSITIONS), Words(fates.reason.codes[part], fates.reason.words)), _ending),
        [str(line or "") for line in table.line[part].tolist()],
        "\r\n",
    )


def _ending(disposition: str, reason: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator=",").writerow(("", disposition, guarded(reason)))
    return line.getvalue()
