"""Scopes that may no longer be needed.

What it finds
    Target scopes that are inactive, and active ones without a single lease or reservation although the leases were given. One
    finding for each of the two, with every scope named.

Why it matters
    A migration is the moment to leave them behind: they cost time in the change window and hide what matters.

Example
    No client has a lease or reservation in scope 10.20.0.0.

Remedy
    Ask the network's owner; leave it out with --skip-scope.

References
    Microsoft, "DHCP Failover Requirements": an inactive scope replicates as inactive.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.scope import ScopeState

ID = "idle-scopes"
NUMBER = None
SEVERITY = Severity.INFO
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    scopes = subject.target_scopes
    inactive = [scope.scope_id for scope in scopes if scope.state is ScopeState.INACTIVE]
    if inactive:
        verb = "is" if len(inactive) == 1 else "are"
        yield _finding("inactive scopes", f"Not in service {verb} {scopes_named(inactive)}.")
    if not all(source.has_leases for _, source in subject.sources):
        return
    leased = subject.merged.target.leased
    active = [scope for scope in scopes if scope.state is ScopeState.ACTIVE]
    empty = [scope.scope_id for scope in active if not leased.get(scope.scope_id) and not scope.reservations]
    if empty:
        yield _finding("empty scopes", f"No client has a lease or reservation in {scopes_named(empty)}.")


def _finding(thing: str, message: str) -> Finding:
    return Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object=thing,
        message=message,
        remedy="Ask whether they are still needed; leave them out with --skip-scope.",
    )
