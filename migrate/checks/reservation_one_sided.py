"""A reservation on one server only.

What it finds
    A reservation of a shared scope that the other server does not have. Where the other has the address for another client, or
    the client at another address, it is a reservation conflict instead.

Why it matters
    The other server did not know that the address was taken. If it was in its pool, it may have leased it to somebody else.
    After the migration both partners hold the reservation.

Example
    Scope 10.20.0.0: 10.20.0.50 is reserved for 00-15-5d-00-00-01 (printer-1) on dhcp01 only; both partners get it.

Remedy
    Check that the device still exists; drop the reservation at its server if it does not.

References
    MS-DHCPM 3.2.4.126 (reserved addresses take no part in the split); Microsoft, "Replicate DHCP Failover".
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.scope import Scope
from migrate.model.server import Role

ID = "reservation-one-sided"
NUMBER = "WF-026"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for merge in subject.shared_scopes:
        if merge.primary is None or merge.secondary is None:
            continue
        yield from _missing_on(merge.secondary, merge.primary, subject.server_name(Role.PRIMARY))
        yield from _missing_on(merge.primary, merge.secondary, subject.server_name(Role.SECONDARY))


def _missing_on(partner: Scope, owner: Scope, owner_name: str) -> Iterator[Finding]:
    addresses = {reservation.ip_address for reservation in partner.reservations}
    clients = {reservation.client_id for reservation in partner.reservations}
    for reservation in owner.reservations:
        if reservation.ip_address in addresses or reservation.client_id in clients:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=owner.scope_id,
            object=str(reservation.ip_address),
            message=f"Scope {owner.scope_id}: {reservation.ip_address} is reserved for {reservation.client_id} "
            f"({reservation.name or 'no name'}) on {owner_name} only; both partners get it.",
            remedy="Check that the device still exists; if not, delete the reservation there and export again.",
            places=(reservation.origin,) if reservation.origin else (),
        )
