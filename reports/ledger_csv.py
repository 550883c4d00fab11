"""`ledger.csv`: one row for every object read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from migrate.merge.result import MergeResult
from reports.ledger_rows import COLUMNS, LedgerText, all_rows

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_ledger_csv(result: MergeResult, stream: TextIO) -> None:
    """Lines end in CR LF (RFC 4180): open `stream` with `newline=""`, and as UTF-8.

    The file is opened in Excel by administrators, and names come from the network: a value that a spreadsheet would read as a
    formula (beginning with = + - @, tab or a line end) is written with an apostrophe in front, the mark Excel itself uses for
    text. A program that wants the original strips that one apostrophe.
    """
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows(_guarded(all_rows(result)))


def guarded(text: str) -> str:
    return "'" + text if text.startswith(_STARTS_A_FORMULA) else text


def _guarded(rows: Iterator[LedgerText]) -> Iterator[LedgerText]:
    """Only key and reason hold text from the inputs."""
    for source, kind, scope_id, key, disposition, reason, line in rows:
        if key.startswith(_STARTS_A_FORMULA) or reason.startswith(_STARTS_A_FORMULA):
            yield source, kind, scope_id, guarded(key), disposition, guarded(reason), line
        else:
            yield source, kind, scope_id, key, disposition, reason, line
