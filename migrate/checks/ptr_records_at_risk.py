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

from migrate.checks.dns_flags import DISCARD_ON_DELETE, DYNAMIC_UPDATE, flags_of
from migrate.checks.option_places import effective_option
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.checks.wording import scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.option import DNS_FLAGS
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
    flags = {copy.scope_id: flags_of(effective_option(copy, secondary.server, DNS_FLAGS)) for copy in copies}
    at_risk = [scope_id for scope_id, bits in flags.items() if bits & _NEEDED == _NEEDED]
    if not at_risk:
        return
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object=subject.server_name(Role.SECONDARY),
        message=f"{subject.server_name(Role.SECONDARY)} deletes DNS records with a lease in {scopes_named(at_risk)}; removing "
        f"its copy of the scope may take the PTR records of its clients along.",
        remedy="Export the reverse zones first, or switch off discarding of records there before the scopes are removed.",
    )
