"""The one type for anything wrong with the data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from migrate.model.origin import Origin


class Severity(IntEnum):
    """Ordered: a greater value is worse. BLOCK stops the migration until a person has decided."""

    INFO = 0
    WARNING = 1
    ERROR = 2
    BLOCK = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`message` stands alone and names the thing and both values; `remedy` is the next step."""

    rule: str
    severity: Severity
    object: str
    message: str
    remedy: str
    number: str | None = None
    """WF-nnn for the preflight rules of windows-failover.md section 9, None for parser findings."""
    scope_id: IPv4Address | None = None
    places: tuple[Origin, ...] = ()
    waived: str = ""
    """Why somebody has accepted it for now; empty: nobody has."""

    @property
    def sort_key(self) -> tuple[int, str, int, str, str]:
        return -self.severity, self.rule, int(self.scope_id or 0), self.object, self.message
