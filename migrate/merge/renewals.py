"""When the clients of a server that goes away come to its successors.

A client renews at half its lease (T1) with the server that gave it, and with that server alone. Only from seven eighths on (T2)
does it ask anybody. Between the two it renews in vain where that server's address is gone: a cluster that makes way for two
servers, or old servers that make way for new ones (RFC 2131 section 4.4.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migrate.merge.result import MergeResult
from migrate.model.leases import NEVER
from migrate.model.target import Strategy

HOUR_S = 3600
Seconds = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RenewalHour:
    """One hour after the instant of judgement, taken as the hour in which the old server stops."""

    hour: int
    """From 0."""
    reach_t1: int
    """Clients that begin to renew in this hour, in vain."""
    reach_t2: int
    """Clients that ask every server from this hour on, and are served by the successors."""
    waiting: int
    """Clients that have not come over by the end of the hour; their leases still run."""


@dataclass(frozen=True, slots=True)
class Renewals:
    clients: int
    """Leases of the old server that have an end and a known length."""
    hours: tuple[RenewalHour, ...]
    """Without hours in which nothing happens."""

    @property
    def last_hour(self) -> int:
        return self.hours[-1].hour if self.hours else 0

    @property
    def most_in_vain(self) -> int:
        """The most clients at any time that are past T1 and not at T2."""
        trying, most = 0, 0
        for hour in self.hours:
            trying += hour.reach_t1
            most = max(most, trying)
            trying -= hour.reach_t2
        return most


def renewals(result: MergeResult) -> Renewals | None:
    """None where the servers that gave the leases stay: two servers in place.

    Taken is the lease duration of the scope; a policy may have given another.
    """
    if len(result.sources) == 2 and result.target.strategy is Strategy.IN_PLACE:
        return None
    left_s, length_s = _leases(result)
    t1, t2 = _hours(left_s - length_s // 2), _hours(left_s - length_s // 8)
    return Renewals(len(left_s), tuple(_by_hour(t1, t2)))


def _leases(result: MergeResult) -> tuple[Seconds, Seconds]:
    """Seconds left and length of every lease that ends."""
    table = result.leases.table
    lengths = {
        int(scope.scope_id): int(scope.lease_duration.total_seconds())
        for scope in result.target.server.scopes
        if scope.lease_duration is not None
    }
    scope_ids, places = np.unique(table.scope_id, return_inverse=True)
    length_s = np.array([lengths.get(scope_id, 0) for scope_id in scope_ids.tolist()], np.int64)[places]
    left_s = table.expiry_s - result.settings.as_of_s
    known = (table.expiry_s != NEVER) & (left_s > 0) & (length_s > 0)
    return left_s[known], np.maximum(length_s, left_s)[known]


def _hours(instants: Seconds) -> Seconds:
    """What is over already happens in the first hour."""
    return np.maximum(instants, 0) // HOUR_S


def _by_hour(t1: Seconds, t2: Seconds) -> Iterator[RenewalHour]:
    """Counted by sorting: a lease may end in the year 9999, so nothing is as long as the time it covers."""
    hours = np.union1d(t1, t2)
    begun, come = (np.searchsorted(np.sort(times), hours, side="right").tolist() for times in (t1, t2))
    before = (0, 0)
    for hour, so_far in zip(hours.tolist(), zip(begun, come, strict=True), strict=True):
        yield RenewalHour(hour, so_far[0] - before[0], so_far[1] - before[1], len(t2) - so_far[1])
        before = so_far
