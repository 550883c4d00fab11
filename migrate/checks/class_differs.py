"""One class name, different data.

What it finds
    A vendor or user class that both servers define under the same name, but with different octets to match. Spellings of the
    same octets are equal, and descriptions do not count.

Why it matters
    Classes are not replicated, yet options and policies refer to them by name. With different data the two partners sort the
    same client into different classes.

Example
    Server level: vendor class Phones has data 0x736e6f6d on dhcp01 and 0x706f6c79 on dhcp02. Taken by default: primary.

Remedy
    Look up what the devices send in option 60 or 77, and answer in decisions.toml.

References
    Microsoft, "Migrate to DHCP Failover" (classes are imported with the server level); RFC 2132 section 9.13, RFC 3004.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "class-differs"
NUMBER = "WF-036"
SEVERITY = Severity.ERROR
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: {decision.object} has data {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
