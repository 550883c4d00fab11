"""A percentage that cannot be.

What it finds
    A load balance or reserve percentage outside 0 to 100, or one that does not belong to the mode of the relationship.

Why it matters
    Windows rejects a percentage above 100 (error 87), and each mode takes only its own.

Example
    Relationship dhcp01-dhcp02: load balance percent is 101; it must lie between 0 and 100.

Remedy
    Correct --load-balance-percent or --reserve-percent.

References
    MS-DHCPM 3.2.4.90; cmdlet reference: Add-DhcpServerv4Failover.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.relationship import FailoverMode, FailoverRelationship

ID = "percentages"
NUMBER = "WF-006"
SEVERITY = Severity.ERROR
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        for problem in _problems(relationship):
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                object=relationship.name,
                message=f"Relationship {relationship.name}: {problem}.",
                remedy="Correct --mode, --load-balance-percent or --reserve-percent.",
            )


def _problems(relationship: FailoverRelationship) -> Iterator[str]:
    standby = relationship.mode is FailoverMode.HOT_STANDBY
    for name, percent, belongs in (
        ("load balance percent", relationship.load_balance_percent, not standby),
        ("reserve percent", relationship.reserve_percent, standby),
    ):
        if percent is not None and not belongs:
            yield f"{name} does not go with {relationship.mode}"
        elif percent is not None and not 0 <= percent <= 100:
            yield f"{name} is {percent}; it must lie between 0 and 100"
