"""Conflicts between the two databases, on the wire (failover-protocol.md 5.1, 10; windows-failover.md 2.6, 3, 4.1)."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from connection_pair import LEASE_S, T0, ConnectionPair, address, agree, imported_lease, mac, scope

from migrate.failover.bindings import ABANDONED, ACTIVE, FREE, Binding
from migrate.failover.codes import MessageType, RejectReason, ServerState
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect
from migrate.failover.effects import Order, RequestKind, ServerRecord
from migrate.failover.notes import REJECT_RECEIVED, REJECT_SENT

DIALECTS = pytest.mark.parametrize("dialect", [WINDOWS, DRAFT, ISC], ids=lambda dialect: dialect.flavour)


def both_partner_down(dialect: Dialect) -> ConnectionPair:
    """EXA, "both reach PARTNER DOWN", long enough for duplicates; then the link is back."""
    pair = ConnectionPair(dialect, scopes=[scope("10.20.0.11", "10.20.0.16")]).to_normal()
    pair.cut()
    for partner in pair.partners:
        pair.submit(partner, Order.PARTNER_DOWN)
    pair.advance(4000)
    for place, partner in enumerate(pair.partners):
        for number in range(1, 7):
            client = mac(100 * place + number)
            offer = pair.discover(partner, client)
            assert offer is not None
            pair.request(partner, RequestKind.SELECTING, client, offer.address)
    return pair


@DIALECTS
def test_potential_conflict_is_resolved_in_turns(dialect: Dialect) -> None:
    """5.1 PC: the primary sends UPDREQ, CONFLICT-DONE; the secondary UPDREQ, NORMAL; the primary NORMAL."""
    pair = both_partner_down(dialect)
    for partner in pair.partners:
        partner.forget()
    pair.heal()
    pair.advance(60)
    primarys_way = [ServerState.POTENTIAL_CONFLICT, ServerState.CONFLICT_DONE, ServerState.NORMAL]
    assert pair.primary.states == primarys_way
    assert pair.secondary.states == [ServerState.POTENTIAL_CONFLICT, ServerState.NORMAL]
    requests = [[kind for kind in partner.sent_types() if kind is MessageType.UPDREQ] for partner in pair.partners]
    assert requests == [[MessageType.UPDREQ], [MessageType.UPDREQ]]


@pytest.mark.parametrize("dialect", [WINDOWS, DRAFT], ids=lambda dialect: dialect.flavour)
def test_of_two_clients_the_primarys_stays(dialect: Dialect) -> None:
    """D12 figure 7.1.3-1, note 5: the secondary accepts, the primary rejects with 2."""
    pair = both_partner_down(dialect)
    pair.heal()
    pair.advance(60)
    for number in range(11, 17):
        holders = {partner.binding(f"10.20.0.{number}").client for partner in pair.partners}
        assert holders == {pair.primary.binding(f"10.20.0.{number}").client}
        assert min(client.hardware[-1] for client in holders if client) < 100
    sent = [note for note in pair.primary.notes if note.kind is REJECT_SENT]
    received = [note for note in pair.secondary.notes if note.kind is REJECT_RECEIVED]
    assert len(sent) == len(received) == 6
    assert {note.subject[2] for note in sent} == {RejectReason.FATAL_CONFLICT.name}
    assert agree(pair)


def test_link_lost_during_the_conflict() -> None:
    """4.1: RESOLUTION_INTERRUPTED while the link is gone; link back: POTENTIAL_CONFLICT again, and to the end."""
    pair = both_partner_down(WINDOWS)
    pair.crash(pair.secondary)
    pair.primary.storage.server = ServerRecord(ServerState.POTENTIAL_CONFLICT, pair.now)
    pair.heal()
    pair.crash(pair.primary)
    pair.start(pair.primary)
    pair.advance(300)
    assert pair.primary.state is ServerState.RESOLUTION_INTERRUPTED
    pair.start(pair.secondary)
    pair.advance(60)
    assert [partner.state for partner in pair.partners] == [ServerState.NORMAL, ServerState.NORMAL]
    assert agree(pair)


def refused(ours: Binding, theirs: Binding, dialect: Dialect = WINDOWS) -> list[str]:
    """Reject reasons that the secondary gives at the first meeting, when the primary comes with `theirs`."""
    pair = ConnectionPair(dialect, primary_bindings=[theirs], secondary_bindings=[ours]).start()
    return [str(note.subject[2]) for note in pair.secondary.notes if note.kind is REJECT_SENT]


def test_outdated_update_is_refused_with_15() -> None:
    newer = imported_lease("10.20.0.11", mac(1), T0 + LEASE_S)._replace(cltt_s=T0 + 5, owed=False)
    assert refused(newer, imported_lease("10.20.0.11", mac(1), T0 + 900)) == ["OUTDATED_BINDING_INFORMATION"]


def test_abandoned_address_is_not_leased_with_16() -> None:
    """D12 figure 7.1.3-1, last row. On Windows only by a lease that is older than the decline (C12, K3)."""
    declined = Binding(address("10.20.0.11"), ABANDONED, stos_s=T0, cltt_s=T0)
    lease = imported_lease("10.20.0.11", mac(1), T0 + 900)
    assert refused(declined, lease, DRAFT) == ["LESS_CRITICAL_BINDING_INFORMATION"]
    assert refused(declined, lease._replace(cltt_s=T0 - 1)) == ["OUTDATED_BINDING_INFORMATION"]
    assert refused(declined, lease._replace(cltt_s=T0 + 1)) == []


def test_address_outside_every_pool_is_refused_with_1() -> None:
    """windows-failover.md 3: address in no pool."""
    assert refused(Binding(address("10.20.0.11"), FREE), imported_lease("10.20.0.99", mac(1), T0 + 900)) == ["ILLEGAL_IP_ADDRESS"]


def test_released_at_one_server_and_known_at_the_other() -> None:
    pair = ConnectionPair().to_normal()
    client = pair.client_of(pair.secondary)
    lease = pair.lease(client)
    pair.request(pair.secondary, RequestKind.RELEASE, client, lease.address)
    assert [partner.running.table.get(lease.address).state for partner in pair.partners] == [FREE, FREE]


def test_lease_renewed_elsewhere_meanwhile_is_not_ended() -> None:
    """D12 figure: ACTIVE meets EXPIRED, t2. The cut-off primary thinks the lease over that the secondary has renewed."""
    pair = ConnectionPair().to_normal()
    client = pair.client_of(pair.primary)
    lease = pair.lease(client)
    pair.cut()
    pair.advance(3000)
    pair.request(pair.secondary, RequestKind.REBINDING, client, lease.address)
    pair.advance(1000)
    assert pair.primary.running.table.get(lease.address).state.name == "EXPIRED"
    pair.heal()
    pair.advance(60)
    for partner in pair.partners:
        binding = partner.running.table.get(lease.address)
        assert (binding.state, binding.client) == (ACTIVE, client)
    assert agree(pair)


def test_secondary_that_lost_its_database_gets_everything_back() -> None:
    """4.1, DHCPF 3.1.7.2: the partner's bindings win; free addresses keep their owner."""
    pair = ConnectionPair().to_normal()
    for number in range(1, 9):
        pair.lease(mac(number))
    before = pair.primary.running.table.records()
    pair.crash(pair.secondary)
    pair.restart(pair.secondary, without_database=True)
    pair.advance(60)
    assert pair.secondary.state is ServerState.RECOVER_WAIT, "its promises are not known, so it waits from its start"
    pair.advance(3600)
    assert [partner.state for partner in pair.partners] == [ServerState.NORMAL, ServerState.NORMAL]
    assert len(before) >= 10
    assert agree(pair)


def test_refused_update_is_sent_again_with_the_next_request_only() -> None:
    """failover-protocol.md 10: "a refused BNDUPD is only dequeued by the sender"."""
    pair = ConnectionPair().to_normal()
    pair.secondary.clock_ahead_s = 100
    lease = pair.lease(pair.client_of(pair.primary))
    pair.secondary.clock_ahead_s = 0
    pair.primary.forget()
    pair.advance(300)
    assert (
        MessageType.BNDUPD not in pair.primary.sent_types() or pair.secondary.running.table.get(lease.address).state is not ACTIVE
    )
    pair.cut()
    pair.heal()
    pair.advance(60)
    assert pair.secondary.running.table.get(lease.address).state is ACTIVE


def test_reject_names_the_address_for_the_event_log() -> None:
    """2.7: 20291 / 20292 with address and reason."""
    newer = imported_lease("10.20.0.11", mac(1), T0 + LEASE_S)._replace(cltt_s=T0 + 5, owed=False)
    older = imported_lease("10.20.0.11", mac(1), T0 + 900)
    pair = ConnectionPair(primary_bindings=[older], secondary_bindings=[newer]).start()
    note = next(note for note in pair.primary.notes if note.event_id == 20292)
    assert note.subject[1] == IPv4Address("10.20.0.11")
    assert note.text == "dhcp01-dhcp02: the partner rejected the binding update for 10.20.0.11: OUTDATED_BINDING_INFORMATION"
