"""A server's leases as `netsh dhcp server scope X show clients 1` prints them, one listing a scope (formats.md 3.1).

Times are UTC in the United States' way of writing; a listing names no zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from generator.estate import Estate
from migrate.model.leases import NEVER, Lease, LeaseClientType, LeaseState
from migrate.model.scope import Scope
from migrate.model.server import Role

_RULER = "=" * 92
_LETTERS = {LeaseClientType.DHCP: "D", LeaseClientType.BOOTP: "B", LeaseClientType.NONE: "N"}
_INACTIVE = (LeaseState.DECLINED, LeaseState.INACTIVE_RESERVATION, LeaseState.INACTIVE)


def write_clients_listing(estate: Estate, role: Role, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\r\n") as file:
        for scope in estate.servers[role].scopes:
            for line in listing_lines(scope, estate.leases(role, scope).rows()):
                file.write(line + "\n")


def listing_lines(scope: Scope, leases: Iterator[Lease]) -> Iterator[str]:
    yield from ("", f"Changed the current scope context to {scope.scope_id} scope.", "")
    yield "Type : N - NONE, D - DHCP B - BOOTP, U - UNSPECIFIED, R - RESERVATION IP"
    yield _RULER
    yield "IP Address      - Subnet Mask    - Unique ID           - Lease Expires        -Type -Name"
    yield from (_RULER, "")
    count = 0
    for lease in leases:
        if lease.state is not LeaseState.OFFERED:
            count += 1
            yield _row(scope, lease)
    yield from ("", f"No of Clients(version 4): {count} in the Scope : {scope.scope_id}.", "")
    yield from ("Command completed successfully.", "")


def _row(scope: Scope, lease: Lease) -> str:
    expiry = _expiry(lease)
    blank = " " if expiry[0].isdigit() else ""
    letter = _LETTERS.get(lease.client_type, "U")
    return (
        f"{lease.ip_address!s:<16} - {scope.subnet_mask!s:<14} -{blank}{lease.client_id!s:<20}   -{expiry:<23}"
        f"-{letter}-  {lease.host_name}"
    )


def _expiry(lease: Lease) -> str:
    if lease.state in _INACTIVE:
        return " INACTIVE"
    if lease.expiry_s == NEVER:
        return " NEVER EXPIRES"
    time = datetime.fromtimestamp(lease.expiry_s, UTC)
    hour, half = (time.hour - 1) % 12 + 1, "AM" if time.hour < 12 else "PM"
    return f"{time.month}/{time.day}/{time.year} {hour}:{time:%M:%S} {half}"
