"""Reservations: the union of both servers, each client and each address once in a scope (design.md section 5, rule 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address

from migrate.merge.book import option_members, reservation_key
from migrate.merge.context import MergeContext
from migrate.model.client_id import ClientId
from migrate.model.ledger import Disposition
from migrate.model.option import OptionValue
from migrate.model.scope import Reservation, Scope
from migrate.model.server import ObjectKind, Role

CONFLICT_RULE = "reservation-conflict"
DIFFERS_RULE = "reservation-differs"
OUTSIDE_RULE = "reservation-outside-range"

Held = tuple[Role, Reservation]
Pair = tuple[IPv4Address, ClientId]


def merge_reservations(context: MergeContext, copies: Mapping[Role, Scope]) -> tuple[Reservation, ...]:
    """The reservations of one scope, sorted by address; no two of them share an address or a client."""
    scope = next(iter(copies.values()))
    held = [(role, reservation) for role, copy in copies.items() for reservation in copy.reservations]
    merged: list[Reservation] = []
    for group in _groups(held):
        merged += _settle_group(context, scope, group)
    merged = [reservation for reservation in merged if _fits(context, copies, reservation, held)]
    _enter(context, scope, held, merged)
    return tuple(sorted(merged, key=lambda r: r.ip_address))


def _groups(held: list[Held]) -> list[list[Held]]:
    """Reservations that share an address or a client, directly or by way of others, in order of first appearance."""
    group_of: dict[IPv4Address | ClientId, int] = {}
    groups: dict[int, list[Held]] = {}
    for number, entry in enumerate(held):
        keys = (entry[1].ip_address, entry[1].client_id)
        touched = sorted({group_of[key] for key in keys if key in group_of})
        members = [member for other in touched for member in groups.pop(other)] + [entry]
        groups[number] = members
        for _, reservation in members:
            group_of[reservation.ip_address] = group_of[reservation.client_id] = number
    return list(groups.values())


def _settle_group(context: MergeContext, scope: Scope, group: list[Held]) -> list[Reservation]:
    by_pair: dict[Pair, list[Held]] = {}
    for role, reservation in group:
        by_pair.setdefault((reservation.ip_address, reservation.client_id), []).append((role, reservation))
    if len(by_pair) == 1:
        return [_join(context, scope, group)]
    winner = Role.PRIMARY
    if len({role for role, _ in group}) == 2:
        winner = _decide_conflict(context, scope, group) or Role.PRIMARY
    ordered = sorted(by_pair.values(), key=lambda entries: all(role is not winner for role, _ in entries))
    chosen: list[Reservation] = []
    for entries in ordered:
        reservation = entries[0][1]
        clash = any(r.ip_address == reservation.ip_address or r.client_id == reservation.client_id for r in chosen)
        if not clash:
            chosen.append(_join(context, scope, entries))
    return chosen


def _decide_conflict(context: MergeContext, scope: Scope, group: list[Held]) -> Role | None:
    ordered = sorted(group, key=lambda entry: (entry[1].ip_address, entry[1].client_id))
    shown = {
        role: "; ".join(f"{r.ip_address} for {r.client_id} ({r.name or 'no name'})" for owner, r in ordered if owner is role)
        for role in Role
    }
    first = min(reservation.ip_address for _, reservation in group)
    one_address = len({reservation.ip_address for _, reservation in group}) == 1
    return context.docket.prefer(
        CONFLICT_RULE,
        str(first),
        shown[Role.PRIMARY],
        shown[Role.SECONDARY],
        default=None,
        evidence="one address is reserved for different clients" if one_address else "one client has different reserved addresses",
        scope_id=scope.scope_id,
        places=tuple(reservation.origin for _, reservation in group),
    )


def _join(context: MergeContext, scope: Scope, entries: list[Held]) -> Reservation:
    """One reservation out of equal or differing ones for the same address and client."""
    values = dict(reversed(entries))
    primary, secondary = values.get(Role.PRIMARY), values.get(Role.SECONDARY)
    if primary is None or secondary is None or primary == secondary:
        return entries[0][1]
    _, chosen = context.settle(
        DIFFERS_RULE,
        str(primary.ip_address),
        {Role.PRIMARY: primary, Role.SECONDARY: secondary},
        _describe,
        scope_id=scope.scope_id,
        places=(primary.origin, secondary.origin),
    )
    return chosen or primary


def _describe(reservation: Reservation) -> str:
    parts = [f"name {reservation.name!r}", f"description {reservation.description!r}", f"type {reservation.type}"]
    parts += [f"{value.label} = {value.text}" for value in _sorted(reservation.option_values)]
    return ", ".join(parts)


def _sorted(values: Iterable[OptionValue]) -> list[OptionValue]:
    return sorted(values, key=lambda value: value.key)


def _fits(context: MergeContext, copies: Mapping[Role, Scope], reservation: Reservation, held: list[Held]) -> bool:
    """Whether the reservation stays: inside the hull of the ranges, or the range is widened for it; never outside the subnet."""
    scope = next(iter(copies.values()))
    if reservation.ip_address not in scope.network:
        return False
    firsts = [copy.range.first for copy in copies.values() if copy.range]
    lasts = [copy.range.last for copy in copies.values() if copy.range]
    if not firsts or min(firsts) <= reservation.ip_address <= max(lasts):
        return True
    owners = " and ".join(context.name(role) for role, r in held if r.ip_address == reservation.ip_address)
    choice = context.docket.decide(
        OUTSIDE_RULE,
        str(reservation.ip_address),
        {"widen": "the range grows to hold it; the addresses in between stay excluded", "drop": "the reservation is left out"},
        default="widen",
        evidence=f"reserved on {owners} for {reservation.client_id} outside the range {min(firsts)} - {max(lasts)}",
        scope_id=scope.scope_id,
        places=(reservation.origin,),
    )
    return choice == "widen"


def _enter(context: MergeContext, scope: Scope, held: list[Held], merged: list[Reservation]) -> None:
    by_address = {reservation.ip_address: reservation for reservation in merged}
    seen: set[Pair] = set()
    for role, reservation in held:
        pair = (reservation.ip_address, reservation.client_id)
        disposition, reason = _fate(reservation, by_address.get(reservation.ip_address), again=pair in seen)
        seen.add(pair)
        key = reservation_key(reservation.ip_address, str(reservation.client_id))
        context.book.enter(
            role, ObjectKind.RESERVATION, key, disposition, reason, scope_id=scope.scope_id, origin=reservation.origin
        )
        options = option_members(reservation.option_values, f"reservation {reservation.ip_address}")
        for kind, option_key, origin in options:
            context.book.enter(role, kind, option_key, disposition, reason, scope_id=scope.scope_id, origin=origin)


def _fate(reservation: Reservation, target: Reservation | None, *, again: bool) -> tuple[Disposition, str]:
    if target is None:
        return Disposition.DROPPED, "its client or address went to another reservation, or it cannot be inside the range"
    if target.client_id != reservation.client_id:
        return Disposition.DROPPED, f"the address is reserved for {target.client_id}, as decided"
    if target != reservation:
        return Disposition.REPLACED, "the partner's reservation for this address and client stands, as decided"
    if again:
        return Disposition.JOINED, "equal on both servers"
    return Disposition.KEPT, "stands on both partners after the migration"
