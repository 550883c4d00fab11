"""Scopes of different ids that overlap.

What it finds
    Two scopes with different scope ids whose subnets have addresses in common, most often one per server.

Why it matters
    A server refuses a scope that overlaps with one it has, so the partner cannot take both. It is usually one network that was
    renumbered or widened on one server only.

Example
    Scope 10.20.0.0/16 on dhcp01 and scope 10.20.4.0/24 on dhcp02 cannot stand on one server. Nobody has decided, and nothing is
    migrated until someone does.


Remedy
    Settle which of the two networks is real; the other is left out.

References
    Microsoft, "DHCP Failover Requirements": the same or an overlapping scope must not exist on the partner.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import finding_of_decision
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "scope-overlap"
NUMBER = "WF-015"
SEVERITY = Severity.ERROR
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{decision.evidence[0].upper()}{decision.evidence[1:]}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
