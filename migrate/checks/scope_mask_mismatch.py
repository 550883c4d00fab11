"""One scope id, two subnet masks.

What it finds
    A scope that both servers have under the same id, with different subnet masks.

Why it matters
    The scope id is only the first address of the subnet. Clients of the two servers disagree today about which neighbours they
    can reach directly, and one failover scope cannot be both.

Example
    Scope 10.20.0.0 is 10.20.0.0/24, as on dhcp01 and 10.20.0.0/23, as on dhcp02; one failover scope cannot have two subnet
    masks. Nobody has decided, and nothing is migrated until someone does.

Remedy
    Ask the router which mask is true. Answer in decisions.toml, or leave the scope out with --skip-scope.

References
    Microsoft, "DHCP Failover Requirements"; MS-DHCPM 3.1.4.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import finding_of_decision
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role

ID = "scope-mask-mismatch"
NUMBER = "WF-016"
SEVERITY = Severity.ERROR
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for decision in subject.decisions_of(ID):
        networks = " and ".join(decision.alternatives[role.value] for role in Role)
        message = f"Scope {decision.scope_id} is {networks}; {decision.evidence}."
        yield finding_of_decision(decision, number=NUMBER, severity=SEVERITY, message=message)
