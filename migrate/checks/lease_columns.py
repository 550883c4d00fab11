"""Questions about leases, answered on whole columns: a server may hold a million of them.

Rows are named by indices into a source's LeaseTable. Scope and address of a row make one 64-bit key, so that the pools of all
scopes are searched at once and a lease filed under a foreign scope is not mistaken for one of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address

import numpy as np
import numpy.typing as npt

from migrate.checks.wording import EXAMPLES
from migrate.merge.result import LeaseSource, MergeResult
from migrate.model.addresses import AddressSet
from migrate.model.client_id import ClientId
from migrate.model.leases import Indices, Lease, LeaseState, LeaseTable, Mask
from migrate.model.origin import Origin

Keys = npt.NDArray[np.uint64]
ScopeClient = tuple[IPv4Address, ClientId]

NO_ROWS: Indices = np.zeros(0, np.intp)

_HOLDING = (LeaseState.ACTIVE, LeaseState.OFFERED, LeaseState.ACTIVE_RESERVATION)

HARDWARE_TYPE = b"\x01"
"""Ethernet, before a MAC address in a client identifier (RFC 2132 section 9.14)."""
_MAC_LENGTH = 6
_GREATEST_KEY = (1 << 64) - 1


def lease_keys(table: LeaseTable) -> Keys:
    return (table.scope_id.astype(np.uint64) << np.uint64(32)) | table.address.astype(np.uint64)


def holds_address(table: LeaseTable, as_of_s: int) -> Mask:
    """Rows whose client may use the address at that instant; a lease that expires right then is over."""
    return np.isin(table.state, _HOLDING) & (table.expiry_s > as_of_s)


def inactive_reservations(table: LeaseTable, reserved: Iterable[IPv4Address]) -> Indices:
    """Rows of reservations without a client: by their state, or inactive on an address that is reserved."""
    addresses = np.array([int(address) for address in reserved], np.uint32)
    inactive = (table.state == LeaseState.INACTIVE) & np.isin(table.address, addresses)
    return np.flatnonzero(inactive | (table.state == LeaseState.INACTIVE_RESERVATION))


def is_declined(table: LeaseTable) -> Mask:
    declined: Mask = table.state == LeaseState.DECLINED
    return declined


class ScopedAddresses:
    """Address sets of many scopes as one sorted list of half-open key spans."""

    def __init__(self, pools: Iterable[tuple[IPv4Address, AddressSet]]) -> None:
        spans = sorted((_key(scope_id, start), _key(scope_id, stop)) for scope_id, pool in pools for start, stop in pool.spans)
        self._starts = np.array([start for start, _ in spans], np.uint64)
        self._stops = np.array([stop for _, stop in spans], np.uint64)

    def holds(self, keys: Keys) -> Mask:
        if not len(self._starts):
            return np.zeros(len(keys), np.bool_)
        span = np.searchsorted(self._starts, keys, side="right") - 1
        return (span >= 0) & (keys < self._stops[np.maximum(span, 0)])


@dataclass(frozen=True, slots=True, eq=False)
class TakenAddresses:
    """Addresses that somebody has, scope by scope."""

    keys: Keys
    """Sorted, without duplicates."""

    def count(self, scope_id: IPv4Address, pool: AddressSet) -> int:
        """How many of the addresses of `pool` are taken."""
        bounds = np.array([[_key(scope_id, start), _key(scope_id, stop)] for start, stop in pool.spans], np.uint64)
        if not len(bounds):
            return 0
        places = np.searchsorted(self.keys, bounds)
        return int((places[:, 1] - places[:, 0]).sum())


def _distinct(keys: Keys) -> Keys:
    """Sorted, each once. `np.unique` would do the same by hashing, ten times slower for keys that are nearly in order."""
    keys = np.sort(keys)
    distinct: Keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
    return distinct


def held_addresses(merged: MergeResult) -> TakenAddresses:
    """Every address that a client holds on either server, whether its lease is carried over or not."""
    as_of_s = merged.settings.as_of_s
    held = [lease_keys(source.leases)[holds_address(source.leases, as_of_s)] for source in merged.sources.values()]
    return TakenAddresses(_distinct(np.concatenate(held)))


def taken_addresses(merged: MergeResult) -> TakenAddresses:
    """What no new client can get: leased in the target, or declined on a server. An expired lease is free again."""
    parts = [lease_keys(merged.leases.table)]
    parts += [lease_keys(source.leases)[is_declined(source.leases)] for source in merged.sources.values()]
    return TakenAddresses(_distinct(np.concatenate(parts)))


def rows_by_scope(table: LeaseTable, mask: Mask) -> Iterator[tuple[IPv4Address, Indices]]:
    """The rows of `mask`, scope by scope, each in the order of its addresses."""
    rows = np.flatnonzero(mask)
    rows = rows[np.argsort(lease_keys(table)[rows], kind="stable")]
    if not len(rows):
        return
    scope_ids = table.scope_id[rows]
    for part in np.split(rows, np.flatnonzero(np.diff(scope_ids)) + 1):
        yield IPv4Address(int(table.scope_id[part[0]])), part


def addresses_of(table: LeaseTable, rows: Indices, limit: int = EXAMPLES) -> list[IPv4Address]:
    """The first few, for examples in a message."""
    return [IPv4Address(int(address)) for address in table.address[rows[:limit]]]


def unrenewed_leases(merged: MergeResult, scope_id: IPv4Address, within: timedelta) -> int:
    """Merged leases of the scope that end within that time from the instant of judgement; those of reservations do not count."""
    table = merged.leases.table
    first, last = _rows_of(table, scope_id)
    left_s = table.expiry_s[first:last] - merged.settings.as_of_s
    return int(np.count_nonzero((left_s > 0) & (left_s < within.total_seconds()) & ~merged.leases.reserved[first:last]))


def lease_of(table: LeaseTable, scope_id: IPv4Address, client: ClientId) -> Lease | None:
    """The first lease of a client in a scope, of a table that is sorted by scope."""
    first, last = _rows_of(table, scope_id)
    same_length = first + np.flatnonzero(table.client_id.slice(first, last).lengths == len(client.octets))
    return next((table.row(row) for row in same_length.tolist() if table.client_id[row] == client.octets), None)


def _rows_of(table: LeaseTable, scope_id: IPv4Address) -> tuple[int, int]:
    """The first row of a scope and the one after its last, of a table that is sorted by scope."""
    key = np.uint32(int(scope_id))
    return int(np.searchsorted(table.scope_id, key, "left")), int(np.searchsorted(table.scope_id, key, "right"))


def held_in_common(merged: MergeResult) -> dict[IPv4Address, tuple[int, int]]:
    """By scope: merged leases that were read on both servers, and all of them."""
    scope_ids, first = np.unique(merged.leases.table.scope_id, return_index=True)
    if not len(scope_ids):
        return {}
    common = np.add.reduceat(merged.leases.source == LeaseSource.BOTH, first, dtype=np.int64)
    every = np.diff(np.append(first, len(merged.leases.table)))
    rows = zip(scope_ids.tolist(), common.tolist(), every.tolist(), strict=True)
    return {IPv4Address(scope_id): (in_common, leases) for scope_id, in_common, leases in rows}


def spelled_twice(tables: Iterable[LeaseTable], reserved: Iterable[ScopeClient], as_of_s: int) -> dict[IPv4Address, list[ClientId]]:
    """MAC addresses that occur in one scope both by themselves and with `01` before them, by scope, in order.

    Looks at running leases and at the given reservations.
    """
    tables, reserved = tuple(tables), tuple(reserved)
    prefixed, bare = (_mac_rows(tables, reserved, as_of_s, lead) for lead in (HARDWARE_TYPE, b""))
    macs = np.unique(prefixed[1])  # these are the few; nothing is put in order for the sake of the others
    keys = np.intersect1d(_mac_keys(*prefixed, macs), _mac_keys(*bare, macs))
    found: dict[IPv4Address, list[ClientId]] = {}
    for key in keys.tolist():
        mac = int(macs[key & 0xFFFFFFFF])
        found.setdefault(IPv4Address(key >> 32), []).append(ClientId(mac.to_bytes(_MAC_LENGTH)))
    return found


def _mac_rows(tables: Iterable[LeaseTable], reserved: Iterable[ScopeClient], as_of_s: int, lead: bytes) -> tuple[Keys, Keys]:
    """Scope ids and MAC addresses, as numbers, of everything whose client id is `lead` and a MAC address."""
    parts = [_mac_columns(table, as_of_s, lead) for table in tables] + [_reserved_macs(reserved, lead)]
    return np.concatenate([scopes for scopes, _ in parts]), np.concatenate([macs for _, macs in parts])


def _mac_keys(scopes: Keys, macs: Keys, known: Keys) -> Keys:
    """Scope and place in `known` of those that are in it, as one number; a scope id and a MAC address do not fit into 64 bits."""
    if not len(known):
        return known
    place = np.minimum(np.searchsorted(known, macs), len(known) - 1)
    rows = known[place] == macs
    keys: Keys = (scopes[rows] << np.uint64(32)) | place[rows].astype(np.uint64)
    return keys


def _mac_columns(table: LeaseTable, as_of_s: int, lead: bytes) -> tuple[Keys, Keys]:
    """Scope id and MAC address, as numbers, of running leases whose client id is `lead` and a MAC address."""
    rows = np.flatnonzero(holds_address(table, as_of_s) & (table.client_id.lengths == len(lead) + _MAC_LENGTH))
    data, starts = table.client_id.data, table.client_id.starts[:-1]
    for place, octet in enumerate(lead):
        rows = rows[data[starts[rows] + place] == octet]
    first, macs = starts[rows] + len(lead), np.zeros(len(rows), np.uint64)
    for place in range(_MAC_LENGTH):
        macs = (macs << np.uint64(8)) | data[first + place]
    return table.scope_id[rows].astype(np.uint64), macs


def _reserved_macs(reserved: Iterable[ScopeClient], lead: bytes) -> tuple[Keys, Keys]:
    length = len(lead) + _MAC_LENGTH
    pairs = [
        (int(scope_id), int.from_bytes(client.octets[len(lead) :]))
        for scope_id, client in reserved
        if len(client.octets) == length and client.octets.startswith(lead)
    ]
    return np.array([scope for scope, _ in pairs], np.uint64), np.array([mac for _, mac in pairs], np.uint64)


def row_places(table: LeaseTable, rows: Indices) -> tuple[Origin, ...]:
    """Where the first of the rows was read."""
    return (Origin(table.path[int(rows[0])], int(table.line[rows[0]])),)


def _key(scope_id: IPv4Address, address: int) -> int:
    return min((int(scope_id) << 32) + address, _GREATEST_KEY)
