"""The router stands in the pool.

What it finds
    A router (option 3) whose own address the merged scope hands out, and the client that holds a lease on it, if any.

Why it matters
    Sooner or later a client is given the router's address, and the subnet loses its way out. One of the two exclusions of a
    split scope may have protected it only by accident.

Example
    Scope 10.20.0.0: the router 10.20.0.20 is in the pool that clients are served from.

Remedy
    Exclude the address, or take it out of the range.

References
    RFC 2131 section 2.2 (addresses in use are not for allocation).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from migrate.checks.option_places import effective_option
from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject, distributable
from migrate.model.addresses import AddressSet
from migrate.model.finding import Finding, Severity

ID = "router-in-pool"
NUMBER = None
SEVERITY = Severity.ERROR
LOOKS_AT = TARGET


ROUTER = 3


def check(subject: Subject) -> Iterator[Finding]:
    server = subject.merged.target.server
    for scope in subject.target_scopes:
        value = effective_option(scope, server, ROUTER)
        pool = distributable(scope)
        for router in value.values if value else ():
            served = _served(pool, router)
            if served is None:
                continue
            leased = subject.taken.count(scope.scope_id, served)
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                scope_id=scope.scope_id,
                object=router,
                message=f"Scope {scope.scope_id}: the router {router} is in the pool that clients are served from"
                f"{', and its address is leased or declined' if leased else ''}.",
                remedy="Exclude the address, or take it out of the range.",
                places=(value.origin,) if value and value.origin else (),
            )


def _served(pool: AddressSet, router: str) -> AddressSet | None:
    try:
        address = AddressSet.of_addresses([IPv4Address(router)])
    except ValueError:
        return None
    return address if pool.covers(address) else None
