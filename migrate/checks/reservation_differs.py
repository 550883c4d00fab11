"""One reservation, described differently.

What it finds
    A reservation for the same address and client on both servers whose name, description, type or option values differ.

Why it matters
    After the migration there is one reservation, and its options decide what the device is told. Differing options mean that
    today the device gets one answer or the other, by chance.

Example
    Scope 10.20.0.0: the reservation of 10.20.0.50 differs: name 'printer-1', description '', type Both on dhcp01 and name
    'printer-one', description '', type Both on dhcp02. Taken by default: primary.

Remedy
    Look at the two, and answer `primary` or `secondary` in decisions.toml.

References
    Microsoft, "Replicate DHCP Failover": reservations are replicated whole, names and options included.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "reservation-differs"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: the reservation of {decision.object} differs: {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
