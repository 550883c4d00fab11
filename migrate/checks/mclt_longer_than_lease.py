"""A maximum client lead time as long as a lease.

What it finds
    A relationship whose maximum client lead time (MCLT) is not shorter than the shortest lease duration in it, of a scope or of
    a policy (option 51). One finding for each relationship, with every scope concerned.

Why it matters
    A client may run ahead of what the partner knows by the MCLT. When that covers the whole lease, the short first lease that
    failover relies on is as long as any other, and after a failure the survivor waits longer than the leases last.

Example
    Relationship dhcp01-dhcp02: the maximum client lead time is 01:00:00, and the leases in scope 10.20.0.0 last 00:30:00 or
    more.

Remedy
    Lengthen the leases, or shorten the MCLT with --mclt.

References
    Microsoft, "DHCP Failover Examples"; draft-ietf-dhc-failover-12 section 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.option import LEASE_TIME
from migrate.model.scope import Scope
from migrate.model.timespan import format_timespan, timespan_of_seconds

ID = "mclt-longer-than-lease"
NUMBER = "WF-008"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        durations = {scope_id: _shortest(subject.scope_of(scope_id)) for scope_id in relationship.scope_ids}
        short = {scope_id: d for scope_id, d in durations.items() if d and d <= relationship.max_client_lead_time}
        if not short:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=relationship.name,
            message=f"Relationship {relationship.name}: the maximum client lead time is "
            f"{format_timespan(relationship.max_client_lead_time)}, and the leases in {scopes_named(short)} last "
            f"{format_timespan(min(short.values()))} or more.",
            remedy="Lengthen the leases, or shorten the lead time with --mclt.",
        )


def _shortest(scope: Scope | None) -> timedelta | None:
    durations = [scope.lease_duration] if scope and scope.lease_duration else []
    for policy in scope.policies or () if scope else ():
        for value in policy.option_values:
            if value.option_id == LEASE_TIME and not value.vendor_class and value.values and value.values[0].isdecimal():
                durations.append(timespan_of_seconds(int(value.values[0])))
    return min(durations, default=None)
