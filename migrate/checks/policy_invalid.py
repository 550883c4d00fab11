"""A policy that the target refuses.

What it finds
    A policy of the merged configuration with ranges that overlap with another policy's or lie outside the scope's range, a
    server policy with ranges, a policy on a client's full name with ranges or with other options than 51 and 81, and for
    Windows Server 2012 a condition on the full name or a lease duration. Gaps in the processing order of a source are a
    warning: the policies are renumbered.

Why it matters
    One refused policy stops an import in the middle. Most of these cannot be set in the console; they come from joining two
    servers, or from a newer version than the target's.

Example
    Scope 10.20.0.0: policy Phones has the range 10.20.0.240 - 10.20.0.250, which leaves the scope's range 10.20.0.10 -
    10.20.0.200.

Remedy
    Correct the policy on its server and export again.

References
    MS-DHCPM 3.2.4.109 (errors 20105 to 20110, 20135 to 20137); cmdlet reference: Add-DhcpServerv4Policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.addresses import AddressSet
from migrate.model.finding import Finding, Severity
from migrate.model.option import DNS_FLAGS, LEASE_TIME, OptionKey
from migrate.model.policy import Policy
from migrate.model.scope import Scope

ID = "policy-invalid"
NUMBER = "WF-039"
SEVERITY = Severity.ERROR
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    target = subject.merged.target.server
    for policy in target.policies or ():
        if policy.ip_ranges:
            yield _finding(None, policy, f"has the range {policy.ip_ranges[0]}, but a server policy cannot have ranges")
        yield from _name_condition(None, policy)
        yield from _too_new(subject, None, policy)
    for scope in target.scopes:
        for policy in scope.policies or ():
            yield from _outside(scope, policy)
            yield from _name_condition(scope, policy)
            yield from _too_new(subject, scope, policy)
        yield from _overlaps(scope)
    for role, source in subject.sources:
        yield from _gaps(subject.server_name(role), None, source.server.policies or ())
        for scope in source.server.scopes:
            if not subject.settings.leaves_out(scope.scope_id):
                yield from _gaps(subject.server_name(role), scope, scope.policies or ())


def unknown(subject: Subject) -> str:
    target = subject.merged.target.server
    policies = [*(target.policies or ()), *(policy for scope in target.scopes for policy in scope.policies or ())]
    newer = [policy.name for policy in policies if _needs_r2(policy)]
    if subject.settings.target_os is None and newer:
        return f"policy {newer[0]} needs 2012 R2 or later, and --target-os was not given"
    return subject.without_policies


def _outside(scope: Scope, policy: Policy) -> Iterator[Finding]:
    for span in policy.ip_ranges:
        if not scope.range_set.covers(AddressSet((span,))):
            yield _finding(scope, policy, f"has the range {span}, which leaves the scope's range {scope.range or '(none)'}")


def _overlaps(scope: Scope) -> Iterator[Finding]:
    for first, second in combinations([policy for policy in scope.policies or () if policy.ip_ranges], 2):
        common = AddressSet(first.ip_ranges) & AddressSet(second.ip_ranges)
        if not common.is_empty:
            yield _finding(scope, first, f"and policy {second.name} both have {common}")


def _name_condition(scope: Scope | None, policy: Policy) -> Iterator[Finding]:
    if not _asks_for_name(policy):
        return
    if policy.ip_ranges:
        yield _finding(
            scope, policy, f"asks for the client's full name and has the range {policy.ip_ranges[0]}; it cannot have both"
        )
    others = [v for v in policy.option_values if v.key not in (OptionKey(LEASE_TIME), OptionKey(DNS_FLAGS))]
    if others:
        yield _finding(
            scope, policy, f"asks for the client's full name and sets {others[0].label}; it can set options 51 and 81 only"
        )


def _too_new(subject: Subject, scope: Scope | None, policy: Policy) -> Iterator[Finding]:
    if subject.settings.target_os == "2012" and _needs_r2(policy):
        yield _finding(
            scope, policy, "asks for the client's full name or sets a lease duration, which Windows Server 2012 does not know"
        )


def _asks_for_name(policy: Policy) -> bool:
    return any(condition.field == "Fqdn" for condition in policy.conditions)


def _needs_r2(policy: Policy) -> bool:
    sets_duration = any(value.option_id == LEASE_TIME and not value.vendor_class for value in policy.option_values)
    return _asks_for_name(policy) or (sets_duration and policy.user_class_of_pseudo_policy is None)


def _gaps(server: str, scope: Scope | None, policies: tuple[Policy, ...]) -> Iterator[Finding]:
    """Whether the policies that stand for user classes count in the order is not known: they may fill a gap, but make none."""
    orders = {policy.processing_order for policy in policies}
    real = [policy for policy in policies if policy.user_class_of_pseudo_policy is None]
    last = max(real, key=lambda policy: policy.processing_order, default=None)
    if last is None:
        return
    missing = next((number for number in range(1, last.processing_order) if number not in orders), None)
    if missing:
        problem = f"has order {last.processing_order} on {server}, but nothing has order {missing}; the policies are renumbered"
        yield _finding(scope, last, problem, Severity.WARNING)


def _finding(scope: Scope | None, policy: Policy, problem: str, severity: Severity = SEVERITY) -> Finding:
    return Finding(
        rule=ID,
        number=NUMBER,
        severity=severity,
        scope_id=scope.scope_id if scope else None,
        object=f"policy {policy.name}",
        message=f"{f'Scope {scope.scope_id}' if scope else 'Server level'}: policy {policy.name} {problem}.",
        remedy="Correct the policy on its server and export again." if severity is SEVERITY else "None needed.",
        places=(policy.origin,) if policy.origin else (),
    )
