"""An address range that leaves its subnet.

What it finds
    A scope whose range, or the range that spans both copies, reaches beyond the subnet that mask and scope id give.

Why it matters
    A server refuses such a range. It comes from hand-edited files, or from a mask that was changed and a range that was not.
    The part outside is cut off.

Example
    Scope 10.20.0.0/24: the range 10.20.0.10 - 10.20.1.200 on dhcp01 leaves the subnet.

Remedy
    Correct the range or the mask on the server and export again.

References
    MS-DHCPM 3.1.4.5 (error 20023, invalid range).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.model.addresses import AddressSet
from migrate.model.finding import Finding, Severity

ID = "range-leaves-subnet"
NUMBER = "WF-018"
SEVERITY = Severity.ERROR
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    for merge in subject.scopes:
        for role, scope in merge.copies:
            if AddressSet.of_network(scope.network).covers(scope.range_set):
                continue
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                scope_id=merge.scope_id,
                object=str(scope.range),
                message=f"Scope {scope.network}: the range {scope.range} on {subject.server_name(role)} leaves the subnet.",
                remedy="Correct the range or the mask there and export again.",
                places=(scope.origin,) if scope.origin else (),
            )
