"""How cells of the workbook look: one place for colours, fonts and number formats."""

from __future__ import annotations

from functools import cached_property

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from reports.tables.table import Kind, Tone

NAVY, MIST, INK, GREY = "1F3A5F", "DCE4EE", "1A1A1A", "595959"
_SEVERITY_COLOURS = {"block": ("B3261E", "FFFFFF"), "error": ("F6C7C3", INK), "warning": ("FCE8B2", INK), "info": ("DDE7F3", INK)}
_TONE_COLOURS = {Tone.GOOD: ("D5EBD8", "17471F"), Tone.BAD: ("F6C7C3", "6B120C")}
_FORMATS = {Kind.NUMBER: '#,##0;-#,##0;"–"', Kind.CODE: "0", Kind.PERCENT: "0%", Kind.TIMESTAMP: "yyyy-mm-dd hh:mm:ss"}
_HAIRLINE = Border(bottom=Side(style="hair", color="A6A6A6"))
TEXT_FORMAT = "@"
RIGHT_ALIGNED = (Kind.NUMBER, Kind.CODE, Kind.PERCENT)


class Styles:
    """Style numbers of the workbook, for cells that are written as XML."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._known: dict[tuple[Kind, bool, bool], int] = {}
        self._severities: dict[str, int] = {}

    def value(self, kind: Kind, *, is_wrapped: bool = False, is_quoted: bool = False) -> int:
        """Of a table's cell. `is_quoted` tells Excel that the text stays text when somebody edits the cell."""
        key = kind, is_wrapped, is_quoted
        if key not in self._known:
            cell = self._scratch()
            cell.number_format = _FORMATS.get(kind, TEXT_FORMAT)
            across, indent = ("right", 1) if kind in RIGHT_ALIGNED else ("left", 0)
            cell.alignment = Alignment(horizontal=across, vertical="top", wrap_text=is_wrapped, indent=indent)
            cell.font = _font("0B5394", underline="single") if kind is Kind.SHEET else _font(INK)
            cell.border = _HAIRLINE
            cell.quotePrefix = is_quoted
            self._known[key] = cell.style_id
        return self._known[key]

    def severity(self, word: str) -> int:
        if word not in self._severities:
            background, ink = _SEVERITY_COLOURS.get(word, ("FFFFFF", INK))
            cell = self._scratch()
            cell.fill, cell.font, cell.border = _fill(background), _font(ink, bold=word in ("block", "error")), _HAIRLINE
            cell.alignment = Alignment(vertical="top")
            self._severities[word] = cell.style_id
        return self._severities[word]

    @cached_property
    def title(self) -> int:
        return self._text(_font(NAVY, bold=True, size=16), down="center")

    @cached_property
    def section(self) -> int:
        return self._text(_font(NAVY, bold=True, size=13), down="center")

    @cached_property
    def label(self) -> int:
        cell = self._scratch()
        cell.font, cell.border, cell.alignment = _font(GREY), _HAIRLINE, Alignment(vertical="top", wrap_text=True)
        return int(cell.style_id)

    def lead(self, tone: Tone) -> int:
        if tone is Tone.PLAIN:
            return self._text(_font(GREY, italic=True))
        background, ink = _TONE_COLOURS[tone]
        return self._text(_font(ink, bold=True, size=12), background, down="center")

    def heading(self, kind: Kind) -> int:
        """The indent leaves room for the filter button."""
        across, indent = ("right", 2) if kind in RIGHT_ALIGNED else ("left", 0)
        return self._text(_font("FFFFFF", bold=True), NAVY, across, "center", indent)

    @cached_property
    def group(self) -> int:
        return self._text(_font(NAVY, bold=True), MIST, "center")

    def _text(self, font: Font, background: str = "", across: str = "left", down: str = "top", indent: int = 0) -> int:
        cell = self._scratch()
        cell.font = font
        cell.alignment = Alignment(horizontal=across, vertical=down, wrap_text=True, indent=indent)
        if background:
            cell.fill = _fill(background)
        return int(cell.style_id)

    def _scratch(self) -> Cell:
        """A cell of its own for each style: the workbook keeps the very object that is registered."""
        return Cell(self._sheet, row=1, column=1)


def _font(colour: str, *, size: int = 11, bold: bool = False, italic: bool = False, underline: str | None = None) -> Font:
    return Font(name="Calibri", family=2, sz=size, color=colour, b=bold, i=italic, u=underline)


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour)
