"""Removing the partner's scopes may delete DNS records.

What it finds
    A secondary whose scopes are removed for an in-place migration, and whose DNS settings delete records when a lease ends.
    One finding for the server, with every scope concerned.

Why it matters
    The partner's copy of a scope has to go before failover creates it anew. When a scope is deleted with full force, the server
    deletes the PTR records of its leases with it, although the clients are still there.

Example
    dhcp02 deletes DNS records with a lease in scope 10.20.0.0; removing its copy of the scope may take the PTR records of its
    clients along.

Remedy
    Export the reverse zones before the change, or switch off "discard records when the lease is deleted" on the secondary
    before its scopes are removed. The clients register again at their next renewal.

References
    MS-DHCPM 3.1.4.8 (deletion of a subnet) and 2.2.1.1.9 (force flags).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.dns_flags import DEFAULT_FLAGS, DISCARD_ON_DELETE, DYNAMIC_UPDATE
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.checks.wording import scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.option import DNS_FLAGS, OptionKey, OptionValue
from migrate.model.scope import Scope
from migrate.model.server import Role
from migrate.model.target import Strategy

ID = "ptr-records-at-risk"
NUMBER = "WF-045"
SEVERITY = Severity.INFO
LOOKS_AT = PAIR

_NEEDED = DYNAMIC_UPDATE | DISCARD_ON_DELETE


def check(subject: Subject) -> Iterator[Finding]:
    secondary = subject.secondary
    if secondary is None or subject.settings.strategy is not Strategy.IN_PLACE:
        return
    copies = [merge.secondary for merge in subject.scopes if merge.secondary and not merge.left_out]
    at_risk = [copy.scope_id for copy in copies if _flags(copy, secondary.server.option_values) & _NEEDED == _NEEDED]
    if not at_risk:
        return
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object=subject.server_name(Role.SECONDARY),
        message=f"{subject.server_name(Role.SECONDARY)} deletes DNS records with a lease in {scopes_named(at_risk)}; removing "
        f"its copy "
        f"of the scope may take the PTR records of its clients along.",
        remedy="Export the reverse zones first, or switch off discarding of records there before the scopes are removed.",
    )


def _flags(scope: Scope, server_values: tuple[OptionValue, ...]) -> int:
    """The DNS flags that hold in the scope: its own, its server's, or the default."""
    for value in (*scope.option_values, *server_values):
        if value.key == OptionKey(DNS_FLAGS) and value.values and value.values[0].isdecimal():
            return int(value.values[0])
    return DEFAULT_FLAGS
