"""Clients that renew with a server that is gone.

What it finds
    A migration after which the server that gave the leases may no longer answer at its address: a move to new servers, or a
    single export, which may be that of a cluster that goes away (info only: a single server that stays is no problem). It counts
    how many clients are concerned, and until when. Sheet Renewals has every hour.

Why it matters
    At half its lease a client renews with the server that gave it, and with nobody else; only at seven eighths does it ask every
    server. Until then nothing looks wrong, and relays do not help, because renewals are sent to the server's own address. If the
    new servers cannot take those clients by the end of their leases, they lose their addresses one by one, days after the change.

Example
    1 client holds a lease of dhcp01. Where its address is gone, up to 1 at a time renews in vain, and the last asks other servers
    after 15 hours.

Remedy
    Keep the old address answering until then: give it to one of the partners before failover is created, or shorten the leases
    one lease time ahead. Point the relays at both partners before the old server stops.

References
    RFC 2131 section 4.4.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import counted
from migrate.merge.renewals import renewals
from migrate.model.finding import Finding, Severity
from migrate.model.target import Strategy

ID = "renewals-in-vain"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    found = renewals(subject.merged)
    if found is None or not found.clients:
        return
    names = " and ".join(source.server.name or subject.server_name(role) for role, source in subject.sources)
    holds, most = ("holds a lease" if found.clients == 1 else "hold leases"), found.most_in_vain
    until = counted(found.last_hour + 1, "hour")
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY if subject.settings.strategy is Strategy.NEW_SERVERS else Severity.INFO,
        object=names,
        message=f"{counted(found.clients, 'client')} {holds} of {names}. Where its address is gone, up to {most} at a time "
        f"{'renews' if most == 1 else 'renew'} in vain, and the last asks other servers after {until}.",
        remedy="Keep the old address answering until then, or shorten the leases one lease time ahead; see sheet Renewals.",
    )


def unknown(subject: Subject) -> str:
    return subject.without_leases if renewals(subject.merged) else ""
