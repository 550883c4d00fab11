"""`audit.xlsx`: renders tables, computes nothing.

openpyxl makes everything but the rows (styles, tables with filters, frozen panes, print settings); the rows are written by
`excel_cells`. The same tables give the same octets: dates are those of the run's instant, and the archive is written anew
with fixed member times.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.writer.excel import ExcelWriter

from reports.excel_layout import SheetLayout, sheet_name
from reports.excel_styles import Styles
from reports.tables.table import Table

_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*</sheetData>", re.DOTALL)
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"\s*/>')


def write_workbook(tables: Sequence[Table], destination: str | Path | IO[bytes], *, as_of_s: int = 0) -> None:
    """`as_of_s` is the date that the workbook bears, seconds since 1970 UTC."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    instant = datetime.fromtimestamp(as_of_s, UTC).replace(tzinfo=None)
    workbook.properties = DocumentProperties(creator="unsplit", title="DHCP failover migration", created=instant, modified=instant)
    by_sheet: dict[str, list[Table]] = {}
    for table in tables:
        by_sheet.setdefault(table.sheet, []).append(table)
    sheets = []
    for title, content in by_sheet.items():
        worksheet = workbook.create_sheet(sheet_name(title))
        sheets.append(SheetLayout(worksheet, Styles(worksheet), content))
    bodies = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, 1)}
    frame = io.BytesIO()
    # Workbook.save would put the time of day into the properties; the writer below it does not.
    with ZipFile(frame, "w") as archive:
        ExcelWriter(workbook, archive).write_data()
    with ZipFile(frame) as made, ZipFile(destination, "w", ZIP_DEFLATED) as archive:
        for name in made.namelist():
            _copy(made.read(name), archive, name, bodies.get(name))


def _copy(member: bytes, archive: ZipFile, name: str, sheet: SheetLayout | None) -> None:
    info = ZipInfo(name)  # 1980-01-01
    info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
    with archive.open(info, "w") as stream:
        if sheet is None:
            stream.write(member)
            return
        head, tail = _SHEET_DATA.split(member, maxsplit=1)
        stream.write(_DIMENSION.sub(f'<dimension ref="{sheet.extent}"/>'.encode(), head))
        stream.write(b"<sheetData>")
        for part in _joined(sheet.rows()):
            stream.write(part)
        stream.write(b"</sheetData>" + tail)


def _joined(rows: Iterator[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == 1024:
            yield "".join(waiting).encode()
            waiting.clear()
    yield "".join(waiting).encode()
