"""Table rows of the page as HTML, written straight from values: a large estate has a quarter of a million cells.

Every text is made visible and escaped here, and nowhere else on its way into a cell. End tags that HTML lets one leave out
are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from markupsafe import Markup, escape

from migrate.model.finding import Severity
from migrate.model.lease_text import utc_texts
from reports.tables.table import Column, Kind, Table, Value
from reports.visible import visible

_SEVERITIES = {severity.word for severity in Severity}
MEASURED_ROWS = 500
LONGEST_CLIENT_ID = len("01-00-15-5d-01-02-03")
"""Longer ones, and ranges, may be wrapped; a shorter one stays on its line."""
SHORT_WORDS = 18
"""Characters of a text that is never wrapped."""
LONGEST_TEXT, FOLDED_AT = 480, 320
SAME = ("equal", "kept")
"""Words of a column Compared that mean nothing to see."""
COMPARED = "Compared"


def table_rows(table: Table, *, has_labels: bool = False) -> Iterator[Markup]:
    """`has_labels`: each cell says its heading, for narrow screens that show a row as a list."""
    writers = [_writer(*column, has_labels) for column in zip(table.columns, column_classes(table), strict=True)]
    for row in table.rows:
        yield Markup("<tr>" + "".join([write(value) for write, value in zip(writers, row, strict=True)]) + "</td>")


def column_classes(table: Table) -> list[str]:
    """What the style sheet knows each column by: the kind of its values, and how long they are."""
    return [_class_of(column.kind, _longest(table, index)) for index, column in enumerate(table.columns)]


def _longest(table: Table, index: int) -> int:
    return max((len(text) for row in table.rows[:MEASURED_ROWS] if isinstance(text := row[index], str)), default=0)


def _class_of(kind: Kind, longest: int) -> str:
    if kind in (Kind.NUMBER, Kind.CODE):
        return "number"
    if kind is Kind.PERCENT:
        return "number percent"
    if kind in (Kind.ADDRESS, Kind.TIMESTAMP):
        return "address digest" if longest >= 60 else "address list" if longest > LONGEST_CLIENT_ID else "address"
    return "wide" if longest >= 60 or kind is Kind.DECISION else "short" if longest <= SHORT_WORDS else ""


def shown(kind: Kind, value: Value) -> str:
    """A value as plain text, not escaped."""
    if value is None:
        return ""
    if isinstance(value, str):
        return visible(value)
    if kind is Kind.TIMESTAMP:
        return utc_texts(np.array([value], np.int64), " ")[0]
    return str(value) if kind is Kind.CODE else f"{value} %" if kind is Kind.PERCENT else f"{value:,}"


def share_class(percent: int) -> str:
    """The style sheet draws a bar of this length."""
    return f"share s{min(max(percent, 0), 100)}"


def _writer(column: Column, classes: str, has_labels: bool) -> Callable[[Value], str]:
    kind = column.kind
    label = f' data-label="{escape(visible(column.heading))}"' if has_labels else ""
    start = f'<td class="{classes}"{label}>' if classes else f"<td{label}>"
    if kind is Kind.PERCENT:
        return lambda value: f'<td class="number {share_class(value)}"{label}>{value} %' if isinstance(value, int) else start
    if kind is Kind.SEVERITY:
        return lambda value: f"{start}{severity_badge(str(value or ''))}"
    if kind is Kind.DECISION:
        return lambda value: f"<td{label}><code class=copy>{escape(shown(kind, value))}</code>"
    if column.heading == COMPARED:
        return lambda value: f'<td class="{"same" if value in SAME else "differs"}"{label}>{escape(shown(kind, value))}'
    return lambda value: start + folded(shown(kind, value))


def folded(text: str) -> str:
    """A text longer than anybody reads in passing shows its beginning, and the rest to who asks for it."""
    if len(text) <= LONGEST_TEXT:
        return str(escape(text))
    end = text.rfind(" ", FOLDED_AT // 2, FOLDED_AT)
    head, rest = (text[:end], text[end:]) if end > 0 else (text[:FOLDED_AT], text[FOLDED_AT:])
    return str(Markup("<details class=more><summary>{}</summary>{}</details>").format(head, rest))


def severity_badge(word: str) -> Markup:
    return Markup('<span class="severity {}">{}</span>').format(word if word in _SEVERITIES else "", visible(word))


def headings(columns: Sequence[Column]) -> list[str]:
    """Of the columns below their groups, which need not be said again: `Address, stays` under Stays is Address."""
    return [column.heading.removesuffix(f", {column.group.lower()}") if column.group else column.heading for column in columns]
