"""A reservation outside the address range.

What it finds
    A reservation whose address lies in the subnet, but outside the smallest range that holds the ranges of both servers.

Why it matters
    Servers of 2003 and 2008 allowed this. Since 2008 R2 a reservation must lie inside the one range of its scope, or it is
    refused with error 20018, and Import-DhcpServer leaves it out.

Example
    Scope 10.20.0.0: the reservation of 10.20.0.5 lies outside the range: reserved on dhcp01 for 00-15-5d-00-00-01 outside the
    range 10.20.0.10 - 10.20.0.200. Taken by default: widen.

Remedy
    Let the range grow to hold it (the addresses in between are excluded, so nobody new is served from them), or leave the
    reservation out.

References
    Microsoft support article 2005980; MS-DHCPM 3.1.4.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "reservation-outside-range"
NUMBER = "WF-023"
SEVERITY = Severity.ERROR
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: the reservation of {decision.object} lies outside the range: {decision.evidence}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
