"""A lease on an address reserved for somebody else.

What it finds
    An address that the target reserves for one client while another client holds a running lease on it, on either server.

Why it matters
    The device with the reservation cannot get its address while the other uses it, and the other will be refused when it
    renews. The lease is not carried over.

Example
    Scope 10.20.0.0: 10.20.0.50 is reserved for 00-15-5d-00-00-01, but 00-15-5d-00-00-09 (laptop) holds a lease on it at dhcp02
    until 2026-11-21T10:00:00Z.

Remedy
    Release the lease at the client and delete it on the server before the change window, or correct the reservation.

References
    MS-DHCPF 3.1.5.2 (updates for reserved addresses are rejected with reason 15).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.merge.result import LeaseConflictKind
from migrate.model.finding import Finding, Severity
from migrate.model.lease_text import utc_text

ID = "lease-on-reserved-address"
NUMBER = "WF-027"
SEVERITY = Severity.ERROR
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    holders: dict[tuple[IPv4Address, IPv4Address], list[str]] = {}
    clients: dict[tuple[IPv4Address, IPv4Address], str] = {}
    for conflict in subject.merged.lease_conflicts:
        if conflict.kind is not LeaseConflictKind.RESERVED_FOR_OTHER:
            continue
        lease = subject.merged.sources[conflict.loser_source].leases.row(conflict.loser)
        key = conflict.scope_id, lease.ip_address
        name = f"{lease.client_id} ({lease.host_name or 'no name'})"
        server = subject.server_name(conflict.loser_source)
        holders.setdefault(key, []).append(f"{name} holds a lease on it at {server} until {utc_text(lease.expiry_s)}")
        clients[key] = conflict.reserved_client
    for (scope_id, address), held in holders.items():
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=scope_id,
            object=str(address),
            message=f"Scope {scope_id}: {address} is reserved for {clients[scope_id, address]}, but {' and '.join(held)}.",
            remedy="Release that lease before the change window, or correct the reservation.",
        )


def unknown(subject: Subject) -> str:
    return subject.without_leases
