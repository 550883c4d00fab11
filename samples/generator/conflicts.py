"""Which mistakes are made where, and their record.

A scope shows one conflict at most, so that none hides another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from generator.address_conflicts import (
    declined_leases,
    lease_conflict,
    lease_on_reserved_address,
    lease_outside_pool,
    lease_two_addresses,
    one_sided_exclusion,
    overlapping_pools,
    ranges_differ,
    reservation_conflict,
    reservation_differs,
    reservation_in_exclusion,
    reservation_one_sided,
    reservation_outside_range,
    scope_mask_mismatch,
    scope_on_one_server,
    scope_overlap,
)
from generator.conflict import NUMBERS, Conflict
from generator.options import DEFAULT_RATES, GenerateOptions
from generator.pair import PairedScope
from generator.setting_conflicts import (
    Servers,
    bootp_scope,
    class_differs,
    dns_flags_differ,
    ipv6_or_multicast,
    lease_duration_differs,
    offer_delay,
    option_definition_differs,
    option_not_defined,
    option_values_differ,
    policy_conflict,
    scope_policies_differ,
    scope_properties_differ,
    scope_state_differs,
    server_options_differ,
    server_settings_differ,
    superscope_differs,
    user_class_options,
)
from migrate.model.server import Role

InScope = Callable[[PairedScope, GenerateOptions], Conflict]
OnServers = Callable[[Servers], Conflict]

IN_SCOPE: Mapping[str, InScope] = {
    make.__name__.replace("_", "-"): make
    for make in (
        overlapping_pools, one_sided_exclusion, ranges_differ, reservation_conflict, reservation_differs, reservation_one_sided,
        reservation_outside_range, reservation_in_exclusion, lease_conflict, lease_two_addresses, lease_on_reserved_address,
        declined_leases, lease_outside_pool, scope_mask_mismatch, scope_overlap, scope_on_one_server, bootp_scope, offer_delay,
        option_values_differ, scope_policies_differ, policy_conflict, option_not_defined, user_class_options, superscope_differs,
        scope_state_differs, scope_properties_differ, lease_duration_differs, dns_flags_differ,
    )
}  # fmt: skip
ON_SERVERS: Mapping[str, OnServers] = {
    make.__name__.replace("_", "-"): make
    for make in (server_options_differ, server_settings_differ, class_differs, option_definition_differs, ipv6_or_multicast)
}


def inject(options: GenerateOptions, pairs: Sequence[PairedScope], servers: Servers) -> tuple[Conflict, ...]:
    """Every conflict in its share of the scopes, in order of rules, then scopes. Raises ValueError when each is to be shown and
    the scopes are too few."""
    conflicts = [make(servers) for rule, make in ON_SERVERS.items() if options.each_at_least_once or options.rates.get(rule)]
    if options.without_leases:
        conflicts.append(_leases_missing(options.without_leases))
    free = [pair for pair in pairs if pair.is_active]
    Random(f"{options.seed}:conflicts").shuffle(free)
    wanted = _wanted(options, len(pairs))
    if options.each_at_least_once and len(free) < len(IN_SCOPE):
        raise ValueError(f"{len(free)} active scopes are too few to show {len(IN_SCOPE)} conflicts of one scope each")
    for rule in wanted:
        if free:
            conflicts.append(IN_SCOPE[rule](free.pop(), options))
    rules = list(NUMBERS)
    return tuple(sorted(conflicts, key=lambda each: (rules.index(each.rule), int(each.scope_id or 0))))


def _wanted(options: GenerateOptions, scopes: int) -> list[str]:
    """One of each rule first, in the order of DEFAULT_RATES; then the rest of every rule's share."""
    shares = {rule: round(options.rates.get(rule, 0) * scopes) for rule in DEFAULT_RATES if rule in IN_SCOPE}
    first = [rule for rule in shares if options.rates.get(rule) or options.each_at_least_once]
    return first + [rule for rule, share in shares.items() for _ in range(share - 1)]


def _leases_missing(role: Role) -> Conflict:
    says = {Role.PRIMARY: "", Role.SECONDARY: "", role: "no Leases element"}
    return Conflict(
        rule="leases-missing",
        object="leases",
        detail=f"the {role}'s export was made without -Leases",
        primary=says[Role.PRIMARY],
        secondary=says[Role.SECONDARY],
    )
