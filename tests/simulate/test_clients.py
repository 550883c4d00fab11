"""Clients keep to RFC 2131 section 4.4: when they ask, whom, and what they do without an answer."""

from __future__ import annotations

import pytest
from simulations import LEASE_S, START_S, acks, simulation, times_of, to_normal

from migrate.failover.bindings import UNLIMITED_S
from migrate.failover.effects import RequestKind
from migrate.model.server import Role
from migrate.simulate.clients import Phase, SimulatedClient
from migrate.simulate.estate import client_of

HOUR = 3600


def test_renewal_is_at_half_of_the_lease_and_goes_to_the_server_that_gave_it() -> None:
    sim = simulation(leases=1, lease_s=8 * HOUR)
    sim.world.start()
    sim.wake_lease_holders()
    client = sim.clients[0]
    expiry_s = client.expiry_s
    assert times_of(sim, RequestKind.RENEWING, until_s=expiry_s - 4 * HOUR)[0] == expiry_s - 4 * HOUR
    sim.world.run(4 * HOUR)
    assert client.expiry_s > expiry_s
    assert client.phase is Phase.BOUND


def test_unanswered_it_asks_after_half_of_what_is_left_and_a_minute_at_least() -> None:
    """RFC 2131 section 4.4.5."""
    sim = simulation(leases=1, lease_s=8 * HOUR)
    sim.wake_lease_holders()
    t1 = sim.clients[0].expiry_s - 4 * HOUR
    asked = [at - t1 for at in times_of(sim, RequestKind.RENEWING, until_s=t1 + 3 * HOUR - 1)]
    assert asked == [0, 5400, 8100, 9450, 10125, 10462, 10631, 10715, 10775]
    rebinding = [at - t1 for at in times_of(sim, RequestKind.REBINDING, until_s=t1 + 4 * HOUR - 1)]
    assert rebinding == [10800, 12600, 13500, 13950, 14175, 14287, 14347]


def test_with_the_lease_goes_the_address() -> None:
    sim = simulation(leases=1)
    sim.wake_lease_holders()
    client = sim.clients[0]
    sim.world.run_until(client.expiry_s)
    assert (client.phase, client.address) == (Phase.INIT, 0)
    assert sim.world.tally.scopes[client.scope_id].addresses_lost == 1
    assert not sim.world.promises.others(int(sim.estate.leases[0].address), b"another", sim.world.now)


def test_without_a_lease_it_calls_out_ever_more_rarely() -> None:
    sim = simulation()
    client = sim.numbered(1)
    client.boot()
    calls = [at - START_S for at in times_of(sim, RequestKind.DISCOVER, until_s=START_S + 1000)]
    assert calls == [4, 12, 28, 60, 124, 424, 724]


def test_waiting_time_is_from_the_loss_to_the_next_lease() -> None:
    sim = simulation()
    sim.numbered(1).boot()
    sim.world.run(100)
    to_normal(sim)
    sim.world.run(HOUR)
    tally = sim.world.tally.scopes[int(sim.estate.scopes[0].scope_id)]
    assert (tally.longest_wait_s, tally.waited) == (124, 1)
    assert sim.clients[0].waiting_since_s is None


def test_a_rebooted_client_keeps_a_lease_nobody_confirms() -> None:
    """RFC 2131 section 3.2, step 4."""
    sim = simulation(leases=1)
    sim.wake_lease_holders()
    client = sim.clients[0]
    before = client.address, client.expiry_s
    client.reboot()
    assert (client.address, client.expiry_s) == before
    assert client.phase is Phase.BOUND


def test_release_ends_the_promise() -> None:
    sim = simulation(leases=1)
    sim.world.start()
    sim.world.run(10)
    sim.wake_lease_holders()
    client = sim.clients[0]
    address = client.address
    assert sim.world.promises.of(address, client.client.identity, sim.world.now)
    client.release()
    assert sim.world.promises.of(address, client.client.identity, sim.world.now) is None
    sim.world.run(86400)
    assert client.phase is Phase.OFF


def test_a_lease_of_one_second_does_not_stop_the_clock() -> None:
    sim = simulation(lease_s=1)
    to_normal(sim)
    sim.numbered(1).boot()
    sim.world.run(100)
    assert sim.world.events_done < 1000


def test_unlimited_lease_is_never_renewed() -> None:
    sim = simulation()
    client = SimulatedClient(sim.world, client_of(b"\x02\0\0\0\0\1"), int(sim.estate.scopes[0].scope_id))
    client.holds(int(sim.estate.scopes[0].scope_id) + 11, UNLIMITED_S, UNLIMITED_S, Role.PRIMARY)
    sim.world.run(365 * 86400)
    assert sim.world.events_done == 0


def test_of_two_offers_the_client_takes_one() -> None:
    """Which one is chance, but the same chance every time; the other server keeps nothing."""
    sim = simulation(cut=True)
    sim.world.run(1)
    for number in range(1, 9):
        sim.numbered(number).boot()
    chosen = [client.server for client in sim.clients]
    assert {*chosen} == {*Role}
    assert acks(sim) == {role: chosen.count(role) for role in Role}
    assert [len(host.seen) for host in sim.world.hosts.values()] == [
        10 + chosen.count(role) if role is Role.PRIMARY else 10 for role in Role
    ]


@pytest.mark.parametrize("past_s", [0, 60, 3 * 86400], ids=["at T1", "past T1", "past T2"])
def test_a_lease_that_is_due_before_the_start_is_renewed_soon(past_s: int) -> None:
    sim = simulation()
    client = SimulatedClient(sim.world, client_of(b"\x02\0\0\0\0\1"), int(sim.estate.scopes[0].scope_id))
    left_s = LEASE_S // 2 - past_s
    client.holds(int(sim.estate.scopes[0].scope_id) + 11, sim.world.now + left_s, LEASE_S, Role.PRIMARY)
    asked = times_of(sim, RequestKind.REBINDING if past_s > LEASE_S // 4 else RequestKind.RENEWING, until_s=START_S + left_s)
    assert START_S < asked[0] <= START_S + left_s // 2
