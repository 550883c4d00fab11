"""`report.html`: renders the tables and address maps as one page that needs no other file; computes nothing.

The page's script filters what is there and draws the maps of the scopes somebody opens; without it every table still reads.
A Content-Security-Policy allows that one script and that one style sheet by their digests, and no connection at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from migrate.merge.result import MergeResult
from migrate.model.finding import Finding
from reports.address_map import AddressMap, MapRow, address_maps
from reports.html_cells import COMPARED, SAME, column_classes, headings, severity_badge, share_class, shown, table_rows
from reports.tables.figures import KeyFigure, key_figures
from reports.tables.table import Column, Kind, Table, Value
from reports.visible import on_one_line, visible

ELSEWHERE = ("Leases", "Ledger")
"""Sheets too long for a page; it says how many rows they have."""
SHORT = 60
"""Rows that are shown at once; a longer table waits until somebody opens it."""
MANY = 300
"""Rows or scopes from which on a browser makes elements only of those that somebody opens."""
_FILTERS = {
    "Findings": ("Severity", "Rule"),
    "Decisions": ("Choice", "Rule"),
    "Ranges and exclusions": ("What", "Outcome"),
    "Reservations": ("Read on",),
    "Lease conflicts": ("Conflict",),
    "Options": (COMPARED, "Level"),
    "Classes and policies": (COMPARED, "Kind"),
}
"""Columns whose values can be chosen; any table with rows enough can be searched."""
_STACKED = ("Findings", "Decisions")
"""Tables that a narrow screen shows as lists, since they are read rather than compared."""
_CODE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"
"""A letter for each code of an address map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the page is made from. `maps` are those of the rows of sheet Scopes, in their order."""

    tables: Sequence[Table]
    maps: Sequence[AddressMap]
    figures: Sequence[KeyFigure]

    @classmethod
    def of(cls, result: MergeResult, findings: Sequence[Finding], tables: Sequence[Table]) -> Page:
        """`tables` are those of the workbook, made from the same result."""
        (capacity,) = (table for table in tables if table.sheet == "Capacity")
        return cls(tables=tables, maps=address_maps(result), figures=key_figures(result, findings, capacity))


@dataclass(frozen=True, slots=True)
class _Scope:
    """A row of sheet Scopes, as a section of its own."""

    scope_id: str
    network: str
    outcome: str
    owners: list[str]
    properties: list[tuple[str, list[str], bool]]
    """Name, value by owner, and whether the servers differ where they should not: of a split scope every count differs."""
    shares: list[tuple[str, str, int | None]]
    """Owner, percent as text, and as a number."""
    findings: int


def write_page(page: Page, stream: TextIO) -> None:
    by_sheet = {sheet: list(content) for sheet, content in groupby(page.tables, lambda table: table.sheet)}
    (cover, *summary), *sections = by_sheet.values()
    shown_sections = [content for content in sections if content[0].sheet not in ELSEWHERE]
    style, script = _part("report.css") + _shares(), _part("report.js")
    context = {
        "cover": cover,
        "figures": page.figures,
        "summary": [table for table in summary if table.columns[0].kind is not Kind.SHEET],
        "sections": shown_sections,
        "elsewhere": [table for content in sections for table in content if table.sheet in ELSEWHERE],
        "scopes": list(_scopes(page, by_sheet)),
        "script": script,
        "style": style,
        "script_digest": _digest(script),
        "style_digest": _digest(style),
        "data": _data(page.maps),
    }
    content = _environment().get_template("report.html.j2").stream(context)
    content.enable_buffering(1000)
    stream.writelines(content)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {
        "line": on_one_line,
        "slug": _slug,
        "severity": severity_badge,
        "share": share_class,
        "thousands": "{:,}".format,
    }
    made.globals |= {
        "rows_of": lambda table: table_rows(table, has_labels=table.sheet in _STACKED),
        "headings": headings,
        "groups": _groups,
        "column_classes": column_classes,
        "fact": lambda value: visible(shown(Kind.NUMBER, value)),
        "filtered": _filtered_columns,
        "is_stacked": lambda table: table.sheet in _STACKED,
        "same": ",".join(SAME),
        "SHORT": SHORT,
        "MANY": MANY,
    }
    return made


@cache
def _part(name: str) -> Markup:
    """A part of the page that is not text; nothing in it ends the element it stands in."""
    environment = _environment()
    assert environment.loader
    return Markup(environment.loader.get_source(environment, name)[0].rstrip("\n"))


def _shares() -> Markup:
    """A bar for every whole percent: the policy forbids style attributes."""
    return Markup("".join(f"\n.s{percent}{{background-size:{percent}% .25rem}}" for percent in range(1, 101)))


def _digest(part: str) -> str:
    return base64.b64encode(hashlib.sha256(f"\n{part}\n".encode()).digest()).decode()


def _slug(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _groups(columns: Sequence[Column]) -> list[tuple[str, int]]:
    """Common headings with the number of columns below each; none at all if there are no groups."""
    found = [(group, len(list(same))) for group, same in groupby(columns, lambda column: column.group)]
    return found if any(group for group, _ in found) else []


def _filtered_columns(table: Table) -> str | None:
    """Indices of the columns that can be chosen from, for the script; None: the table is too short to filter."""
    wanted = _FILTERS.get(table.sheet, ())
    if len(table.rows) < (6 if wanted else SHORT) or not table.has_headings:
        return None
    return " ".join(str(index) for index, column in enumerate(table.columns) if column.heading in wanted)


def _scopes(page: Page, by_sheet: dict[str, list[Table]]) -> Iterator[_Scope]:
    (table,), (capacity,) = by_sheet["Scopes"], by_sheet["Capacity"]
    alone = {column.heading: index for index, column in enumerate(table.columns) if not column.group}
    grouped = [
        (name, [index for index, _ in same]) for name, same in groupby(enumerate(table.columns), lambda c: c[1].group) if name
    ]
    owners = [table.columns[index].heading.rpartition(", ")[2] for index in grouped[0][1]]
    found = _findings_by_scope(by_sheet["Findings"][0])
    for row, figures, area in zip(table.rows, capacity.rows, page.maps, strict=True):
        yield _Scope(
            scope_id=str(row[0]),
            network=f"{row[0]}/{area.network.prefixlen}",
            outcome=shown(Kind.TEXT, row[alone["Outcome"]]),
            owners=owners,
            properties=[_property(table, row, name, indices) for name, indices in grouped],
            shares=[
                (column.group.lower(), shown(column.kind, value), value if isinstance(value, int) else None)
                for column, value in zip(capacity.columns, figures, strict=True)
                if column.kind is Kind.PERCENT
            ],
            findings=found[str(row[0])],
        )


def _property(table: Table, row: tuple[Value, ...], name: str, indices: list[int]) -> tuple[str, list[str], bool]:
    *read, _ = indices
    present = {row[index] for index in read if row[index] is not None}
    kind = table.columns[indices[0]].kind
    return name, [shown(kind, row[index]) for index in indices], len(present) > 1 and kind is not Kind.NUMBER


def _findings_by_scope(findings: Table) -> Counter[str]:
    index = next(index for index, column in enumerate(findings.columns) if column.heading == "Scope")
    return Counter(str(row[index]) for row in findings.rows)


def _data(maps: Sequence[AddressMap]) -> Markup:
    """Address maps for the script: first address, size, and the runs of each row; `<` and `&` cannot occur."""
    areas = [[int(area.network.network_address), area.network.num_addresses, [_runs(row) for row in area.rows]] for area in maps]
    names = [on_one_line(row.heading) for row in maps[0].rows] if maps else []
    text = json.dumps({"rows": names, "maps": areas}, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _runs(row: MapRow) -> str:
    """A letter for what the addresses are, and how many if more than one; empty if the scope is not there."""
    pairs = zip(row.codes.tolist(), row.lengths.tolist(), strict=True)
    return "".join([f"{_CODE_LETTERS[code]}{length}" if length > 1 else _CODE_LETTERS[code] for code, length in pairs])
