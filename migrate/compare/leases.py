"""What became of every planned lease, by fresh lease lists of one or both partners; and what is new there.

Leases move on: clients renew, leave, come back. A lease is lost only when it should still run at the instant of the fresh lists
and nobody there has it for its client. Works on columns throughout; rows are looked at one by one only where something is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

import numpy as np
import numpy.typing as npt

from migrate.model.leases import Indices, Lease, LeaseState, LeaseTable, Mask, PackedColumn
from migrate.model.server import Role, Server

RESERVED_STATES = (LeaseState.ACTIVE_RESERVATION, LeaseState.INACTIVE_RESERVATION)


class LeaseOutcome(IntEnum):
    UNCHANGED = 0
    """The client has it, to the same end."""
    MOVED_ON = 1
    """The client has it to another end: renewed, or cut to the MCLT by the first renewal after failover began."""
    ENDED = 2
    """Its time ran out, and nobody renewed it."""
    RELEASED = 3
    """A record of the client is left that is no longer in use, before its planned end."""
    ONE_SIDED = 4
    """The client has it on one partner, the other does not know of it."""
    LOST = 5
    """It should still run, and no partner has it for its client."""

    @property
    def word(self) -> str:
        return self.name.lower().replace("_", " ")

    @property
    def is_wrong(self) -> bool:
        return self >= LeaseOutcome.ONE_SIDED


class Standing(IntEnum):
    """How one partner has a planned lease."""

    ABSENT = 0
    OTHER = 1
    """The address is in use by another client, or declined."""
    OVER = 2
    """A record of this client that is not in use."""
    HELD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshLeases:
    """The leases of one partner as a fresh export shows them."""

    table: LeaseTable
    server: Server
    """Whose reservations hold their addresses whether or not a record of a lease is listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostLease:
    """One planned lease that is wrong, and who has its address now on each partner (None: nobody)."""

    lease: Lease
    outcome: LeaseOutcome
    holders: Mapping[Role, Lease | None]
    now_at: IPv4Address | None = None
    """Another address of the scope that the client has in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One address that the partners have in use for two different clients."""

    ip_address: IPv4Address
    scope_id: IPv4Address
    leases: Mapping[Role, Lease]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeaseComparison:
    outcome: npt.NDArray[np.uint8]
    """A LeaseOutcome for each planned lease, in the order of the plan."""
    wrong: tuple[LostLease, ...]
    """In the order of addresses, at most as many as were asked for."""
    contested: tuple[Contest, ...]
    """In the order of addresses, at most as many as were asked for."""
    contested_count: int
    new: int
    """Leases in use that were not planned: of other addresses, or of other clients."""
    new_on_one_side: int
    """How many of them one partner alone lists. Not wrong by itself: the two lists are not of one instant."""

    def counts(self) -> dict[LeaseOutcome, int]:
        numbers = np.bincount(self.outcome, minlength=len(LeaseOutcome)).tolist()
        return {outcome: numbers[outcome] for outcome in LeaseOutcome}

    @property
    def wrong_count(self) -> int:
        return sum(number for outcome, number in self.counts().items() if outcome.is_wrong) + self.contested_count


def compare_leases(
    planned: LeaseTable, fresh: Mapping[Role, FreshLeases], as_of_s: int, *, most_shown: int = 1000
) -> LeaseComparison:
    """`fresh` has one partner or both. Of each wrong thing, `most_shown` are looked up in full; all are counted."""
    sides = {role: _Side.of(leases, as_of_s) for role, leases in fresh.items()}
    matches = {role: _match(planned, side) for role, side in sides.items()}
    outcome = _outcomes(planned, matches, sides, as_of_s)
    contested = _contested(sides)
    new, new_on_one_side = _new(planned, sides)
    return LeaseComparison(
        outcome=outcome,
        wrong=_wrong(planned, outcome, matches, sides, most_shown),
        contested=tuple(_contest(sides, address, rows) for address, rows in contested[:most_shown]),
        contested_count=len(contested),
        new=new,
        new_on_one_side=new_on_one_side,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One partner's records, one an address: the one in use, or else the one that ends last."""

    table: LeaseTable
    rows: Indices
    """Into `table`, in the order of addresses."""
    address: npt.NDArray[np.uint32]
    in_use: Mask
    reserved_address: npt.NDArray[np.uint32]
    reserved_client: PackedColumn

    @classmethod
    def of(cls, fresh: FreshLeases, as_of_s: int) -> _Side:
        table = fresh.table
        in_use = _is_in_use(table, as_of_s)
        order = np.lexsort((-table.expiry_s, ~in_use, table.address))
        address = table.address[order]
        first = np.ones(len(order), np.bool_)
        first[1:] = address[1:] != address[:-1]
        rows = order[first]
        reservations = sorted((int(r.ip_address), r.client_id.octets) for scope in fresh.server.scopes for r in scope.reservations)
        return cls(
            table=table,
            rows=rows,
            address=table.address[rows],
            in_use=in_use[rows],
            reserved_address=np.array([number for number, _ in reservations], np.uint32),
            reserved_client=PackedColumn.of_values([octets for _, octets in reservations]),
        )


def _is_in_use(table: LeaseTable, as_of_s: int) -> Mask:
    """A reservation in use has no end; an offer is no lease yet."""
    active = (table.state == LeaseState.ACTIVE) & (table.expiry_s > as_of_s)
    in_use: Mask = active | (table.state == LeaseState.ACTIVE_RESERVATION)
    return in_use


def _find(sorted_addresses: npt.NDArray[np.uint32], addresses: npt.NDArray[np.uint32]) -> tuple[Mask, Indices]:
    """Which addresses are listed, and where (0 where they are not)."""
    if not len(sorted_addresses):
        return np.zeros(len(addresses), np.bool_), np.zeros(len(addresses), np.intp)
    position = np.minimum(np.searchsorted(sorted_addresses, addresses), len(sorted_addresses) - 1)
    found = sorted_addresses[position] == addresses
    return found, np.where(found, position, 0)


def _same_octets(ours: PackedColumn, our_rows: Indices, theirs: PackedColumn, their_rows: Indices) -> Mask:
    """Which of the paired rows are equal: by length, then octet by octet."""
    lengths = ours.lengths[our_rows]
    same: Mask = lengths == theirs.lengths[their_rows]
    open_pairs = np.flatnonzero(same)
    position = 0
    while len(open_pairs := open_pairs[lengths[open_pairs] > position]):
        differs = (
            ours.data[ours.starts[our_rows[open_pairs]] + position] != theirs.data[theirs.starts[their_rows[open_pairs]] + position]
        )
        same[open_pairs[differs]] = False
        open_pairs = open_pairs[~differs]
        position += 1
    return same


@dataclass(frozen=True, slots=True, eq=False)
class _Match:
    """For each planned lease: how a partner has it, and the row of the partner's table at its address (-1: none)."""

    standing: npt.NDArray[np.uint8]
    row: Indices


def _match(planned: LeaseTable, side: _Side) -> _Match:
    listed, position = _find(side.address, planned.address)
    at = np.flatnonzero(listed)
    row = np.full(len(planned), -1, np.intp)
    row[at] = side.rows[position[at]]
    same = np.zeros(len(planned), np.bool_)
    same[at] = _same_octets(planned.client_id, at, side.table.client_id, row[at])
    in_use = np.zeros(len(planned), np.bool_)
    in_use[at] = side.in_use[position[at]]
    state = np.full(len(planned), 255, np.uint8)
    state[at] = side.table.state[row[at]]
    occupied = in_use | (state == LeaseState.DECLINED)
    standing = np.full(len(planned), Standing.ABSENT, np.uint8)
    standing[listed & ~same & occupied] = Standing.OTHER
    standing[same] = Standing.OVER
    standing[same & (in_use | np.isin(state, RESERVED_STATES))] = Standing.HELD
    standing[_is_reserved_for(planned, side) & (standing != Standing.OTHER)] = Standing.HELD
    return _Match(standing, row)


def _is_reserved_for(planned: LeaseTable, side: _Side) -> Mask:
    listed, position = _find(side.reserved_address, planned.address)
    at = np.flatnonzero(listed)
    listed[at] = _same_octets(planned.client_id, at, side.reserved_client, position[at])
    return listed


def _outcomes(
    planned: LeaseTable, matches: Mapping[Role, _Match], sides: Mapping[Role, _Side], as_of_s: int
) -> npt.NDArray[np.uint8]:
    standings = np.stack([match.standing for match in matches.values()])
    held = standings == Standing.HELD
    over = (planned.state == LeaseState.OFFERED) | (
        (planned.expiry_s <= as_of_s) & (planned.state != LeaseState.ACTIVE_RESERVATION)
    )
    unchanged = np.zeros(len(planned), np.bool_)
    for role, match in matches.items():
        listed = np.flatnonzero(match.row >= 0)
        unchanged[listed] |= sides[role].table.expiry_s[match.row[listed]] == planned.expiry_s[listed]
        unchanged |= (match.row < 0) & (match.standing == Standing.HELD)
    outcome = np.full(len(planned), LeaseOutcome.LOST, np.uint8)
    for rows, value in (
        ((standings == Standing.OVER).any(axis=0), LeaseOutcome.RELEASED),
        (over, LeaseOutcome.ENDED),
        (held.any(axis=0), LeaseOutcome.ONE_SIDED),
        (held.all(axis=0), LeaseOutcome.MOVED_ON),
        (held.all(axis=0) & unchanged, LeaseOutcome.UNCHANGED),
    ):
        outcome[rows] = value
    return outcome


def _wrong(
    planned: LeaseTable,
    outcome: npt.NDArray[np.uint8],
    matches: Mapping[Role, _Match],
    sides: Mapping[Role, _Side],
    most_shown: int,
) -> tuple[LostLease, ...]:
    rows = np.flatnonzero(outcome >= LeaseOutcome.ONE_SIDED)
    rows = rows[np.argsort(planned.address[rows], kind="stable")][:most_shown]
    moved = _addresses_in_use(sides.values(), {planned.client_id[row] for row in rows.tolist()})
    wrong = []
    for row in rows.tolist():
        lease = planned.row(row)
        wrong.append(
            LostLease(
                lease=lease,
                outcome=LeaseOutcome(int(outcome[row])),
                holders={role: _holder(sides[role], match, row) for role, match in matches.items()},
                now_at=moved.get((int(lease.scope_id), lease.client_id.octets)) if outcome[row] == LeaseOutcome.LOST else None,
            )
        )
    return tuple(wrong)


def _holder(side: _Side, match: _Match, row: int) -> Lease | None:
    return side.table.row(int(match.row[row])) if match.row[row] >= 0 else None


def _addresses_in_use(sides: Iterable[_Side], clients: set[bytes]) -> dict[tuple[int, bytes], IPv4Address]:
    """Where these clients are now, by scope id and client; the lowest address where there are several."""
    found: dict[tuple[int, bytes], IPv4Address] = {}
    for side in sides if clients else ():
        rows = side.rows[side.in_use]
        scope_ids, addresses = side.table.scope_id[rows], side.table.address[rows]
        for position, client in enumerate(side.table.client_id.take(rows).values()):
            if client in clients:
                found.setdefault((int(scope_ids[position]), client), IPv4Address(int(addresses[position])))
    return found


def _contested(sides: Mapping[Role, _Side]) -> list[tuple[int, dict[Role, int]]]:
    """Addresses in use for different clients, with the row of each partner."""
    if len(sides) < 2:
        return []
    (role, side), (other_role, other) = sides.items()
    listed, position = _find(other.address, side.address)
    at = np.flatnonzero(listed & side.in_use)
    at = at[other.in_use[position[at]]]
    rows, other_rows = side.rows[at], other.rows[position[at]]
    differs = np.flatnonzero(~_same_octets(side.table.client_id, rows, other.table.client_id, other_rows))
    return [
        (int(side.address[at[index]]), {role: int(rows[index]), other_role: int(other_rows[index])}) for index in differs.tolist()
    ]


def _contest(sides: Mapping[Role, _Side], address: int, rows: Mapping[Role, int]) -> Contest:
    leases = {role: sides[role].table.row(row) for role, row in rows.items()}
    scope_id = next(iter(leases.values())).scope_id
    return Contest(ip_address=IPv4Address(address), scope_id=scope_id, leases=leases)


def _new(planned: LeaseTable, sides: Mapping[Role, _Side]) -> tuple[int, int]:
    """Unplanned leases in use: all, each once, and those that one partner alone lists."""
    order = np.argsort(planned.address, kind="stable")
    addresses = planned.address[order]
    unplanned = {}
    for role, side in sides.items():
        at = np.flatnonzero(side.in_use)
        listed, position = _find(addresses, side.address[at])
        pairs = np.flatnonzero(listed)
        listed[pairs] = _same_octets(side.table.client_id, side.rows[at[pairs]], planned.client_id, order[position[pairs]])
        unplanned[role] = at[~listed]
    if len(sides) < 2:
        return sum(map(len, unplanned.values())), 0
    (role, side), (other_role, other) = sides.items()
    mine, theirs = unplanned[role], unplanned[other_role]
    listed, position = _find(other.address[theirs], side.address[mine])
    pairs = np.flatnonzero(listed)
    both = _same_octets(side.table.client_id, side.rows[mine[pairs]], other.table.client_id, other.rows[theirs[position[pairs]]])
    on_both = int(np.count_nonzero(both))
    return len(mine) + len(theirs) - on_both, len(mine) + len(theirs) - 2 * on_both
