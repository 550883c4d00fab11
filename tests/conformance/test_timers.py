"""windows-failover.md 4.2: each timer with its default, just before and at its end; beside it dhcpd's (failover-protocol.md 1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from connection_pair import MCLT_S, ConnectionPair, address, mac, relationship

from migrate.failover.bindings import ABANDONED, FREE
from migrate.failover.codes import MessageType, RejectReason, ServerState
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, SkewAction
from migrate.failover.effects import Dial, HangUp, Order, ReplyKind, RequestKind

INTERRUPTED = ServerState.COMMUNICATIONS_INTERRUPTED


def dials(pair: ConnectionPair) -> int:
    return sum(isinstance(effect, Dial) for effect in pair.primary.effects)


@pytest.mark.parametrize("switch_s", [3600, 600], ids=["60 minutes", "10 minutes"])
def test_safe_period_runs_from_each_entry_to_communications_interrupted(switch_s: int) -> None:
    """4.2 safe period: to PARTNER_DOWN; restarted on each entry (20252, error form)."""
    pair = ConnectionPair(relationship=relationship(switch_s=switch_s)).to_normal()
    pair.cut()
    pair.advance(switch_s - 60)
    pair.heal()
    pair.advance(60)
    assert pair.primary.state is ServerState.NORMAL
    pair.cut()
    pair.advance(switch_s - 1)
    assert pair.primary.state is INTERRUPTED
    pair.advance(1)
    assert pair.primary.state is ServerState.PARTNER_DOWN
    assert pair.primary.event_ids[-1] == 20252


def test_safe_period_is_off_by_default() -> None:
    pair = ConnectionPair().to_normal()
    pair.cut()
    pair.advance(30 * 86400)
    assert [partner.state for partner in pair.partners] == [INTERRUPTED, INTERRUPTED]


@pytest.mark.parametrize(("dialect", "retry_s"), [(WINDOWS, 60), (ISC, 5)], ids=["windows", "isc"])
def test_primary_dials_again_after_the_retry_time(dialect, retry_s: int) -> None:  # type: ignore[no-untyped-def]
    """4.2 connect retry: 1 minute; dhcpd 5 s."""
    pair = ConnectionPair(dialect).to_normal()
    pair.cut()
    assert dials(pair) == 0
    pair.advance(retry_s - 1)
    assert dials(pair) == 0
    pair.advance(1)
    assert dials(pair) == 1
    pair.advance(3 * retry_s)
    assert dials(pair) == 4


def test_secondary_waits_to_be_called() -> None:
    """C3: the primary connects. Both of dhcpd's ends dial."""
    pair = ConnectionPair().to_normal()
    pair.cut()
    pair.advance(600)
    assert not any(isinstance(effect, Dial) for effect in pair.secondary.effects)
    pair = ConnectionPair(ISC).to_normal()
    pair.cut()
    pair.advance(600)
    assert any(isinstance(effect, Dial) for effect in pair.secondary.effects)


@pytest.mark.parametrize(("dialect", "startup_s"), [(WINDOWS, 300), (ISC, 15), (DRAFT, 10)], ids=["windows", "isc", "draft"])
def test_startup_is_left_alone_after_its_time(dialect, startup_s: int) -> None:  # type: ignore[no-untyped-def]
    """4.2 startup: 5 minutes; dhcpd 15 s; the draft 5 to 10 s."""
    pair = ConnectionPair(dialect).to_normal()
    for partner in pair.partners:
        pair.crash(partner)
    pair.start(pair.primary)
    pair.advance(startup_s - 1)
    assert pair.primary.state is ServerState.STARTUP
    pair.advance(1)
    assert pair.primary.state is INTERRUPTED


@pytest.mark.parametrize(("dialect", "receive_s"), [(WINDOWS, 180), (ISC, 20)], ids=["windows", "isc"])
def test_silence_drops_the_link_and_contact_prevents_it(dialect, receive_s: int) -> None:  # type: ignore[no-untyped-def]
    """4.2 tReceive 3 minutes, tSend a third of it; dhcpd 20 s and a third."""
    pair = ConnectionPair(dialect).to_normal()
    pair.advance(receive_s * 2)
    assert pair.primary.sent_types().count(MessageType.CONTACT) in (receive_s * 2 // (receive_s // 3), 5)
    assert [partner.state for partner in pair.partners] == [ServerState.NORMAL, ServerState.NORMAL]
    pair.cut(noticed=False)
    pair.primary.forget()
    pair.advance(receive_s - receive_s // 3)
    assert pair.primary.state is ServerState.NORMAL
    pair.advance(receive_s // 3)
    assert pair.primary.state is INTERRUPTED
    assert [effect.reason for effect in pair.primary.effects if isinstance(effect, HangUp)] == [
        f"nothing received for {receive_s} s"
    ]
    assert 20255 in pair.primary.event_ids


def test_contact_is_sent_after_silence_of_our_own_only() -> None:
    """4.2 tSend: restarted by anything that is sent (failover-protocol.md 1)."""
    pair = ConnectionPair().to_normal()
    client = pair.client_of(pair.primary)
    pair.advance(59)
    pair.lease(client)
    pair.advance(59)
    assert MessageType.CONTACT not in pair.primary.sent_types()
    pair.advance(1)
    assert pair.primary.sent_types()[-1] is MessageType.CONTACT


def test_a_link_without_connect_is_given_up() -> None:
    """failover-protocol.md 1: dhcpd waits 15 s for CONNECT on a new link."""
    pair = ConnectionPair(ISC)
    pair.start(pair.secondary)
    effects = pair.secondary.running.connected(pair.now)
    assert effects == ()
    assert pair.secondary.running.timer(pair.now + 14) == ()
    assert any(isinstance(effect, HangUp) for effect in pair.secondary.running.timer(pair.now + 15))


def test_recover_wait_and_pool_takeover_last_mclt() -> None:
    """4.2 MCLT: lease cap, pool takeover delay, RECOVER_WAIT. (The cap and the wait step by step: test_lease_times.)"""
    pair = ConnectionPair(relationship=relationship(mclt_s=1000)).to_normal()
    assert pair.lease(pair.client_of(pair.primary)).lease_s == 1000
    pair.crash(pair.secondary)
    pair.submit(pair.primary, Order.PARTNER_DOWN)
    newcomers = [pair.client_of(pair.primary, number=number) for number in range(1, 21)]
    pair.advance(999)
    assert sum(pair.discover(pair.primary, client) is not None for client in newcomers) == 9
    pair.advance(1)
    assert sum(pair.discover(pair.primary, client) is not None for client in newcomers) == 19


def test_an_offer_is_kept_for_a_while() -> None:
    pair = ConnectionPair().to_normal()
    clients = [pair.client_of(pair.primary, number=number) for number in range(11)]
    assert all(pair.discover(pair.primary, client) for client in clients[:10])
    assert pair.discover(pair.primary, clients[10]) is None
    assert pair.primary.event_ids[-1] == 20287
    pair.advance(59)
    assert pair.discover(pair.primary, clients[10]) is None
    pair.advance(1)
    assert pair.discover(pair.primary, clients[10]) is not None


def test_declined_address_is_out_of_use_for_a_day() -> None:
    """Then it is free again on both sides (dhcpd: abandon-lease-time); C12: the partner never held it declined."""
    pair = ConnectionPair().to_normal()
    client = pair.client_of(pair.primary)
    lease = pair.lease(client)
    pair.request(pair.primary, RequestKind.DECLINE, client, lease.address)
    views = [partner.running.table.get(lease.address).state for partner in pair.partners]
    assert views == [ABANDONED, FREE]
    pair.advance(86399)
    assert pair.primary.running.table.get(lease.address).state is ABANDONED
    pair.advance(1)
    assert pair.primary.running.table.get(lease.address).state is not ABANDONED


def test_a_lease_is_over_a_minute_after_its_end() -> None:
    """The partner that gave it may have a slower clock (C2 allows a minute)."""
    pair = ConnectionPair().to_normal()
    lease = pair.lease(pair.client_of(pair.primary))
    pair.advance(MCLT_S + 59)
    assert pair.primary.running.table.get(lease.address).expiry_s == pair.now - 59
    pair.advance(1)
    assert pair.primary.running.table.get(lease.address).expiry_s == 0


# The time check.


def lease_under_skew(ahead_s: int, dialect=WINDOWS) -> ConnectionPair:  # type: ignore[no-untyped-def]
    pair = ConnectionPair(dialect).to_normal()
    pair.secondary.clock_ahead_s = ahead_s
    pair.lease(pair.client_of(pair.primary))
    return pair


@pytest.mark.parametrize("ahead_s", [60, -60])
def test_clocks_may_differ_by_a_minute(ahead_s: int) -> None:
    pair = lease_under_skew(ahead_s)
    assert 20253 not in pair.secondary.event_ids
    assert 20291 not in pair.secondary.event_ids


@pytest.mark.parametrize("ahead_s", [61, -61])
def test_more_rejects_the_update_and_changes_no_state(ahead_s: int) -> None:
    """C2: update rejected, event 20253, no state change; the sender sees reason 4 (20292)."""
    pair = lease_under_skew(ahead_s)
    assert 20253 in pair.secondary.event_ids
    assert 20291 in pair.secondary.event_ids
    assert RejectReason.TIME_MISMATCH.name in next(note.text for note in pair.primary.notes if note.event_id == 20292)
    assert [partner.state for partner in pair.partners] == [ServerState.NORMAL, ServerState.NORMAL]


def test_skew_is_noted_once_a_link_and_not_once_a_message() -> None:
    pair = lease_under_skew(100)
    pair.advance(600)
    assert pair.secondary.event_ids.count(20253) == 1


def test_skew_can_close_the_connection() -> None:
    """C2, the other reading (DHCPF 3.1.5)."""
    pair = lease_under_skew(100, replace(WINDOWS, skew_action=SkewAction.CLOSE))
    assert pair.primary.state is INTERRUPTED
    assert pair.secondary.state is INTERRUPTED


def test_dhcpd_refuses_the_connection_and_nothing_later() -> None:
    """failover-protocol.md 1: 60 s, checked only at connect, reject 4."""
    pair = lease_under_skew(100, ISC)
    assert pair.secondary.state is ServerState.NORMAL
    pair.cut()
    pair.heal()
    pair.advance(60)
    assert pair.secondary.state is INTERRUPTED
    assert 20309 in pair.secondary.event_ids
    assert "TIME_MISMATCH" in next(note.text for note in pair.primary.notes if note.event_id == 20310)


def test_deadline_is_never_in_the_past_after_it_was_met() -> None:
    """Whoever calls `timer` at each deadline always gets further."""
    pair = ConnectionPair(relationship=relationship(switch_s=600)).to_normal()
    for number in range(1, 8):
        pair.lease(mac(number))
    pair.cut()
    for partner in pair.partners:
        now = pair.now
        for _ in range(2000):
            due = partner.running.deadline()
            if due is None or due > now + 3 * 86400:
                break
            assert due >= now
            now = due
            partner.running.timer(now)
            following = partner.running.deadline()
            assert following is None or following > now


def test_leases_of_a_renewing_client_are_looked_at_and_kept() -> None:
    pair = ConnectionPair().to_normal()
    client = pair.client_of(pair.primary)
    lease = pair.lease(client)
    for _ in range(5):
        pair.advance(MCLT_S // 2)
        answer = pair.request(pair.primary, RequestKind.RENEWING, client, lease.address)
        assert answer is not None
        assert answer.kind is ReplyKind.ACK
    assert pair.primary.running.table.get(address("10.20.0.11")).client == client
