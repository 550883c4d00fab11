"""One of the two dies or falls silent and comes back: COMMUNICATIONS-INTERRUPTED, and NORMAL again, with nothing lost."""

from __future__ import annotations

import pytest
from isc_dhcpd import LEASE_S, MCLT_S, RECEIVE_S
from live_pair import LivePair

from migrate.failover.bindings import ACTIVE
from migrate.failover.codes import ServerState
from migrate.model.server import Role

pytestmark = pytest.mark.dhcpd

INTERRUPTED, NORMAL = ServerState.COMMUNICATIONS_INTERRUPTED, ServerState.NORMAL


def test_dhcpd_is_killed_and_comes_back(pair: LivePair) -> None:
    pair.to_normal()
    known = pair.dhcpds_mac()
    before = pair.clients.lease(known)
    assert before
    pair.await_agreement()
    full = pair.clients.renew(known, before.address)
    assert full and full.lease_s == LEASE_S
    pair.await_agreement()

    pair.dhcpd.kill()
    pair.await_engine(INTERRUPTED, timeout_s=2)
    granted = pair.engine.lease(pair.dhcpds_mac())
    assert granted and granted[1] == MCLT_S
    assert pair.engine.renew(known, before.address) == (before.address, LEASE_S)

    pair.dhcpd.start()
    pair.await_states(NORMAL)
    pair.await_agreement()
    assert pair.dhcpd.leases()[granted[0]].state == "active"
    assert pair.engine.states[-3:] == [NORMAL, INTERRUPTED, NORMAL]


def test_the_engine_is_killed_and_comes_back(pair: LivePair) -> None:
    pair.to_normal()
    known = pair.engines_mac()
    before = pair.engine.lease(known)
    assert before
    pair.await_agreement()
    assert pair.engine.renew(known, before[0]) == (before[0], LEASE_S)
    pair.await_agreement()

    pair.engine.kill()
    pair.await_dhcpd(INTERRUPTED, timeout_s=2)
    acknowledged = pair.clients.lease(pair.engines_mac())
    assert acknowledged and acknowledged.lease_s == MCLT_S
    renewed = pair.clients.renew(known, before[0])
    assert renewed and (renewed.address, renewed.lease_s) == (before[0], LEASE_S)

    pair.engine.start()
    pair.await_states(NORMAL)
    pair.await_agreement()
    assert pair.engine.bindings()[acknowledged.address].state is ACTIVE


@pytest.mark.parametrize(
    ("pair", "silent"),
    [(Role.PRIMARY, "dhcpd"), (Role.SECONDARY, "engine")],
    indirect=["pair"],
    ids=["dhcpd-falls-silent", "engine-falls-silent"],
)
def test_silence_is_noticed_and_forgiven(pair: LivePair, silent: str) -> None:
    """The connection stays up, only nothing comes: the receive timer of the other side decides."""
    pair.to_normal()
    if silent == "dhcpd":
        pair.dhcpd.freeze()
        pair.await_engine(INTERRUPTED, timeout_s=RECEIVE_S + 2)
        pair.dhcpd.thaw()
    else:
        pair.engine.freeze()
        pair.await_dhcpd(INTERRUPTED, timeout_s=RECEIVE_S + 4)
        pair.engine.thaw()
    pair.await_states(NORMAL)
    assert pair.engine.lease(pair.engines_mac())
    assert pair.clients.lease(pair.dhcpds_mac())
    pair.await_agreement()
