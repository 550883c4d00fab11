"""Different DNS dynamic-update settings.

What it finds
    DNS settings (stored as option 81) that differ between the servers at server level, or for the clients of a shared scope.
    Where nothing is set, Windows' default 0x05 holds: dynamic update, records deleted with the lease.

Why it matters
    Both partners will register names for the same clients. If one deletes records and the other keeps them, or only one
    protects names, records vanish or go stale depending on which partner saw the lease end.

Example
    Scope 10.20.0.0: DNS settings are 0x01 (dynamic update) on dhcp01 and 0x05 (dynamic update, records deleted with the lease),
    which is the default, on dhcp02. Taken by default: primary.

Remedy
    Choose one setting in decisions.toml. Both partners also need the same DNS credentials.

References
    Microsoft, "DHCP Failover Overview" (dynamic updates); MS-DHCPM 2.2.1.1 (DNS flags).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import finding_of_decision, where
from migrate.checks.dns_flags import DEFAULT_FLAGS, describe_flags
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role

ID = "dns-flags-differ"
NUMBER = "WF-045"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        values = [f"{_in_words(decision.alternatives[role.value])} on {subject.server_name(role)}" for role in Role]
        message = f"{where(decision)}: DNS settings are {' and '.join(values)}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)


def _in_words(shown: str) -> str:
    if shown.isdecimal():
        return describe_flags(int(shown))
    return f"{describe_flags(DEFAULT_FLAGS)}, which is the default,"
