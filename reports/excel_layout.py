"""Lays the tables of one sheet out: which row and width each thing gets, what is frozen, filtered, merged and printed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from reports.excel_cells import FORMULA_STARTS, ColumnWriter, line_count, row_xml, table_rows, text_cell
from reports.excel_styles import RIGHT_ALIGNED, Styles
from reports.tables.table import Column, Kind, Table, Tone, Value
from reports.visible import on_one_line

MIN_WIDTH = 9
FILTER_WIDTH = 3
"""What the filter button takes from a heading."""
_LEAD_WIDTH = 110
"""Characters over which titles, leads and facts stretch."""
_PAGE_WIDTH = 240
"""Characters that stay readable on a landscape page."""
_MEASURED_ROWS = 2_000


@dataclass
class SheetLayout:
    """Lays the tables of one sheet out below each other, tells openpyxl what it has to know, and gives the rows."""

    worksheet: Worksheet
    styles: Styles
    tables: list[Table]
    _parts: list[Iterator[str]] = field(default_factory=list)
    _next_row: int = 1

    def __post_init__(self) -> None:
        self._widths = _column_widths(self.tables)
        self._span = _span(self._widths)
        for letter, width in zip(map(get_column_letter, range(1, len(self._widths) + 1)), self._widths, strict=True):
            self.worksheet.column_dimensions[letter].width = width
        for index, table in enumerate(self.tables):
            self._place(table, index)
        self._set_up_page()

    @property
    def extent(self) -> str:
        return f"A1:{get_column_letter(len(self._widths))}{max(self._next_row - 1, 1)}"

    def rows(self) -> Iterator[str]:
        for part in self._parts:
            yield from part

    def _place(self, table: Table, index: int) -> None:
        if index:
            self._next_row += 1
        self._line(table.title, self.styles.section if index else self.styles.title, padding=7 if index else 13)
        lead = table.lead if table.rows else table.empty
        if lead:
            lines = line_count(lead, self._span_width)
            self._line(lead, self.styles.lead(table.tone), lines, padding=2 if table.tone is Tone.PLAIN else 9)
        if not table.rows:
            return
        if table.has_headings:
            self._next_row += 1
            self._headings(table, index)
        else:
            self._facts(table)

    def _line(self, text: str, style: int, lines: int = 1, *, padding: float) -> None:
        row = self._take_rows(1)
        self._merge(1, self._span, row)
        self._parts.append(iter([row_xml(row, text_cell(f"A{row}", style, on_one_line(text)), lines, padding)]))

    def _headings(self, table: Table, index: int) -> None:
        heading_row = self._next_row
        if any(column.group for column in table.columns):
            self._groups(table.columns)
        row = self._take_rows(1)
        headings = _headings(table.columns)
        letters = [get_column_letter(number) for number in range(1, len(headings) + 1)]
        styles = [self.styles.heading(column.kind) for column in table.columns]
        cells = [text_cell(f"{letter}{row}", style, text) for letter, style, text in zip(letters, styles, headings, strict=True)]
        widths = self._widths[: len(headings)]
        lines = max(line_count(text, width - FILTER_WIDTH) for text, width in zip(headings, widths, strict=True))
        self._parts.append(iter([row_xml(row, "".join(cells), lines, padding=4)]))
        first = self._take_rows(len(table.rows))
        self._parts.append(table_rows(table.rows, self._writers(table), first))
        self._add_table(f"A{row}:{letters[-1]}{self._next_row - 1}", headings, index)
        if index == 0:
            self.worksheet.freeze_panes = f"{get_column_letter(table.fixed_columns + 1)}{row + 1}"
            self.worksheet.print_title_rows = f"{heading_row}:{row}"
            if table.fixed_columns:
                self.worksheet.print_title_cols = f"A:{get_column_letter(table.fixed_columns)}"

    def _groups(self, columns: Sequence[Column]) -> None:
        row = self._take_rows(1)
        cells, start = [], 0
        while start < len(columns):
            stop = start + 1
            while stop < len(columns) and columns[stop].group == columns[start].group:
                stop += 1
            if columns[start].group:
                self._merge(start + 1, stop, row)
                cells.append(text_cell(f"{get_column_letter(start + 1)}{row}", self.styles.group, columns[start].group))
            start = stop
        self._parts.append(iter([row_xml(row, "".join(cells), padding=2)]))

    def _facts(self, table: Table) -> None:
        first = self._take_rows(len(table.rows))
        width = self._span_width - self._widths[0]
        rows = []
        for row, (label, value) in enumerate(table.rows, first):
            self._merge(2, self._span, row)
            if table.columns[0].kind is Kind.SHEET:
                name = sheet_name(str(label))
                link = Hyperlink(ref=f"A{row}", location=f"'{name}'!A1", display=name)
                self.worksheet.cell(row, 1).hyperlink = link
                style = self.styles.value(Kind.SHEET)
            else:
                style = self.styles.label
            text = str(value if value is not None else "")
            lines = line_count(text, width)
            is_quoted = text.startswith(FORMULA_STARTS)
            shown = text_cell(f"B{row}", self.styles.value(Kind.TEXT, is_wrapped=True, is_quoted=is_quoted), on_one_line(text))
            rows.append(row_xml(row, text_cell(f"A{row}", style, str(label)) + shown, lines, padding=2))
        self._parts.append(iter(rows))

    def _writers(self, table: Table) -> list[ColumnWriter]:
        writers = []
        for index, (column, natural) in enumerate(zip(table.columns, _natural_widths(table), strict=True)):
            width = self._widths[index]
            is_wrapped = natural > width or _has_line_ends(table, index)
            writers.append(ColumnWriter(get_column_letter(index + 1), column.kind, width, is_wrapped, self.styles))
        return writers

    def _add_table(self, reference: str, headings: Sequence[str], index: int) -> None:
        name = re.sub(r"\W", "_", self.worksheet.title) + (f"_{index + 1}" if index else "")
        self.worksheet.add_table(
            ExcelTable(
                displayName=name,
                ref=reference,
                autoFilter=AutoFilter(ref=reference),
                tableColumns=[TableColumn(id=number, name=heading) for number, heading in enumerate(headings, 1)],
                tableStyleInfo=TableStyleInfo(name="TableStyleLight1", showRowStripes=True),
            )
        )

    def _set_up_page(self) -> None:
        sheet = self.worksheet
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_setup.fitToWidth = max(1, math.ceil(sum(self._widths) / _PAGE_WIDTH))
        sheet.page_setup.fitToHeight = 1 if len(self.tables) > 1 else 0
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.8
        sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"

    def _merge(self, first: int, last: int, row: int) -> None:
        if last > first:
            self.worksheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)

    def _take_rows(self, count: int) -> int:
        first = self._next_row
        self._next_row += count
        return first

    @property
    def _span_width(self) -> float:
        return sum(self._widths[: self._span])


def _column_widths(tables: Sequence[Table]) -> list[float]:
    """In characters. The values of facts stretch over the columns beside them and ask for no width of their own."""
    count = max(len(table.columns) for table in tables)
    widths = [float(MIN_WIDTH)] * count
    for table in tables:
        for index, (column, natural) in enumerate(zip(table.columns, _natural_widths(table), strict=True)):
            if table.has_headings or index == 0:
                widths[index] = max(widths[index], min(natural, column.max_width), _heading_width(column))
    while sum(widths[: _span(widths)]) < _LEAD_WIDTH / 2:
        widths.append(float(MIN_WIDTH * 2))
    return widths


def _natural_widths(table: Table) -> list[float]:
    """What each column's content asks for, from a sample of a large table; a heading may break, but not within a word."""
    step = max(1, len(table.rows) // _MEASURED_ROWS)
    sample = table.rows[::step]
    widths = []
    for index, column in enumerate(table.columns):
        longest = max((_shown_length(row[index], column.kind) for row in sample), default=0)
        widths.append(max(longest + 2.0, _heading_width(column)))
    return widths


def _heading_width(column: Column) -> float:
    """A heading may break between words, and has a filter button beside it."""
    room = FILTER_WIDTH + (3.0 if column.kind in RIGHT_ALIGNED else 1.0)
    return max((len(word) + room for word in column.heading.split()), default=0.0)


def _shown_length(value: Value, kind: Kind) -> int:
    if value is None:
        return 0
    if isinstance(value, int):
        return 19 if kind is Kind.TIMESTAMP else len(f"{value:,}") + 1
    return max(map(len, value.split("\n"))) if "\n" in value else len(value)


def _has_line_ends(table: Table, index: int) -> bool:
    step = max(1, len(table.rows) // _MEASURED_ROWS)
    return any(isinstance(row[index], str) and "\n" in str(row[index]) for row in table.rows[::step])


def _span(widths: Sequence[float]) -> int:
    """How many columns a line of text stretches over."""
    total = 0.0
    for count, width in enumerate(widths, 1):
        total += width
        if total >= _LEAD_WIDTH:
            return count
    return len(widths)


def _headings(columns: Sequence[Column]) -> list[str]:
    """Unlike each other whatever the case, as Excel demands of a table."""
    seen: dict[str, int] = {}
    headings = []
    for column in columns:
        heading = on_one_line(column.heading)[:200] or "-"
        count = seen[heading.casefold()] = seen.get(heading.casefold(), 0) + 1
        headings.append(heading if count == 1 else f"{heading} ({count})")
    return headings


def sheet_name(title: str) -> str:
    return re.sub(r"[\\/*?:\[\]]", "_", on_one_line(title)).strip("'")[:31] or "Sheet"
