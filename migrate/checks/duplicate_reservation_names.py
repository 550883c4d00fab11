"""Reservations that share a name.

What it finds
    A name that more than one client has among the reservations of a scope. Letter case does not count.

Why it matters
    The server registers the name of a reservation in DNS. Two devices of one name overwrite each other's record.

Example
    Scope 10.20.0.0: the name printer-1 is reserved for 2 clients (10.20.0.50, 10.20.0.51).

Remedy
    Give each device a name of its own.

References
    Microsoft, "DHCP Failover Overview" (dynamic updates).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import some
from migrate.model.finding import Finding, Severity
from migrate.model.scope import Reservation

ID = "duplicate-reservation-names"
NUMBER = None
SEVERITY = Severity.INFO
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for scope in subject.target_scopes:
        named: dict[str, list[Reservation]] = {}
        for reservation in scope.reservations:
            if reservation.name.strip():
                named.setdefault(reservation.name.casefold(), []).append(reservation)
        for same in named.values():
            if len(same) == 1:
                continue
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                scope_id=scope.scope_id,
                object=same[0].name,
                message=f"Scope {scope.scope_id}: the name {same[0].name} is reserved for {len(same)} clients "
                f"({some([reservation.ip_address for reservation in same])}).",
                remedy="Give each device a name of its own.",
                places=tuple(reservation.origin for reservation in same if reservation.origin),
            )
