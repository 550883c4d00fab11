"""The table of bindings: each index against what a look at all bindings gives."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random

import pytest
from connection_pair import SERVER_IDS, T0, address, mac, relationship, scope

from migrate.failover.bindings import ABANDONED, ACTIVE, BACKUP, EXPIRED, FREE, UNLIMITED_S, Binding
from migrate.failover.codes import BindingState
from migrate.failover.configuration import Configuration
from migrate.failover.table import BindingTable, Schedule
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.scope import ExclusionRange, Reservation
from migrate.model.server import Role

FIRST, LAST = address("10.20.0.11"), address("10.20.0.30")
GRACE_S = 60


def configuration(**changes: object) -> Configuration:
    return Configuration.of_model(relationship(), [scope(**changes)], Role.PRIMARY, SERVER_IDS[Role.PRIMARY])


def test_an_address_without_a_record_is_free_and_unused() -> None:
    table = BindingTable(configuration())
    assert table.get(FIRST) == Binding(FIRST, FREE)
    assert table.records() == []


@pytest.mark.parametrize("seed", range(10))
def test_indices_follow_from_the_bindings(seed: int) -> None:
    random = Random(f"{seed}:table")
    table = BindingTable(configuration())
    table.pool(0)
    bindings: dict[int, Binding] = {}
    for step in range(500):
        now = T0 + 10 * step
        at = FIRST + int(random.random() * 20)
        state = list(BindingState)[int(random.random() * 7)]
        client = mac(int(random.random() * 6))
        bindings[at] = Binding(at, state, client, expiry_s=now + int(random.random() * 2000), stos_s=now, cltt_s=now)
        table.put(bindings[at])
        if state is ACTIVE:
            assert table.address_of(0, client.identity) == at
        ended = set(table.leases.take(now))
        expected = {n for n, b in bindings.items() if b.state is ACTIVE and b.expiry_s + GRACE_S <= now}
        assert ended == expected
        for place in sorted(ended):
            bindings[place] = bindings[place]._replace(state=EXPIRED)
            table.put(bindings[place])
        for counted in (FREE, BACKUP):
            assert table.pool(0).count(counted) == sum(
                bindings[n].state is counted if n in bindings else counted is FREE for n in range(FIRST, LAST + 1)
            )
        for number in range(6):
            known = table.address_of(0, mac(number).identity)
            assert known is None or bindings[known].client == mac(number)
    assert table.records() == [bindings[n] for n in sorted(bindings)]


def test_a_client_is_found_at_its_lease_rather_than_where_it_once_was() -> None:
    table = BindingTable(configuration())
    table.put(Binding(FIRST, ACTIVE, mac(1), expiry_s=T0))
    table.put(Binding(FIRST + 1, FREE, mac(1)))
    assert table.address_of(0, mac(1).identity) == FIRST
    table.put(Binding(FIRST, ACTIVE, mac(2), expiry_s=T0))
    assert table.address_of(0, mac(1).identity) is None


def test_an_unlimited_lease_never_ends() -> None:
    table = BindingTable(configuration())
    table.put(Binding(FIRST, ACTIVE, mac(1), expiry_s=UNLIMITED_S))
    assert table.leases.next() is None


def test_an_abandoned_address_is_due_after_its_quarantine() -> None:
    table = BindingTable(configuration())
    table.put(Binding(FIRST, ABANDONED, stos_s=T0))
    assert list(table.quarantines.take(T0 + 86399)) == []
    assert list(table.quarantines.take(T0 + 86400)) == [FIRST]


@pytest.mark.parametrize("seed", range(10))
def test_schedule_gives_each_end_once_and_on_time(seed: int) -> None:
    """Ends that move away, move nearer and vanish, against a plain dictionary."""
    random = Random(f"{seed}:schedule")
    ends: dict[int, int] = {}
    schedule = Schedule(ends.get)
    for now in range(0, 3000, 3):
        address_ = int(random.random() * 12)
        if random.random() < 0.3:
            ends.pop(address_, None)
        else:
            ends[address_] = now + 1 + int(random.random() * 100)
            schedule.plan(address_, ends[address_])
        taken = sorted(schedule.take(now))
        assert taken == sorted(n for n, end in ends.items() if end <= now)
        for done in taken:
            del ends[done]
        upcoming = schedule.next()
        assert not ends or (upcoming is not None and upcoming <= min(ends.values()))


def test_reserved_and_excluded_addresses_are_in_no_pool() -> None:
    reservation = Reservation(ip_address=IPv4Address(FIRST), client_id=ClientId(mac(1).identity))
    made = configuration(
        reservations=(reservation,), exclusions=(ExclusionRange(range=AddressRange.parse("10.20.0.29", "10.20.0.30")),)
    )
    assert made.pool_of(FIRST) is None
    assert made.is_ours(FIRST)
    assert made.pool_of(LAST) is None
    assert not made.is_ours(LAST)
    assert BindingTable(made).pool(0).size == 17
