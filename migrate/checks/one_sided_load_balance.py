"""Load balance with nothing on one side.

What it finds
    A load balance percentage of 0 or 100.

Why it matters
    One partner owns no free address. While the partners cannot reach each other it serves no new client.

Example
    Relationship dhcp01-dhcp02 gives dhcp01 100 % of the load; dhcp02 owns no free address and serves no new client while the
    link is down.

Remedy
    Use hot standby with a reserve, or a percentage in between.

References
    Microsoft, "DHCP Failover Modes".
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.relationship import FailoverMode

ID = "one-sided-load-balance"
NUMBER = "WF-011"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        percent = relationship.load_balance_percent
        if relationship.mode is not FailoverMode.LOAD_BALANCE or percent not in (0, 100):
            continue
        idle = relationship.primary_server if percent == 0 else relationship.secondary_server
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=relationship.name,
            message=f"Relationship {relationship.name} gives {relationship.primary_server} {percent} % of the load; {idle} "
            f"owns no free address and serves no new client while the link is down.",
            remedy="Use --mode hot-standby with a reserve, or a percentage in between.",
        )
