"""One policy name, different policies.

What it finds
    A policy that both servers have under the same name at the same level, with other conditions, address ranges, order or
    enabled flag.

Why it matters
    One name stands for one policy on a failover pair. Which clients it catches and from which addresses it serves them would
    change for one half of the network.

Example
    Scope 10.20.0.0: policy Phones differs: order 1; enabled; VendorClass EQ Cisco on dhcp01 and order 1; disabled; VendorClass
    EQ Cisco on dhcp02. Taken by default: primary.

Remedy
    Answer `primary` or `secondary` in decisions.toml, or give one of the two another name and export again.

References
    MS-DHCPM 3.2.4.109 (error 20105, policy exists).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "policy-conflict"
NUMBER = "WF-039"
SEVERITY = Severity.ERROR
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: {decision.object} differs: {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)


def unknown(subject: Subject) -> str:
    return subject.without_policies
