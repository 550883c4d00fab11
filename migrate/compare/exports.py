"""Two exports without a plan: two partners, or two dates of one server. Neither is taken to be right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from migrate.compare.leases import FreshLeases, LeaseComparison, compare_leases
from migrate.compare.servers import Comparison, Unsaid, compare
from migrate.model.leases import LeaseState
from migrate.model.server import Role, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDifference:
    """Two exports without a plan: two partners, or two dates of one server."""

    as_of_s: int
    configuration: Comparison
    unsaid: Mapping[Role, tuple[Unsaid, ...]]
    """What the other export says and this one's source cannot: not compared."""
    leases: LeaseComparison | None
    """The leases in use in the first export, by the second; None: not compared."""
    without_leases: tuple[Role, ...]

    @property
    def is_clean(self) -> bool:
        return not self.configuration.differences and not (self.leases and self.leases.wrong_count)

    @property
    def exit_status(self) -> int:
        return 0 if self.is_clean else 1


def diff(first: Source, second: Source, *, as_of_s: int, configuration_only: bool = False) -> ExportDifference:
    sides = {Role.PRIMARY: first, Role.SECONDARY: second}
    without_leases = () if configuration_only else tuple(role for role, side in sides.items() if not side.has_leases)
    leases = None
    if not configuration_only and not without_leases:
        in_use = np.isin(first.leases.state, (LeaseState.ACTIVE, LeaseState.ACTIVE_RESERVATION))
        fresh = {Role.SECONDARY: FreshLeases(table=second.leases, server=second.server)}
        leases = compare_leases(first.leases.take(np.flatnonzero(in_use)), fresh, as_of_s)
    configuration = compare(first.server, second.server)
    return ExportDifference(
        as_of_s=as_of_s,
        configuration=configuration,
        unsaid={Role.PRIMARY: compare(second.server, first.server).unsaid, Role.SECONDARY: configuration.unsaid},
        leases=leases,
        without_leases=without_leases,
    )
