"""A reserve that is too small for an outage.

What it finds
    In hot standby, a scope whose free addresses times the reserve percentage come to fewer than one address, or to fewer than the
    new clients that are to be expected until the standby may use the rest: while the loss is noticed (1 minute), until PARTNER
    DOWN is set (the state switch interval; 1 hour where a person has to do it) and for the maximum client lead time. A client
    that has not renewed at half its lease is gone; as many as went lately are expected to come.

Why it matters
    When the active server is lost, new clients are served from the reserve alone until somebody sets PARTNER DOWN and the maximum
    client lead time has passed. When it is used up, they get nothing.

Example
    Scope 10.20.0.0: 5 % of 10 free addresses is less than one address, so the standby owns none.

Remedy
    Raise --reserve-percent, or make room in the scope.

References
    Microsoft, "DHCP Failover Settings" (reserve percentage).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from migrate.checks.lease_columns import unrenewed_leases
from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.checks.wording import counted
from migrate.model.finding import Finding, Severity
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.scope import Scope
from migrate.model.timespan import format_timespan

ID = "small-standby-reserve"
NUMBER = "WF-012"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


DETECTION = timedelta(minutes=1)
OPERATOR = timedelta(hours=1)
"""Until somebody sets PARTNER DOWN by hand."""


def check(subject: Subject) -> Iterator[Finding]:
    for relationship in subject.relationships:
        if relationship.mode is not FailoverMode.HOT_STANDBY:
            continue
        for scope_id in relationship.scope_ids:
            scope = subject.scope_of(scope_id)
            message = _too_small(subject, relationship, scope) if scope else ""
            if scope is None or not message:
                continue
            yield Finding(
                rule=ID,
                number=NUMBER,
                severity=SEVERITY,
                scope_id=scope_id,
                object=str(scope_id),
                message=f"Scope {scope_id}: {message}",
                remedy="Raise --reserve-percent, or make room in the scope.",
                places=(scope.origin,) if scope.origin else (),
            )


def _too_small(subject: Subject, relationship: FailoverRelationship, scope: Scope) -> str:
    """Empty when the reserve will do, or when nothing is free, which other rules tell."""
    percent = relationship.reserve_percent or 0
    free = subject.free_addresses(scope)
    reserve = free * percent // 100
    of_free = counted(free, "free address", "free addresses")
    if free and not reserve:
        return f"{percent} % of {of_free} is less than one address, so the standby owns none."
    wait = DETECTION + (relationship.state_switch_interval or OPERATOR) + relationship.max_client_lead_time
    expected = _expected_clients(subject, scope, wait)
    if not free or expected <= reserve:
        return ""
    return (
        f"the standby owns {reserve} of {of_free}, but {expected} new clients are to be expected in the "
        f"{format_timespan(wait)} until it may use the others."
    )


def _expected_clients(subject: Subject, scope: Scope, wait: timedelta) -> int:
    if not scope.lease_duration:
        return 0
    half = scope.lease_duration / 2
    return int(unrenewed_leases(subject.merged, scope.scope_id, half) * wait / half)


def unknown(subject: Subject) -> str:
    return "--mode was not given" if subject.settings.mode is None else subject.without_leases
