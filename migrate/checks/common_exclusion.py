"""Addresses excluded on both servers.

What it finds
    Addresses of a shared scope that both servers exclude. They stay excluded.

Why it matters
    These exclusions were meant: routers, printers, fixed addresses. They are not part of the split, and the merged pool leaves
    them out too.

Example
    Scope 10.20.0.0: 10.20.0.10 - 10.20.0.19 is excluded on both servers and stays excluded.

Remedy
    Nothing to do.

References
    Microsoft, "Migrate to DHCP Failover".
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity

ID = "common-exclusion"
NUMBER = "WF-021"
SEVERITY = Severity.INFO
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for merge in subject.shared_scopes:
        if merge.primary is None or merge.secondary is None or merge.target is None:
            continue
        common = merge.primary.excluded & merge.secondary.excluded & merge.target.range_set
        if common.is_empty:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=merge.scope_id,
            object=str(common),
            message=f"Scope {merge.scope_id}: {common} is excluded on both servers and stays excluded.",
            remedy="None needed.",
            places=merge.places,
        )
