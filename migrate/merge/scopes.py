"""One scope out of its copies: which copies go together, and which value of each property stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Any, TypeVar

from migrate.merge.context import MergeContext
from migrate.merge.options import ServerOptions, merge_scope_options
from migrate.merge.policies import merge_policies
from migrate.merge.pools import Pool, merge_pools
from migrate.merge.reservations import merge_reservations
from migrate.model.addresses import AddressSet
from migrate.model.ledger import Disposition
from migrate.model.option import OptionKey
from migrate.model.scope import ClientKind, Scope, ScopeState
from migrate.model.server import ObjectKind, Role
from migrate.model.timespan import format_timespan

MASK_RULE = "scope-mask-mismatch"
OVERLAP_RULE = "scope-overlap"
STATE_RULE = "scope-state-differs"
DURATION_RULE = "lease-duration-differs"
SUPERSCOPE_RULE = "superscope-differs"
PROPERTIES_RULE = "scope-properties-differ"

Value = TypeVar("Value")
Copies = dict[Role, Scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedScope:
    """The copies of one scope id that are merged; `left_out` says why there are none."""

    scope_id: IPv4Address
    copies: Mapping[Role, Scope]
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedScope:
    target: Scope
    pool: Pool
    pushed_down: tuple[tuple[Role, OptionKey], ...]


def pair_scopes(context: MergeContext) -> tuple[PairedScope, ...]:
    """Every scope id of either server, sorted; scopes that cannot both be migrated are settled here."""
    found: dict[IPv4Address, Copies] = {}
    for role, source in context.sources.items():
        for scope in source.server.scopes:
            found.setdefault(scope.scope_id, {})[role] = scope
    paired = [_pair(context, scope_id, found[scope_id]) for scope_id in sorted(found)]
    return tuple(_without_overlap(context, paired))


def _pair(context: MergeContext, scope_id: IPv4Address, copies: Copies) -> PairedScope:
    if scope_id in context.settings.already_in_failover:
        return PairedScope(
            scope_id=scope_id, copies=copies, left_out="in a failover relationship already, says --already-in-failover"
        )
    if context.settings.leaves_out(scope_id):
        return PairedScope(scope_id=scope_id, copies=copies, left_out="left out by --scope or --skip-scope")
    if len({copy.subnet_mask for copy in copies.values()}) == 1:
        left_out = "" if _has_addresses(copies) else "it has neither a range nor a reservation inside its subnet"
        return PairedScope(scope_id=scope_id, copies=copies, left_out=left_out)
    primary, secondary = copies[Role.PRIMARY], copies[Role.SECONDARY]
    choice = context.docket.decide(
        MASK_RULE,
        str(scope_id),
        {
            Role.PRIMARY.value: f"{primary.network}, as on {context.name(Role.PRIMARY)}",
            Role.SECONDARY.value: f"{secondary.network}, as on {context.name(Role.SECONDARY)}",
            "leave-out": "the scope is not migrated",
        },
        default="",
        evidence="one failover scope cannot have two subnet masks",
        scope_id=scope_id,
        places=(primary.origin, secondary.origin),
    )
    if choice in ("", "leave-out"):
        return PairedScope(scope_id=scope_id, copies=copies, left_out="its subnet mask differs between the servers")
    mask = copies[Role(choice)].subnet_mask
    return PairedScope(scope_id=scope_id, copies={role: replace(copy, subnet_mask=mask) for role, copy in copies.items()})


def _has_addresses(copies: Copies) -> bool:
    subnet = AddressSet.of_network(next(iter(copies.values())).network)
    return any(
        not subnet.is_disjoint(copy.range_set | AddressSet.of_addresses(r.ip_address for r in copy.reservations))
        for copy in copies.values()
    )


def _without_overlap(context: MergeContext, paired: list[PairedScope]) -> list[PairedScope]:
    """Scopes of different id whose subnets overlap cannot stand on one server. Subnets nest or are disjoint, so in the order of
    their ids each scope needs to be held against the one before it that still stands."""
    settled = {scope.scope_id: scope for scope in paired}
    standing: PairedScope | None = None
    for scope in paired:
        if scope.left_out:
            continue
        if standing is None or not _network(standing).overlaps(_network(scope)):
            standing = scope
            continue
        winner, loser = _settle_overlap(context, standing, scope)
        settled[loser.scope_id] = replace(loser, left_out=f"its subnet overlaps with that of scope {winner.scope_id}")
        standing = winner
    return list(settled.values())


def _network(scope: PairedScope) -> IPv4Network:
    return next(iter(scope.copies.values())).network


def _settle_overlap(context: MergeContext, wider: PairedScope, scope: PairedScope) -> tuple[PairedScope, PairedScope]:
    """The scope that is migrated, and the one that is left out; the wider one stands while this is open."""
    owners = [" and ".join(context.name(role) for role in one.copies) for one in (wider, scope)]
    names = [str(wider.scope_id), str(scope.scope_id)]
    if len(wider.copies) == len(scope.copies) == 1 and wider.copies.keys() != scope.copies.keys():
        names = [next(iter(one.copies)).value for one in (wider, scope)]
    meanings = [f"{_network(one)} of {owner} is migrated" for one, owner in zip((wider, scope), owners, strict=True)]
    choice = context.docket.decide(
        OVERLAP_RULE,
        str(scope.scope_id),
        dict(sorted(zip(names, meanings, strict=True))),
        default="",
        evidence=f"scope {_network(wider)} on {owners[0]} and scope {_network(scope)} on {owners[1]} cannot stand on one server",
        scope_id=scope.scope_id,
        places=tuple(copy.origin for one in (wider, scope) for copy in one.copies.values()),
    )
    return (scope, wider) if choice == names[1] else (wider, scope)


def merge_scope(context: MergeContext, paired: PairedScope, server: ServerOptions) -> MergedScope:
    """Everything in the scope but its leases; enters all of it into the ledger."""
    copies = paired.copies
    reservations = merge_reservations(context, copies)
    pool = merge_pools(context, copies, AddressSet.of_addresses(r.ip_address for r in reservations))
    duration = _lease_duration(context, copies)
    options = merge_scope_options(context, server, copies, duration)
    policies = merge_policies(context, {role: copy.policies for role, copy in copies.items()}, scope_id=paired.scope_id)
    superscope = _superscope(context, copies)
    target = Scope(
        scope_id=paired.scope_id,
        subnet_mask=next(iter(copies.values())).subnet_mask,
        name=_property(context, copies, "name", lambda scope: scope.name) or "",
        description=_property(context, copies, "description", lambda scope: scope.description) or "",
        state=_state(context, copies),
        type=_property(context, copies, "type", lambda scope: scope.type) or ClientKind.DHCP,
        lease_duration=duration,
        delay_ms=None if all(copy.delay_ms is None for copy in copies.values()) else 0,
        max_bootp_clients=_property(context, copies, "maximum of BOOTP clients", lambda scope: scope.max_bootp_clients),
        nap_enable=_property(context, copies, "NAP switch", lambda scope: scope.nap_enable),
        nap_profile=_property(context, copies, "NAP profile", lambda scope: scope.nap_profile),
        activate_policies=_property(context, copies, "policy activation", lambda scope: scope.activate_policies),
        superscope=superscope,
        range=pool.range,
        exclusions=pool.exclusions,
        reservations=reservations,
        option_values=options.values,
        policies=policies,
        origin=next(iter(copies.values())).origin,
    )
    _enter(context, copies, target)
    return MergedScope(target=target, pool=pool, pushed_down=options.pushed_down)


def _enter(context: MergeContext, copies: Mapping[Role, Scope], target: Scope) -> None:
    """The ledger rows of the scope itself, one a copy."""
    for role, copy in copies.items():
        changed = [text for text in _changes(copy, target) if text]
        if len(copies) == 1:
            disposition = Disposition.KEPT
            reason = f"only on {context.name(role)}; stands on both partners after the migration"
        elif role is Role.PRIMARY:
            disposition, reason = Disposition.KEPT, "merged with the partner's copy"
        else:
            disposition, reason = Disposition.JOINED, f"merged into the copy of {context.name(Role.PRIMARY)}"
        reason += "".join(f"; {text}" for text in changed)
        context.book.enter(
            role,
            ObjectKind.SCOPE,
            str(copy.scope_id),
            disposition,
            reason,
            scope_id=copy.scope_id,
            origin=copy.origin,
        )


def _changes(copy: Scope, target: Scope) -> list[str]:
    def change(what: str, before: object, after: object) -> str:
        return f"{what} {before} becomes {after}" if before != after and before is not None else ""

    return [
        change("name", copy.name, target.name),
        change("description", copy.description, target.description),
        change("state", copy.state, target.state),
        change("type", copy.type, target.type),
        change("range", copy.range, target.range),
        change("delay in ms", copy.delay_ms, target.delay_ms),
        change("lease duration", copy.lease_duration, target.lease_duration),
        change("superscope", copy.superscope or "none", target.superscope or "none"),
        change("maximum of BOOTP clients", copy.max_bootp_clients, target.max_bootp_clients),
        change("policy activation", copy.activate_policies, target.activate_policies),
    ]


def _property(
    context: MergeContext, copies: Mapping[Role, Scope], name: str, read: Callable[[Scope], Value | None]
) -> Value | None:
    """The primary's value by default; a copy that does not say contradicts nothing."""
    values = {role: read(copy) for role, copy in copies.items()}
    said = {role: value for role, value in values.items() if value is not None}
    if len(set(said.values())) <= 1:
        return next(iter(said.values()), None)
    _, chosen = _settle(context, PROPERTIES_RULE, name, copies, values)
    return chosen


def _settle(
    context: MergeContext,
    rule: str,
    name: str,
    copies: Mapping[Role, Scope],
    values: Mapping[Role, Value | None],
    show: Callable[[Any], str] = str,
    default: Role | None = None,
) -> tuple[Role, Value | None]:
    scope = next(iter(copies.values()))
    places = tuple(copy.origin for copy in copies.values())
    return context.settle(rule, name, values, show, scope_id=scope.scope_id, places=places, default=default)


def _state(context: MergeContext, copies: Mapping[Role, Scope]) -> ScopeState:
    """A scope that serves on one server goes on serving, unless a person says otherwise."""
    values = {role: copy.state for role, copy in copies.items()}
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    active = next(role for role, state in values.items() if state is ScopeState.ACTIVE)
    _, chosen = _settle(context, STATE_RULE, "state", copies, dict(values), default=active)
    return chosen or ScopeState.ACTIVE


def _lease_duration(context: MergeContext, copies: Mapping[Role, Scope]) -> timedelta | None:
    values = {role: copy.lease_duration for role, copy in copies.items()}
    said = {value for value in values.values() if value is not None}
    if len(said) <= 1:
        return next(iter(said), None)
    _, chosen = _settle(context, DURATION_RULE, "lease duration", copies, values, format_timespan)
    return chosen


def _superscope(context: MergeContext, copies: Mapping[Role, Scope]) -> str | None:
    values = {role: copy.superscope or None for role, copy in copies.items()}
    if len(set(values.values())) <= 1:
        return next(iter(values.values()))
    _, chosen = _settle(context, SUPERSCOPE_RULE, "superscope", copies, values)
    return chosen
