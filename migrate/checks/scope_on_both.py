"""Scopes that stand on both servers.

What it finds
    Every scope id that both servers have. One finding names them all.

Why it matters
    This is what a split scope looks like, and why the migration merges. Failover is created from one server to the other and
    refuses a scope that the partner already has (error 20004), so the partner's copy has to be removed first, after it was
    exported.

Example
    2 scopes stand on both dhcp01 and dhcp02 and are merged: scopes 10.20.0.0, 10.30.0.0.

Remedy
    Nothing to decide. In place, the runbook removes the secondary's copies just before failover is created.

References
    Microsoft, "DHCP Failover Requirements"; error 20004.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.checks.wording import counted, scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role

ID = "scope-on-both"
NUMBER = "WF-014"
SEVERITY = Severity.INFO
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    shared = [merge.scope_id for merge in subject.shared_scopes]
    if not shared:
        return
    names = " and ".join(subject.server_name(role) for role in Role)
    verb = "stands" if len(shared) == 1 else "stand"
    merged = "is merged" if len(shared) == 1 else "are merged"
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object="scopes on both servers",
        message=f"{counted(len(shared), 'scope')} {verb} on both {names} and {merged}: {scopes_named(shared)}.",
        remedy="None needed: the runbook removes the secondary's copies before failover is created.",
    )
