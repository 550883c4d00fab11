"""A scope that only one of the two servers has.

What it finds
    A scope id found on one server of a pair and not on the other.

Why it matters
    Clients of this subnet have had one server only. After the migration both serve them, which is better, but new: relays there
    may name only the one server, and firewalls may let only that one through.

Example
    Scope 10.20.0.0 stands on dhcp01 only; after the migration dhcp02 serves it too.

Remedy
    Let the relays of the subnet name both partners, or leave the scope out with --skip-scope.

References
    Microsoft, "DHCP Failover Architecture" (relay agents).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role

ID = "scope-on-one-server"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    if not subject.is_pair:
        return
    for merge in subject.scopes:
        if merge.is_shared or merge.left_out:
            continue
        owner = merge.copies[0][0]
        partner = Role.SECONDARY if owner is Role.PRIMARY else Role.PRIMARY
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=merge.scope_id,
            object=str(merge.scope_id),
            message=f"Scope {merge.scope_id} stands on {subject.server_name(owner)} only; after the migration "
            f"{subject.server_name(partner)} serves it too.",
            remedy=f"Make sure that the relays of the subnet name both partners, or use --skip-scope {merge.scope_id}.",
            places=merge.places,
        )
