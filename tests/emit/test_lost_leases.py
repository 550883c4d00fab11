"""Which leases of a source lost in the merge, against a model of dictionaries."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random

import pytest

from migrate.emit.lost_leases import lost_leases
from migrate.model.client_id import ClientId
from migrate.model.leases import NEVER, Lease, LeaseState, LeaseTable

AS_OF_S = 1_000
SCOPES = (IPv4Address("10.0.0.0"), IPv4Address("10.0.1.0"), IPv4Address("192.168.255.0"))


def lease(scope_id: IPv4Address, host: int, client: int, state: LeaseState = LeaseState.ACTIVE, expiry_s: int = 2_000) -> Lease:
    return Lease(ip_address=scope_id + host, scope_id=scope_id, client_id=ClientId(bytes([client])), state=state, expiry_s=expiry_s)


def random_leases(rng: Random) -> list[Lease]:
    addresses = sorted(rng.sample([(scope_id, host) for scope_id in SCOPES for host in range(1, 9)], rng.randrange(20)))
    expiries = (AS_OF_S - 1, AS_OF_S, AS_OF_S + 1, NEVER)
    return [lease(s, h, rng.randrange(4), rng.choice(list(LeaseState)), rng.choice(expiries)) for s, h in addresses]


def model(source: list[Lease], merged: list[Lease]) -> dict[IPv4Address, list[str]]:
    winners = {(row.scope_id, row.ip_address): row.client_id for row in merged}
    lost: dict[IPv4Address, list[str]] = {}
    for row in source:
        in_use = row.state is LeaseState.ACTIVE and row.expiry_s > AS_OF_S
        if in_use and winners.get((row.scope_id, row.ip_address)) != row.client_id:
            lost.setdefault(row.scope_id, []).append(f"{row.ip_address} {row.client_id}")
    return lost


@pytest.mark.parametrize("seed", range(60))
def test_the_columns_say_what_the_model_says(seed: int) -> None:
    rng = Random(seed)
    source, merged = random_leases(rng), random_leases(rng)
    assert lost_leases(LeaseTable.of_rows(source), LeaseTable.of_rows(merged), AS_OF_S) == model(source, merged)


def test_nothing_is_lost_against_itself() -> None:
    rows = LeaseTable.of_rows([lease(SCOPES[0], 5, 1), lease(SCOPES[1], 5, 2)])
    assert lost_leases(rows, rows, AS_OF_S) == {}


def test_everything_is_lost_against_nothing() -> None:
    rows = LeaseTable.of_rows([lease(SCOPES[0], 5, 1)])
    assert lost_leases(rows, LeaseTable.empty(), AS_OF_S) == {SCOPES[0]: ["10.0.0.5 01"]}
