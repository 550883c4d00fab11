"""A shared scope whose address ranges differ.

What it finds
    A scope with different start or end addresses on the two servers, whether their union has a gap or not.

Why it matters
    The pool was split by ranges instead of exclusions, or one copy was edited later. A failover scope has one contiguous range:
    it spans both, and what neither server served, such as a gap between them, becomes an exclusion.

Example
    Scope 10.20.0.0: the range is 10.20.0.10 - 10.20.0.99 on dhcp01 and 10.20.0.120 - 10.20.0.200 on dhcp02. Neither range holds
    10.20.0.100 - 10.20.0.119, which becomes an exclusion.

Remedy
    Check that the joined range is what the subnet is meant to hand out. A gap stays excluded until somebody opens it.

References
    MS-DHCPM 3.1.4.5 (one range per scope).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.model.addresses import AddressSet
from migrate.model.finding import Finding, Severity
from migrate.model.scope import Scope

ID = "ranges-differ"
NUMBER = "WF-017"
SEVERITY = Severity.WARNING
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    for merge in subject.shared_scopes:
        if merge.primary is None or merge.secondary is None or merge.primary.range == merge.secondary.range:
            continue
        shown = [f"{copy.range or '(none)'} on {subject.server_name(role)}" for role, copy in merge.copies]
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=merge.scope_id,
            object=str(merge.scope_id),
            message=f"Scope {merge.scope_id}: the range is {' and '.join(shown)}. {_gap(merge.primary, merge.secondary)}".rstrip(),
            remedy="Check the joined range in the workbook; nothing is served that neither server served.",
            places=merge.places,
        )


def _gap(primary: Scope, secondary: Scope) -> str:
    both = primary.range_set | secondary.range_set
    gap = AddressSet([both.hull] if both.hull else []) - both
    return "" if gap.is_empty else f"Neither range holds {gap}, which becomes an exclusion."
