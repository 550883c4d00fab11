"""One partner is declared down, the other serves alone, and the lost one recovers: RECOVER, RECOVER-WAIT, RECOVER-DONE, NORMAL."""

from __future__ import annotations

import time

import pytest
from isc_dhcpd import ADDRESS_COUNT, MCLT_S
from live_pair import LivePair
from waiting import wait_for

from migrate.failover.bindings import ACTIVE
from migrate.failover.codes import ServerState

pytestmark = pytest.mark.dhcpd

INTERRUPTED, PARTNER_DOWN, NORMAL = ServerState.COMMUNICATIONS_INTERRUPTED, ServerState.PARTNER_DOWN, ServerState.NORMAL
RECOVERY = [ServerState.RECOVER, ServerState.RECOVER_WAIT, ServerState.RECOVER_DONE, NORMAL]


def test_dhcpd_loses_its_database_and_recovers_from_the_engine(pair: LivePair) -> None:
    pair.to_normal()
    pair.dhcpd.kill(lose_database=True)
    pair.await_engine(INTERRUPTED)
    pair.engine.obey("partner-down")
    pair.await_engine(PARTNER_DOWN)
    own = [pair.engine.lease(pair.dhcpds_mac()) for _ in range(ADDRESS_COUNT // 2)]
    assert all(own)
    late = pair.dhcpds_mac()
    assert pair.engine.lease(late) is None, "the partner's half is closed until MCLT has passed"
    wait_for("an address of the partner's half", lambda: pair.engine.lease(late), MCLT_S + 2)

    pair.dhcpd.start()
    started_at = time.monotonic()
    pair.await_states(NORMAL, timeout_s=MCLT_S + 20)
    assert time.monotonic() - started_at >= MCLT_S - 1, "RECOVER-WAIT lasts until nothing promised before the loss can still hold"
    assert pair.dhcpd.states[-4:] == RECOVERY
    assert pair.engine.states[-3:] == [INTERRUPTED, PARTNER_DOWN, NORMAL]
    pair.await_agreement()


@pytest.mark.parametrize("lose_database", [False, True], ids=["database-kept", "database-lost"])
def test_the_engine_recovers_from_dhcpd(pair: LivePair, lose_database: bool) -> None:
    pair.to_normal()
    pair.engine.kill(lose_database=lose_database)
    pair.await_dhcpd(INTERRUPTED)
    pair.dhcpd.put_in(PARTNER_DOWN)
    pair.await_dhcpd(PARTNER_DOWN)
    before = pair.clients.lease(pair.engines_mac())
    assert before
    pair.engine.start()
    started_at = time.monotonic()
    pair.await_engine(ServerState.RECOVER_WAIT)
    assert pair.engine.bindings()[before.address].state is ACTIVE, "it comes with the update, not after it"
    assert pair.engine.lease(pair.engines_mac()) is None
    during = pair.clients.lease(pair.engines_mac())
    assert during, "dhcpd serves alone meanwhile"
    wait_for("a new lease to be told at once", lambda: pair.engine.bindings()[during.address].state is ACTIVE, 3)

    pair.await_states(NORMAL, timeout_s=MCLT_S + 20)
    assert pair.engine.states[-4:] == RECOVERY
    if lose_database:
        assert time.monotonic() - started_at >= MCLT_S - 1, "when it failed it cannot know"
    pair.await_agreement()
