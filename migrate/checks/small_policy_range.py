"""A policy range too small to share.

What it finds
    An address range of a policy with fewer than two free addresses in load balance, or in hot standby with fewer than the
    reserve percentage turns into one address.

Why it matters
    The partners share out each policy range by itself. From a range that small one partner gets nothing, so while the link is
    cut it cannot serve a new client that matches the policy, although the rest of the scope is empty.

Example
    Scope 10.20.0.0: policy Phones has too few free addresses: 1 in 10.20.0.30 - 10.20.0.30; in load balance one partner gets none
    of them.

Remedy
    Widen the range of the policy.

References
    Microsoft, "DHCP Failover Architecture": the free pool is shared out for each range separately.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import some
from migrate.model.addresses import AddressSet
from migrate.model.finding import Finding, Severity
from migrate.model.relationship import FailoverMode
from migrate.model.scope import Scope

ID = "small-policy-range"
NUMBER = "WF-040"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        standby = relationship.mode is FailoverMode.HOT_STANDBY
        percent = relationship.reserve_percent if standby else 50
        if not percent:
            continue
        for scope_id in relationship.scope_ids:
            scope = subject.scope_of(scope_id)
            if scope:
                yield from _check_scope(
                    subject, scope, percent, "hot standby the standby" if standby else "load balance one partner"
                )


def unknown(subject: Subject) -> str:
    return subject.without_policies


def _check_scope(subject: Subject, scope: Scope, percent: int, who: str) -> Iterator[Finding]:
    for policy in scope.policies or ():
        free = {span: subject.free_addresses(scope, AddressSet((span,))) for span in policy.ip_ranges}
        small = [f"{number} in {span.first} - {span.last}" for span, number in free.items() if number * percent < 100]
        if not small:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=scope.scope_id,
            object=f"policy {policy.name}",
            message=f"Scope {scope.scope_id}: policy {policy.name} has too few free addresses: {some(small)}; in "
            f"{who} gets none of them.",
            remedy="Widen the ranges of the policy.",
            places=(policy.origin,) if policy.origin else (),
        )
