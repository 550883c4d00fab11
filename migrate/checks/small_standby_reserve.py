"""A reserve of less than one address.

What it finds
    In hot standby, a scope whose free addresses times the reserve percentage come to fewer than one address.

Why it matters
    The standby owns nothing in such a scope. When the active server is lost, no new client is served there until somebody sets
    PARTNER DOWN and the maximum client lead time has passed.

Example
    Scope 10.20.0.0: 5 % of 10 free addresses is less than one address, so the standby owns none.

Remedy
    Raise --reserve-percent, or make room in the scope.

References
    Microsoft, "DHCP Failover Settings" (reserve percentage).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity
from migrate.model.relationship import FailoverMode

ID = "small-standby-reserve"
NUMBER = "WF-012"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        if relationship.mode is not FailoverMode.HOT_STANDBY:
            continue
        percent = relationship.reserve_percent or 0
        for scope_id in relationship.scope_ids:
            scope = subject.scope_of(scope_id)
            free = subject.free_addresses(scope) if scope else 0
            if scope is None or not free or free * percent >= 100:
                continue
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                scope_id=scope_id,
                object=str(scope_id),
                message=f"Scope {scope_id}: {percent} % of {counted(free, 'free address', 'free addresses')} is less than one "
                f"address, so the standby owns none.",
                remedy="Raise --reserve-percent, or make room in the scope.",
                places=(scope.origin,) if scope.origin else (),
            )


def unknown(subject: Subject) -> str:
    return "--mode was not given" if subject.settings.mode is None else ""
