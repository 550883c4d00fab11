"""One client with two addresses in a scope.

What it finds
    A client with running leases on different addresses of one scope, most often one from each server.

Why it matters
    A client roams between the two halves of a split scope and collects an address from each. A failover pair knows one address
    per client and scope: the later lease is carried over, the other is dropped, and its address returns to the pool.

Example
    Scope 10.20.0.0: 00-15-5d-00-00-01 (pc1) holds 10.20.0.150 at dhcp02 until 2026-11-21T12:00:00Z, which it keeps, and
    10.20.0.30 at dhcp01 until 2026-11-21T10:00:00Z, which is dropped.

Remedy
    Nothing, unless the client really uses both addresses (a bridge, a cloned machine): give it a reservation then.

References
    Microsoft, "Migrate to DHCP Failover"; draft-ietf-dhc-failover-12 section 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.merge.result import LeaseConflictKind
from migrate.model.client_id import ClientId
from migrate.model.finding import Finding, Severity
from migrate.model.lease_text import utc_text
from migrate.model.leases import Lease
from migrate.model.server import Role

ID = "lease-two-addresses"
NUMBER = "WF-029"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    shared = {merge.scope_id for merge in subject.shared_scopes}
    dropped: dict[tuple[IPv4Address, ClientId], list[str]] = {}
    kept: dict[tuple[IPv4Address, ClientId], str] = {}
    for conflict in subject.merged.lease_conflicts:
        if conflict.kind is not LeaseConflictKind.TWO_ADDRESSES or conflict.scope_id not in shared:
            continue
        if conflict.winner_source is None or conflict.winner is None:
            continue
        winner = subject.merged.sources[conflict.winner_source].leases.row(conflict.winner)
        loser = subject.merged.sources[conflict.loser_source].leases.row(conflict.loser)
        key = conflict.scope_id, loser.client_id
        kept[key] = f"{loser.client_id} ({winner.host_name or 'no name'}) holds {_held(subject, conflict.winner_source, winner)}"
        dropped.setdefault(key, []).append(_held(subject, conflict.loser_source, loser))
    for (scope_id, client), leases in dropped.items():
        verb = "is" if len(leases) == 1 else "are"
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=scope_id,
            object=str(client),
            message=f"Scope {scope_id}: {kept[scope_id, client]}, which it keeps, and {' and '.join(leases)}, which {verb} "
            f"dropped.",
            remedy="None needed, unless the client uses both addresses: give it a reservation then.",
        )


def unknown(subject: Subject) -> str:
    return subject.without_leases


def _held(subject: Subject, role: Role, lease: Lease) -> str:
    return f"{lease.ip_address} at {subject.server_name(role)} until {utc_text(lease.expiry_s)}"
