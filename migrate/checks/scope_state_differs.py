"""A scope that is active on one server only.

What it finds
    A shared scope that is active on one server and inactive on the other.

Why it matters
    Often the secondary's copy is a cold spare that is switched on by hand. After the migration both partners have one state: by
    default the scope stays in service.

Example
    Scope 10.20.0.0 is Active on dhcp01 and InActive on dhcp02. Taken by default: primary.

Remedy
    Make sure that the scope is meant to be in service, and answer in decisions.toml if it is not.

References
    Microsoft, "DHCP Failover Requirements": an inactive scope replicates as inactive.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "scope-state-differs"
NUMBER = "WF-043"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)} is {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
