"""More scopes than a server is advised to hold.

What it finds
    A target with more than 1,000 scopes.

Why it matters
    Microsoft's planning advice is at most 1,000 scopes for a server. With failover each partner holds all of them, and the
    database grows with both halves.

Example
    The target has 1001 scopes; a server is advised to hold at most 1000.

Remedy
    Consider a second pair.

References
    Microsoft, "Planning DHCP Networks".
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "many-scopes"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


ADVISED_SCOPES = 1000


def check(subject: Subject) -> Iterator[Finding]:
    number = len(subject.target_scopes)
    if number <= ADVISED_SCOPES:
        return
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object="scopes",
        message=f"The target has {number} scopes; a server is advised to hold at most {ADVISED_SCOPES}.",
        remedy="Consider a second pair.",
    )
