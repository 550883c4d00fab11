"""Policies of a server or of a scope: the union of both by name, renumbered without gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address

from migrate.merge.book import option_key, policy_key
from migrate.merge.context import MergeContext
from migrate.model.ledger import Disposition
from migrate.model.option import OptionValue
from migrate.model.origin import Origin
from migrate.model.policy import Policy
from migrate.model.server import ObjectKind, Role

CONFLICT_RULE = "policy-conflict"
SCOPE_RULE = "scope-policies-differ"
SERVER_RULE = "server-settings-differ"

_Place = tuple[int, int, int]
"""Rank, number behind it, and order of first appearance."""


def merge_policies(
    context: MergeContext, copies: Mapping[Role, tuple[Policy, ...] | None], *, scope_id: IPv4Address | None = None
) -> tuple[Policy, ...] | None:
    """The policies of one level, in processing order from 1; None when no source can say whether there are any.

    A source that cannot say (a netsh dump) contradicts nothing.
    """
    telling = {role: policies for role, policies in copies.items() if policies is not None}
    if not telling:
        return None
    named = {role: {policy.name.casefold(): policy for policy in policies} for role, policies in telling.items()}
    ranks = _common_ranks(telling)
    merged: list[tuple[_Place, Policy]] = []
    for name in dict.fromkeys(name for policies in named.values() for name in policies):
        held = {role: policies[name] for role, policies in named.items() if name in policies}
        policy = _merge_one(context, held, both=len(telling) == 2, ranks=ranks, scope_id=scope_id)
        _enter(context, held, policy, scope_id)
        if policy:
            role = next(role for role, candidate in held.items() if candidate is policy)
            merged.append(((*_place(policy, telling[role], ranks[role]), len(merged)), policy))
    ordered = [policy for _, policy in sorted(merged, key=lambda entry: entry[0])]
    return tuple(replace(policy, processing_order=number) for number, policy in enumerate(ordered, 1))


def _place(policy: Policy, neighbours: tuple[Policy, ...], ranks: Mapping[str, int]) -> tuple[int, int]:
    """Where a policy goes: its rank among those that both servers have, or right behind the one it follows on its own server.

    The numbers of the two servers mean nothing to each other: a policy must not fall behind another because only one server
    counts from 1.
    """
    rank = ranks.get(policy.name.casefold())
    if rank is not None:
        return rank, 0
    before = [
        ranks[p.name.casefold()] for p in neighbours if p.processing_order < policy.processing_order and p.name.casefold() in ranks
    ]
    return max(before, default=-1), policy.processing_order


def _common_ranks(telling: Mapping[Role, tuple[Policy, ...]]) -> Mapping[Role, Mapping[str, int]]:
    """The order among the policies that every source has; gaps in the numbers mean nothing."""
    names = [{policy.name.casefold() for policy in policies} for policies in telling.values()]
    common = set.intersection(*names)
    ranks = {}
    for role, policies in telling.items():
        ordered = sorted(policies, key=lambda policy: policy.processing_order)
        shared = [policy.name.casefold() for policy in ordered if policy.name.casefold() in common]
        ranks[role] = {name: rank for rank, name in enumerate(shared)}
    return ranks


def _merge_one(
    context: MergeContext,
    held: Mapping[Role, Policy],
    *,
    both: bool,
    ranks: Mapping[Role, Mapping[str, int]],
    scope_id: IPv4Address | None,
) -> Policy | None:
    first = next(iter(held.values()))
    if not both:
        return first
    level_rule = SCOPE_RULE if scope_id else SERVER_RULE
    rule = level_rule
    if len(held) == 2:
        primary, secondary = held[Role.PRIMARY], held[Role.SECONDARY]
        name = first.name.casefold()
        same_rank = ranks[Role.PRIMARY][name] == ranks[Role.SECONDARY][name]
        if same_rank and _core(primary) == _core(secondary) and primary.option_values == secondary.option_values:
            return primary
        if not same_rank or _core(primary) != _core(secondary):
            rule = CONFLICT_RULE
    values = {role: held.get(role) for role in Role}
    _, chosen = context.settle(
        rule,
        f"policy {min(policy.name for policy in held.values())}",
        values,
        describe,
        scope_id=scope_id,
        places=tuple(policy.origin for policy in held.values()),
    )
    return chosen


def _core(policy: Policy) -> Policy:
    """The policy without its options, order, and the spelling of its name and description."""
    return replace(policy, name=policy.name.casefold(), processing_order=0, option_values=(), description="")


def describe(policy: Policy) -> str:
    conditions = f" {policy.condition} ".join(str(condition) for condition in policy.conditions) or "no condition"
    parts = [f"order {policy.processing_order}", "enabled" if policy.enabled else "disabled", conditions]
    parts += [f"range {r}" for r in policy.ip_ranges]
    parts += [f"{value.label} = {value.text}" for value in policy.option_values]
    if policy.dns_suffix:
        parts.append(f"DNS suffix {policy.dns_suffix}")
    return "; ".join(parts)


def _enter(context: MergeContext, held: Mapping[Role, Policy], target: Policy | None, scope_id: IPv4Address | None) -> None:
    level = "scope" if scope_id else "server"
    for role, policy in held.items():
        alone = role is next(iter(held))
        disposition, reason = _fate(policy if target is None else _core(policy), _core(target) if target else None, first=alone)
        _row(context, role, ObjectKind.POLICY, policy_key(level, policy), disposition, reason, policy.origin, scope_id)
        for value in policy.option_values:
            wanted = _option(target, value)
            disposition, reason = _fate(value.values, wanted.values if wanted else None, first=alone)
            key = option_key(policy_key(level, policy), value)
            _row(context, role, ObjectKind.OPTION_VALUE, key, disposition, reason, value.origin, scope_id)


def _option(policy: Policy | None, value: OptionValue) -> OptionValue | None:
    return next((other for other in policy.option_values if other.key == value.key), None) if policy else None


def _fate(read: object, target: object | None, *, first: bool) -> tuple[Disposition, str]:
    if target is None:
        return Disposition.DROPPED, "the partner has none, and that stands, as decided"
    if read != target:
        return Disposition.REPLACED, "the partner's stands, as decided"
    if first:
        return Disposition.KEPT, "stands on both partners after the migration"
    return Disposition.JOINED, "equal on both servers"


def _row(
    context: MergeContext,
    role: Role,
    kind: ObjectKind,
    key: str,
    disposition: Disposition,
    reason: str,
    origin: Origin | None,
    scope_id: IPv4Address | None,
) -> None:
    context.book.enter(role, kind, key, disposition, reason, scope_id=scope_id, origin=origin)
