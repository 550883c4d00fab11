"""What a record carries from the engine to dhcpd and back: clients with identifiers, declined addresses, imported leases."""

from __future__ import annotations

import time

import pytest
from isc_dhcpd import LEASE_S
from live_pair import ADDRESSES, LivePair, is_answered_by
from waiting import wait_for

from migrate.failover.bindings import ABANDONED, ACTIVE
from migrate.failover.codes import ServerState
from migrate.model.server import Role

pytestmark = pytest.mark.dhcpd


def identifier_of(role: Role) -> str:
    return next(text for n in range(256) if is_answered_by(role, bytes.fromhex(text := f"ff0000000100{n:02x}")))


def test_a_client_is_its_identifier(pair: LivePair) -> None:
    """Both hash it (RFC 3074), keep it, and know the client by it when its hardware address changes."""
    pair.to_normal()
    mine, theirs = identifier_of(pair.engine_role), identifier_of(pair.dhcpd_role)
    granted = pair.engine.lease(f"{pair.dhcpds_mac()}/{mine}")
    acknowledged = pair.clients.lease(f"{pair.engines_mac()}/{theirs}")
    assert granted and acknowledged
    pair.await_agreement()
    client = pair.engine.bindings()[acknowledged.address].client
    assert client and client.identifier == bytes.fromhex(theirs)
    renewed = pair.clients.renew(f"{pair.dhcpds_mac()}/{mine}", granted[0])
    assert renewed and renewed.is_ack and renewed.lease_s == LEASE_S
    assert pair.engine.renew(f"{pair.dhcpds_mac()}/{theirs}", acknowledged.address) == (acknowledged.address, LEASE_S)
    pair.await_agreement()


def test_a_declined_address_is_abandoned_on_both(pair: LivePair) -> None:
    pair.to_normal()
    mine, theirs = pair.engines_mac(), pair.dhcpds_mac()
    granted, acknowledged = pair.engine.lease(mine), pair.clients.lease(theirs)
    assert granted and acknowledged
    pair.await_agreement()
    pair.engine.obey(f"decline {mine} {granted[0]}")
    pair.clients.decline(theirs, acknowledged.address)
    wait_for("dhcpd to abandon the address", lambda: pair.dhcpd.leases()[granted[0]].state == "abandoned")
    wait_for("the engine to abandon the address", lambda: pair.engine.bindings()[acknowledged.address].state is ABANDONED)
    pair.await_agreement()
    again, again_there = pair.engine.lease(mine), pair.clients.lease(theirs)
    assert again and again[0] != granted[0]
    assert again_there and again_there.address != acknowledged.address


@pytest.mark.parametrize("holders", ["engine", "dhcpd", "both"])
def test_imported_leases_are_known_to_both_before_normal(pair: LivePair, holders: str) -> None:
    """More than may be unacknowledged at a time."""
    macs = {address: f"02:00:00:00:01:{number:02x}" for number, address in enumerate(ADDRESSES[:15])}
    ends_s = int(time.time()) + 3000
    if holders != "dhcpd":
        pair.engine.import_leases(macs, ends_s)
    if holders != "engine":
        pair.dhcpd.import_leases(macs, ends_s)
    pair.to_normal()
    bindings = pair.engine.bindings()
    assert all(bindings[address].state is ACTIVE and bindings[address].expiry_s == ends_s for address in macs)
    assert {address: record.mac for address, record in pair.dhcpd.leases().items() if record.state == "active"} == macs

    first, second = ADDRESSES[:2]
    assert pair.engine.renew(macs[first], first) == (first, LEASE_S)
    renewed = pair.clients.renew(macs[second], second)
    assert renewed and (renewed.address, renewed.lease_s) == (second, LEASE_S)
    pair.await_agreement()


def test_operators_stop_one_of_them(pair: LivePair) -> None:
    pair.to_normal()
    pair.engine.obey("pause")
    pair.await_dhcpd(ServerState.COMMUNICATIONS_INTERRUPTED)
    pair.engine.obey("shut-down")
    pair.await_dhcpd(ServerState.PARTNER_DOWN)


def test_the_engine_takes_over_when_dhcpd_is_shut_down(pair: LivePair) -> None:
    pair.to_normal()
    pair.dhcpd.put_in(ServerState.SHUTDOWN)
    pair.await_engine(ServerState.PARTNER_DOWN)
