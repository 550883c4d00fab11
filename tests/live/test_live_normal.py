"""The engine and a real dhcpd in NORMAL: they meet, share the free addresses, and each learns of the other's leases."""

from __future__ import annotations

from collections import Counter

import pytest
from isc_dhcpd import ADDRESS_COUNT, LEASE_S, MCLT_S, RECEIVE_S
from live_pair import LivePair
from waiting import wait_for

from migrate.failover.bindings import ACTIVE, BACKUP, FREE
from migrate.failover.codes import ServerState

pytestmark = pytest.mark.dhcpd


def test_new_servers_meet_without_waiting_and_share_the_free_addresses(pair: LivePair) -> None:
    pair.to_normal()
    assert pair.engine.states == [ServerState.RECOVER, ServerState.RECOVER_WAIT, ServerState.RECOVER_DONE, ServerState.NORMAL]
    states = Counter(record.state for record in pair.dhcpd.leases().values())
    assert states == {"free": ADDRESS_COUNT // 2, "backup": ADDRESS_COUNT // 2}
    for complaint in ("rejected", "invalid", "answering negatively"):
        assert complaint not in pair.dhcpd.log


def test_each_answers_the_clients_of_its_own_buckets(pair: LivePair) -> None:
    pair.to_normal()
    for _ in range(3):
        engines, dhcpds = pair.engines_mac(), pair.dhcpds_mac()
        assert pair.engine.lease(engines)
        assert pair.engine.lease(dhcpds) is None
        assert pair.clients.discover(dhcpds)
        assert pair.clients.discover(engines) is None


def test_leases_and_their_ends_reach_the_other_database(pair: LivePair) -> None:
    pair.to_normal()
    mine, theirs = pair.engines_mac(), pair.dhcpds_mac()
    granted, acknowledged = pair.engine.lease(mine), pair.clients.lease(theirs)
    assert granted and acknowledged
    assert (granted[1], acknowledged.lease_s) == (MCLT_S, MCLT_S)
    pair.await_agreement()
    assert pair.dhcpd.leases()[granted[0]].state == "active"
    assert pair.engine.bindings()[acknowledged.address].state is ACTIVE

    pair.engine.obey(f"release {mine} {granted[0]}")
    pair.clients.release(theirs, acknowledged.address)
    wait_for("the engine to hear of the release", lambda: pair.engine.bindings()[acknowledged.address].state in (FREE, BACKUP))
    wait_for("dhcpd to hear of the release", lambda: pair.dhcpd.leases()[granted[0]].state in ("free", "backup"))
    pair.await_agreement()


def test_a_lease_is_full_length_once_the_partner_knows_of_it(pair: LivePair) -> None:
    pair.to_normal()
    mine, theirs = pair.engines_mac(), pair.dhcpds_mac()
    granted, acknowledged = pair.engine.lease(mine), pair.clients.lease(theirs)
    assert granted and acknowledged
    pair.await_agreement()
    renewed, renewed_there = pair.engine.renew(mine, granted[0]), pair.clients.renew(theirs, acknowledged.address)
    assert renewed == (granted[0], LEASE_S)
    assert renewed_there and (renewed_there.address, renewed_there.lease_s) == (acknowledged.address, LEASE_S)
    pair.await_agreement()


def test_the_other_server_renews_as_well(pair: LivePair) -> None:
    """D12 9.8.2; how long the lease may be, it knows from the potential expiry it was told."""
    pair.to_normal()
    mine, theirs = pair.engines_mac(), pair.dhcpds_mac()
    granted, acknowledged = pair.engine.lease(mine), pair.clients.lease(theirs)
    assert granted and acknowledged
    pair.await_agreement()
    assert pair.engine.renew(theirs, acknowledged.address) == (acknowledged.address, LEASE_S)
    renewed = pair.clients.renew(mine, granted[0])
    assert renewed and (renewed.address, renewed.lease_s) == (granted[0], LEASE_S)
    pair.await_agreement()


def test_a_release_counts_wherever_the_client_renewed_last(pair: LivePair) -> None:
    pair.to_normal()
    mine, theirs = pair.engines_mac(), pair.dhcpds_mac()
    granted, acknowledged = pair.engine.lease(mine), pair.clients.lease(theirs)
    assert granted and acknowledged
    pair.await_agreement()
    pair.wait(1)
    assert pair.engine.renew(theirs, acknowledged.address)
    assert pair.clients.renew(mine, granted[0])
    pair.await_agreement()
    pair.wait(1)
    pair.clients.release(theirs, acknowledged.address)
    pair.engine.obey(f"release {mine} {granted[0]}")
    wait_for("the engine to hear of the release", lambda: pair.engine.bindings()[acknowledged.address].state in (FREE, BACKUP))
    wait_for("dhcpd to hear of the release", lambda: pair.dhcpd.leases()[granted[0]].state in ("free", "backup"))
    pair.await_agreement()


def test_leases_that_run_out_are_free_on_both(pair: LivePair) -> None:
    """In NORMAL the primary expires them, and the secondary agrees. Meanwhile CONTACT keeps the idle connection."""
    assert MCLT_S > RECEIVE_S
    pair.to_normal()
    granted, acknowledged = pair.engine.lease(pair.engines_mac()), pair.clients.lease(pair.dhcpds_mac())
    assert granted and acknowledged
    pair.await_agreement()

    def is_over() -> bool:
        leases, bindings = pair.dhcpd.leases(), pair.engine.bindings()
        return all(
            leases[address].state in ("free", "backup") and bindings[address].state in (FREE, BACKUP)
            for address in (granted[0], acknowledged.address)
        )

    before = len(pair.engine.events)
    wait_for("both leases to be over on both", is_over, MCLT_S + 15)
    pair.await_agreement()
    events = [(shown["event"], shown.get("type")) for shown in pair.engine.events[before:]]
    assert events.count(("sent", "CONTACT")) >= 2
    assert events.count(("received", "CONTACT")) >= 2
    assert ServerState.COMMUNICATIONS_INTERRUPTED not in (*pair.engine.states, *pair.dhcpd.states)
