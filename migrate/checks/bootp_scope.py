"""A scope that serves BOOTP clients.

What it finds
    A scope of type Bootp (an error for every target) or Both (an error for Windows Server 2012, a warning later).

Why it matters
    2012 refuses BOOTP and failover in one scope; later versions accept Both, but reject a range that is for BOOTP alone. BOOTP
    addresses never expire, while failover leases are short, so conflict detection should be on.

Example
    Scope 10.20.0.0 serves Bootp clients only on dhcp01; failover rejects such a scope on every version.

Remedy
    Give the BOOTP devices reservations and set the scope to Dhcp, or leave the scope out. For Both on later versions, turn
    conflict detection on.

References
    Microsoft, "DHCP Failover Architecture"; MS-DHCPM 3.2.4.90 (error 87), error 20131.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.scope import ClientKind

ID = "bootp-scope"
NUMBER = "WF-033"
SEVERITY = Severity.ERROR
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    for merge in subject.scopes:
        kinds = [scope.type for _, scope in merge.copies]
        worst = next((kind for kind in (ClientKind.BOOTP, ClientKind.BOTH) if kind in kinds), None)
        if worst is None:
            continue
        owners = [subject.server_name(role) for role, scope in merge.copies if scope.type is worst]
        what, refusal, severity = _judge(worst, subject.settings.target_os)
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=severity,
            scope_id=merge.scope_id,
            object=str(merge.scope_id),
            message=f"Scope {merge.scope_id} serves {what} on {' and '.join(owners)}; {refusal}.",
            remedy="Reserve addresses for the BOOTP devices and set the scope to Dhcp; where Both stays, use conflict detection.",
            places=merge.places,
        )


def _judge(kind: ClientKind, target_os: str | None) -> tuple[str, str, Severity]:
    if kind is ClientKind.BOOTP:
        return "Bootp clients only", "failover rejects such a scope on every version", Severity.ERROR
    if target_os == "2012":
        return "both DHCP and BOOTP clients", "Windows Server 2012 refuses it in failover", Severity.ERROR
    caveat = "accepted from 2012 R2 on, with conflict detection advised"
    if target_os is None:
        caveat += "; Windows Server 2012 refuses it, and --target-os does not say what the target is"
    return "both DHCP and BOOTP clients", caveat, Severity.WARNING
