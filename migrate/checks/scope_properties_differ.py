"""Name, description or another property of a scope differs.

What it finds
    A shared scope whose name, description, client type, BOOTP limit, or policy switch is not the same on both servers. Names
    and descriptions are information: no client notices.

Why it matters
    After the migration the scope has one of each. A differing client type or policy switch decides who is served at all.

Example
    Scope 10.20.0.0: name is Floor 1 on dhcp01 and Floor one on dhcp02. Taken by default: primary.

Remedy
    Choose in decisions.toml if the primary's is not wanted.

References
    Microsoft, cmdlet reference: Invoke-DhcpServerv4FailoverReplication copies all scope properties.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "scope-properties-differ"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR

_COSMETIC = ("name", "description")


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: {decision.object} is {both_values(subject, decision)}."
        severity = Severity.INFO if decision.object in _COSMETIC else SEVERITY
        yield finding_of_decision(decision, number=NUMBER, severity=severity, message=message)
