"""Nothing to put into a relationship.

What it finds
    A relationship without scopes, or a plan without any.

Why it matters
    Failover is created with at least one IPv4 scope; an empty list is refused (error 87).

Example
    Relationship dhcp01-dhcp02 has no scope.

Remedy
    See which scopes were left out, and why: undecided conflicts and --skip-scope take scopes away.

References
    MS-DHCPM 3.2.4.90.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "empty-relationship"
NUMBER = "WF-004"
SEVERITY = Severity.ERROR
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    problems = [(r.name, f"Relationship {r.name} has no scope") for r in subject.relationships if not r.scope_ids]
    if not subject.relationships:
        problems = [("relationships", "No scope is left to migrate, so there is no relationship to create")]
    for name, problem in problems:
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=name,
            message=f"{problem}.",
            remedy="See in the scope table which scopes were left out, and why.",
        )
