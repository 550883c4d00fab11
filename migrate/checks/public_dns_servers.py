"""Public DNS servers together with dynamic updates.

What it finds
    Scopes whose clients are sent to a DNS server on the Internet, while the DHCP server registers their names by dynamic
    update. One finding names them all.

Why it matters
    The names are registered where these clients do not ask. For a guest network that is as it should be, and the updates are
    only useless; for any other, somebody has set the wrong servers.

Example
    Clients of scope 10.20.0.0 ask a public DNS server, while their names are registered by dynamic update.

Remedy
    Switch dynamic updates off in these scopes, or correct option 6.

References
    RFC 2132 section 3.8; MS-DHCPM 2.2.1.1 (DNS flags).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from migrate.checks.dns_flags import DYNAMIC_UPDATE, flags_of
from migrate.checks.option_places import effective_option
from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.option import DNS_FLAGS
from migrate.model.scope import Scope
from migrate.model.server import Server

ID = "public-dns-servers"
NUMBER = None
SEVERITY = Severity.INFO
LOOKS_AT = TARGET


DNS_SERVERS = 6


def check(subject: Subject) -> Iterator[Finding]:
    server = subject.merged.target.server
    public = [scope.scope_id for scope in subject.target_scopes if _asks_public(scope, server) and _registers(scope, server)]
    if not public:
        return
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object="option 6",
        message=f"Clients of {scopes_named(public)} ask a public DNS server, while their names are registered by dynamic update.",
        remedy="Switch dynamic updates off in these scopes, or correct option 6.",
    )


def _asks_public(scope: Scope, server: Server) -> bool:
    value = effective_option(scope, server, DNS_SERVERS)
    return any(_is_public(text) for text in value.values) if value else False


def _is_public(text: str) -> bool:
    try:
        return IPv4Address(text).is_global
    except ValueError:
        return False


def _registers(scope: Scope, server: Server) -> bool:
    return bool(flags_of(effective_option(scope, server, DNS_FLAGS)) & DYNAMIC_UPDATE)
