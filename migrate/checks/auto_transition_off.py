"""PARTNER DOWN is up to an operator.

What it finds
    A relationship without automatic state transition, which is Windows' default.

Why it matters
    When a partner is lost, the survivor serves from its own share and grants short leases. Only in PARTNER DOWN does it take
    over everything, and somebody has to say so.

Example
    Relationship dhcp01-dhcp02 never goes into PARTNER DOWN by itself; after the loss of a server an operator has to set it.

Remedy
    Put `Set-DhcpServerv4Failover -PartnerDown` into the on-call instructions, or use --state-switch-interval.

References
    Microsoft, "DHCP Failover Settings".
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "auto-transition-off"
NUMBER = "WF-010"
SEVERITY = Severity.INFO
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        if relationship.auto_state_transition:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=relationship.name,
            message=f"Relationship {relationship.name} never goes into PARTNER DOWN by itself; after the loss of a server an "
            f"operator has to set it.",
            remedy="Put `Set-DhcpServerv4Failover -PartnerDown` into the on-call instructions.",
        )
