"""Clients without a DNS server.

What it finds
    An active scope whose clients receive no DNS server (option 6), neither from the scope nor from the server level. One
    finding names all such scopes.

Why it matters
    Hardly any client works without name resolution. Either a policy provides it, or the value was lost when server-level
    options were cleaned up.

Example
    Clients get no DNS server in scope 10.20.0.0.

Remedy
    Set option 6 in the scope, unless its clients (cameras, phones) really need none.

References
    RFC 2132 section 3.8.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.option_places import effective_option
from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.scope import ScopeState

ID = "dns-servers-missing"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


DNS_SERVERS = 6


def check(subject: Subject) -> Iterator[Finding]:
    server = subject.merged.target.server
    active = [scope for scope in subject.target_scopes if scope.state is ScopeState.ACTIVE]
    without = [scope.scope_id for scope in active if effective_option(scope, server, DNS_SERVERS) is None]
    if not without:
        return
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object="option 6",
        message=f"Clients get no DNS server in {scopes_named(without)}.",
        remedy="Set option 6, unless the clients really need none.",
    )
