"""Server settings, filters or server policies differ.

What it finds
    A server setting (conflict detection, policy enforcement), a MAC filter list or its switch, or a server policy that is not
    the same on both servers.

Why it matters
    None of these is replicated. A deny list that only one partner enforces is no deny list: the refused client is served by the
    other.

Example
    Server level: ConflictDetectionAttempts is 2 on dhcp01 and 0 on dhcp02. Taken by default: primary.

Remedy
    Choose one value for both partners, in decisions.toml.

References
    Microsoft, "Migrate Failover on Windows Server 2012 to 2012 R2": server-level items are imported on both.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "server-settings-differ"
NUMBER = "WF-038"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: {decision.object} is {both_values(subject, decision)}."
        if "union" in decision.alternatives:
            message += f" {decision.evidence[0].upper()}{decision.evidence[1:]}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
