"""IPv6 or multicast scopes.

What it finds
    A source that holds IPv6 or multicast configuration. It is read and counted, but failover does not carry it.

Why it matters
    DHCP failover is for IPv4 unicast scopes. What else the server does stays behind when the server is retired, without an
    error.

Example
    dhcp01 holds 2 IPv6 objects, which failover does not carry.

Remedy
    Plan them apart: two stateless servers with equal options, or split scopes for stateful IPv6; multicast scopes are created
    anew.

References
    Microsoft, "DHCP Failover Overview": IPv4 only.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity
from migrate.model.server import ObjectKind

ID = "ipv6-or-multicast"
NUMBER = "WF-047"
SEVERITY = Severity.INFO
LOOKS_AT = SOURCE


_KINDS = ((ObjectKind.IPV6, "IPv6"), (ObjectKind.MULTICAST, "multicast"))


def check(subject: Subject) -> Iterator[Finding]:
    for role, source in subject.sources:
        for kind, word in _KINDS:
            number = source.objects_read.get(kind, 0)
            if not number:
                continue
            origin = next((item.origin for item in source.not_carried if item.kind is kind and item.origin), None)
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                object=f"{subject.server_name(role)} {kind.value}",
                message=f"{subject.server_name(role)} holds {counted(number, f'{word} object')}, which failover does not carry.",
                remedy="Plan a migration of their own for them.",
                places=(origin,) if origin else (),
            )
