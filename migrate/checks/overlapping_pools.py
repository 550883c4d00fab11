"""Both servers hand out the same addresses.

What it finds
    Addresses of a shared scope that are in the range of both servers and excluded on neither.

Why it matters
    In a split scope each address belongs to one server, and the exclusions of the two are complementary. Where they are not,
    both servers lease the same address without knowing of each other, so two clients may be using it right now. A single
    wrong digit in an exclusion is the usual cause. After the migration only one of the two leases can live on.

Example
    Scope 10.20.0.0: 10.20.0.100 - 10.20.0.109 (10 addresses) are handed out by both dhcp01 and dhcp02, and leases stand on
    2 of them. Nobody has decided, and nothing is migrated until someone does.

Remedy
    Correct the exclusion on the server where it is wrong, wait out the leases there, and export again. Or decide: take the
    lease of one server wherever both have leased an address, or keep the overlap out of the pool until its leases are over.

References
    Microsoft, "Migrate to DHCP Failover"; draft-ietf-dhc-failover-12 section 5 (no address promised to two clients).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.decided import finding_of_decision
from migrate.checks.rule import PAIR
from migrate.checks.subject import Subject
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role

ID = "overlapping-pools"
NUMBER = "WF-020"
SEVERITY = Severity.BLOCK
LOOKS_AT = PAIR


def check(subject: Subject) -> Iterator[Finding]:
    overlaps = {merge.scope_id: merge.overlap for merge in subject.shared_scopes}
    for decision in subject.decisions_of(ID):
        if decision.scope_id not in overlaps:
            continue
        overlap = overlaps[decision.scope_id]
        leased = subject.held.count(decision.scope_id, overlap)
        leases = f"leases stand on {leased} of them" if leased else "no lease stands on them"
        handed = (
            f"({counted(overlap.address_count, 'address', 'addresses')}) {'is' if overlap.address_count == 1 else 'are'} handed out"
        )
        names = " and ".join(subject.server_name(role) for role in Role)
        yield finding_of_decision(
            decision,
            number=NUMBER,
            severity=SEVERITY,
            message=f"Scope {decision.scope_id}: {overlap} {handed} by both {names}, and {leases}.",
        )
