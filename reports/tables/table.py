"""A table as a renderer gets it: columns with their kinds, rows of plain values. Formatting is the renderer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

Value = str | int | None


class Kind(Enum):
    """What a column's values are; None is an empty cell in each."""

    TEXT = auto()
    NUMBER = auto()
    """A count or size."""
    CODE = auto()
    """A number that names something: a line, an option."""
    PERCENT = auto()
    """Whole percents: 50 is shown as 50 %."""
    SEVERITY = auto()
    """The word of a Severity."""
    ADDRESS = auto()
    """Addresses, ranges, client ids: text that must keep its digits."""
    TIMESTAMP = auto()
    """Seconds since 1970 UTC, or a word."""
    DECISION = auto()
    """The id of a decision, which people copy."""
    SHEET = auto()
    """The name of another sheet."""


class Tone(Enum):
    PLAIN = auto()
    GOOD = auto()
    BAD = auto()


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    kind: Kind = Kind.TEXT
    max_width: int = 48
    """In characters; longer text is wrapped."""
    group: str = ""
    """Neighbours of one group stand under a common heading."""
    is_optional: bool = False
    """Left out when no row has a value in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Optional columns without any value are gone once the table is made."""

    sheet: str
    """Tables of one sheet follow each other below its title."""
    title: str
    lead: str = ""
    """A sentence or two on how to read it."""
    tone: Tone = Tone.PLAIN
    """How the lead is meant."""
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]
    empty: str = ""
    """What stands there instead when there are no rows."""
    has_headings: bool = True
    """False: facts, a label and a value in each row."""
    fixed_columns: int = 1
    """Leading columns that stay in sight, and repeat in print."""

    def __post_init__(self) -> None:
        used = [
            index
            for index, column in enumerate(self.columns)
            if not column.is_optional or any(row[index] not in (None, "") for row in self.rows)
        ]
        if len(used) < len(self.columns):
            object.__setattr__(self, "columns", tuple(self.columns[index] for index in used))
            object.__setattr__(self, "rows", [tuple(row[index] for index in used) for row in self.rows])


def facts(sheet: str, title: str, rows: Sequence[tuple[str, Value]], lead: str = "", tone: Tone = Tone.PLAIN) -> Table:
    columns = (Column("", max_width=24), Column(""))
    return Table(sheet=sheet, title=title, lead=lead, tone=tone, columns=columns, rows=rows, has_headings=False, fixed_columns=0)
