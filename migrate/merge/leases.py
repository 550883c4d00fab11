"""Leases of both servers into one list: one client an address, one address a client and scope (design.md section 5, rule 5).

Works on columns throughout; only the rows of a conflict are looked at one by one. The candidates of both sources stand behind
one another, the primary's first, and `_Candidates.row` leads back to the row of the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from migrate.merge.context import MergeContext
from migrate.merge.result import LeaseConflict, LeaseConflictKind, LeaseSource, MergedLeases
from migrate.model.addresses import AddressSet
from migrate.model.client_id import ClientId
from migrate.model.lease_clients import ClientKeys, Keys
from migrate.model.lease_text import utc_text
from migrate.model.leases import Indices, LeaseState, LeaseTable, Mask, WordColumn
from migrate.model.ledger import DISPOSITIONS, Disposition, LeaseFates
from migrate.model.origin import Origin
from migrate.model.scope import Scope
from migrate.model.server import Role

CONFLICT_RULE = "lease-conflict"
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Spreads a scope id over 64 bits, so that it can be mixed into a client's number to find candidates for equal pairs."""
ROLES = (Role.PRIMARY, Role.SECONDARY)


class Fate(NamedTuple):
    disposition: Disposition
    reason: str


KEPT = Fate(Disposition.KEPT, "carried over")
JOINED = Fate(Disposition.JOINED, "the same client holds the address on both servers; the later lease stands")
SAME_LEASE = Fate(Disposition.JOINED, "listed more than once for the same client; the later lease stands")
RESERVATION_RECORD = Fate(Disposition.JOINED, "the reservation itself: not in use, carried as a reservation")
NO_SCOPE = Fate(Disposition.DROPPED, "its scope is not migrated")
OUTSIDE = Fate(Disposition.DROPPED, "lies outside the subnet of its scope")
DECLINED = Fate(Disposition.DROPPED, "declined (BAD_ADDRESS): listed, not carried")
EXPIRED = Fate(Disposition.DROPPED, "expired: listed, not carried")
NO_RESERVATION = Fate(Disposition.DROPPED, "record of a reservation that the target does not have")
RESERVED = Fate(Disposition.DROPPED, "the address is reserved for another client")
OTHER_CLIENT = Fate(Disposition.DROPPED, "another client holds the address: the better lease stands")
OTHER_ADDRESS = Fate(Disposition.DROPPED, "the client holds another address of the scope: the later lease stands")
FATES = (
    KEPT,
    JOINED,
    SAME_LEASE,
    RESERVATION_RECORD,
    NO_SCOPE,
    OUTSIDE,
    DECLINED,
    EXPIRED,
    NO_RESERVATION,
    RESERVED,
    OTHER_CLIENT,
    OTHER_ADDRESS,
)
_CODE = {fate: code for code, fate in enumerate(FATES)}
_UNDECIDED = len(FATES)


@dataclass(frozen=True, slots=True)
class LeaseOutcome:
    leases: MergedLeases
    fates: Mapping[Role, LeaseFates]
    conflicts: tuple[LeaseConflict, ...]
    leased: Mapping[IPv4Address, int]
    """Carried leases by scope id."""


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The leases of all sources behind one another. `fate` is a code of FATES, written as the merge goes on."""

    role: npt.NDArray[np.uint8]
    row: Indices
    scope_id: npt.NDArray[np.uint32]
    address: npt.NDArray[np.uint32]
    client: Keys
    expiry_s: npt.NDArray[np.int64]
    state: npt.NDArray[np.uint8]
    serves: Mask
    """The source's own copy of the scope hands this address out."""
    fate: npt.NDArray[np.uint8]


def merge_leases(
    context: MergeContext,
    targets: tuple[Scope, ...],
    copies: Mapping[Role, tuple[Scope, ...]],
    overlap_winners: Mapping[IPv4Address, Role],
) -> LeaseOutcome:
    """`targets` and `copies` are the merged scopes and the copies they came from, sorted by scope id; `overlap_winners` says whose
    lease stands by default where the pools of a scope overlapped."""
    tables = {role: source.leases for role, source in context.sources.items()}
    keys = ClientKeys()
    candidates = _gather(tables, keys, copies)
    reservations = _Reservations.of(targets, keys)
    _sort_out(candidates, targets, reservations, context.settings.as_of_s)
    conflicts = _drop_reserved(candidates, reservations)
    conflicts += _one_client_an_address(context, candidates, tables, overlap_winners)
    conflicts += _one_address_a_client(candidates, reservations)
    kept = np.flatnonzero(candidates.fate == _UNDECIDED)
    kept = kept[np.argsort(candidates.address[kept], kind="stable")]  # in the order of scopes too, for no two scopes overlap
    candidates.fate[kept] = _CODE[KEPT]
    merged = _merged(candidates, tables, kept, reservations)
    scope_ids, counts = np.unique(candidates.scope_id[kept], return_counts=True)
    return LeaseOutcome(
        leases=merged,
        fates=_fates(candidates, tables),
        conflicts=tuple(sorted(conflicts, key=lambda c: (int(c.scope_id), c.kind, c.loser_source, c.loser))),
        leased={IPv4Address(scope_id): count for scope_id, count in zip(scope_ids.tolist(), counts.tolist(), strict=True)},
    )


def _gather(tables: Mapping[Role, LeaseTable], keys: ClientKeys, copies: Mapping[Role, tuple[Scope, ...]]) -> _Candidates:
    columns = [(ROLES.index(role), table) for role, table in tables.items()]
    address = np.concatenate([table.address for _, table in columns])
    return _Candidates(
        role=np.concatenate([np.full(len(table), number, np.uint8) for number, table in columns]),
        row=np.concatenate([np.arange(len(table), dtype=np.intp) for _, table in columns]),
        scope_id=np.concatenate([table.scope_id for _, table in columns]),
        address=address,
        client=np.concatenate([keys.of_column(table.client_id) for _, table in columns]),
        expiry_s=np.concatenate([table.expiry_s for _, table in columns]),
        state=np.concatenate([table.state for _, table in columns]),
        serves=np.concatenate([_inside(table.address, [scope.serves for scope in copies[role]]) for role, table in tables.items()]),
        fate=np.full(len(address), _UNDECIDED, np.uint8),
    )


def _inside(addresses: npt.NDArray[np.uint32], sets: list[AddressSet]) -> Mask:
    """Which addresses lie in the union of the sets."""
    spans = AddressSet.of_spans(span for one in sets for span in one.spans).spans
    edges = np.array([edge for span in spans for edge in span], np.int64)
    inside: Mask = np.searchsorted(edges, addresses.astype(np.int64), side="right") % 2 == 1
    return inside


@dataclass(frozen=True, slots=True)
class _Reservations:
    """The reservations of the target, sorted by address."""

    address: npt.NDArray[np.uint32]
    client: Keys
    ids: tuple[ClientId, ...]

    @classmethod
    def of(cls, targets: tuple[Scope, ...], keys: ClientKeys) -> _Reservations:
        found = sorted((r.ip_address, r.client_id) for scope in targets for r in scope.reservations)
        return cls(
            address=np.array([int(address) for address, _ in found], np.uint32),
            client=np.array([keys.of_octets(client.octets) for _, client in found], np.uint64),
            ids=tuple(client for _, client in found),
        )

    def find(self, addresses: npt.NDArray[np.uint32]) -> tuple[Mask, Indices]:
        """Which addresses are reserved, and by which reservation (0 where by none)."""
        if not len(self.address):
            return np.zeros(len(addresses), np.bool_), np.zeros(len(addresses), np.intp)
        index = np.minimum(np.searchsorted(self.address, addresses), len(self.address) - 1)
        return self.address[index] == addresses, index

    def holds(self, addresses: npt.NDArray[np.uint32], clients: Keys) -> Mask:
        """Which addresses are reserved for just that client."""
        reserved, index = self.find(addresses)
        return reserved & (self.client[index] == clients) if len(self.client) else reserved


def _sort_out(candidates: _Candidates, targets: tuple[Scope, ...], reservations: _Reservations, as_of_s: int) -> None:
    """Decide the rows that no partner is needed for; the first reason that fits stands."""
    state = candidates.state
    own = reservations.holds(candidates.address, candidates.client)
    scope_ids = np.array([int(scope.scope_id) for scope in targets], np.uint32)
    last_addresses = np.array([int(scope.network.broadcast_address) for scope in targets], np.uint32)
    index = np.searchsorted(scope_ids, candidates.scope_id).clip(max=max(0, len(targets) - 1))
    migrated = scope_ids[index] == candidates.scope_id if len(targets) else np.zeros(len(state), np.bool_)
    in_subnet = migrated & (candidates.address >= candidates.scope_id)
    in_subnet[migrated] &= candidates.address[migrated] <= last_addresses[index[migrated]]
    idle = (state == LeaseState.INACTIVE_RESERVATION) | ((state == LeaseState.INACTIVE) & own)
    over = (state == LeaseState.EXPIRED) | (state == LeaseState.INACTIVE) | (candidates.expiry_s <= as_of_s)
    reserved, _ = reservations.find(candidates.address)
    in_use = state == LeaseState.ACTIVE_RESERVATION
    for rows, fate in (
        (~migrated, NO_SCOPE),
        (state == LeaseState.DECLINED, DECLINED),
        (~in_subnet, OUTSIDE),
        (idle & own, RESERVATION_RECORD),
        (idle | (in_use & ~reserved), NO_RESERVATION),
        (over & ~in_use, EXPIRED),
    ):
        candidates.fate[rows & (candidates.fate == _UNDECIDED)] = _CODE[fate]


def _drop_reserved(candidates: _Candidates, reservations: _Reservations) -> list[LeaseConflict]:
    reserved, index = reservations.find(candidates.address)
    foreign = reserved & ~reservations.holds(candidates.address, candidates.client) & (candidates.fate == _UNDECIDED)
    conflicts = []
    for row in np.flatnonzero(foreign).tolist():
        candidates.fate[row] = _CODE[RESERVED]
        owner = reservations.ids[int(index[row])]
        conflicts.append(_conflict(LeaseConflictKind.RESERVED_FOR_OTHER, candidates, row, None, reserved_client=str(owner)))
    return conflicts


def _rank(candidates: _Candidates, rows: Indices) -> npt.NDArray[np.uint8]:
    """0 for a lease in use, 1 for an offer: active beats offered."""
    offered: npt.NDArray[np.uint8] = (candidates.state[rows] == LeaseState.OFFERED).astype(np.uint8)
    return offered


def _best_first(candidates: _Candidates, rows: Indices, group: tuple[npt.NDArray[np.generic], ...]) -> Indices:
    """The rows sorted by group and then from best to worst: in use, later expiry, from the server that serves the
    address; then the lower address, and last the primary's."""
    order = np.lexsort(
        (
            candidates.row[rows],
            candidates.role[rows],
            candidates.address[rows],
            ~candidates.serves[rows],
            -candidates.expiry_s[rows],
            _rank(candidates, rows),
            *reversed(group),
        )
    )
    ordered: Indices = rows[order]
    return ordered


def _shared(values: npt.NDArray[np.unsignedinteger[Any]]) -> Mask:
    """Which values occur more than once. Mostly few or none do, so they are found before anything is put in order."""
    ordered = np.sort(values)
    several = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(several):
        return np.zeros(len(values), np.bool_)
    found = np.minimum(np.searchsorted(several, values), len(several) - 1)
    shared: Mask = several[found] == values
    return shared


def _groups(*columns: npt.NDArray[np.unsignedinteger[Any]]) -> tuple[Indices, Indices]:
    """Where each run of equal values begins, and where it is over."""
    count = len(columns[0])
    if not count:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    change = np.zeros(count - 1, np.bool_)
    for column in columns:
        change |= column[1:] != column[:-1]
    starts = np.concatenate(([0], np.flatnonzero(change) + 1))
    return starts, np.concatenate((starts[1:], [count]))


def _one_client_an_address(
    context: MergeContext,
    candidates: _Candidates,
    tables: Mapping[Role, LeaseTable],
    overlap_winners: Mapping[IPv4Address, Role],
) -> list[LeaseConflict]:
    rows = np.flatnonzero(candidates.fate == _UNDECIDED)
    rows = rows[_shared(candidates.address[rows])]
    rows = _best_first(candidates, rows, (candidates.address[rows],))
    starts, stops = _groups(candidates.address[rows])
    best = np.repeat(rows[starts], stops - starts)
    same = (candidates.client[rows] == candidates.client[best]) & (rows != best)
    other_source = candidates.role[rows] != candidates.role[best]
    candidates.fate[rows[same & other_source]] = _CODE[JOINED]
    candidates.fate[rows[same & ~other_source]] = _CODE[SAME_LEASE]
    contested = np.unique(best[candidates.client[rows] != candidates.client[best]])
    conflicts: list[LeaseConflict] = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True) if len(contested) else ():
        if rows[start] in contested:
            group = [row for row in rows[start:stop].tolist() if candidates.fate[row] == _UNDECIDED]
            conflicts += _settle_address(context, candidates, tables, group, overlap_winners)
    return conflicts


def _settle_address(
    context: MergeContext,
    candidates: _Candidates,
    tables: Mapping[Role, LeaseTable],
    group: list[int],
    overlap_winners: Mapping[IPv4Address, Role],
) -> list[LeaseConflict]:
    """Several clients on one address, best first. Only where both servers have one in use is there something to decide."""
    winner = group[0]
    rivals = {ROLES[int(candidates.role[row])]: row for row in reversed(group) if candidates.state[row] != LeaseState.OFFERED}
    if len(rivals) == 2 and len({int(candidates.client[row]) for row in rivals.values()}) == 2:
        winner = rivals[_decide_address(context, candidates, tables, rivals, winner, overlap_winners)]
    conflicts = []
    for row in group:
        if row == winner:
            continue
        if candidates.client[row] == candidates.client[winner]:
            candidates.fate[row] = _CODE[JOINED if candidates.role[row] != candidates.role[winner] else SAME_LEASE]
            continue
        candidates.fate[row] = _CODE[OTHER_CLIENT]
        conflicts.append(_conflict(LeaseConflictKind.TWO_CLIENTS, candidates, row, winner))
    return conflicts


def _decide_address(
    context: MergeContext,
    candidates: _Candidates,
    tables: Mapping[Role, LeaseTable],
    rivals: Mapping[Role, int],
    best: int,
    overlap_winners: Mapping[IPv4Address, Role],
) -> Role:
    scope_id = IPv4Address(int(candidates.scope_id[best]))
    leases = {role: tables[role].row(int(candidates.row[row])) for role, row in rivals.items()}
    shown = {
        role: f"{lease.client_id} {lease.host_name or '(no host name)'} until {utc_text(lease.expiry_s)}"
        for role, lease in leases.items()
    }
    default = overlap_winners.get(scope_id) or next(role for role, row in rivals.items() if row == best)
    chosen = context.docket.prefer(
        CONFLICT_RULE,
        str(leases[default].ip_address),
        shown[Role.PRIMARY],
        shown[Role.SECONDARY],
        default=default,
        evidence="two clients hold this address; by default the lease that ends later stands, and the other client must ask anew",
        scope_id=scope_id,
        places=tuple(Origin(lease.path, lease.line) for lease in leases.values()),
    )
    return chosen or default


def _one_address_a_client(candidates: _Candidates, reservations: _Reservations) -> list[LeaseConflict]:
    """The client's own reservation first, then the later expiry; rows without any client id are nobody's and stay."""
    rows = np.flatnonzero((candidates.fate == _UNDECIDED) & (candidates.client != 0))
    rows = rows[_shared(candidates.client[rows] ^ (candidates.scope_id[rows].astype(np.uint64) * _SPREAD))]
    dynamic = ~reservations.holds(candidates.address[rows], candidates.client[rows])
    rows = _best_first(candidates, rows, (candidates.scope_id[rows], candidates.client[rows], dynamic))
    starts, stops = _groups(candidates.scope_id[rows], candidates.client[rows])
    conflicts = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        for row in rows[start + 1 : stop].tolist():
            candidates.fate[row] = _CODE[OTHER_ADDRESS]
            conflicts.append(_conflict(LeaseConflictKind.TWO_ADDRESSES, candidates, row, int(rows[start])))
    return conflicts


def _conflict(
    kind: LeaseConflictKind, candidates: _Candidates, loser: int, winner: int | None, *, reserved_client: str = ""
) -> LeaseConflict:
    return LeaseConflict(
        kind=kind,
        scope_id=IPv4Address(int(candidates.scope_id[loser])),
        loser_source=ROLES[int(candidates.role[loser])],
        loser=int(candidates.row[loser]),
        winner_source=None if winner is None else ROLES[int(candidates.role[winner])],
        winner=None if winner is None else int(candidates.row[winner]),
        reserved_client=reserved_client,
    )


def _merged(candidates: _Candidates, tables: Mapping[Role, LeaseTable], kept: Indices, reservations: _Reservations) -> MergedLeases:
    table = LeaseTable.concatenate(list(tables.values())).take(kept)
    source = candidates.role[kept].copy()
    joined = np.flatnonzero(candidates.fate == _CODE[JOINED])
    source[np.isin(table.address, candidates.address[joined])] = LeaseSource.BOTH
    reserved = reservations.holds(candidates.address[kept], candidates.client[kept])
    state = np.where(reserved, np.uint8(LeaseState.ACTIVE_RESERVATION), table.state)
    return MergedLeases(table=replace(table, state=state), source=source, reserved=reserved)


def _fates(candidates: _Candidates, tables: Mapping[Role, LeaseTable]) -> dict[Role, LeaseFates]:
    dispositions = np.array([DISPOSITIONS.index(fate.disposition) for fate in FATES], np.uint8)
    reasons = tuple(fate.reason for fate in FATES)
    result = {}
    for role in tables:
        codes = candidates.fate[candidates.role == ROLES.index(role)]
        result[role] = LeaseFates(dispositions[codes], WordColumn(codes.astype(np.uint32), reasons))
    return result
