"""The engine and a real dhcpd in NORMAL."""

from __future__ import annotations

import pytest
from live_pair import LivePair

from migrate.failover.codes import ServerState

pytestmark = pytest.mark.dhcpd


def test_both_reach_normal_and_agree(pair: LivePair) -> None:
    pair.to_normal()
    assert pair.engine.states == [ServerState.RECOVER, ServerState.RECOVER_WAIT, ServerState.RECOVER_DONE, ServerState.NORMAL]
