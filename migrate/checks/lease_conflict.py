"""Two clients hold the same address.

What it finds
    An address that is leased to one client on the primary and to another client on the secondary, both leases still running.

Why it matters
    One of the two is going to lose its address: after the migration the pair knows one owner, and refuses the other at its next
    renewal. Until then the two disturb each other.

Example
    Scope 10.20.0.0: 10.20.0.100 is leased to two clients: 00-15-5d-00-00-01 pc1 until 2026-11-21T10:00:00Z on dhcp01 and
    00-15-5d-00-00-02 pc2 until 2026-11-21T12:00:00Z on dhcp02. Taken by default: secondary.

Remedy
    The later lease is carried over unless decided otherwise. Release and renew the other client in the change window, or choose
    the other lease in decisions.toml.

References
    MS-DHCPF 3.1.5.2; draft-ietf-dhc-failover-12 section 5.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "lease-conflict"
NUMBER = "WF-028"
SEVERITY = Severity.ERROR
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: {decision.object} is leased to two clients: {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)


def unknown(subject: Subject) -> str:
    return subject.without_leases
