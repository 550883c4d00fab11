"""Columns against a plain model: the same questions asked row by row, over random estates."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address
from random import Random

import numpy as np
import pytest
from checks_estate import AS_OF, address, lease, scope, source, subject

from migrate.checks.lease_columns import (
    ScopedAddresses,
    TakenAddresses,
    addresses_of,
    holds_address,
    is_declined,
    lease_keys,
    row_places,
    rows_by_scope,
    spelled_twice,
)
from migrate.checks.subject import distributable
from migrate.model.addresses import EMPTY, AddressSet
from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseState, LeaseTable

AS_OF_S = int(AS_OF.timestamp())
SCOPES = tuple(IPv4Address(text) for text in ("10.20.0.0", "10.20.1.0", "192.168.0.0", "255.255.255.0"))


def random_rows(random: Random, count: int = 60) -> list[Lease]:
    return [
        Lease(
            ip_address=IPv4Address(int(random.choice(SCOPES)) + random.randrange(256)),
            scope_id=random.choice(SCOPES),
            client_id=ClientId(random.choice((b"", b"\x01", b"\x06")) + bytes([0, 0x15, 0x5D, 0, 0, random.randrange(6)])),
            state=random.choice(list(LeaseState)),
            expiry_s=AS_OF_S + random.randrange(-2, 3),
            line=line,
            path="a.xml",
        )
        for line in range(1, count + 1)
    ]


def random_set(random: Random, scope_id: IPv4Address) -> AddressSet:
    starts = [int(scope_id) + random.randrange(256) for _ in range(random.randrange(4))]
    return AddressSet.of_spans((start, min(start + random.randrange(60), int(scope_id) + 256)) for start in starts)


@pytest.mark.parametrize("seed", range(20))
def test_masks(seed: int) -> None:
    rows = random_rows(Random(seed))
    table = LeaseTable.of_rows(rows)
    holding = {LeaseState.ACTIVE, LeaseState.OFFERED, LeaseState.ACTIVE_RESERVATION}
    assert holds_address(table, AS_OF_S).tolist() == [row.state in holding and row.expiry_s > AS_OF_S for row in rows]
    assert is_declined(table).tolist() == [row.state is LeaseState.DECLINED for row in rows]


@pytest.mark.parametrize("seed", range(20))
def test_scoped_addresses(seed: int) -> None:
    random = Random(seed)
    rows, pools = random_rows(random), {scope_id: random_set(random, scope_id) for scope_id in SCOPES}
    inside = ScopedAddresses(pools.items()).holds(lease_keys(LeaseTable.of_rows(rows)))
    assert inside.tolist() == [row.ip_address in pools[row.scope_id] for row in rows]


@pytest.mark.parametrize("seed", range(20))
def test_taken_addresses(seed: int) -> None:
    random = Random(seed)
    rows = random_rows(random)
    pairs = {(row.scope_id, row.ip_address) for row in rows}
    taken = TakenAddresses(np.unique(lease_keys(LeaseTable.of_rows(rows))))
    for scope_id in SCOPES:
        pool = random_set(random, scope_id)
        assert taken.count(scope_id, pool) == sum(owner == scope_id and ip in pool for owner, ip in pairs)
        assert taken.count(scope_id, EMPTY) == 0


@pytest.mark.parametrize("seed", range(20))
def test_rows_by_scope(seed: int) -> None:
    random = Random(seed)
    rows = random_rows(random)
    table = LeaseTable.of_rows(rows)
    wanted = is_declined(table) | holds_address(table, AS_OF_S)
    told = [(scope_id, [(table.row(i).ip_address, i) for i in part.tolist()]) for scope_id, part in rows_by_scope(table, wanted)]
    assert [scope_id for scope_id, _ in told] == sorted({rows[i].scope_id for i in wanted.nonzero()[0].tolist()})
    assert sorted(i for _, part in told for _, i in part) == wanted.nonzero()[0].tolist()
    for _, part in told:
        assert part == sorted(part)


def test_no_rows_no_scopes() -> None:
    table = LeaseTable.empty()
    assert list(rows_by_scope(table, is_declined(table))) == []
    assert ScopedAddresses([]).holds(lease_keys(table)).tolist() == []
    assert spelled_twice([table], [], AS_OF_S) == {}


def test_examples_and_places_are_those_of_the_first_rows() -> None:
    table = LeaseTable.of_rows([lease(str(n), n, line=n, path="a.xml") for n in (9, 8, 7, 6, 5)])
    [(_, rows)] = rows_by_scope(table, holds_address(table, AS_OF_S))
    assert addresses_of(table, rows) == [address("5"), address("6"), address("7")]
    assert [str(place) for place in row_places(table, rows)] == ["a.xml:5"]


@pytest.mark.parametrize("seed", range(20))
def test_spelled_twice(seed: int) -> None:
    random = Random(seed)
    rows = random_rows(random)
    reserved = [(row.scope_id, row.client_id) for row in random_rows(random, 4)]
    holding = holds_address(LeaseTable.of_rows(rows), AS_OF_S).tolist()
    seen = {(row.scope_id, row.client_id.octets) for row, holds in zip(rows, holding, strict=True) if holds}
    seen |= {(scope_id, client.octets) for scope_id, client in reserved}
    expected: dict[IPv4Address, list[ClientId]] = {}
    for scope_id, octets in sorted(seen):
        if len(octets) == 6 and (scope_id, b"\x01" + octets) in seen:
            expected.setdefault(scope_id, []).append(ClientId(octets))
    half = len(rows) // 2
    tables = [LeaseTable.of_rows(rows[:half]), LeaseTable.of_rows(rows[half:])]
    assert spelled_twice(tables, reserved, AS_OF_S) == expected


def test_free_addresses_of_a_subject() -> None:
    """Reserved, leased, and declined are not free; expired, and leased by a foreign scope, are."""
    rows = [
        lease("10"),
        lease("11", 2, state=LeaseState.DECLINED),
        lease("12", 3, until=AS_OF),
        lease("13", 4, until=AS_OF + timedelta(seconds=1)),
        lease("14", 5, scope_id=IPv4Address("10.99.0.0")),
    ]
    made = subject(source(scope("10-19", excluded=["19-19"]), leases=rows))
    [target] = made.target_scopes
    assert distributable(target).address_count == 9
    assert made.free_addresses(target) == 6
    assert made.free_addresses(target, AddressSet.of_addresses([address("10"), address("12"), address("19")])) == 1
