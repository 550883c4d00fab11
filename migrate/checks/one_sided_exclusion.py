"""An exclusion that the split does not explain.

What it finds
    Addresses excluded on one server that lie outside the range of the other, so that the other does not serve them either.

Why it matters
    Complementary exclusions are only the split, and dissolve when the pools are joined. This one has no counterpart: it may
    protect a printer with a fixed address, or be left over from a range that once was larger. Both guesses can be wrong, so the
    addresses stay excluded unless somebody says otherwise.

Example
    Scope 10.20.0.0: 10.20.0.201 - 10.20.0.210 is excluded on one server only: excluded on dhcp01; outside the range of dhcp02
    (10.20.0.10 - 10.20.0.200), so not explained by the split. Taken by default: keep.

Remedy
    Ask who uses these addresses. Answer `keep` or `drop` in decisions.toml.

References
    Microsoft, "Migrate to DHCP Failover", which does not mention the exclusions of a split scope.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "one-sided-exclusion"
NUMBER = "WF-019"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: {decision.object} is excluded on one server only: {decision.evidence}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
