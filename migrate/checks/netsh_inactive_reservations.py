"""Inactive reservations out of a netsh source, for Windows Server 2012.

What it finds
    A source that is a netsh dump, with reservations that no client uses at present, when the target is Windows Server 2012.

Why it matters
    Scopes that came to 2012 by netsh and had inactive reservations end up in different states on the two partners, and their
    leases are not replicated.

Example
    dhcp01 is read from a netsh dump and has 1 inactive reservation (10.20.0.50); on Windows Server 2012 such scopes may not
    replicate.

Remedy
    Import with the XML of this tool instead of netsh, or install update 2756872 before the relationship is created.

References
    Microsoft support article 2751456.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.lease_columns import NO_ROWS, addresses_of, inactive_reservations, row_places
from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import counted, some
from migrate.model.finding import Finding, Severity
from migrate.model.leases import Indices
from migrate.model.server import Source, SourceFormat

ID = "netsh-inactive-reservations"
NUMBER = "WF-048"
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    if subject.settings.target_os != "2012":
        return
    for role, source in subject.sources:
        rows = _inactive(source)
        if not len(rows):
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=subject.server_name(role),
            message=f"{subject.server_name(role)} is read from a netsh dump and has {counted(len(rows), 'inactive reservation')} "
            f"({some(addresses_of(source.leases, rows), len(rows))}); on Windows Server 2012 such scopes may not replicate.",
            remedy="Install update 2756872 on both partners before the relationship is created.",
            places=row_places(source.leases, rows),
        )


def unknown(subject: Subject) -> str:
    if subject.settings.target_os is None and any(len(_inactive(source)) for _, source in subject.sources):
        return "a netsh source has inactive reservations, and --target-os does not say whether the target is 2012"
    return ""


def _inactive(source: Source) -> Indices:
    if source.format is not SourceFormat.NETSH_DUMP:
        return NO_ROWS
    reserved = (reservation.ip_address for scope in source.server.scopes for reservation in scope.reservations)
    return inactive_reservations(source.leases, reserved)
