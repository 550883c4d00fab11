"""Who declined an address.

What it finds
    A declined address (BAD_ADDRESS) whose record names a client that has another address in the same scope now, leased or
    reserved. One finding for each client.

Why it matters
    Most BAD_ADDRESS records do not tell who met the conflict. Where one does, that client was next to the device that uses the
    address without a lease, and its switch port is where the search begins. A client that declines address after address is
    broken itself, and will use up the pool of a partner.

Example
    Scope 10.20.0.0: 10.20.0.30 was declined by 00-15-5d-00-00-01 (pc1), which holds 10.20.0.31 now.

Remedy
    Look for the other device in the ARP tables of that client's segment; if the client declined many, look at the client.

References
    RFC 2131 sections 3.1 and 4.4.4 (DHCPDECLINE).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from migrate.checks.lease_columns import ScopeClient, is_declined, lease_of, rows_by_scope
from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import some
from migrate.model.client_id import ClientId
from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin

ID = "declined-by-client"
NUMBER = None
SEVERITY = Severity.INFO
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    for (scope_id, client), declined in _declined(subject).items():
        holding = _holding(subject, scope_id, client)
        if not holding:
            continue
        addresses = list(dict.fromkeys(address for address, _ in declined))
        verb = "was" if len(addresses) == 1 else "were"
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=scope_id,
            object=str(client),
            message=f"Scope {scope_id}: {some(addresses)} {verb} declined by {client} {holding} now.",
            remedy="Look for the other device in the ARP tables of that segment; if the client declined many, look at the client.",
            places=(declined[0][1],),
        )


def _declined(subject: Subject) -> dict[ScopeClient, list[tuple[IPv4Address, Origin]]]:
    """Declined addresses, and where they stand, by scope and client, in the order of scopes and addresses."""
    found: dict[ScopeClient, list[tuple[IPv4Address, Origin]]] = {}
    for _, source in subject.sources:
        for scope_id, rows in rows_by_scope(source.leases, is_declined(source.leases)):
            if subject.settings.leaves_out(scope_id):
                continue
            for row in rows.tolist():
                lease = source.leases.row(row)
                found.setdefault((scope_id, lease.client_id), []).append((lease.ip_address, Origin(lease.path, lease.line)))
    return found


def _holding(subject: Subject, scope_id: IPv4Address, client: ClientId) -> str:
    """`(pc1), which holds 10.20.0.31`; empty when the client has nothing in the target."""
    lease = lease_of(subject.merged.leases.table, scope_id, client)
    if lease:
        return f"({lease.host_name or 'no name'}), which holds {lease.ip_address}"
    scope = subject.scope_of(scope_id)
    for reservation in scope.reservations if scope else ():
        if reservation.client_id == client:
            return f"({reservation.name or 'no name'}), which has {reservation.ip_address} reserved"
    return ""


def unknown(subject: Subject) -> str:
    return subject.without_leases
