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

from migrate.model.lease_clients import ClientKeys, Keys
from migrate.model.leases import Indices, Lease, LeaseState, LeaseTable, Mask
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
    keys = ClientKeys()
    clients = keys.of_column(planned.client_id)
    sides = {role: _Side.of(leases, keys, as_of_s) for role, leases in fresh.items()}
    matches = {role: _match(planned, clients, side) for role, side in sides.items()}
    outcome = _outcomes(planned, matches, sides, as_of_s)
    contested = _contested(sides)
    new, new_on_one_side = _new(planned, clients, sides)
    return LeaseComparison(
        outcome=outcome,
        wrong=_wrong(planned, clients, outcome, matches, sides, most_shown),
        contested=tuple(_contest(sides, address, rows) for address, rows in contested[:most_shown]),
        contested_count=len(contested),
        new=new,
        new_on_one_side=new_on_one_side,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One partner's records, one an address: the one in use, or else the one that ends last. In the order of addresses."""

    table: LeaseTable
    row: Indices
    """Of each record in `table`."""
    address: npt.NDArray[np.uint32]
    client: Keys
    in_use: Mask
    reserved_address: npt.NDArray[np.uint32]
    reserved_client: Keys

    @classmethod
    def of(cls, fresh: FreshLeases, keys: ClientKeys, as_of_s: int) -> _Side:
        table = fresh.table
        in_use = _is_in_use(table, as_of_s)
        row = _best_by_address(table, in_use)
        reservations = sorted((int(r.ip_address), r.client_id.octets) for scope in fresh.server.scopes for r in scope.reservations)
        return cls(
            table=table,
            row=row,
            address=table.address[row],
            client=keys.of_column(table.client_id)[row],
            in_use=in_use[row],
            reserved_address=np.array([number for number, _ in reservations], np.uint32),
            reserved_client=np.array([keys.of_octets(octets) for _, octets in reservations], np.uint64),
        )


def _best_by_address(table: LeaseTable, in_use: Mask) -> Indices:
    if np.all(table.address[1:] > table.address[:-1]):  # as an export lists them
        return np.arange(len(table), dtype=np.intp)
    order = np.lexsort((-table.expiry_s, ~in_use, table.address))
    address = table.address[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = address[1:] != address[:-1]
    best: Indices = order[first]
    return best


def _is_in_use(table: LeaseTable, as_of_s: int) -> Mask:
    """A reservation in use has no end; an offer is no lease yet."""
    active = (table.state == LeaseState.ACTIVE) & (table.expiry_s > as_of_s)
    in_use: Mask = active | (table.state == LeaseState.ACTIVE_RESERVATION)
    return in_use


def _find(sorted_addresses: npt.NDArray[np.uint32], addresses: npt.NDArray[np.uint32]) -> tuple[Mask, Indices]:
    """Which addresses are listed, and where: for those that are listed, in their order."""
    if not len(sorted_addresses):
        return np.zeros(len(addresses), np.bool_), np.zeros(0, np.intp)
    position = np.minimum(np.searchsorted(sorted_addresses, addresses), len(sorted_addresses) - 1)
    listed = sorted_addresses[position] == addresses
    return listed, position[listed]


@dataclass(frozen=True, slots=True, eq=False)
class _Match:
    """For each planned lease: how a partner has it, and the row of the partner's table at its address (-1: none)."""

    standing: npt.NDArray[np.uint8]
    row: Indices


def _match(planned: LeaseTable, clients: Keys, side: _Side) -> _Match:
    standing = np.full(len(planned), Standing.ABSENT, np.uint8)
    row = np.full(len(planned), -1, np.intp)
    listed, position = _find(side.address, planned.address)
    row[listed] = side.row[position]
    state = side.table.state[row[listed]]
    same, in_use = side.client[position] == clients[listed], side.in_use[position]
    held = same & (in_use | np.isin(state, RESERVED_STATES))
    taken = ~same & (in_use | (state == LeaseState.DECLINED))
    standing[listed] = np.select([held, same, taken], [Standing.HELD, Standing.OVER, Standing.OTHER], Standing.ABSENT)
    reserved, position = _find(side.reserved_address, planned.address)
    reserved[reserved] = side.reserved_client[position] == clients[reserved]
    standing[reserved & (standing != Standing.OTHER)] = Standing.HELD
    return _Match(standing, row)


def _outcomes(
    planned: LeaseTable, matches: Mapping[Role, _Match], sides: Mapping[Role, _Side], as_of_s: int
) -> npt.NDArray[np.uint8]:
    standings = np.stack([match.standing for match in matches.values()])
    held = standings == Standing.HELD
    has_end = planned.state != LeaseState.ACTIVE_RESERVATION
    over = (planned.state == LeaseState.OFFERED) | (has_end & (planned.expiry_s <= as_of_s))
    outcome = np.full(len(planned), LeaseOutcome.LOST, np.uint8)
    for rows, value in (
        ((standings == Standing.OVER).any(axis=0), LeaseOutcome.RELEASED),
        (over, LeaseOutcome.ENDED),
        (held.any(axis=0), LeaseOutcome.ONE_SIDED),
        (held.all(axis=0), LeaseOutcome.MOVED_ON),
        (held.all(axis=0) & _keeps_its_end(planned, matches, sides), LeaseOutcome.UNCHANGED),
    ):
        outcome[rows] = value
    return outcome


def _keeps_its_end(planned: LeaseTable, matches: Mapping[Role, _Match], sides: Mapping[Role, _Side]) -> Mask:
    """Which leases some partner lists to their planned end, or holds by a reservation alone."""
    keeps = np.zeros(len(planned), np.bool_)
    for role, match in matches.items():
        listed = match.row >= 0
        keeps |= ~listed
        keeps[listed] |= sides[role].table.expiry_s[match.row[listed]] == planned.expiry_s[listed]
    return keeps


# -- what is wrong, row by row --------------------------------------------------------------------------------------------------


def _wrong(
    planned: LeaseTable,
    clients: Keys,
    outcome: npt.NDArray[np.uint8],
    matches: Mapping[Role, _Match],
    sides: Mapping[Role, _Side],
    most_shown: int,
) -> tuple[LostLease, ...]:
    rows = np.flatnonzero(outcome >= LeaseOutcome.ONE_SIDED)
    rows = rows[np.argsort(planned.address[rows], kind="stable")][:most_shown]
    moved = _addresses_in_use(sides.values(), clients[rows[outcome[rows] == LeaseOutcome.LOST]])
    return tuple(
        LostLease(
            lease=planned.row(row),
            outcome=LeaseOutcome(int(outcome[row])),
            holders={role: _holder(sides[role], match, row) for role, match in matches.items()},
            now_at=moved.get((int(planned.scope_id[row]), int(clients[row]))),
        )
        for row in rows.tolist()
    )


def _holder(side: _Side, match: _Match, row: int) -> Lease | None:
    return side.table.row(int(match.row[row])) if match.row[row] >= 0 else None


def _addresses_in_use(sides: Iterable[_Side], clients: Keys) -> dict[tuple[int, int], IPv4Address]:
    """Where these clients are now, by scope id and client; the lowest address where there are several."""
    found: dict[tuple[int, int], IPv4Address] = {}
    for side in sides if len(clients) else ():
        at = np.flatnonzero(side.in_use & np.isin(side.client, clients) & (side.client != 0))
        scope_ids = side.table.scope_id[side.row[at]].tolist()
        for scope_id, client, address in zip(scope_ids, side.client[at].tolist(), side.address[at].tolist(), strict=True):
            place = scope_id, client
            found[place] = min(IPv4Address(address), found.get(place, IPv4Address(address)))
    return found


def _contested(sides: Mapping[Role, _Side]) -> list[tuple[int, dict[Role, int]]]:
    """Addresses in use for different clients, with the row of each partner."""
    if len(sides) < 2:
        return []
    (role, side), (other_role, other) = sides.items()
    listed, position = _find(other.address, side.address)
    at = np.flatnonzero(listed)
    differs = side.in_use[at] & other.in_use[position] & (side.client[at] != other.client[position])
    rows, other_rows = side.row[at[differs]].tolist(), other.row[position[differs]].tolist()
    addresses = side.address[at[differs]].tolist()
    return [
        (address, {role: row, other_role: other_row}) for address, row, other_row in zip(addresses, rows, other_rows, strict=True)
    ]


def _contest(sides: Mapping[Role, _Side], address: int, rows: Mapping[Role, int]) -> Contest:
    leases = {role: sides[role].table.row(row) for role, row in rows.items()}
    scope_id = next(iter(leases.values())).scope_id
    return Contest(ip_address=IPv4Address(address), scope_id=scope_id, leases=leases)


# -- what is new ----------------------------------------------------------------------------------------------------------------


def _new(planned: LeaseTable, clients: Keys, sides: Mapping[Role, _Side]) -> tuple[int, int]:
    """Unplanned leases in use: all, each once, and those that one partner alone lists."""
    order = np.argsort(planned.address, kind="stable")
    unplanned = [_unplanned(planned.address[order], clients[order], side) for side in sides.values()]
    total = sum(len(addresses) for addresses, _ in unplanned)
    if len(unplanned) < 2:
        return total, 0
    (addresses, owners), (other_addresses, other_owners) = unplanned
    listed, position = _find(other_addresses, addresses)
    on_both = int(np.count_nonzero(owners[listed] == other_owners[position]))
    return total - on_both, total - 2 * on_both


def _unplanned(addresses: npt.NDArray[np.uint32], clients: Keys, side: _Side) -> tuple[npt.NDArray[np.uint32], Keys]:
    listed, position = _find(addresses, side.address)
    listed[listed] = clients[position] == side.client[listed]
    unplanned = side.in_use & ~listed
    return side.address[unplanned], side.client[unplanned]
