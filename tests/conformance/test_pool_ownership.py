"""windows-failover.md 4.3 and 4.4: who owns which free address, and how the primary keeps the share."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from connection_pair import HOT_STANDBY, LEASE_S, ConnectionPair, address, agree, mac, relationship, scope

from migrate.failover.bindings import ACTIVE, BACKUP, FREE, Binding
from migrate.failover.codes import MessageType, PoolMove, RejectReason, ServerState
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect, ReserveBase
from migrate.failover.effects import Order, Send
from migrate.failover.messages import BindingUpdate
from migrate.failover.notes import REJECT_SENT
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.relationship import FailoverMode
from migrate.model.scope import ExclusionRange, Reservation
from migrate.model.server import Role


def backup(pair: ConnectionPair, first: str = "10.20.0.0", last: str = "10.20.0.255") -> int:
    """Free addresses of the secondary in a range; both servers must say the same."""
    inside = range(address(first), address(last) + 1)
    tables = [partner.running.table for partner in pair.partners]
    counts = [sum(binding.state is BACKUP and binding.address in inside for binding in table.records()) for table in tables]
    assert counts[0] == counts[1]
    return counts[0]


def test_exclusions_and_reservations_never_enter_the_split() -> None:
    """4.3: per address exactly one of primary's, secondary's, excluded, reserved."""
    reservation = Reservation(ip_address=IPv4Address("10.20.0.15"), client_id=ClientId(mac(1).identity))
    inside = Reservation(ip_address=IPv4Address("10.20.0.21"), client_id=ClientId(mac(2).identity))
    exclusion = ExclusionRange(range=AddressRange.parse("10.20.0.20", "10.20.0.25"))
    pair = ConnectionPair(scopes=[scope(reservations=(reservation, inside), exclusions=(exclusion,))]).to_normal()
    assert backup(pair) == (20 - 6 - 1) // 2
    for kept_out in ("10.20.0.15", "10.20.0.20", "10.20.0.21", "10.20.0.25"):
        assert pair.primary.running.configuration.pool_of(address(kept_out)) is None
        assert pair.primary.binding(kept_out).state is FREE


SHARES = [
    ("50 percent of 20", relationship(), 20, 10),
    ("50 percent of 21", relationship(), 21, 10),
    ("70 percent of 20", relationship(load_balance_percent=70), 20, 6),
    ("0 percent", relationship(load_balance_percent=0), 20, 20),
    ("100 percent", relationship(load_balance_percent=100), 20, 0),
    ("reserve 5 of 20", HOT_STANDBY, 20, 1),
    ("reserve 5 of 19", HOT_STANDBY, 19, 0),
    ("reserve 10 of 39", relationship(FailoverMode.HOT_STANDBY, reserve_percent=10), 39, 3),
    ("reserve 0", relationship(FailoverMode.HOT_STANDBY, reserve_percent=0), 20, 0),
]


@pytest.mark.parametrize(("made", "size", "expected"), [row[1:] for row in SHARES], ids=[row[0] for row in SHARES])
def test_share_of_the_secondary_is_rounded_down(made, size: int, expected: int) -> None:  # type: ignore[no-untyped-def]
    """4.3: load percentage, or reserve percentage, of the free addresses; "use floor for the secondary"."""
    pair = ConnectionPair(relationship=made, scopes=[scope("10.20.0.11", str(IPv4Address(address("10.20.0.11") + size - 1)))])
    assert backup(pair.to_normal()) == expected


def test_each_policy_range_is_shared_by_itself() -> None:
    """4.3: unit of the split is each policy IP range and the remaining range; a range of one address has one owner."""

    def policy(name: str, order: int, first: str, last: str) -> Policy:
        condition = PolicyCondition(field="VendorClass", operator="EQ", values=(name,))
        return Policy(name=name, processing_order=order, conditions=(condition,), ip_ranges=(AddressRange.parse(first, last),))

    policies = (policy("phones", 1, "10.20.0.11", "10.20.0.14"), policy("printer", 2, "10.20.0.15", "10.20.0.15"))
    pair = ConnectionPair(scopes=[scope(policies=policies)]).to_normal()
    assert backup(pair, "10.20.0.11", "10.20.0.14") == 2
    assert backup(pair, "10.20.0.15", "10.20.0.15") == 0
    assert backup(pair, "10.20.0.16", "10.20.0.30") == 7
    for partner in pair.partners:
        offer = pair.discover(partner, pair.client_of(partner), attributes={"VendorClass": "phones"})
        assert offer is not None
        assert address("10.20.0.11") <= offer.address <= address("10.20.0.14")
        assert offer.policies == ("phones",)


def test_moves_are_pool_messages_with_status_one_and_two() -> None:
    """4.3: BNDUPD with IP-Flags 0 and status 1 FREE or 2 BACKUP."""
    pair = ConnectionPair().start()
    pair.submit(pair.primary, Order.REBALANCE)
    given = [m for m in pair.primary.sent if m.type is MessageType.BNDUPD]
    updates = [BindingUpdate.read(options) for message in given for options in message.transactions]
    assert len(updates) == 10
    assert {(update.status, update.ip_flags, update.hardware_address) for update in updates} == {(PoolMove.BACKUP, 0, None)}


def test_rebalancing_runs_every_five_minutes_by_the_primary_alone() -> None:
    """4.2 and 4.3: every 300 s in NORMAL, by the primary; the timer starts on entering NORMAL."""
    pair = ConnectionPair().start()
    pair.advance(299)
    assert backup(pair) == 0
    pair.advance(1)
    assert backup(pair) == 10
    leases = [binding for binding in pair.secondary.running.table.records() if binding.state is BACKUP][:4]
    clients = [pair.client_of(pair.secondary, number=number) for number in range(4)]
    for client in clients:
        pair.lease(client)
    assert backup(pair) == 10 - len(leases)
    pair.advance(300)
    assert backup(pair) == 8
    assert 20161 in pair.primary.event_ids
    assert 20161 not in pair.secondary.event_ids
    assert agree(pair)


def test_primary_takes_back_what_is_too_much() -> None:
    """4.3 RECONCILE: leases of the primary's side leave the secondary with more than its share."""
    pair = ConnectionPair().to_normal()
    for number in range(8):
        pair.lease(pair.client_of(pair.primary, number=number))
    pair.submit(pair.primary, Order.REBALANCE)
    assert backup(pair) == 6
    assert agree(pair)


def test_what_is_taken_back_is_not_leased_before_the_secondary_agrees() -> None:
    """failover-protocol.md 7: the secondary refuses an address that it has in use by then."""
    pair = ConnectionPair().to_normal()
    for number in range(8):
        pair.lease(pair.client_of(pair.primary, number=number))
    pair.cut(noticed=False)
    pair.submit(pair.primary, Order.REBALANCE)
    wanted = pair.client_of(pair.primary, number=8), pair.client_of(pair.primary, number=9), pair.client_of(pair.primary, number=10)
    offers = [pair.discover(pair.primary, client) for client in wanted]
    assert [offer is not None for offer in offers] == [True, True, False]


def test_free_or_backup_for_a_reserved_address_is_rejected_with_15() -> None:
    """4.4: while one side alone has the reservation, redistribution updates for that address are rejected there (20291, 20292)."""
    pair = ConnectionPair()
    reserved = Reservation(ip_address=IPv4Address("10.20.0.30"), client_id=ClientId(mac(1).identity))
    with_reservation = scope(reservations=(reserved,))
    made = relationship()
    pair.secondary.configuration = Configuration.of_model(made, [with_reservation], Role.SECONDARY, IPv4Address("10.1.0.2"))
    pair.start()
    pair.submit(pair.primary, Order.REBALANCE)
    assert 20292 in pair.primary.event_ids
    note = next(note for note in pair.secondary.notes if note.kind is REJECT_SENT)
    assert note.subject[1:] == (IPv4Address("10.20.0.30"), RejectReason.OUTDATED_BINDING_INFORMATION.name)


def test_either_server_leases_a_reserved_address_to_its_client_alone() -> None:
    """4.4: the hash applies to reserved clients too; in COMMUNICATION INTERRUPTED both can serve them."""
    client = mac(1)
    reservation = Reservation(ip_address=IPv4Address("10.20.0.30"), client_id=ClientId(client.identity))
    pair = ConnectionPair(scopes=[scope(reservations=(reservation,))]).to_normal()
    owner = pair.owner(client)
    assert pair.discover(pair.other(owner), client) is None
    pair.cut()
    for partner in pair.partners:
        offer = pair.discover(partner, client)
        assert offer is not None
        assert offer.address == address("10.20.0.30")
        assert pair.discover(partner, mac(2), address=address("10.20.0.30")).address != address("10.20.0.30")  # type: ignore[union-attr]


def test_reserve_can_be_reckoned_from_the_range() -> None:
    """C5: percent of the free addresses by default, of the address range when told so."""
    made = relationship(FailoverMode.HOT_STANDBY, reserve_percent=10)
    leases = [Binding(address(f"10.20.0.{n}"), ACTIVE, mac(n), expiry_s=2_000_000_000, cltt_s=1, owed=True) for n in range(11, 23)]
    for base, expected in ((ReserveBase.FREE_ADDRESSES, 0), (ReserveBase.ADDRESS_RANGE, 2)):
        dialect = replace(WINDOWS, reserve_base=base)
        pair = ConnectionPair(dialect, relationship=made, scopes=[scope(lease_s=LEASE_S)], primary_bindings=leases).to_normal()
        assert backup(pair) == expected


def test_dhcpd_shares_in_halves_whatever_the_split() -> None:
    """failover-protocol.md 7: "split 0 still 20/20 of 40", on entering NORMAL."""
    pair = ConnectionPair(
        ISC, relationship=relationship(load_balance_percent=0), scopes=[scope("10.20.0.11", "10.20.0.50")]
    ).start()
    assert backup(pair) == 20


@pytest.mark.parametrize("dialect", [WINDOWS, DRAFT], ids=lambda dialect: dialect.flavour)
def test_pool_request_on_entering_normal_is_the_drafts(dialect: Dialect) -> None:
    """D12 7.6, against DHCPF 3.2.5.2, 3.3.5.2. POOLRESP with the number moved comes before the addresses."""
    pair = ConnectionPair(dialect).start()
    sent = pair.primary.sent_types() + pair.secondary.sent_types()
    assert (MessageType.POOLREQ in sent, MessageType.POOLRESP in sent) == ((dialect is DRAFT),) * 2


def test_dhcpd_asks_for_addresses_on_its_timer_only_and_when_starved() -> None:
    """failover-protocol.md 7: a request without need makes dhcpd warn of an inconsistent database."""
    pair = ConnectionPair(ISC).start()
    assert MessageType.POOLREQ not in pair.secondary.sent_types()
    for number in range(backup(pair)):
        assert pair.lease(pair.client_of(pair.secondary, number=number)).server_id == pair.secondary.configuration.server_id
    pair.advance(ISC.timers.rebalancing_s - 1)
    effects = pair.secondary.running.timer(pair.now + 1)
    assert MessageType.POOLREQ in [effect.message.type for effect in effects if isinstance(effect, Send)]


def test_rebalancing_by_order_is_refused_outside_normal() -> None:
    pair = ConnectionPair().start()
    pair.cut()
    assert pair.primary.state is ServerState.COMMUNICATIONS_INTERRUPTED
    pair.submit(pair.primary, Order.REBALANCE)
    assert "rebalance now" in pair.primary.notes[-1].text
    assert backup(pair) == 0
