"""Two reservations of a scope that cannot both stand.

What it finds
    In a shared scope, one address that is reserved for different clients on the two servers, or one client that has different
    reserved addresses.

Why it matters
    A scope takes each address and each client once; the second reservation is refused with error 20022. Somebody has relied on
    either of them: a printer queue, a firewall rule, a phone. No tool can know which one is still true.

Example
    Scope 10.20.0.0: reservations collide at 10.20.0.50: one address is reserved for different clients. 10.20.0.50 for
    00-15-5d-00-00-01 (printer-1) on dhcp01 and 10.20.0.50 for 00-15-5d-00-00-02 (printer-2) on dhcp02. Nobody has decided, and
    nothing is migrated until someone does.

Remedy
    See which device answers at the address, and answer `primary` or `secondary` in decisions.toml. Or correct the reservation
    on one server and export again.

References
    MS-DHCPM 3.1.4.5 and error 20022 (reserved address exists).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "reservation-conflict"
NUMBER = "WF-025"
SEVERITY = Severity.BLOCK
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = (
            f"{where(decision)}: reservations collide at {decision.object}: {decision.evidence}. {both_values(subject, decision)}."
        )
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
