"""More than 400 scopes in a relationship.

What it finds
    A relationship with more scopes than one call may add.

Why it matters
    At most 400 scopes go into one call (error 20130), and scopes can be added only while the relationship is NORMAL (20120).
    The runbook adds them in portions and waits in between, which takes longer.

Example
    Relationship dhcp01-dhcp02 has 401 scopes; they are added in 2 portions of at most 400.

Remedy
    Plan for the time, or migrate in waves with --scope.

References
    Error 20130; MS-DHCPM 3.2.4.95.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.relationship import MAX_SCOPES_PER_CALL

ID = "scope-count-chunks"
NUMBER = "WF-005"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        number = len(relationship.scope_ids)
        if number <= MAX_SCOPES_PER_CALL:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=relationship.name,
            message=f"Relationship {relationship.name} has {number} scopes; they are added in {-(-number // MAX_SCOPES_PER_CALL)} "
            f"portions of at most {MAX_SCOPES_PER_CALL}.",
            remedy="Plan for the time that takes, or migrate in waves with --scope.",
        )
