"""One MAC address, two client ids.

What it finds
    A scope in which both a MAC address and the same address with `01` before it occur as client ids, in reservations or running
    leases.

Why it matters
    For a server these are two clients, because it compares octets. Mostly they are the same card: a boot ROM sends one form and
    the operating system the other. Nothing is joined; but a reservation for one form does not serve the other.

Example
    Scope 10.20.0.0: 1 client occurs both as a MAC address and with 01 before it (00-15-5d-00-00-01); they are kept apart.

Remedy
    Where a reservation is missed by its device, give it the form that the device sends.

References
    RFC 2132 section 9.14 (client identifier: a type octet, then the address).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.lease_columns import spelled_twice
from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import counted, some
from migrate.model.finding import Finding, Severity

ID = "client-id-spellings"
NUMBER = None
SEVERITY = Severity.INFO
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    copies = [scope for merge in subject.scopes for _, scope in merge.copies]
    reserved = ((scope.scope_id, reservation.client_id) for scope in copies for reservation in scope.reservations)
    tables = (source.leases for _, source in subject.sources)
    for scope_id, twice in spelled_twice(tables, reserved, subject.settings.as_of_s).items():
        if subject.settings.leaves_out(scope_id):
            continue
        verb = "occurs" if len(twice) == 1 else "occur"
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            scope_id=scope_id,
            object=str(scope_id),
            message=f"Scope {scope_id}: {counted(len(twice), 'client')} {verb} both as a MAC address and with 01 before it "
            f"({some(twice)}); they are kept apart.",
            remedy="Where a reservation is missed by its device, give it the form that the device sends.",
        )
