"""A scope that belongs to different superscopes.

What it finds
    A shared scope whose superscope name differs between the servers, or that is in a superscope on one of them only.

Why it matters
    The members of a superscope share a wire, and address exhaustion is judged for all of them together. Whether failover
    replicates membership is not documented, so the import sets it on both partners.

Example
    Scope 10.20.0.0: the superscope is Floor 1 on dhcp01 and (none) on dhcp02. Taken by default: primary.

Remedy
    Answer `primary` or `secondary` in decisions.toml.

References
    Microsoft, "DHCP Failover Events and Performance" (event 20287, exhausted superscope).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "superscope-differs"
NUMBER = "WF-042"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: the superscope is {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
