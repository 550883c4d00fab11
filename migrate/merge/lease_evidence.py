"""Leases as evidence for a decision: who stands on the addresses in question."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

import numpy as np

from migrate.model.addresses import AddressSet
from migrate.model.lease_text import utc_text
from migrate.model.leases import LeaseState
from migrate.model.server import Role, Source

SHOWN = 12
_HELD = (LeaseState.ACTIVE, LeaseState.OFFERED, LeaseState.ACTIVE_RESERVATION)


def leases_on(
    sources: Mapping[Role, Source], names: Mapping[Role, str], scope_id: IPv4Address, addresses: AddressSet, as_of_s: int
) -> str:
    """The leases in use on the given addresses of a scope, server by server: the first SHOWN each, and how many more."""
    parts = []
    for role, source in sources.items():
        table = source.leases
        rows = np.flatnonzero((table.scope_id == int(scope_id)) & np.isin(table.state, _HELD) & (table.expiry_s > as_of_s))
        rows = np.array([row for row in rows.tolist() if IPv4Address(int(table.address[row])) in addresses], np.intp)
        rows = rows[np.argsort(table.address[rows], kind="stable")]
        if not len(rows):
            parts.append(f"no lease on {names[role]}")
            continue
        shown = [_shown(source, row) for row in rows[:SHOWN].tolist()]
        more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        parts.append(f"{len(rows)} on {names[role]}: {', '.join(shown)}{more}")
    return "; ".join(parts)


def _shown(source: Source, row: int) -> str:
    lease = source.leases.row(row)
    name = f" {lease.host_name}" if lease.host_name else ""
    return f"{lease.ip_address} {lease.client_id}{name} until {utc_text(lease.expiry_s)}"
