"""Automatic PARTNER DOWN with little room.

What it finds
    Automatic state transition in a relationship with scopes that are more than 80 % full, or whose standby reserve comes to
    fewer than one address. One finding for each relationship, with every scope concerned.

Why it matters
    When only the link is cut, both servers live, and both may go into PARTNER DOWN by themselves. Then each takes the other's
    free addresses too. In a nearly full scope they soon hand out the same one.

Example
    Relationship dhcp01-dhcp02 goes into PARTNER DOWN by itself after 01:00:00, and there is little room in scope 10.20.0.0.

Remedy
    Leave the transition to an operator, or lengthen --state-switch-interval, or make room in these scopes.

References
    Microsoft, "DHCP Failover Examples" (both partners in PARTNER DOWN).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject, distributable
from migrate.checks.wording import scopes_named
from migrate.model.finding import Finding, Severity
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.timespan import format_timespan

ID = "auto-transition-risk"
NUMBER = "WF-009"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


FULL_PERCENT = 80


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        if not relationship.auto_state_transition:
            continue
        tight = [scope_id for scope_id in relationship.scope_ids if _is_tight(subject, scope_id, relationship)]
        if not tight:
            continue
        interval = relationship.state_switch_interval
        after = f" after {format_timespan(interval)}" if interval else ""
        yield Finding(
            rule=ID,
            number=NUMBER,
            severity=SEVERITY,
            object=relationship.name,
            message=f"Relationship {relationship.name} goes into PARTNER DOWN by itself{after}, and there is little room in "
            f"{scopes_named(tight)}.",
            remedy="Leave the transition to an operator, or lengthen --state-switch-interval.",
        )


def unknown(subject: Subject) -> str:
    automatic = any(relationship.auto_state_transition for relationship in subject.relationships)
    return subject.without_leases if automatic else ""


def _is_tight(subject: Subject, scope_id: IPv4Address, relationship: FailoverRelationship) -> bool:
    scope = subject.scope_of(scope_id)
    size = distributable(scope).address_count if scope else 0
    if scope is None or not size:
        return False
    free = subject.free_addresses(scope)
    standby = relationship.mode is FailoverMode.HOT_STANDBY
    return (size - free) * 100 > size * FULL_PERCENT or (standby and free * (relationship.reserve_percent or 0) < 100)
