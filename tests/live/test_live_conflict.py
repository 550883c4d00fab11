"""Both served alone without knowing of each other: POTENTIAL-CONFLICT, until each has told the other all it did."""

from __future__ import annotations

import pytest
from isc_dhcpd import ADDRESS_COUNT, MCLT_S
from live_pair import LivePair
from waiting import wait_for

from migrate.failover.bindings import ACTIVE
from migrate.failover.codes import ServerState
from migrate.model.server import Role

pytestmark = pytest.mark.dhcpd

INTERRUPTED, PARTNER_DOWN, NORMAL = ServerState.COMMUNICATIONS_INTERRUPTED, ServerState.PARTNER_DOWN, ServerState.NORMAL
CONFLICT, DONE = ServerState.POTENTIAL_CONFLICT, ServerState.CONFLICT_DONE


def cut(pair: LivePair) -> None:
    """The connection only: both go on serving their clients."""
    pair.engine.obey("cut")
    pair.await_states(INTERRUPTED)


def heal(pair: LivePair) -> None:
    pair.engine.obey("heal")
    pair.await_states(NORMAL, timeout_s=25)
    is_primary = pair.engine_role is Role.PRIMARY
    assert pair.engine.states[-3:] == ([CONFLICT, DONE, NORMAL] if is_primary else [pair.engine.states[-3], CONFLICT, NORMAL])
    assert CONFLICT in pair.dhcpd.states
    pair.await_agreement()


def test_only_dhcpd_thought_its_partner_down(pair: LivePair) -> None:
    pair.to_normal()
    cut(pair)
    pair.dhcpd.put_in(PARTNER_DOWN)
    pair.await_dhcpd(PARTNER_DOWN)
    granted, acknowledged = pair.engine.lease(pair.engines_mac()), pair.clients.lease(pair.dhcpds_mac())
    assert granted and acknowledged
    heal(pair)


def test_only_the_engine_thought_its_partner_down(pair: LivePair) -> None:
    pair.to_normal()
    cut(pair)
    pair.engine.obey("partner-down")
    pair.await_engine(PARTNER_DOWN)
    granted, acknowledged = pair.engine.lease(pair.engines_mac()), pair.clients.lease(pair.dhcpds_mac())
    assert granted and acknowledged
    heal(pair)


def test_both_leased_the_same_addresses(pair: LivePair) -> None:
    """dhcpd accepts whatever it is told in POTENTIAL-CONFLICT; the secondary speaks first, and the primary has nothing to say
    of what it has just been told."""
    pair.to_normal()
    cut(pair)
    pair.dhcpd.put_in(PARTNER_DOWN)
    pair.engine.obey("partner-down")
    pair.await_states(PARTNER_DOWN)
    pair.wait(MCLT_S)
    for _ in range(ADDRESS_COUNT // 2):
        assert pair.clients.lease(pair.dhcpds_mac())
    wait_for("the engine to use dhcpd's half as well", lambda: [pair.engine.lease(pair.engines_mac()) for _ in range(12)][-1])
    twice = [address for address, (there, *_), (here, *_) in pair.differences() if there is here is ACTIVE]
    assert twice, "this test needs addresses that both have leased"
    holders = pair.holders()
    heal(pair)
    secondarys = 0 if pair.engine_role is Role.PRIMARY else 1
    wanted = {address: holders[address][secondarys] for address in twice}
    assert {address: pair.holders()[address] for address in twice} == {address: (mac, mac) for address, mac in wanted.items()}
