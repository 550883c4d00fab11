"""What every address of a scope is: on each server today, and in the target.

Decides the content of the page's address maps; drawing them is the page's business. An address is described by one code that
keeps four things apart: the pool it is in, who has it, whether it is reserved, and whether the two servers contradict each
other on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv4Network

import numpy as np
import numpy.typing as npt

from migrate.checks.lease_columns import holds_address, is_declined, rows_by_scope
from migrate.merge.result import LeaseConflictKind, MergeResult, ScopeMerge
from migrate.model.addresses import EMPTY, AddressSet
from migrate.model.leases import LeaseTable, Mask
from migrate.model.scope import Scope
from migrate.model.server import Role
from reports.tables.words import role_heading

Numbers = npt.NDArray[np.int64]
_NO_ADDRESSES: Numbers = np.zeros(0, np.int64)


class Pool(IntEnum):
    OUTSIDE = 0
    """Of the range, though inside the subnet."""
    SERVED = 1
    EXCLUDED = 2


class Holder(IntEnum):
    NOBODY = 0
    LEASED = 1
    DECLINED = 2


HOLDERS, RESERVED, CONFLICT = 3, 9, 18
"""What a code is made of: `pool + HOLDERS * holder + RESERVED * is_reserved + CONFLICT * is_conflict`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapRow:
    """One server, or the target: neighbouring addresses alike are one run. No runs: the scope is not there."""

    heading: str
    lengths: Numbers
    codes: Numbers

    def count(self, *, pool: Pool | None = None, holder: Holder | None = None, is_reserved: bool | None = None) -> int:
        """Addresses that are all that is asked."""
        chosen = np.ones(len(self.codes), np.bool_)
        if pool is not None:
            chosen &= self.codes % HOLDERS == pool
        if holder is not None:
            chosen &= self.codes // HOLDERS % 3 == holder
        if is_reserved is not None:
            chosen &= (self.codes // RESERVED % 2 == 1) == is_reserved
        return int(self.lengths[chosen].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AddressMap:
    """`rows` are the servers as read and the target last; each covers the whole of `network`, if it is there."""

    network: IPv4Network
    rows: tuple[MapRow, ...]


def address_maps(result: MergeResult) -> tuple[AddressMap, ...]:
    """One for each of `result.scopes`, in their order."""
    before = {role: _Holders.of_server(source.leases, result.settings.as_of_s) for role, source in result.sources.items()}
    after = _Holders(
        leased=_by_scope(result.leases.table, np.ones(len(result.leases.table), np.bool_)),
        declined=_united([holders.declined for holders in before.values()]),
    )
    contested = _contested_leases(result)
    undecided = {(decision.rule, decision.scope_id) for decision in result.open_decisions}
    return tuple(_map(result, scope, before, after, contested, undecided) for scope in result.scopes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Holders:
    """Addresses by scope id, sorted."""

    leased: Mapping[IPv4Address, Numbers]
    declined: Mapping[IPv4Address, Numbers]

    @classmethod
    def of_server(cls, table: LeaseTable, as_of_s: int) -> _Holders:
        return cls(leased=_by_scope(table, holds_address(table, as_of_s)), declined=_by_scope(table, is_declined(table)))


def _by_scope(table: LeaseTable, mask: Mask) -> dict[IPv4Address, Numbers]:
    return {scope_id: np.unique(table.address[rows]).astype(np.int64) for scope_id, rows in rows_by_scope(table, mask)}


def _united(parts: Sequence[Mapping[IPv4Address, Numbers]]) -> dict[IPv4Address, Numbers]:
    scopes = sorted({scope_id for part in parts for scope_id in part})
    return {s: np.unique(np.concatenate([part.get(s, _NO_ADDRESSES) for part in parts])) for s in scopes}


def _contested_leases(result: MergeResult) -> dict[IPv4Address, AddressSet]:
    """Addresses that two clients claim: by two leases, or by a lease and a reservation."""
    found: dict[IPv4Address, list[IPv4Address]] = {}
    for conflict in result.lease_conflicts:
        if conflict.kind is not LeaseConflictKind.TWO_ADDRESSES:
            address = int(result.sources[conflict.loser_source].leases.address[conflict.loser])
            found.setdefault(conflict.scope_id, []).append(IPv4Address(address))
    return {scope_id: AddressSet.of_addresses(addresses) for scope_id, addresses in found.items()}


def _contested_reservations(copies: Mapping[Role, Scope]) -> AddressSet:
    """Addresses that the servers reserve for different clients, and those of a client for which each reserves another."""
    if len(copies) < 2:
        return EMPTY
    primary, secondary = ({r.ip_address: r.client_id for r in copy.reservations} for copy in copies.values())
    known = {client: address for address, client in secondary.items()}
    found = [address for address, client in primary.items() if secondary.get(address, client) != client]
    for address, client in primary.items():
        if known.get(client, address) != address:
            found += [address, known[client]]
    return AddressSet.of_addresses(found)


def _map(
    result: MergeResult,
    scope: ScopeMerge,
    before: Mapping[Role, _Holders],
    after: _Holders,
    contested: Mapping[IPv4Address, AddressSet],
    undecided: Set[tuple[str, IPv4Address | None]],
) -> AddressMap:
    network = _network(scope)
    copies = dict(scope.copies)
    by_rule = {"overlapping-pools": scope.overlap, "reservation-conflict": _contested_reservations(copies)}
    open_conflicts = EMPTY
    conflicts = contested.get(scope.scope_id, EMPTY)
    for rule, addresses in by_rule.items():
        conflicts |= addresses
        open_conflicts |= addresses if (rule, scope.scope_id) in undecided else EMPTY
    rows = [_row(role_heading(result, role), copies.get(role), before[role], conflicts, network) for role in result.sources]
    rows.append(_row("target", scope.target, after, open_conflicts, network))
    return AddressMap(network=network, rows=tuple(rows))


def _network(scope: ScopeMerge) -> IPv4Network:
    """The widest that any copy gives the scope."""
    copies = [copy for _, copy in scope.copies] + ([scope.target] if scope.target else [])
    return min((copy.network for copy in copies), key=lambda network: network.prefixlen)


def _row(heading: str, scope: Scope | None, holders: _Holders, conflicts: AddressSet, network: IPv4Network) -> MapRow:
    if scope is None:
        return MapRow(heading=heading, lengths=_NO_ADDRESSES, codes=_NO_ADDRESSES)
    first, stop = int(network.network_address), int(network.broadcast_address) + 1
    parts = list(_parts(scope, holders, conflicts))
    edges = np.concatenate([np.array([first], np.int64), *(edge for _, *bounds in parts for edge in bounds)])
    edges = np.unique(edges[(edges >= first) & (edges < stop)])
    codes = np.zeros(len(edges), np.int64)
    for weight, starts, stops in parts:
        inside = np.searchsorted(starts, edges, side="right") - np.searchsorted(stops, edges, side="right")
        codes += weight * inside
    changes = np.concatenate(([True], codes[1:] != codes[:-1]))
    edges = edges[changes]
    return MapRow(heading=heading, lengths=np.diff(edges, append=stop), codes=codes[changes])


def _parts(scope: Scope, holders: _Holders, conflicts: AddressSet) -> Iterator[tuple[int, Numbers, Numbers]]:
    """Weight in the code, and sorted starts and stops of the addresses that have it. An address that one client leased and
    another declined counts as leased."""
    leased = holders.leased.get(scope.scope_id, _NO_ADDRESSES)
    declined = holders.declined.get(scope.scope_id, _NO_ADDRESSES)
    if len(declined):
        declined = np.setdiff1d(declined, leased)
    yield Pool.SERVED, *_bounds(scope.serves)
    yield Pool.EXCLUDED, *_bounds(scope.range_set - scope.serves)
    yield HOLDERS * Holder.LEASED, leased, leased + 1
    yield HOLDERS * Holder.DECLINED, declined, declined + 1
    yield RESERVED, *_bounds(AddressSet.of_addresses(reservation.ip_address for reservation in scope.reservations))
    yield CONFLICT, *_bounds(conflicts)


def _bounds(addresses: AddressSet) -> tuple[Numbers, Numbers]:
    spans = np.array(addresses.spans, np.int64).reshape(-1, 2)
    return spans[:, 0], spans[:, 1]
