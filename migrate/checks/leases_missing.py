"""A source without leases.

What it finds
    A server with scopes whose source holds no lease list: an export made without -Leases, or a netsh dump given without a lease
    listing.

Why it matters
    Without its leases the partner does not know who holds which address. It offers taken addresses to others and rejects
    updates for them; the conflicts show as BAD_ADDRESS for weeks. And this audit could not look for lease conflicts.

Example
    The source of dhcp02 (dhcp02.xml) holds no leases, so its clients are unknown here.

Remedy
    Export again with `Export-DhcpServer -Leases`, or add `netsh dhcp server scope ... show clients 1` listings with
    --secondary-leases.

References
    Microsoft support article 2919393; cmdlet reference: Export-DhcpServer.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin

ID = "leases-missing"
NUMBER = "WF-031"
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    for role, source in subject.sources:
        if source.has_leases or not source.server.scopes:
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=subject.server_name(role),
            message=f"The source of {subject.server_name(role)} ({source.path}) holds no leases, so its clients are unknown here.",
            remedy=f"Export with -Leases, or add lease listings with --{role.value}-leases.",
            places=(Origin(source.path),),
        )
