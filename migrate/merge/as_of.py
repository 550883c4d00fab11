"""At which instant were these leases listed? The inputs themselves tell, within limits (design.md section 3, --as-of)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from migrate.model.leases import NEVER, LeaseState
from migrate.model.option import LEASE_TIME
from migrate.model.scope import Scope
from migrate.model.server import Source
from migrate.model.timespan import UNLIMITED, seconds_of_timespan, timespan_of_seconds

STALE_PERCENT = 5


def stated_as_of(sources: Iterable[Source]) -> int | None:
    """The newest instant that the sources state, seconds since 1970 UTC: when the last of their leases was granted, which is its
    expiry less the longest lease time that a client of its scope can be given. None when no lease tells.

    A lease time that was shortened since would put that instant too late, and make leases in use look expired. So it is never
    later than the expiry of all but a few (STALE_PERCENT) of the leases that their server calls active.
    """
    granted: list[int] = []
    expiries = [np.zeros(0, np.int64)]
    for source in sources:
        leases = source.leases
        in_use = (leases.state == LeaseState.ACTIVE) & (leases.expiry_s != NEVER)
        expiries.append(leases.expiry_s[in_use])
        latest = _latest_by_scope(leases.scope_id[in_use], leases.expiry_s[in_use])
        for scope in source.server.scopes:
            duration_s = _longest_duration_s(scope)
            if duration_s and int(scope.scope_id) in latest:
                granted.append(latest[int(scope.scope_id)] - duration_s)
    if not granted:
        return None
    soonest = np.sort(np.concatenate(expiries))
    return min(max(granted), int(soonest[len(soonest) * STALE_PERCENT // 100]) - 1)


def _latest_by_scope(scope_ids: npt.NDArray[np.uint32], expiries_s: npt.NDArray[np.int64]) -> dict[int, int]:
    distinct, index = np.unique(scope_ids, return_inverse=True)
    latest = np.full(len(distinct), np.iinfo(np.int64).min)
    np.maximum.at(latest, index, expiries_s)
    return dict(zip(distinct.tolist(), latest.tolist(), strict=True))


def _longest_duration_s(scope: Scope) -> int | None:
    """None when a client of the scope may hold a lease without end, or nothing is known."""
    durations = [scope.lease_duration] if scope.lease_duration else []
    values = list(scope.option_values) + [value for policy in scope.policies or () for value in policy.option_values]
    durations += [
        timespan_of_seconds(int(v.values[0])) for v in values if v.option_id == LEASE_TIME and v.values and v.values[0].isdigit()
    ]
    if not durations or max(durations) >= UNLIMITED:
        return None
    return seconds_of_timespan(max(durations))
