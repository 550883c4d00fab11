"""A lease duration that is out of the ordinary.

What it finds
    A scope whose leases never end, last more than 30 days, or less than 30 minutes. One finding for each scope.

Why it matters
    Leases without an end never come back into the pool. Very short ones keep both partners busy with updates, and outlast no
    outage.

Example
    Scope 10.20.0.0: leases last 90.00:00:00.

Remedy
    Keep it if it is meant. Before the change a shorter duration helps clients to move sooner.

References
    RFC 2131 section 3.3; Microsoft, "DHCP Failover Examples".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.timespan import UNLIMITED, format_timespan

ID = "unusual-lease-duration"
NUMBER = None
SEVERITY = Severity.INFO
LOOKS_AT = TARGET


LONGEST = timedelta(days=30)
SHORTEST = timedelta(minutes=30)


def check(subject: Subject) -> Iterator[Finding]:
    for scope in subject.target_scopes:
        duration = scope.lease_duration
        if duration is None or SHORTEST <= duration <= LONGEST:
            continue
        lasting = "never end" if duration >= UNLIMITED else f"last {format_timespan(duration)}"
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=scope.scope_id,
            object=str(scope.scope_id),
            message=f"Scope {scope.scope_id}: leases {lasting}.",
            remedy="Keep it if it is meant.",
            places=(scope.origin,) if scope.origin else (),
        )
