"""Relays that must learn of a new server.

What it finds
    A migration after which a server serves clients that it did not serve before: new servers, or a partner for a server that
    was alone. Relay agents are in no export.

Why it matters
    Clients must reach both partners. A relay that names only the old server keeps its subnet on one partner, and cuts it off
    when that one fails or is retired. Two relays that both forward the same request (HSRP, VRRP) make a server answer twice.

Example
    dhcp02 is new to the clients of scope 10.20.0.0: every relay there must name both dhcp01 and dhcp02, and only one relay of a
    redundant pair may forward.

Remedy
    List the relays and helper addresses of each subnet; change them before the old servers go.

References
    Microsoft, "DHCP Failover Architecture"; support articles 2831920 and 2978225.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role
from migrate.model.target import Strategy

ID = "relay-targets"
NUMBER = "WF-055"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    if not subject.target_scopes:
        return
    names = " and ".join(subject.server_name(role) for role in Role)
    if subject.settings.strategy is Strategy.NEW_SERVERS:
        new, verb = names, "are"
    elif not subject.is_pair:
        new, verb = subject.server_name(Role.SECONDARY), "is"
    else:
        return
    scope_ids = [scope.scope_id for scope in subject.target_scopes]
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object="relay agents",
        message=f"{new} {verb} new to the clients of {scopes_named(scope_ids)}: every relay there must name both {names}, and "
        f"only one relay of a redundant pair may forward.",
        remedy="List the helper addresses of each subnet, and change them before the old servers go.",
    )


def unknown(subject: Subject) -> str:
    return "relay agents are in no export"
