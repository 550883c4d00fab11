"""Different lease durations for one scope.

What it finds
    A shared scope, or the server level, whose lease duration is not the same on both servers.

Why it matters
    Clients of one half keep their addresses longer than those of the other. Time spans such as the state switch interval have
    to be judged against the one duration that remains.

Example
    Scope 10.20.0.0: the lease duration is 8.00:00:00 on dhcp01 and 12:00:00 on dhcp02. Taken by default: primary.

Remedy
    Choose one duration in decisions.toml.

References
    Microsoft, "DHCP Failover Settings"; RFC 2132 section 9.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "lease-duration-differs"
NUMBER = "WF-044"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: the lease duration is {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
