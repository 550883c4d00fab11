"""A router outside the subnet.

What it finds
    A router (option 3) that clients of a scope receive, with an address outside the scope's subnet. In a superscope the subnets
    of all members count.

Why it matters
    A client cannot reach a router beyond its own subnet, so it gets an address and no way out. The usual cause is a wrong
    digit, or a value that was copied from the neighbouring scope.

Example
    Scope 10.20.0.0/24: the router 10.21.0.1 lies outside the subnet.

Remedy
    Correct option 3 of the scope.

References
    RFC 2132 section 3.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from migrate.checks.option_places import effective_option
from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.scope import Scope

ID = "router-outside-subnet"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


ROUTER = 3


def check(subject: Subject) -> Iterator[Finding]:
    server = subject.merged.target.server
    wires: dict[str, list[Scope]] = {}
    for scope in subject.target_scopes:
        wires.setdefault(scope.superscope or str(scope.scope_id), []).append(scope)
    for scope in subject.target_scopes:
        value = effective_option(scope, server, ROUTER)
        for router in value.values if value else ():
            if any(reaches(member, router) for member in wires[scope.superscope or str(scope.scope_id)]):
                continue
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                scope_id=scope.scope_id,
                object=router,
                message=f"Scope {scope.network}: the router {router} lies outside the subnet.",
                remedy="Correct option 3 of the scope.",
                places=(value.origin,) if value and value.origin else (),
            )


def reaches(scope: Scope, router: str) -> bool:
    """Text that is no address is somebody else's finding."""
    try:
        return IPv4Address(router) in scope.network
    except ValueError:
        return True
