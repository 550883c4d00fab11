"""Declined addresses.

What it finds
    Leases in state Declined (shown as BAD_ADDRESS): a client or the server found the address in use by somebody unknown. One
    finding for each scope and server.

Why it matters
    They are not leases of a client and are not carried over. Behind each stands a device that uses the address without a lease,
    or a conflict between the two halves of a bad split. Imported blindly they leave the address bad on one partner and active
    on the other.

Example
    Scope 10.20.0.0: 2 declined addresses on dhcp01 (10.20.0.30, 10.20.0.31); they are not carried over.

Remedy
    Find the devices (ARP, switch port), reserve or exclude their addresses, then delete the records.

References
    Microsoft support article 2919393; RFC 2131 section 4.3.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.lease_columns import addresses_of, is_declined, row_places, rows_by_scope
from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import counted, some
from migrate.model.finding import Finding, Severity

ID = "declined-leases"
NUMBER = "WF-030"
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    for role, source in subject.sources:
        for scope_id, rows in rows_by_scope(source.leases, is_declined(source.leases)):
            if subject.settings.leaves_out(scope_id):
                continue
            count = counted(len(rows), "declined address", "declined addresses")
            pronoun = "it is" if len(rows) == 1 else "they are"
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                scope_id=scope_id,
                object=subject.server_name(role),
                message=f"Scope {scope_id}: {count} on {subject.server_name(role)} "
                f"({some(addresses_of(source.leases, rows), len(rows))}); {pronoun} not carried over.",
                remedy="Find what uses these addresses, reserve or exclude them, then delete the records.",
                places=row_places(source.leases, rows),
            )


def unknown(subject: Subject) -> str:
    return subject.without_leases
