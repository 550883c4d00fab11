"""Servers that change their address.

What it finds
    A migration to new servers, which often take over the addresses of the old ones in the end so that the relays can stay.

Why it matters
    A relationship is bound to the addresses of its two servers. When one changes, every relationship of that server has to be
    deleted and created again.

Example
    If dhcp01 or dhcp02 is to take over the address of an old server, it has to do so before failover is created.

Remedy
    Settle the addresses of the new servers before the change, or change the relays instead.

References
    Microsoft, "DHCP Failover Communications" and "DHCP Failover Requirements".
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role
from migrate.model.target import Strategy

ID = "server-address-change"
NUMBER = "WF-058"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    if subject.settings.strategy is not Strategy.NEW_SERVERS:
        return
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object="server addresses",
        message=f"If {' or '.join(subject.server_name(role) for role in Role)} is to take over the address of an old server, "
        f"it has to do so before failover is created.",
        remedy="Settle the addresses of the new servers before the change, or change the relays instead.",
    )
