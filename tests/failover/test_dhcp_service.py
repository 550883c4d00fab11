"""The DHCP side: who gets which address, and who gets no answer (RFC 2131 section 4.3; windows-failover.md 2.3, 2.9, 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address

import pytest
from connection_pair import LEASE_S, MCLT_S, RELAY, SERVER_IDS, ConnectionPair, address, mac, relationship, scope

from migrate.failover.bindings import ABANDONED, ACTIVE, FREE, UNLIMITED_S, Client
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, HashKey
from migrate.failover.effects import Answer, DhcpRequest, ReplyKind, RequestKind, ResetAddress
from migrate.failover.notes import NOT_OUR_CLIENT, POOL_EXHAUSTED, SILENT
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.option import OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.relationship import FailoverMode
from migrate.model.scope import ClientKind, ExclusionRange, Reservation, ScopeState
from migrate.model.server import Role
from migrate.model.timespan import UNLIMITED

ACK, NAK = ReplyKind.ACK, ReplyKind.NAK
R = RequestKind


def alone(**changes: object) -> ConnectionPair:
    """A pair in which the primary answers everybody (hot standby)."""
    return ConnectionPair(relationship=relationship(FailoverMode.HOT_STANDBY), scopes=[scope(**changes)]).to_normal()


def ask(pair: ConnectionPair, kind: RequestKind, number: int, at: str = "0.0.0.0", **more: object) -> Answer | None:
    return pair.request(pair.primary, kind, mac(number), address(at), **more)


# DISCOVER


def test_lowest_free_address_comes_first() -> None:
    pair = alone()
    offered = [pair.lease(mac(number)).address for number in range(1, 5)]
    assert offered == [address("10.20.0.11") + place for place in range(4)]


def test_offer_is_repeated_to_the_same_client_and_not_made_to_two() -> None:
    pair = alone()
    first, again, other = (pair.discover(pair.primary, client) for client in (mac(1), mac(1), mac(2)))
    assert first is not None and again is not None and other is not None
    assert first.address == again.address != other.address


def test_wished_for_address_is_given_when_it_is_free() -> None:
    pair = alone()
    offer = pair.discover(pair.primary, mac(1), address=address("10.20.0.17"))
    assert offer is not None
    assert offer.address == address("10.20.0.17")
    other = pair.discover(pair.primary, mac(2), address=address("10.20.0.17"))
    assert other is not None
    assert other.address == address("10.20.0.11")


def test_client_gets_the_address_it_had_before() -> None:
    pair = alone()
    for number in (1, 2, 3):
        pair.lease(mac(number))
    ask(pair, R.RELEASE, 2, "10.20.0.12")
    back = pair.discover(pair.primary, mac(2), address=address("10.20.0.20"))
    assert back is not None
    assert back.address == address("10.20.0.12")


def test_client_with_a_lease_is_offered_that_address() -> None:
    pair = alone()
    lease = pair.lease(mac(1))
    offer = pair.discover(pair.primary, mac(1), address=address("10.20.0.20"))
    assert offer is not None
    assert offer.address == lease.address


def test_exhausted_pool_is_logged_with_20287() -> None:
    pair = alone(last="10.20.0.12")
    clients = [mac(number) for number in range(1, 4)]
    assert [pair.discover(pair.primary, client) is not None for client in clients] == [True, True, False]
    note = pair.primary.notes[-1]
    assert (note.kind, note.event_id, note.subject[2]) == (POOL_EXHAUSTED, 20287, IPv4Address("10.20.0.0"))


def test_offer_is_held_back_by_the_scopes_delay() -> None:
    """windows-failover.md 6, Delay: of the offer alone."""
    pair = alone(delay_ms=700)
    offer = pair.discover(pair.primary, mac(1))
    assert offer is not None
    assert offer.delay_ms == 700
    answer = ask(pair, R.SELECTING, 1, "10.20.0.11")
    assert answer is not None
    assert answer.delay_ms == 0


def test_inactive_scope_serves_nobody() -> None:
    pair = alone(state=ScopeState.INACTIVE)
    assert pair.discover(pair.primary, mac(1)) is None
    assert pair.primary.notes[-1].kind is SILENT


def test_unknown_wire_is_not_answered() -> None:
    pair = alone()
    request = DhcpRequest(R.DISCOVER, mac(1), address("192.0.2.1"))
    assert pair.submit(pair.primary, request) == []


# REQUEST


def test_choosing_the_other_server_lets_the_offer_go() -> None:
    pair = alone(last="10.20.0.11")
    assert pair.discover(pair.primary, mac(1)) is not None
    assert pair.discover(pair.primary, mac(2)) is None
    elsewhere = DhcpRequest(R.SELECTING, mac(1), RELAY, address("10.20.0.11"), int(SERVER_IDS[Role.SECONDARY]))
    assert pair.submit(pair.primary, elsewhere) == []
    assert pair.discover(pair.primary, mac(2)) is not None


REQUESTS = [
    ("selecting the offered address", R.SELECTING, 2, "10.20.0.12", ACK),
    ("selecting somebody's address", R.SELECTING, 2, "10.20.0.11", NAK),
    ("selecting outside the pools", R.SELECTING, 2, "10.20.0.200", NAK),
    ("renewing the own lease", R.RENEWING, 1, "10.20.0.11", ACK),
    ("rebinding the own lease", R.REBINDING, 1, "10.20.0.11", ACK),
    ("init-reboot with the own lease", R.INIT_REBOOT, 1, "10.20.0.11", ACK),
    ("renewing somebody's lease", R.RENEWING, 2, "10.20.0.11", NAK),
    ("init-reboot with somebody's lease", R.INIT_REBOOT, 2, "10.20.0.11", NAK),
    ("init-reboot on the wrong network", R.INIT_REBOOT, 1, "10.99.0.5", NAK),
    ("rebinding a free address of ours", R.REBINDING, 2, "10.20.0.20", ACK),
    ("rebinding a free address of the partner's", R.REBINDING, 2, "10.20.0.30", None),
    ("renewing a reserved address of another", R.RENEWING, 2, "10.20.0.25", NAK),
]


@pytest.mark.parametrize(("kind", "number", "at", "expected"), [row[1:] for row in REQUESTS], ids=[row[0] for row in REQUESTS])
def test_request(kind: RequestKind, number: int, at: str, expected: ReplyKind | None) -> None:
    """Client 1 holds .11, client 2 has an offer of .12, .25 is reserved for client 9; the standby's reserve is .30."""
    reserved = Reservation(ip_address=IPv4Address("10.20.0.25"), client_id=ClientId(mac(9).identity))
    standby = relationship(FailoverMode.HOT_STANDBY, reserve_percent=6)
    pair = ConnectionPair(relationship=standby, scopes=[scope(reservations=(reserved,))])
    pair.to_normal()
    pair.lease(mac(1))
    pair.discover(pair.primary, mac(2))
    answer = ask(pair, kind, number, at)
    assert (answer.kind if answer else None) == expected
    if answer and answer.kind is ACK:
        assert pair.primary.binding(at).client == mac(number)
    if answer and answer.kind is NAK:
        assert (answer.address, answer.lease_s) == (0, None)


def test_silence_has_a_reason() -> None:
    """Of an address that is the partner's to lease it may know a lease that we do not: no NAK, and a note why."""
    pair = alone()
    assert ask(pair, R.REBINDING, 2, "10.20.0.30") is None
    assert pair.primary.notes[-1].text.endswith("not answered: the partner may have leased this address to it")


# RELEASE, DECLINE, INFORM, reset


def test_release_frees_the_address_on_both_servers_once_acknowledged() -> None:
    pair = alone()
    lease = pair.lease(mac(1))
    assert ask(pair, R.RELEASE, 1, "10.20.0.11") is None
    for partner in pair.partners:
        binding = partner.running.table.get(lease.address)
        assert (binding.state, binding.client) == (FREE, mac(1))


@pytest.mark.parametrize("kind", [R.RELEASE, R.DECLINE], ids=lambda kind: kind.value)
def test_only_the_holder_can_give_an_address_back(kind: RequestKind) -> None:
    pair = alone()
    pair.lease(mac(1))
    ask(pair, kind, 2, "10.20.0.11")
    assert pair.primary.binding("10.20.0.11").state is ACTIVE


def test_released_address_of_a_cut_off_server_is_for_its_client_only() -> None:
    """D12 9.8.3: nobody else's before the partner has agreed."""
    pair = ConnectionPair(relationship=relationship(FailoverMode.HOT_STANDBY), scopes=[scope(last="10.20.0.11")]).to_normal()
    pair.lease(mac(1))
    pair.cut()
    ask(pair, R.RELEASE, 1, "10.20.0.11")
    assert pair.discover(pair.primary, mac(2)) is None
    offer = pair.discover(pair.primary, mac(1))
    assert offer is not None
    assert offer.lease_s == MCLT_S


def test_declined_offer_goes_out_of_use() -> None:
    pair = alone()
    offer = pair.discover(pair.primary, mac(1))
    assert offer is not None
    ask(pair, R.DECLINE, 1, "10.20.0.11")
    assert pair.primary.binding("10.20.0.11").state is ABANDONED
    following = pair.discover(pair.primary, mac(1))
    assert following is not None
    assert following.address == address("10.20.0.12")


def test_inform_gets_options_and_no_lease() -> None:
    pair = alone()
    answer = ask(pair, R.INFORM, 1, "10.20.0.99")
    assert answer is not None
    assert (answer.kind, answer.lease_s) == (ACK, None)
    assert pair.primary.binding("10.20.0.99").state is FREE


def test_operator_resets_a_lease() -> None:
    """D12 5.4: RESET, and FREE once the partner has agreed; a free address has nothing to reset."""
    pair = alone()
    pair.lease(mac(1))
    pair.submit(pair.primary, ResetAddress(address("10.20.0.11")))
    assert [partner.binding("10.20.0.11").state for partner in pair.partners] == [FREE, FREE]
    pair.submit(pair.primary, ResetAddress(address("10.20.0.20")))
    assert pair.primary.notes[-1].text.endswith("reset of 10.20.0.20")


# Reservations, exclusions, policies, superscopes


def test_reserved_client_gets_its_address_and_nobody_else_does() -> None:
    reserved = Reservation(ip_address=IPv4Address("10.20.0.11"), client_id=ClientId(mac(7).identity))
    pair = alone(reservations=(reserved,))
    assert pair.lease(mac(1)).address == address("10.20.0.12")
    assert pair.lease(mac(7)).address == address("10.20.0.11")


def test_reservation_inside_an_exclusion_is_leased_to_its_client() -> None:
    """windows-failover.md 4.4."""
    reserved = Reservation(ip_address=IPv4Address("10.20.0.12"), client_id=ClientId(mac(7).identity))
    excluded = ExclusionRange(range=AddressRange.parse("10.20.0.11", "10.20.0.14"))
    pair = alone(reservations=(reserved,), exclusions=(excluded,))
    assert pair.lease(mac(7)).address == address("10.20.0.12")
    assert pair.lease(mac(1)).address == address("10.20.0.15")


def test_reserved_address_held_by_another_is_not_offered() -> None:
    """WF-027: the reserved client waits, it does not get another address."""
    reserved = Reservation(ip_address=IPv4Address("10.20.0.11"), client_id=ClientId(mac(7).identity))
    pair = alone(reservations=(reserved,))
    table = pair.primary.running.table
    table.put(table.get(address("10.20.0.11"))._replace(state=ACTIVE, client=mac(1), expiry_s=pair.now + LEASE_S))
    assert pair.discover(pair.primary, mac(7)) is None


def test_bootp_reservation_only_keeps_its_address() -> None:
    reserved = Reservation(ip_address=IPv4Address("10.20.0.11"), client_id=ClientId(mac(7).identity), type=ClientKind.BOOTP)
    pair = alone(reservations=(reserved,))
    assert pair.lease(mac(7)).address == address("10.20.0.12")


def policy(name: str, order: int, field: str, value: str, *ranges: AddressRange, lease_s: int | None = None) -> Policy:
    condition = PolicyCondition(field=field, operator="EQ", values=(value,))
    options = () if lease_s is None else (OptionValue(option_id=51, values=(str(lease_s),)),)
    return Policy(name=name, processing_order=order, conditions=(condition,), ip_ranges=ranges, option_values=options)


PHONES = policy("phones", 1, "VendorClass", "phone", AddressRange.parse("10.20.0.11", "10.20.0.12"))
GUESTS = policy("guests", 2, "UserClass", "guest", lease_s=900)


def test_policy_range_is_for_its_clients_and_they_get_no_other() -> None:
    """windows-failover.md 2.7: 20287 also when the ranges of the policy are exhausted."""
    pair = alone(policies=(PHONES, GUESTS))
    phone = {"attributes": {"VendorClass": "phone"}}
    assert pair.lease(mac(1)).address == address("10.20.0.13")
    offers = [pair.discover(pair.primary, mac(number), **phone) for number in (2, 3, 4)]
    assert [offer and offer.address for offer in offers] == [address("10.20.0.11"), address("10.20.0.12"), None]
    assert pair.primary.notes[-1].event_id == 20287


def test_policy_lease_duration_comes_before_the_scopes() -> None:
    pair = alone(policies=(PHONES, GUESTS))
    guest = {"attributes": {"UserClass": "guest"}}
    offer = pair.discover(pair.primary, mac(1), **guest)
    assert offer is not None
    assert (offer.lease_s, offer.policies) == (900, ("guests",))


def test_disabled_policies_do_nothing() -> None:
    pair = alone(policies=(replace(PHONES, enabled=False),))
    assert pair.lease(mac(1)).address == address("10.20.0.11")
    pair = alone(policies=(PHONES,), activate_policies=False)
    assert pair.lease(mac(1)).address == address("10.20.0.11")


def test_superscope_members_help_out() -> None:
    """The client's own subnet first, then the others of the superscope; address exhaustion is judged per superscope."""
    other = scope(scope_id=IPv4Address("10.21.0.0"), range=AddressRange.parse("10.21.0.11", "10.21.0.12"), superscope="Building A")
    first = scope(last="10.20.0.12", superscope="building a")
    stranger = scope(scope_id=IPv4Address("10.22.0.0"), range=AddressRange.parse("10.22.0.11", "10.22.0.20"))
    pair = ConnectionPair(relationship=relationship(FailoverMode.HOT_STANDBY), scopes=[first, other, stranger]).to_normal()
    leases = [pair.lease(mac(number)).address for number in range(1, 5)]
    assert [str(IPv4Address(lease)) for lease in leases] == ["10.20.0.11", "10.20.0.12", "10.21.0.11", "10.21.0.12"]
    assert pair.discover(pair.primary, mac(5)) is None
    answer = ask(pair, R.RENEWING, 3, "10.21.0.11")
    assert answer is not None
    assert answer.kind is ACK


def test_unlimited_leases_become_unlimited_once_the_partner_knows() -> None:
    pair = alone(lease_duration=UNLIMITED)
    assert pair.lease(mac(1)).lease_s == MCLT_S
    pair.advance(MCLT_S // 2)
    answer = ask(pair, R.RENEWING, 1, "10.20.0.11")
    assert answer is not None
    assert answer.lease_s == UNLIMITED_S
    assert pair.primary.running.table.leases.next() in (None, pair.now + MCLT_S // 2 + 60), "only the first lease's end is planned"
    pair.advance(MCLT_S)
    assert pair.primary.running.table.leases.next() is None


# Load balancing


def test_the_silent_server_writes_audit_id_36() -> None:
    pair = ConnectionPair().to_normal()
    client = pair.client_of(pair.primary)
    assert pair.discover(pair.secondary, client) is None
    assert (pair.secondary.notes[-1].kind, pair.secondary.event_ids[-1]) == (NOT_OUR_CLIENT, 36)


def test_each_client_has_exactly_one_server() -> None:
    pair = ConnectionPair().to_normal()
    for number in range(1, 60):
        answers = [pair.discover(partner, mac(number)) is not None for partner in pair.partners]
        assert sum(answers) <= 1


@pytest.mark.parametrize("percent", [0, 30, 50, 100])
def test_load_follows_the_percentage(percent: int) -> None:
    pair = ConnectionPair(relationship=relationship(load_balance_percent=percent)).to_normal()
    mine = sum(pair.owner(mac(number)) is pair.primary for number in range(1000))
    assert abs(mine / 10 - percent) < 6


def test_standby_answers_nobody_in_normal() -> None:
    pair = ConnectionPair(relationship=relationship(FailoverMode.HOT_STANDBY)).to_normal()
    assert all(pair.discover(pair.secondary, mac(number)) is None for number in range(1, 30))


def test_draft_lets_every_server_renew_in_normal() -> None:
    """C1."""
    for dialect, answered in ((DRAFT, True), (WINDOWS, False)):
        pair = ConnectionPair(dialect).to_normal()
        client = pair.client_of(pair.primary)
        lease = pair.lease(client)
        pair.advance(60)
        answer = pair.request(pair.secondary, R.REBINDING, client, lease.address)
        assert (answer is not None) is answered


def test_dhcpd_answers_a_client_that_has_waited() -> None:
    """failover-protocol.md 8: not when secs exceeds load balance max seconds; both then answer."""
    pair = ConnectionPair(ISC).to_normal()
    client = pair.client_of(pair.primary)
    assert pair.discover(pair.secondary, client, secs=3) is None
    assert pair.discover(pair.secondary, client, secs=4) is not None


def test_hash_key_is_a_matter_of_dialect() -> None:
    """C6: the hardware address by default, or the client identifier if there is one."""
    scopes = [scope()]
    by_id = replace(WINDOWS, hash_key=HashKey.CLIENT_IDENTIFIER)
    differing = 0
    pairs = [ConnectionPair(dialect, scopes=scopes).start() for dialect in (WINDOWS, by_id)]
    for number in range(64):
        client = Client(mac(1).hardware, bytes([number]))
        by_hardware, by_identifier = (pair.owner(client) is pair.primary for pair in pairs)
        differing += by_hardware != by_identifier
    assert 10 < differing < 54


def test_configuration_of_the_model_is_the_same_whatever_the_order_of_scopes() -> None:
    scopes = [scope(), scope(scope_id=IPv4Address("10.21.0.0"), range=AddressRange.parse("10.21.0.11", "10.21.0.12"))]
    made = [
        Configuration.of_model(relationship(), order, Role.PRIMARY, SERVER_IDS[Role.PRIMARY]) for order in (scopes, scopes[::-1])
    ]
    assert made[0] == made[1]
    assert made[0].mclt_s == 3600
    assert made[0].safe_period_s is None


def test_state_switch_interval_counts_only_with_automatic_transition() -> None:
    made = replace(relationship(switch_s=600), auto_state_transition=False)
    assert Configuration.of_model(made, [], Role.PRIMARY, SERVER_IDS[Role.PRIMARY]).safe_period_s is None
    made = replace(made, auto_state_transition=True, state_switch_interval=timedelta(minutes=5))
    assert Configuration.of_model(made, [], Role.PRIMARY, SERVER_IDS[Role.PRIMARY]).safe_period_s == 300
