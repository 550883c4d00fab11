"""Clients of one scope are told different things.

What it finds
    An option that a client of the scope receives with one value from the primary, and with another value, or not at all, from
    the secondary. What a client receives counts: an equal value from another level is no difference.

Why it matters
    Today the answer depends on which server replies first. After the migration both partners give the same, so some clients
    will see a change: other DNS servers, another router, another boot file.

Example
    Scope 10.20.0.0: option 6 is 10.20.0.2, 10.20.0.3 on dhcp01 and 10.20.0.3, 10.20.0.2 on dhcp02. Taken by default: primary.

Remedy
    Find out which value is right, and answer `primary` or `secondary` in decisions.toml.

References
    Microsoft, "DHCP Failover Relationships": both partners hold the same scope settings; RFC 2132.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "option-values-differ"
NUMBER = "WF-035"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: {decision.object} is {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
