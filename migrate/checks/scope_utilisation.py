"""A scope that is nearly full.

What it finds
    A scope of which at least 80 % of the addresses for new clients are taken; from 95 % on it is an error. Reservations and
    exclusions do not count, neither as room nor as use.

Why it matters
    During the change, and whenever a partner is lost, clients that come new need free addresses, and each partner gives only
    from its own share. A scope that is just large enough with one pool is too small with two.

Example
    Scope 10.20.0.0 is 90 % full: 9 of 10 addresses are leased or declined.

Remedy
    Widen the range, shorten the lease, or let unused leases run out before the change.

References
    Microsoft, "DHCP Failover Events and Performance" (events 1020 and 1063).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject, distributable
from migrate.model.finding import Finding, Severity

ID = "scope-utilisation"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


WARNING_PERCENT = 80
ERROR_PERCENT = 95


def check(subject: Subject) -> Iterator[Finding]:
    for scope in subject.target_scopes:
        size = distributable(scope).address_count
        free = subject.free_addresses(scope)
        if not size or not free or (size - free) * 100 < size * WARNING_PERCENT:
            continue
        percent = (size - free) * 100 // size
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=Severity.ERROR if percent >= ERROR_PERCENT else SEVERITY,
            scope_id=scope.scope_id,
            object=str(scope.scope_id),
            message=f"Scope {scope.scope_id} is {percent} % full: {size - free} of {size} addresses are leased or declined.",
            remedy="Widen the range, shorten the lease, or let unused leases run out before the change.",
            places=(scope.origin,) if scope.origin else (),
        )


def unknown(subject: Subject) -> str:
    return subject.without_leases
