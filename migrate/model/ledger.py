"""The ledger: what became of every object that was read. Nothing is lost in silence (design.md section 5.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address

import numpy as np
import numpy.typing as npt

from migrate.model.leases import WordColumn
from migrate.model.server import ObjectKind, Role


class Disposition(StrEnum):
    KEPT = "kept"
    """Stands in the target as it was read."""
    JOINED = "joined"
    """Stands in the target once, together with an equal object of the partner or of another level."""
    TRIMMED = "trimmed"
    """Stands in the target in part."""
    DISSOLVED = "dissolved"
    """An exclusion range that was only the split: the partner serves its addresses, so the merged pool does too."""
    REPLACED = "replaced"
    """Stands in the target with another value: the partner's, or a decided one."""
    DROPPED = "dropped"
    """Does not stand in the target, for the reason given."""
    REFUSED = "refused"
    """Could not be read."""
    UNSUPPORTED = "unsupported"
    """Read, but neither failover nor an import file can carry it."""


DISPOSITIONS = tuple(Disposition)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    source: Role
    kind: ObjectKind
    key: str
    disposition: Disposition
    reason: str
    scope_id: IPv4Address | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class LeaseFates:
    """The ledger of one source's leases as columns: row i belongs to row i of that source's LeaseTable."""

    disposition: npt.NDArray[np.uint8]
    """Index into DISPOSITIONS."""
    reason: WordColumn

    def counts(self) -> dict[Disposition, int]:
        numbers = np.bincount(self.disposition, minlength=len(DISPOSITIONS)).tolist()
        return {disposition: number for disposition, number in zip(DISPOSITIONS, numbers, strict=True) if number}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    rows: tuple[LedgerRow, ...]
    """Everything but the leases that could be read."""
    leases: Mapping[Role, LeaseFates]

    def totals(self) -> dict[tuple[Role, ObjectKind], dict[Disposition, int]]:
        """Objects by source and kind, then by what became of them; kinds without any object are absent."""
        counts: Counter[tuple[Role, ObjectKind, Disposition]] = Counter(
            (row.source, row.kind, row.disposition) for row in self.rows
        )
        for role, fates in self.leases.items():
            for disposition, number in fates.counts().items():
                counts[role, ObjectKind.LEASE, disposition] += number
        table: dict[tuple[Role, ObjectKind], dict[Disposition, int]] = {}
        for role in Role:
            for kind in ObjectKind:
                by_disposition = {d: counts[role, kind, d] for d in Disposition if counts[role, kind, d]}
                if by_disposition:
                    table[role, kind] = by_disposition
        return table
