"""Where a record was read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in an input file; `line` counts from 1, 0 means the file as a whole."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


def origin_field() -> Origin | None:
    """A dataclass field for the origin: optional, and no part of equality, order or representation."""
    return field(default=None, compare=False, repr=False)
