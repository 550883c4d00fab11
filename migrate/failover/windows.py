"""Windows' binding-status: one byte that means two things, and the binding states they stand for (MS-DHCPF 3.1.4.2).

For an address with a client it is the status of the lease; for a free one it says whose pool the address joins.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrate.failover.codes import LEASE_STATUS_MASK, BindingState, LeaseStatus, PoolMove, WindowsIpFlags
from migrate.failover.messages import BindingUpdate

_POOL_MOVES: Mapping[int, BindingState] = {
    PoolMove.FREE: BindingState.FREE,
    PoolMove.BACKUP: BindingState.BACKUP,
    PoolMove.RECONCILE: BindingState.FREE,
    PoolMove.FREE_UPDATE: BindingState.FREE,
    PoolMove.BACKUP_UPDATE: BindingState.BACKUP,
}

_WIRE_FORMS: Mapping[BindingState, tuple[int, WindowsIpFlags]] = {
    BindingState.FREE: (PoolMove.FREE, WindowsIpFlags(0)),
    BindingState.BACKUP: (PoolMove.BACKUP, WindowsIpFlags(0)),
    BindingState.ACTIVE: (LeaseStatus.ACTIVE, WindowsIpFlags(0)),
    BindingState.EXPIRED: (LeaseStatus.DOOMED, WindowsIpFlags(0)),
    BindingState.RELEASED: (LeaseStatus.DOOMED, WindowsIpFlags.RELEASED),
    # The receiver reads it as EXPIRED: Windows keeps a declined address declined on the server that saw it only.
    BindingState.ABANDONED: (LeaseStatus.DECLINED, WindowsIpFlags(0)),
    # Windows has no RESET; what its administrators can do is delete the lease.
    BindingState.RESET: (LeaseStatus.DOOMED, WindowsIpFlags.DELETED),
}


def wire_form(state: BindingState) -> tuple[int, WindowsIpFlags]:
    """Binding-status and IP-flags that announce a state, without DHCID and DNS bits."""
    return _WIRE_FORMS[state]


def is_pool_move(update: BindingUpdate) -> bool:
    """A free address changes pools: no flags and no client."""
    return not update.ip_flags and update.hardware_address is None and update.client_identifier is None


def binding_state(update: BindingUpdate, *, has_lease: bool) -> BindingState:
    """What an update says of its address. `has_lease`: the receiver has a lease record for it; a pool move then counts as its
    lease status. The update must have a status."""
    if update.status is None:
        raise ValueError("binding update without a binding-status")
    if is_pool_move(update) and not has_lease and update.status in _POOL_MOVES:
        return _POOL_MOVES[update.status]
    if (update.ip_flags or 0) & WindowsIpFlags.RELEASED:
        return BindingState.RELEASED
    if update.status & LEASE_STATUS_MASK in (LeaseStatus.DOOMED, LeaseStatus.DECLINED):
        return BindingState.EXPIRED
    return BindingState.ACTIVE
