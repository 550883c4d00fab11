"""No maximum client lead time.

What it finds
    A relationship whose maximum client lead time (MCLT) is zero or negative.

Why it matters
    The MCLT is how long a lease may run ahead of what the partner knows. With zero no lease could be given out before the
    partner has answered; Windows does not take it.

Example
    Relationship dhcp01-dhcp02: the maximum client lead time is 00:00:00; it must be longer than zero.

Remedy
    Give --mclt a time; an hour is usual.

References
    Microsoft, "DHCP Failover Settings"; draft-ietf-dhc-failover-12 section 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.timespan import format_timespan

ID = "mclt-zero"
NUMBER = "WF-007"
SEVERITY = Severity.ERROR
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        if relationship.max_client_lead_time > timedelta(0):
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=relationship.name,
            message=f"Relationship {relationship.name}: the maximum client lead time is "
            f"{format_timespan(relationship.max_client_lead_time)}; it must be longer than zero.",
            remedy="Give --mclt a time; an hour is usual.",
        )
