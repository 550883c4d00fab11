"""Leases from the past.

What it finds
    A source of which more than half of the leases that it calls active had ended at the instant at which leases are judged
    (--as-of).

Why it matters
    The source is older than it should be, or its times were read in the wrong zone. The clients have long renewed; what the
    list says about them decides nothing any more, and newer leases are missing.

Example
    3 of 4 active leases in the source of dhcp01 had ended by 2026-11-20T18:00:00Z; the newest ended at 2026-11-20T17:00:00Z.

Remedy
    Export again, shortly before the migration. If the list is fresh, check --as-of and the time zone of the listing.

References
    Microsoft, "Migrate to DHCP Failover" (export with leases, last of all).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import SOURCE
from migrate.checks.subject import Subject
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity
from migrate.model.lease_text import utc_text
from migrate.model.leases import LeaseState
from migrate.model.origin import Origin

ID = "stale-leases"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = SOURCE


def check(subject: Subject) -> Iterator[Finding]:
    as_of_s = subject.settings.as_of_s
    for role, source in subject.sources:
        active = source.leases.expiry_s[source.leases.state == LeaseState.ACTIVE]
        ended = active[active <= as_of_s]
        if 2 * len(ended) <= len(active):
            continue
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=subject.server_name(role),
            message=f"{len(ended)} of {counted(len(active), 'active lease')} in the source of {subject.server_name(role)} had "
            f"ended by {utc_text(as_of_s)}; the newest ended at {utc_text(int(ended.max()))}.",
            remedy="Export again; if the list is fresh, check --as-of and the time zone of the listing.",
            places=(Origin(source.path),),
        )
