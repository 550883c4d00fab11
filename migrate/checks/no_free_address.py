"""A scope without a free address.

What it finds
    A target scope in which no new client could get an address: it has no range, exclusions cover all of it, or every remaining
    address is reserved, leased or declined. Expired leases count as free.

Why it matters
    Failover shares out the free addresses. Where there are none, neither partner can serve a newcomer, and a partner that is
    alone has nothing to fall back on.

Example
    Scope 10.20.0.0 has no free address: range 10.20.0.10 - 10.20.0.19 (10 addresses), 8 excluded, 0 reserved, 2 leased or
    declined.

Remedy
    Widen the range, remove exclusions, or let old leases run out. A scope for reservations only may be left as it is.

References
    Microsoft, "DHCP Failover Events and Performance" (event 20287, ranges exhausted).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject, distributable
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity
from migrate.model.scope import Scope

ID = "no-free-address"
NUMBER = "WF-022"
SEVERITY = Severity.ERROR
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    for merge in subject.scopes:
        problem = ""
        if merge.target is None and not any(copy.range for _, copy in merge.copies):
            problem = "it has no address range, and is left out"
        elif merge.target and not subject.free_addresses(merge.target):
            problem = _counts(merge.target)
        if problem:
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                scope_id=merge.scope_id,
                object=str(merge.scope_id),
                message=f"Scope {merge.scope_id} has no free address: {problem}.",
                remedy="Widen the range or free addresses; leave it as it is if the scope is for reservations only.",
                places=merge.places,
            )


def unknown(subject: Subject) -> str:
    return subject.without_leases


def _counts(scope: Scope) -> str:
    pool = distributable(scope)
    excluded = (scope.range_set & scope.excluded).address_count
    reserved = (scope.serves - pool).address_count
    size = counted(scope.range_set.address_count, "address", "addresses")
    return f"range {scope.range} ({size}), {excluded} excluded, {reserved} reserved, {pool.address_count} leased or declined"
