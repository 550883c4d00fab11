"""More than 31 relationships.

What it finds
    A server that would be in more than 31 failover relationships by this plan. Relationships it has already are not in an
    export: the precheck counts them.

Why it matters
    The 32nd is refused with error 20128. A central standby for many branches is where the limit bites.

Example
    dhcp02 would be in 32 relationships; a server takes 31.

Remedy
    Put more scopes into one relationship, or use a second standby.

References
    MS-DHCPM 3.2.4.90; error 20128 (too many relationships).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.relationship import MAX_RELATIONSHIPS_PER_SERVER

ID = "relationship-limit"
NUMBER = "WF-002"
SEVERITY = Severity.ERROR
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    uses = Counter(name for r in subject.relationships for name in (r.primary_server, r.secondary_server))
    for name, number in sorted(uses.items()):
        if number > MAX_RELATIONSHIPS_PER_SERVER:
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                object=name,
                message=f"{name} would be in {number} relationships; a server takes {MAX_RELATIONSHIPS_PER_SERVER}.",
                remedy="Put more scopes into one relationship, or use a second standby.",
            )
