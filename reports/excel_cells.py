"""Rows of a worksheet as XML, written straight from values: openpyxl would take ten times as long for the leases.

Text is always stored as text, whatever it begins with; there is no way to write a formula here.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from migrate.model.finding import Severity
from migrate.model.lease_text import utc_texts
from reports.excel_styles import Styles
from reports.tables.table import Kind, Value
from reports.visible import visible

MAX_CELL = 32_767
"""UTF-16 units that Excel takes in one cell."""
LINE_HEIGHT, MAX_ROW_HEIGHT = 15.0, 409.0
"""In points; Excel refuses taller rows."""
_CUT_MARK = " … [cut: {0:,} characters in all]"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
_DAYS_TO_1970 = 25_569
_LAST_DAY = 2_958_465
"""Excel's serial numbers of 1970-01-01 and 9999-12-31."""

_MARKUP = re.compile(r"[&<>]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "_": "_x005F_"}
"""`_x0041_` inside a cell means A to Excel (ECMA-376 22.4.2.4), so the underscore that opens one is escaped itself."""


def cell_text(text: str) -> str:
    """What a reader sees in the cell: nothing hidden, and no longer than Excel allows, with a mark where it was cut."""
    text = visible(text)
    if len(text) * 2 <= MAX_CELL or _units(text) <= MAX_CELL:
        return text
    mark = _CUT_MARK.format(len(text))
    head = text[: MAX_CELL - len(mark)]
    while _units(head) > MAX_CELL - len(mark):
        head = head[: len(head) - (_units(head) + len(mark) - MAX_CELL + 1) // 2]
    return head + mark


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def text_cell(reference: str, style: int, text: str) -> str:
    shown = _MARKUP.sub(lambda match: _ENTITIES[match[0]], cell_text(text))
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def row_xml(number: int, cells: str, lines: int = 1, padding: float = 0) -> str:
    """`lines` is how many the tallest cell needs; Excel fits the height anew once somebody edits the row."""
    if lines == 1 and not padding:
        return f'<row r="{number}">{cells}</row>'
    return f'<row r="{number}" ht="{min(lines * LINE_HEIGHT + padding, MAX_ROW_HEIGHT):g}">{cells}</row>'


def line_count(text: str, width: float) -> int:
    return sum(max(1, len(textwrap.wrap(line, max(1, int(width))))) for line in text[:MAX_CELL].split("\n"))


class ColumnWriter:
    """Writes the cells of one column of a table; knows its styles before any row is written."""

    def __init__(self, letter: str, kind: Kind, width: float, is_wrapped: bool, styles: Styles) -> None:
        self.letter = letter
        self.kind = kind
        self.width = width
        self.is_wrapped = is_wrapped
        self._style = styles.value(kind, is_wrapped=is_wrapped)
        self._quoted_style = styles.value(kind, is_wrapped=is_wrapped, is_quoted=True)
        self._severity_styles = (
            {severity.word: styles.severity(severity.word) for severity in Severity} if kind is Kind.SEVERITY else {}
        )

    def cell(self, row: int, value: Value) -> str:
        reference = f"{self.letter}{row}"
        if value is None or value == "":
            return f'<c r="{reference}" s="{self._style}"/>'
        if isinstance(value, int):
            return number_cell(reference, self._style, self.kind, value)
        style = self._quoted_style if value.startswith(FORMULA_STARTS) else self._style
        return text_cell(reference, self._severity_styles.get(value, style), value)

    def lines(self, value: Value) -> int:
        if not self.is_wrapped or not isinstance(value, str) or (len(value) <= self.width and "\n" not in value):
            return 1
        return line_count(value, self.width)


def table_rows(rows: Iterable[Sequence[Value]], columns: Sequence[ColumnWriter], first_row: int) -> Iterator[str]:
    wrapped = [(index, column) for index, column in enumerate(columns) if column.is_wrapped]
    writers = [column.cell for column in columns]
    for number, row in enumerate(rows, first_row):
        cells = "".join([write(number, value) for write, value in zip(writers, row, strict=True)])
        yield row_xml(number, cells, max((column.lines(row[index]) for index, column in wrapped), default=1))


def number_cell(reference: str, style: int, kind: Kind, value: int) -> str:
    if kind is Kind.TIMESTAMP:
        serial = _DAYS_TO_1970 + value / 86_400
        if not 61 <= serial <= _LAST_DAY:  # before March 1900 Excel counts a day that never was
            return text_cell(reference, style, utc_texts(np.array([value], np.int64), " ")[0])
        return f'<c r="{reference}" s="{style}"><v>{serial!r}</v></c>'
    return f'<c r="{reference}" s="{style}"><v>{value / 100 if kind is Kind.PERCENT else value}</v></c>'
