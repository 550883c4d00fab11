"""Not exactly two servers.

What it finds
    A relationship whose two servers are the same one, or of which one has no name, and a scope in more than one relationship.

Why it matters
    Failover is between exactly two servers, and a scope belongs to one relationship at a time (error 20113).

Example
    Relationship dhcp01-dhcp01: both partners are dhcp01.

Remedy
    Name the partner with --partner or --secondary-name.

References
    Microsoft, "DHCP Failover Relationships"; MS-DHCPM 3.2.4.90.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "two-target-servers"
NUMBER = "WF-001"
SEVERITY = Severity.ERROR
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    homes: dict[IPv4Address, str] = {}
    for relationship in subject.relationships:
        primary, secondary = relationship.primary_server, relationship.secondary_server
        if not primary or not secondary:
            yield _finding(relationship.name, "one of the two partners has no name")
        elif primary.casefold() == secondary.casefold():
            yield _finding(relationship.name, f"both partners are {primary}")
        for scope_id in relationship.scope_ids:
            other = homes.setdefault(scope_id, relationship.name)
            if other != relationship.name:
                yield _finding(relationship.name, f"scope {scope_id} is in relationship {other} too")


def _finding(name: str, problem: str) -> Finding:
    return Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object=name,
        message=f"Relationship {name}: {problem}.",
        remedy="Name two different servers, and give each scope one relationship.",
    )
