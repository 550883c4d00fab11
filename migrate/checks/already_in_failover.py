"""A scope that is in failover already.

What it finds
    A scope whose two copies hand out the same addresses and hold the same leases, the way two failover partners do: no export
    says so itself. And every scope that --already-in-failover names, which is left out.

Why it matters
    A scope can be in one relationship only. Merged like a split scope it would look like one big overlap, and putting it into a
    new relationship fails with error 20113 in the middle of the change.

Example
    Scope 10.20.0.0 looks as if it were in failover already: dhcp01 and dhcp02 hand out the same addresses and hold 3 of 3 leases
    in common.

Remedy
    Ask Get-DhcpServerv4Failover on either server. If it is so, leave the scope out with --already-in-failover.

References
    Microsoft, "DHCP Failover Relationships"; error 20113.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.lease_columns import held_in_common
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.checks.wording import counted, scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role

ID = "already-in-failover"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR

ALIKE_PERCENT = 90
"""Partners exchange leases after they have told the client, so the two exports need not agree to the last one."""


def check(subject: Subject) -> Iterator[Finding]:
    stated = sorted(subject.settings.already_in_failover)
    if stated:
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=Severity.INFO,
            scope_id=stated[0] if len(stated) == 1 else None,
            object="--already-in-failover",
            message=f"{scopes_named(stated).capitalize()}: left out, because {'it is' if len(stated) == 1 else 'they are'} in "
            f"failover already.",
            remedy="None needed; the servers may have up to 31 relationships, and these count.",
        )
    in_common = held_in_common(subject.merged)
    servers = " and ".join(subject.server_name(role) for role in Role)
    for merge in subject.shared_scopes:
        common, leases = in_common.get(merge.scope_id, (0, 0))
        if merge.primary is None or merge.secondary is None or merge.primary.serves != merge.secondary.serves:
            continue
        if common < 2 or common * 100 < leases * ALIKE_PERCENT:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=merge.scope_id,
            object=str(merge.scope_id),
            message=f"Scope {merge.scope_id} looks as if it were in failover already: {servers} hand out the same addresses and "
            f"hold {common} of {counted(leases, 'lease')} in common.",
            remedy=f"Ask Get-DhcpServerv4Failover on either server; if it is so, use --already-in-failover {merge.scope_id}.",
            places=merge.places,
        )


def unknown(subject: Subject) -> str:
    return subject.without_leases
