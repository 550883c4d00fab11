"""A scope with hardly an address to share.

What it finds
    A target scope with fewer than four addresses for new clients, used or not, when exclusions and reservations are taken off.
    A scope with none is no-free-address.

Why it matters
    Failover shares the free addresses out. Of one or two, a partner may own none, and then cannot serve a newcomer while it is
    alone.

Example
    Scope 10.20.0.0 has 2 addresses for the two partners to share.

Remedy
    Widen the range, or accept that one partner may have nothing to give there.

References
    Microsoft, "DHCP Failover Architecture" (sharing of the free addresses).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject, distributable
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity

ID = "tiny-scope"
NUMBER = None
SEVERITY = Severity.INFO
LOOKS_AT = TARGET


ENOUGH = 4


def check(subject: Subject) -> Iterator[Finding]:
    for scope in subject.target_scopes:
        size = distributable(scope).address_count
        if not 0 < size < ENOUGH:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=scope.scope_id,
            object=str(scope.scope_id),
            message=f"Scope {scope.scope_id} has {counted(size, 'address', 'addresses')} for the two partners to share.",
            remedy="Widen the range, or accept that one partner may have nothing to give there.",
            places=(scope.origin,) if scope.origin else (),
        )
