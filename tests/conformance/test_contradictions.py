"""windows-failover.md section 10: where the sources contradict each other, the default is the choice taken, and the other reading
works when a `Dialect` asks for it. C7 to C9, C11 and C13 are not the engine's."""

from __future__ import annotations

from dataclasses import replace

from connection_pair import MCLT_S, T0, ConnectionPair, address, mac, relationship, scope
from test_server_state_table import Lone

from migrate.failover.bindings import ABANDONED, ACTIVE, FREE
from migrate.failover.codes import MessageType, ServerState
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect, HashKey, ReserveBase, SkewAction, SkewCheck
from migrate.failover.effects import Order, RequestKind
from migrate.model.relationship import FailoverMode

STANDBY = relationship(FailoverMode.HOT_STANDBY, reserve_percent=10)


def served_alone(dialect: Dialect, *, standby: bool, after_s: int = 0) -> int:
    """How many of 25 new clients the secondary has an address for while the primary is gone, in COMMUNICATIONS-INTERRUPTED."""
    pair = ConnectionPair(dialect, relationship=STANDBY if standby else relationship()).to_normal()
    pair.crash(pair.primary)
    pair.advance(after_s)
    assert pair.secondary.state is ServerState.COMMUNICATIONS_INTERRUPTED
    return sum(pair.discover(pair.secondary, mac(number)) is not None for number in range(1, 26))


def test_defaults_are_the_choices_taken() -> None:
    assert not WINDOWS.any_server_renews, "C1: silent"
    assert (WINDOWS.skew_check, WINDOWS.skew_action) == (SkewCheck.EVERY_MESSAGE, SkewAction.REJECT), "C2: reject"
    assert (WINDOWS.secondary_dials, WINDOWS.primary_accepts_connect) == (False, True), "C3: primary sends, accept either"
    assert not WINDOWS.partner_pool_while_interrupted, "C4: own pool only"
    assert WINDOWS.reserve_base is ReserveBase.FREE_ADDRESSES, "C5"
    assert WINDOWS.hash_key is HashKey.HARDWARE_ADDRESS, "C6: MAC"
    assert not WINDOWS.takes_over_without_partner_down, "C10: PARTNER DOWN required"
    assert not WINDOWS.keeps_partners_declined, "C12: EXPIRED on the wire"


def test_c1_silence_is_for_init_reboot_as_well() -> None:
    """EXA steps 19-21; dhcpd balances no REQUEST and answers from its own addresses."""
    for dialect, answered in ((WINDOWS, False), (ISC, True)):
        pair = ConnectionPair(dialect).to_normal()
        client = pair.client_of(pair.primary)
        lease = pair.lease(client)
        answer = pair.request(pair.secondary, RequestKind.INIT_REBOOT, client, lease.address)
        assert (answer is not None) is answered


def test_c4_own_pool_only_while_interrupted() -> None:
    assert served_alone(WINDOWS, standby=False) == 10
    assert served_alone(replace(WINDOWS, partner_pool_while_interrupted=True), standby=False) == 20


def test_c10_mclt_alone_opens_nothing() -> None:
    other = replace(WINDOWS, takes_over_without_partner_down=True)
    assert served_alone(WINDOWS, standby=True, after_s=MCLT_S) == 2
    assert served_alone(other, standby=True, after_s=MCLT_S - 1) == 2
    assert served_alone(other, standby=True, after_s=MCLT_S) == 20
    assert served_alone(other, standby=False, after_s=MCLT_S) == 10, "the sentence is about hot standby"


def test_c12_declined_address_stays_declined_where_it_was_declined() -> None:
    for dialect, partners_view in ((WINDOWS, FREE), (DRAFT, ABANDONED)):
        pair = ConnectionPair(dialect).to_normal()
        client = pair.client_of(pair.secondary)
        lease = pair.lease(client)
        pair.request(pair.secondary, RequestKind.DECLINE, client, lease.address)
        assert pair.secondary.running.table.get(lease.address).state is ABANDONED
        assert pair.primary.running.table.get(lease.address).state is partners_view


def test_c12_partner_may_lease_it_without_a_lasting_conflict() -> None:
    """K3: BAD_ADDRESS on one partner and active on the other for ever is what must not remain."""
    pair = ConnectionPair(scopes=[scope(last="10.20.0.12")]).to_normal()
    decliner, newcomer = pair.client_of(pair.secondary), pair.client_of(pair.primary)
    lease = pair.lease(decliner)
    pair.request(pair.secondary, RequestKind.DECLINE, decliner, lease.address)
    pair.advance(1)
    offer = pair.discover(pair.primary, newcomer, address=lease.address)
    assert offer is not None
    assert offer.address == lease.address
    pair.request(pair.primary, RequestKind.SELECTING, newcomer, offer.address)
    for partner in pair.partners:
        binding = partner.running.table.get(lease.address)
        assert (binding.state, binding.client) == (ACTIVE, newcomer)
    assert 20291 not in pair.secondary.event_ids


def test_windows_asks_for_updates_when_an_interruption_ends_and_the_draft_does_not() -> None:
    """EXA, "owner back", against D12 9.8.3."""
    for dialect, asks in ((WINDOWS, True), (DRAFT, False)):
        pair = ConnectionPair(dialect).to_normal()
        pair.cut()
        pair.heal()
        pair.advance(60)
        assert (MessageType.UPDREQ in pair.primary.sent_types()) is asks


def test_dhcpd_serves_nobody_beside_a_partner_in_partner_down() -> None:
    """failover-protocol.md 5: "ISC additionally stops serving whenever the partner's last state is PARTNER-DOWN"."""
    for dialect, served in ((replace(ISC, serves_while_unsettled=True), False), (DRAFT, True)):
        lone = Lone(ServerState.RESOLUTION_INTERRUPTED, dialect=dialect)
        lone.report(ServerState.POTENTIAL_CONFLICT)
        lone.do(lone.endpoint.disconnected(lone.now))
        lone.do(lone.endpoint.submit(Order.PARTNER_DOWN, lone.now))
        assert lone.endpoint.state is ServerState.PARTNER_DOWN
        assert (lone.answer(RequestKind.DISCOVER, number=2) is not None) is served


def test_who_ends_leases_in_normal() -> None:
    """failover-protocol.md 10: the primary alone, unless a dialect says otherwise; outside NORMAL each server."""
    for dialect in (WINDOWS, replace(WINDOWS, secondary_expires_in_normal=True)):
        pair = ConnectionPair(dialect).to_normal()
        lease = pair.lease(pair.client_of(pair.secondary))
        sent_before = pair.secondary.sent_types().count(MessageType.BNDUPD)
        pair.advance(MCLT_S + 60)
        assert pair.secondary.running.table.get(lease.address).state is not ACTIVE
        sent = pair.secondary.sent_types().count(MessageType.BNDUPD) - sent_before
        assert sent == (0 if dialect is WINDOWS else sent)
    pair = ConnectionPair().to_normal()
    lease = pair.lease(pair.client_of(pair.secondary))
    pair.cut()
    pair.advance(MCLT_S + 60)
    assert pair.now == T0 + MCLT_S + 60
    assert pair.secondary.running.table.get(address("10.20.0.21")) == pair.secondary.running.table.get(lease.address)
    assert pair.secondary.running.table.get(lease.address).state.name == "EXPIRED"
