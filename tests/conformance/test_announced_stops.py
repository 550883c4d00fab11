"""PAUSED and SHUTDOWN (D12 9.13, 9.14; windows-failover.md 4.1): a server that says it is going, and comes back."""

from __future__ import annotations

import pytest
from connection_pair import MCLT_S, ConnectionPair, Partner, agree, mac

from migrate.failover.codes import MessageType, ServerState
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect
from migrate.failover.effects import Order
from migrate.failover.messages import StateNotice

S = ServerState
DIALECTS = pytest.mark.parametrize("dialect", [WINDOWS, DRAFT], ids=lambda dialect: dialect.flavour)
BOTH = pytest.mark.parametrize("role", ["primary", "secondary"])


def stopped(pair: ConnectionPair, role: str, order: Order) -> tuple[Partner, Partner]:
    """The partner that was told to stop, and the one that stays."""
    leaving: Partner = getattr(pair, role)
    pair.submit(leaving, order)
    return leaving, pair.other(leaving)


@DIALECTS
@BOTH
def test_shutdown_sends_the_partner_to_partner_down_at_once(dialect: Dialect, role: str) -> None:
    pair = ConnectionPair(dialect).to_normal()
    leaving, staying = stopped(pair, role, Order.SHUT_DOWN)
    told = StateNotice.read(next(m for m in leaving.sent if m.type is MessageType.STATE).options)
    assert told.server_state is S.SHUTDOWN
    assert (leaving.state, staying.state) == (S.SHUTDOWN, S.PARTNER_DOWN)
    assert pair.discover(leaving, mac(1)) is None
    assert pair.discover(staying, mac(1)) is not None


@DIALECTS
@BOTH
def test_server_that_was_shut_down_recovers(dialect: Dialect, role: str) -> None:
    """failover-protocol.md 5.1: SHUTDOWN whose partner went PARTNER-DOWN: RECOVER, even in the same second."""
    pair = ConnectionPair(dialect).to_normal()
    leaving, staying = stopped(pair, role, Order.SHUT_DOWN)
    pair.crash(leaving)
    pair.advance(1200)
    pair.lease(mac(1))
    leaving.forget()
    pair.restart(leaving)
    pair.advance(60)
    assert leaving.states[:2] == [S.RECOVER, S.RECOVER_WAIT]
    pair.advance(MCLT_S)
    assert (leaving.state, staying.state) == (S.NORMAL, S.NORMAL)
    assert agree(pair)


@DIALECTS
@BOTH
def test_pause_leaves_the_partner_in_communications_interrupted(dialect: Dialect, role: str) -> None:
    """4.1 NORMAL: "partner PAUSED: COMMUNICATION_INT"; back again both are NORMAL without recovery."""
    pair = ConnectionPair(dialect).to_normal()
    leaving, staying = stopped(pair, role, Order.PAUSE)
    assert (leaving.state, staying.state) == (S.PAUSED, S.COMMUNICATIONS_INTERRUPTED)
    pair.crash(leaving)
    pair.advance(600)
    pair.lease(mac(1))
    leaving.forget()
    pair.restart(leaving)
    pair.advance(60)
    assert leaving.states == [S.COMMUNICATIONS_INTERRUPTED, S.NORMAL]
    assert staying.state is S.NORMAL
    assert agree(pair)


def test_pause_then_shutdown_resumes_the_state_before_both() -> None:
    pair = ConnectionPair().to_normal()
    leaving, staying = stopped(pair, "primary", Order.PAUSE)
    pair.submit(leaving, Order.SHUT_DOWN)
    assert staying.state is S.PARTNER_DOWN
    assert leaving.storage.server is not None
    assert (leaving.storage.server.state, leaving.storage.server.previous) == (S.SHUTDOWN, S.NORMAL)


def test_dhcpd_stays_as_it_was_told() -> None:
    """failover-protocol.md 5.1: both are sticky (LIVE: stuck in SHUTDOWN until told otherwise)."""
    pair = ConnectionPair(ISC).to_normal()
    leaving, _ = stopped(pair, "secondary", Order.SHUT_DOWN)
    pair.crash(leaving)
    pair.restart(leaving)
    pair.advance(3600)
    assert leaving.state is S.SHUTDOWN


def test_orders_that_change_nothing_are_refused() -> None:
    pair = ConnectionPair().to_normal()
    leaving, _ = stopped(pair, "primary", Order.SHUT_DOWN)
    leaving.forget()
    for order in (Order.PAUSE, Order.SHUT_DOWN, Order.PARTNER_DOWN):
        pair.submit(leaving, order)
    assert [note.text.split(": ")[1] for note in leaving.notes] == ["order refused in SHUTDOWN"] * 3
