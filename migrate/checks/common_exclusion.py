"""Addresses excluded on both servers.

What it finds
    Addresses of a shared scope that both servers exclude. They stay excluded. One finding names them all.

Why it matters
    These exclusions were meant: routers, printers, fixed addresses. They are not part of the split, and the merged pool leaves
    them out too.

Example
    Excluded on both servers, and so in the target: scope 10.20.0.0: 10.20.0.10 - 10.20.0.19.

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
    shown = []
    for merge in subject.shared_scopes:
        if merge.primary is None or merge.secondary is None or merge.target is None:
            continue
        common = merge.primary.excluded & merge.secondary.excluded & merge.target.range_set
        if not common.is_empty:
            shown.append(f"scope {merge.scope_id}: {common}")
    if not shown:
        return
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object="exclusions on both servers",
        message=f"Excluded on both servers, and so in the target: {'; '.join(shown)}.",
        remedy="None needed.",
    )
