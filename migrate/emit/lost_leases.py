"""Leases in use that the merge did not carry over, because another client or another address of the client won.

The scripts of the runbook meet the same conflicts on the live servers, and settle them the same way by this list.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

import numpy as np

from migrate.model.lease_text import dotted_quads, hex_ids
from migrate.model.leases import Indices, LeaseState, LeaseTable


def lost_leases(source: LeaseTable, merged: LeaseTable, as_of_s: int) -> Mapping[IPv4Address, list[str]]:
    """`address client-id` of each, by scope id. `merged` is sorted by scope id and address."""
    in_use = np.flatnonzero((source.state == LeaseState.ACTIVE) & (source.expiry_s > as_of_s))
    wanted, held = _keys(source)[in_use], _keys(merged)
    places = np.searchsorted(held, wanted)
    found = np.zeros(len(wanted), np.bool_)
    inside = places < len(held)
    found[inside] = held[places[inside]] == wanted[inside]
    rows = np.concatenate((in_use[~found], _of_other_clients(source, in_use[found], merged, places[found])))
    rows.sort()
    return _by_scope(source, rows)


def _keys(leases: LeaseTable) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return leases.scope_id.astype(np.uint64) << np.uint64(32) | leases.address.astype(np.uint64)


def _of_other_clients(source: LeaseTable, rows: Indices, merged: LeaseTable, places: Indices) -> Indices:
    clients, winners = source.client_id.take(rows).values(), merged.client_id.take(places).values()
    return rows[[client != winner for client, winner in zip(clients, winners, strict=True)]]


def _by_scope(source: LeaseTable, rows: Indices) -> Mapping[IPv4Address, list[str]]:
    addresses = dotted_quads(source.address[rows])
    clients = hex_ids(source.client_id.take(rows))
    lost: dict[IPv4Address, list[str]] = {}
    for scope_id, address, client in zip(source.scope_id[rows].tolist(), addresses, clients, strict=True):
        lost.setdefault(IPv4Address(scope_id), []).append(f"{address} {client}")
    return lost
