"""Server-level options differ between the servers.

What it finds
    An option value at server level that differs between the two servers, or that only one of them has.

Why it matters
    Failover replicates no server level. A scope without a value of its own gets the value of whichever partner replies, and the
    difference looks like chance. So the values are moved down to the scopes that relied on them.

Example
    Server level: option 42 is 10.0.0.1 on dhcp01 and (none) on dhcp02. Taken by default: primary.

Remedy
    Choose the value that clients shall have, in decisions.toml.

References
    Microsoft, "DHCP Failover Settings": server options are not replicated.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "server-options-differ"
NUMBER = "WF-037"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: {decision.object} is {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
