"""Leases outside the pool.

What it finds
    Running leases on addresses that the merged scope does not serve: outside its range, or in an exclusion that stays. Leases
    of reservations do not count. One finding for each scope and server; leases of a scope that no configuration has are named
    too.

Why it matters
    An exclusion or a range was changed while clients held addresses there. The lease stays valid until it ends, but at the next
    new lease the client gets another address.

Example
    Scope 10.20.0.0: 1 lease on dhcp01 (10.20.0.15) lies outside the merged pool.

Remedy
    Nothing, if the change was meant: the clients move at their next new lease. Otherwise correct the exclusion.

References
    MS-DHCPM 3.1.4.5 (exclusions); Microsoft, "Migrate to DHCP Failover".
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from migrate.checks.lease_columns import ScopedAddresses, addresses_of, holds_address, lease_keys, row_places, rows_by_scope
from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import counted, some
from migrate.model.addresses import AddressSet
from migrate.model.finding import Finding, Severity
from migrate.model.scope import Scope

ID = "lease-outside-pool"
NUMBER = "WF-032"
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    homes = ScopedAddresses((scope.scope_id, _rightful(scope)) for scope in subject.target_scopes)
    left_out = {merge.scope_id for merge in subject.merged.scopes if merge.target is None}
    for role, source in subject.sources:
        table = source.leases
        outside = holds_address(table, subject.settings.as_of_s)
        outside &= ~homes.holds(lease_keys(table))
        for scope_id, rows in rows_by_scope(table, outside):
            if scope_id in left_out:
                continue
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                scope_id=scope_id,
                object=subject.server_name(role),
                message=f"Scope {scope_id}: {counted(len(rows), 'lease')} on {subject.server_name(role)} "
                f"({some(addresses_of(table, rows), len(rows))}) {'lies' if len(rows) == 1 else 'lie'} "
                f"{_where(subject, scope_id)}.",
                remedy="None needed if exclusion and range are as they are meant; the clients move at their next new lease.",
                places=row_places(table, rows),
            )


def unknown(subject: Subject) -> str:
    return subject.without_leases


def _rightful(scope: Scope) -> AddressSet:
    return scope.serves | AddressSet.of_addresses(reservation.ip_address for reservation in scope.reservations)


def _where(subject: Subject, scope_id: IPv4Address) -> str:
    return "outside the merged pool" if subject.scope_of(scope_id) else "in a scope that no configuration has"
