"""Instants as XML exports write them: `2026-11-20 18:00:00Z`, or any ISO 8601 form with date and time (formats.md 1.10).

Locale dates of lease listings are not read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from migrate.model.leases import NEVER

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)? ?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER_YEAR = 9999
"""The server's way to say "never" is the greatest date of its time type."""


@dataclass(slots=True)
class InstantReader:
    """Reads instants, and remembers the line of the first that named no zone."""

    time_zone: tzinfo | None = None
    """For instants without a zone; None: UTC."""
    first_naive_line: int | None = field(default=None, init=False)

    @property
    def takes_naive_as_utc(self) -> bool:
        return self.time_zone is None

    def note_naive(self, line: int) -> None:
        self.first_naive_line = min(line, self.first_naive_line or line)

    def read(self, text: str, line: int) -> int:
        """Seconds since 1970 UTC, fractions cut; NEVER in the year 9999. Raises ValueError."""
        stripped = text.strip()
        match = _ISO.fullmatch(stripped)
        if not match:
            raise ValueError(f"not a date and time of the form 2026-11-20 18:00:00Z: {text!r}")
        try:
            instant = datetime.fromisoformat(stripped.upper().replace(" +", "+").replace(" -", "-").replace(" Z", "Z"))
        except ValueError:
            raise ValueError(f"no such date and time: {text!r}") from None
        if instant.year >= NEVER_YEAR:
            return NEVER
        if match["zone"] is None:
            self.note_naive(line)
            instant = instant.replace(tzinfo=self.time_zone or UTC)
        return (instant - _EPOCH).days * 86400 + (instant - _EPOCH).seconds
