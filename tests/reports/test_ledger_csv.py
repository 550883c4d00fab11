"""ledger.csv: a row for every object, in order, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import merge_result

from migrate.merge.result import MergeResult
from migrate.model.ledger import DISPOSITIONS
from migrate.model.server import Role
from reports import ledger_rows
from reports.ledger_csv import guarded, write_ledger_csv

COLUMNS = ["source", "kind", "scope_id", "key", "disposition", "reason", "line"]


def read_back(result: MergeResult) -> list[list[str]]:
    stream = io.StringIO()
    write_ledger_csv(result, stream)
    stream.seek(0)
    return list(csv.reader(stream))


def expected_rows(result: MergeResult) -> list[list[str]]:
    """Row by row through the plain records."""
    rows = [
        [
            r.source.value,
            r.kind.value,
            str(r.scope_id or ""),
            guarded(r.key),
            r.disposition.value,
            guarded(r.reason),
            str(r.line or ""),
        ]
        for r in result.ledger.rows
    ]
    for role in Role:
        if role in result.sources:
            fates = result.ledger.leases[role]
            for index, lease in enumerate(result.sources[role].leases.rows()):
                key = f"{lease.ip_address} {lease.client_id}"
                disposition = DISPOSITIONS[int(fates.disposition[index])].value
                rows.append([role.value, "lease", str(lease.scope_id), key, disposition, fates.reason[index], str(lease.line)])
    return rows


@pytest.mark.parametrize("chunk", [1, 4, 1 << 16])
@pytest.mark.parametrize("lease_count", [0, 1, 6])
def test_every_object_has_its_row(monkeypatch: pytest.MonkeyPatch, chunk: int, lease_count: int) -> None:
    monkeypatch.setattr(ledger_rows, "CHUNK", chunk)
    result = merge_result(lease_count=lease_count)
    header, *rows = read_back(result)
    assert header == COLUMNS
    assert rows == expected_rows(result)
    assert len(rows) == ledger_rows.row_count(result)


def test_a_single_server_has_only_its_rows() -> None:
    assert {row[0] for row in read_back(merge_result(is_pair=False))[1:]} == {"primary"}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_a_formula_is_written_as_text(name: str) -> None:
    cells = [cell for row in read_back(merge_result(name=name)) for cell in row]
    assert "'" + name in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize("name", ["O'Brien, Pat", 'the "old" one', "two\r\nlines", "Büro", "'quoted", "a;b"])
def test_other_text_comes_back_as_it_was(name: str) -> None:
    result = merge_result(name=name)
    keys = [row[3] for row in read_back(result) if row[1] == "reservation"]
    assert keys == [name, name]


@given(st.text())
def test_the_guard_is_one_apostrophe_or_nothing(text: str) -> None:
    assert guarded(text) in (text, "'" + text)
    assert guarded(text)[:1] not in tuple("=+-@\t\r\n")
