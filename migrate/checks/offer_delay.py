"""A delayed offer.

What it finds
    A scope whose offer delay is not zero on one of the servers.

Why it matters
    The delay makes the secondary of a split scope wait, so that the primary answers first. In failover the partners agree who
    answers; a delay that is left behind slows down every client of one partner. The target has none.

Example
    Scope 10.20.0.0: offers are delayed by 1000 ms on dhcp02; the target has no delay.

Remedy
    Nothing to do: the target's delay is 0. Set it to 0 by hand if you keep the scope as it is.

References
    Cmdlet reference: Set-DhcpServerv4Scope -Delay; Microsoft, "Step-by-Step: Configure DHCP Using a Split-Scope".
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "offer-delay"
NUMBER = "WF-034"
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    for merge in subject.scopes:
        delays = [f"{scope.delay_ms} ms on {subject.server_name(role)}" for role, scope in merge.copies if scope.delay_ms]
        if not delays:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=merge.scope_id,
            object=str(merge.scope_id),
            message=f"Scope {merge.scope_id}: offers are delayed by {' and '.join(delays)}; the target has no delay.",
            remedy="None needed: the target's delay is 0.",
            places=merge.places,
        )
