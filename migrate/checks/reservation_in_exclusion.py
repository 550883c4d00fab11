"""A reservation inside an exclusion.

What it finds
    A reserved address that lies in an exclusion which stays. Exclusions that were only the split do not count.

Why it matters
    Windows serves it to its client all the same. But unpatched servers of 2012 and 2012 R2 offer the address of such a
    reservation to strangers once the client has sent a release, and then refuse it, again and again. On 2016 and later it is
    harmless, and reported as information.

Example
    Scope 10.20.0.0: the reservation of 10.20.0.15 for 00-15-5d-00-00-01 lies in the exclusion 10.20.0.10 - 10.20.0.19, which
    stays. Harmless from Windows Server 2016 on; 2012 and 2012 R2 need KB 2919393 or 2919355.

Remedy
    On 2012 and 2012 R2 install the update before failover is created, or take the address out of the exclusion.

References
    Microsoft support articles 2919393 and 2919355; cmdlet reference: Add-DhcpServerv4ExclusionRange.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.merge.result import ScopeMerge
from migrate.model.addresses import AddressSet
from migrate.model.finding import Finding, Severity

ID = "reservation-in-exclusion"
NUMBER = "WF-024"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET

_AFFECTED = ("2012", "2012r2")


def check(subject: Subject) -> Iterator[Finding]:
    harmless = subject.settings.target_os not in (None, *_AFFECTED)
    for merge in subject.scopes:
        if merge.target is None:
            continue
        staying = merge.target.excluded & _excluded(merge)
        for reservation in merge.target.reservations:
            if reservation.ip_address not in staying:
                continue
            around = next(e.range for e in merge.target.exclusions if reservation.ip_address in e.range)
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=Severity.INFO if harmless else SEVERITY,
                scope_id=merge.scope_id,
                object=str(reservation.ip_address),
                message=f"Scope {merge.scope_id}: the reservation of {reservation.ip_address} for {reservation.client_id} lies in "
                f"the exclusion {around}, which stays. Harmless from Windows Server 2016 on; 2012 and 2012 R2 need KB 2919393 or "
                f"2919355.",
                remedy="None needed." if harmless else "On 2012 and 2012 R2 install the update first.",
                places=(reservation.origin,) if reservation.origin else (),
            )


def _excluded(merge: ScopeMerge) -> AddressSet:
    """What the servers exclude today; what the merge excludes because no range held it is said elsewhere."""
    return AddressSet.of_spans(span for _, copy in merge.copies for span in copy.excluded.spans)
