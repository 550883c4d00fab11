"""A policy of the scope that only one server has, or with other options.

What it finds
    A scope policy that stands on one server only, or one whose option values differ between the servers.

Why it matters
    Policies tell phones, guests and thin clients apart. A client that matches gets the policy's answer from one server and the
    plain one from the other; after the migration it is always the same one.

Example
    Scope 10.20.0.0: policy Phones is order 1; enabled; VendorClass EQ Cisco; option 150 = 10.20.0.9 on dhcp01 and (none) on
    dhcp02. Taken by default: primary.

Remedy
    Answer `primary` or `secondary` in decisions.toml.

References
    MS-DHCPM 3.2.4.109 to 3.2.4.114.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import both_values, finding_of_decision, where
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "scope-policies-differ"
NUMBER = "WF-035"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        message = f"{where(decision)}: {decision.object} is {both_values(subject, decision)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)


def unknown(subject: Subject) -> str:
    return subject.without_policies
