"""Two partners that have never met reach NORMAL in every dialect, and both then hold the same bindings."""

from __future__ import annotations

import pytest
from connection_pair import T0, ConnectionPair, agree, imported_lease, mac

from migrate.failover.codes import MessageType, ServerState
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect

DIALECTS = pytest.mark.parametrize("dialect", [WINDOWS, ISC, DRAFT], ids=lambda dialect: dialect.flavour)


@DIALECTS
def test_new_partners_reach_normal_through_recover(dialect: Dialect) -> None:
    """failover-protocol.md 5.1: RECOVER, no wait because both are new, RECOVER-DONE, NORMAL."""
    pair = ConnectionPair(dialect).start()
    way = [ServerState.RECOVER, ServerState.RECOVER_WAIT, ServerState.RECOVER_DONE, ServerState.NORMAL]
    assert pair.primary.states == way
    assert pair.secondary.states == way
    assert pair.now == T0


@DIALECTS
def test_imported_leases_reach_the_partner(dialect: Dialect) -> None:
    leases = [imported_lease(f"10.20.0.{number}", mac(number), T0 + 5000) for number in range(11, 31)]
    pair = ConnectionPair(dialect, primary_bindings=leases).start()
    assert [pair.secondary.binding(f"10.20.0.{number}").client for number in range(11, 31)] == [mac(n) for n in range(11, 31)]
    assert agree(pair)
    batches = [message for message in pair.primary.sent if message.type is MessageType.BNDUPD]
    assert len(batches) == {16: 2, 1: 20}[dialect.batch_size]


@DIALECTS
def test_both_may_have_imported_the_same_leases(dialect: Dialect) -> None:
    """Nobody knows when these clients were last heard of (failover-protocol.md 12: the same lease file on both servers)."""
    leases = [imported_lease(f"10.20.0.{number}", mac(number), T0 + 5000)._replace(cltt_s=0) for number in range(11, 31)]
    pair = ConnectionPair(dialect, primary_bindings=leases, secondary_bindings=leases).start()
    pair.advance(60)
    assert [partner.state for partner in pair.partners] == [ServerState.NORMAL, ServerState.NORMAL]
    assert agree(pair)
    assert not any(partner.running.table.get(lease.address).owed for partner in pair.partners for lease in leases)


@DIALECTS
def test_the_second_meeting_needs_no_recovery(dialect: Dialect) -> None:
    pair = ConnectionPair(dialect).to_normal()
    for partner in pair.partners:
        pair.crash(partner)
        pair.other(partner).forget()
    pair.start()
    assert [partner.states for partner in pair.partners] == [[ServerState.COMMUNICATIONS_INTERRUPTED, ServerState.NORMAL]] * 2
