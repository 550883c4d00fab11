"""The workbook read back: real tables, right types, nothing hostile, and the same octets for the same input."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from report_samples import AS_OF_S, report

from reports.excel import write_workbook
from reports.excel_cells import MAX_CELL
from reports.tables import Column, Kind, Table, Value, tables

SHEETS = [
    "Summary",
    "Findings",
    "Decisions",
    "Scopes",
    "Capacity",
    "Ranges and exclusions",
    "Reservations",
    "Lease conflicts",
    "Options",
    "Classes and policies",
    "Leases",
    "Ledger totals",
    "Ledger",
    "Sources",
]

HOSTILE = {
    "command": "=cmd|'/c calc'!A1",
    "sum": "+1",
    "minus": "-2+3",
    "at": "@SUM(A1)",
    "apostrophe": "'quoted",
    "tab": "\t=1",
    "name": "O'Brien & Söhne <x> ]]>",
    "excel escape": "_x0041_ stays",
    "blanks": "  two  blanks  ",
    "lines": "one\ntwo",
    "not ascii": "Büro 東京 \N{GRINNING FACE}",
}
HIDDEN = {
    "\x00": "<U+0000>",
    "\x07": "<U+0007>",
    "\x1b": "<U+001B>",
    "\r": "<U+000D>",
    "\x7f": "<U+007F>",
    "\x85": "<U+0085>",
    "\u200f": "<U+200F>",
    "\u202e": "<U+202E>",
    "\u2066": "<U+2066>",
    "\ufeff": "<U+FEFF>",
    "\ufffe": "<U+FFFE>",
    "\ud800": "<U+D800>",
}


def written(*content: Table) -> bytes:
    stream = io.BytesIO()
    write_workbook(content, stream, as_of_s=AS_OF_S)
    return stream.getvalue()


def opened(*content: Table) -> Workbook:
    return load_workbook(io.BytesIO(written(*content)))


def one_column(values: list[Value], kind: Kind = Kind.TEXT) -> Table:
    return Table(sheet="Data", title="Data", columns=(Column("Value", kind),), rows=[(value,) for value in values])


def column_of(sheet: Worksheet, heading: str) -> list[object]:
    """The values below a heading, of the first table of a sheet."""
    first, last = headings_and_last_row(sheet)
    index = next(cell.column for cell in sheet[first] if cell.value == heading)
    return [sheet.cell(row, index).value for row in range(first + 1, last + 1)]


def headings_and_last_row(sheet: Worksheet) -> tuple[int, int]:
    table = next(iter(sheet.tables.values()))
    first, last = re.findall(r"\d+", table.ref)
    return int(first), int(last)


def whole_workbook(**options: object) -> Workbook:
    made = report(**options)  # type: ignore[arg-type]
    return opened(*tables(made.result, made.findings, made.verdict, made.run))


def test_every_sheet_of_the_contract_is_there_in_its_order() -> None:
    assert whole_workbook().sheetnames == SHEETS


def test_every_sheet_has_a_table_whose_columns_are_its_headings() -> None:
    for sheet in whole_workbook().worksheets:
        assert sheet.tables, sheet.title
        for table in sheet.tables.values():
            assert table.autoFilter.ref == table.ref
            headings = [cell.value for cell in sheet[table.ref][0]]
            assert [column.name for column in table.tableColumns] == headings
            assert len({heading.casefold() for heading in headings}) == len(headings)
            assert len(sheet[table.ref]) > 1


def test_table_names_are_unique_in_the_workbook() -> None:
    names = [name for sheet in whole_workbook().worksheets for name in sheet.tables]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Za-z_]\w*", name) for name in names)


def test_headings_stay_in_sight_and_repeat_on_paper() -> None:
    for sheet in whole_workbook().worksheets[1:]:
        first, _ = headings_and_last_row(sheet)
        assert sheet.freeze_panes.endswith(str(first + 1)), sheet.title
        assert sheet.print_title_rows.endswith(f"${first}")
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_no_cell_of_the_workbook_is_a_formula_when_every_name_is_one() -> None:
    raw = written_report(name='=HYPERLINK("http://evil",1)')
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == len(SHEETS)
    assert all(not etree.fromstring(sheet).findall(".//{*}f") for sheet in sheets)
    assert b"=HYPERLINK" in b"".join(sheets)


def written_report(**options: object) -> bytes:
    made = report(**options)  # type: ignore[arg-type]
    return written(*tables(made.result, made.findings, made.verdict, made.run))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_text_is_stored_as_that_text(text: str) -> None:
    sheet = opened(one_column([text])).active
    cell = sheet.cell(headings_and_last_row(sheet)[0] + 1, 1)
    assert cell.data_type == "s"
    assert unescaped(cell.value) == text
    assert cell.number_format == "@"
    assert cell.quotePrefix == text.startswith(("=", "+", "-", "@", "'", "\t"))


def unescaped(text: str) -> str:
    """As Excel reads it; openpyxl hands the escape over as it stands."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


@pytest.mark.parametrize(("character", "shown"), HIDDEN.items(), ids=list(HIDDEN.values()))
def test_what_cannot_be_seen_is_spelled_out(character: str, shown: str) -> None:
    assert column_of(opened(one_column([f"before{character}after"])).active, "Value") == [f"before{shown}after"]


@pytest.mark.parametrize("unit", ["x", "\N{GRINNING FACE}", "\x01", "é"], ids=["ascii", "beyond 16 bits", "control", "two octets"])
def test_a_cell_longer_than_excel_takes_is_cut_with_a_mark(unit: str) -> None:
    [text] = column_of(opened(one_column([unit * 40_000])).active, "Value")
    assert isinstance(text, str)
    assert len(text.encode("utf-16-le")) // 2 <= MAX_CELL
    assert re.search(r"… \[cut: [\d,]+ characters in all\]$", text)


@pytest.mark.parametrize("length", [MAX_CELL - 1, MAX_CELL])
def test_a_cell_as_long_as_excel_takes_is_whole(length: int) -> None:
    assert column_of(opened(one_column(["x" * length])).active, "Value") == ["x" * length]


@pytest.mark.parametrize(
    ("kind", "value", "expected", "number_format"),
    [
        pytest.param(Kind.NUMBER, 1234567, 1234567, '#,##0;-#,##0;"–"', id="number with separators"),
        pytest.param(Kind.CODE, 1234567, 1234567, "0", id="line without separators"),
        pytest.param(Kind.PERCENT, 50, 0.5, "0%", id="percent"),
        pytest.param(Kind.TIMESTAMP, AS_OF_S, datetime(2026, 11, 20, 18), "yyyy-mm-dd hh:mm:ss", id="timestamp"),
        pytest.param(Kind.TIMESTAMP, "never", "never", "yyyy-mm-dd hh:mm:ss", id="no end"),
        pytest.param(Kind.TIMESTAMP, -(1 << 40), "0001-01-01 00:00:00Z", "yyyy-mm-dd hh:mm:ss", id="before Excel's calendar"),
        pytest.param(Kind.ADDRESS, "10.1", "10.1", "@", id="address that looks like a number"),
        pytest.param(Kind.TEXT, "007", "007", "@", id="text that looks like a number"),
        pytest.param(Kind.TEXT, None, None, "@", id="nothing"),
    ],
)
def test_values_have_the_type_of_their_column(kind: Kind, value: Value, expected: object, number_format: str) -> None:
    sheet = opened(one_column([value, value], kind)).active
    cell = sheet.cell(headings_and_last_row(sheet)[1], 1)
    assert cell.value == expected
    assert cell.number_format == number_format


def test_severity_is_a_word_and_a_colour() -> None:
    sheet = opened(one_column(["block", "error", "warning", "info"], Kind.SEVERITY)).active
    first, last = headings_and_last_row(sheet)
    cells = [sheet.cell(row, 1) for row in range(first + 1, last + 1)]
    assert [cell.value for cell in cells] == ["block", "error", "warning", "info"]
    assert len({cell.fill.fgColor.rgb for cell in cells}) == 4


def test_a_table_without_rows_is_a_sentence() -> None:
    empty = Table(sheet="Data", title="Data", columns=(Column("Value"),), rows=[], empty="There is nothing.")
    sheet = opened(empty).active
    assert not sheet.tables
    assert [row[0].value for row in sheet.iter_rows(max_col=1)] == ["Data", "There is nothing."]


def test_names_that_excel_refuses_are_made_fit() -> None:
    columns = tuple(Column(heading) for heading in ("Name", "name", "a\nb", ""))
    workbook = opened(Table(sheet="a/b: [c]*?'" + "x" * 40, title="T", columns=columns, rows=[("1", "2", "3", "4")]))
    [sheet] = workbook.worksheets
    assert re.fullmatch(r"[^\\/*?:\[\]]{1,31}", sheet.title)
    [table] = sheet.tables.values()
    assert [column.name for column in table.tableColumns] == ["Name", "name (2)", "a<U+000A>b", "-"]


def test_columns_are_as_wide_as_their_content_up_to_their_limit() -> None:
    columns = (Column("Short"), Column("Long", max_width=30), Column("Reservations", Kind.NUMBER, 5))
    sheet = opened(Table(sheet="Data", title="Data", columns=columns, rows=[("x" * 20, "word " * 60, 1)])).active
    _, last = headings_and_last_row(sheet)
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths[0] == 22
    assert widths[1] == 30
    assert widths[2] > len("Reservations"), "a heading is never cut within a word"
    assert [sheet.cell(last, index).alignment.wrap_text for index in (1, 2)] in ([None, True], [False, True])
    assert sheet.row_dimensions[last].height == 10 * 15


def test_a_sheet_with_a_hundred_thousand_rows_keeps_every_row() -> None:
    count = 100_000
    columns = (Column("Address", Kind.ADDRESS), Column("Line", Kind.CODE))
    raw = written(Table(sheet="Data", title="Data", columns=columns, rows=[(f"10.0.0.{n}", n) for n in range(count)]))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"<v>(\d+)</v>", sheet) == [str(n) for n in range(count)]
    rows = [int(number) for number in re.findall(r'<row r="(\d+)"', sheet)]
    assert rows == sorted(set(rows))
    assert f'<dimension ref="A1:{re.findall(r"[A-Z]+", sheet.split("dimension ref=")[1])[1]}{rows[-1]}"/>' in sheet


def test_the_cover_links_to_every_other_sheet() -> None:
    workbook = whole_workbook()
    links = {cell.hyperlink.location for row in workbook["Summary"].iter_rows(max_col=1) for cell in row if cell.hyperlink}
    assert links == {f"'{name}'!A1" for name in SHEETS[1:]}


def test_the_workbook_bears_the_date_of_the_run() -> None:
    properties = opened(one_column(["x"])).properties
    assert properties.created == properties.modified == datetime(2026, 11, 20, 18)


_DIGEST_SCRIPT = """
import hashlib, io, sys
sys.path[:0] = sys.argv[1:]
from report_samples import report
from reports.excel import write_workbook
from reports.ledger_csv import write_ledger_csv
from reports.machine import report_data
from reports.tables import tables
from reports.text import render_text
import json
made = report()
stream = io.BytesIO()
write_workbook(tables(made.result, made.findings, made.verdict, made.run), stream)
everything = made.result, made.findings, made.verdict, made.run
text = io.StringIO()
write_ledger_csv(made.result, text)
rest = text.getvalue() + render_text(*everything) + json.dumps(report_data(*everything))
print(hashlib.sha256(stream.getvalue() + rest.encode()).hexdigest())
"""


def test_two_runs_under_different_hash_seeds_write_the_same_octets() -> None:
    def digest(seed: str) -> str:
        command = [sys.executable, "-c", _DIGEST_SCRIPT, str(Path(__file__).parent), *filter(None, sys.path)]
        run = subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
        return run.stdout

    assert digest("1") == digest("2")


def test_two_writes_at_different_times_are_the_same_octets(monkeypatch: pytest.MonkeyPatch) -> None:
    first = hashlib.sha256(written_report()).hexdigest()
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert hashlib.sha256(written_report()).hexdigest() == first


def test_members_of_the_archive_bear_no_time_and_no_machine() -> None:
    with zipfile.ZipFile(io.BytesIO(written(one_column(["x"])))) as archive:
        assert {(info.date_time, info.create_system) for info in archive.infolist()} == {((1980, 1, 1, 0, 0, 0), 3)}
        assert archive.testzip() is None


def test_a_file_on_disk_is_the_same_workbook(tmp_path: Path) -> None:
    write_workbook([one_column(["x"])], tmp_path / "audit.xlsx", as_of_s=AS_OF_S)
    assert (tmp_path / "audit.xlsx").read_bytes() == written(one_column(["x"]))
