"""A binding becomes an update and the update a claim: what arrives is what was meant (failover-protocol.md 3.1, 11)."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from connection_pair import SERVER_IDS, T0, address, relationship, scope
from hypothesis import given
from hypothesis import strategies as st

from migrate.failover.bindings import ABANDONED, ACTIVE, BACKUP, ENDED, FREE, UNLIMITED_S, Binding, Client
from migrate.failover.codec import decode, encode
from migrate.failover.codes import CLIENT_TYPE_RESERVATION, BindingState, IpFlags, MessageType, RejectReason, WindowsIpFlags
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect
from migrate.failover.kinds import HardwareAddress
from migrate.failover.messages import BindingUpdate, Message
from migrate.failover.updates import encoded_size, read_update, update_of
from migrate.model.client_id import ClientId
from migrate.model.scope import Reservation
from migrate.model.server import Role

AT = address("10.20.0.15")
RESERVED = address("10.20.0.16")
DIALECTS = [WINDOWS, ISC, DRAFT]
instants = st.integers(1, UNLIMITED_S)


def configuration(dialect: Dialect) -> Configuration:
    reserved = Reservation(ip_address=IPv4Address(RESERVED), client_id=ClientId(b"\x01\x02"))
    return Configuration.of_model(
        relationship(), [scope(reservations=(reserved,))], Role.PRIMARY, SERVER_IDS[Role.PRIMARY], dialect
    )


CONFIGURATIONS = {dialect.flavour: configuration(dialect) for dialect in DIALECTS}


@st.composite
def bindings(draw: st.DrawFn) -> Binding:
    state = draw(st.sampled_from(BindingState))
    hardware = b"\x01" + draw(st.binary(min_size=1, max_size=16))
    client = Client(hardware, draw(st.none() | st.binary(min_size=1, max_size=255)))
    if state is ABANDONED:
        return Binding(AT, state, stos_s=draw(instants), cltt_s=draw(instants))
    lasting = {"expiry_s": draw(instants), "sent_pe_s": draw(instants)} if state is ACTIVE else {}
    return Binding(AT, state, client, stos_s=draw(instants), cltt_s=draw(instants), **lasting)


def over_the_wire(binding: Binding, made: Configuration) -> BindingUpdate:
    message = Message.carrying(MessageType.BNDUPD, update_of(binding, made), xid=1, time_s=T0)
    return BindingUpdate.read(decode(encode(message, made.dialect.profile), made.dialect.profile).transactions[0])


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.flavour)
@given(sent=bindings())
def test_claim_says_what_the_binding_said(dialect: Dialect, sent: Binding) -> None:
    made = CONFIGURATIONS[dialect.flavour]
    claim = read_update(over_the_wire(sent, made), Binding(AT, FREE), made)
    assert isinstance(claim, Binding)
    assert (claim.address, claim.state, claim.stos_s) == (sent.address, sent.state, sent.stos_s)
    assert (claim.expiry_s, claim.received_pe_s) == (sent.expiry_s, sent.sent_pe_s)
    if sent.state in (ACTIVE, *ENDED):
        assert claim.client == sent.client
        assert claim.cltt_s == sent.cltt_s


@given(sent=bindings())
def test_estimated_size_is_never_too_small(sent: Binding) -> None:
    made = CONFIGURATIONS[WINDOWS.flavour]
    message = Message.carrying(MessageType.BNDUPD, update_of(sent, made), xid=1, time_s=T0)
    assert len(encode(message, made.dialect.profile)) - 12 <= encoded_size(sent)


def test_dhcpd_is_sent_the_three_times_whatever_the_state() -> None:
    """LIVE: initial FREE records carry 13, 18 and 25 as 0."""
    update = update_of(Binding(AT, FREE), CONFIGURATIONS[ISC.flavour])
    assert (update.lease_expiration_s, update.potential_expiration_s, update.start_time_of_state_s) == (0, 0, 0)


def test_windows_says_that_a_client_holds_a_reservation() -> None:
    """windows-failover.md 4.4: client type flag 4."""
    made = CONFIGURATIONS[WINDOWS.flavour]
    lease = Binding(RESERVED, ACTIVE, Client(b"\x01\x01\x02"), expiry_s=T0, cltt_s=T0)
    types = [update_of(lease._replace(address=at), made).client_type for at in (RESERVED, AT)]
    assert [bool((kind or 0) & CLIENT_TYPE_RESERVATION) for kind in types] == [True, False]


def test_declined_address_has_itself_for_a_client_on_windows() -> None:
    """ABANDONED must carry option 5; Windows lists such an address by its own octets, last first."""
    update = update_of(Binding(AT, ABANDONED, stos_s=T0, cltt_s=T0), CONFIGURATIONS[WINDOWS.flavour])
    assert update.hardware_address == HardwareAddress(1, bytes((15, 0, 20, 10)))


def isc_update(**changes: object) -> BindingUpdate:
    fields: dict[str, object] = {
        "address": IPv4Address(AT),
        "status": BindingState.ACTIVE,
        "hardware_address": HardwareAddress(1, b"\x02\x00\x00\x00\x00\x01"),
        "lease_expiration_s": T0,
        "potential_expiration_s": T0,
        "last_transaction_s": T0,
    }
    return BindingUpdate(**{**fields, **changes})  # type: ignore[arg-type]


MISSING = RejectReason.MISSING_BINDING_INFORMATION
REFUSED = [
    ("no status", {"status": None}, MISSING),
    ("status nobody knows", {"status": 77}, MISSING),
    ("lease without a client", {"hardware_address": None}, MISSING),
    (
        "expired without a client",
        {"status": BindingState.EXPIRED, "hardware_address": None},
        MISSING,
    ),
    ("lease without an end", {"lease_expiration_s": None}, MISSING),
    ("lease without a potential end", {"potential_expiration_s": None}, MISSING),
    ("abandoned with a client", {"status": BindingState.ABANDONED}, RejectReason.MISCELLANEOUS),
    ("reserved, but not here", {"status": BindingState.BACKUP, "ip_flags": IpFlags.RESERVED}, RejectReason.ADDRESS_NOT_RESERVED),
]


@pytest.mark.parametrize(("changes", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_update_that_dhcpd_would_refuse(changes: dict[str, object], reason: RejectReason) -> None:
    """failover-protocol.md 3.1 and 10 (LIVE: 3, 6, 19)."""
    assert read_update(isc_update(**changes), Binding(AT, FREE), CONFIGURATIONS[ISC.flavour]) is reason


def test_addresses_of_nobody_are_refused_first() -> None:
    elsewhere = Binding(address("192.0.2.1"), FREE)
    assert read_update(isc_update(status=None), elsewhere, CONFIGURATIONS[ISC.flavour]) is RejectReason.ILLEGAL_IP_ADDRESS


NO_FLAGS = WindowsIpFlags(0)


def windows_update(status: int, flags: WindowsIpFlags = NO_FLAGS, **changes: object) -> BindingUpdate:
    return isc_update(status=status, ip_flags=flags, subnet_mask=IPv4Address("255.255.255.0"), **changes)


READINGS = [
    ("offered counts as active", windows_update(0), ACTIVE),
    ("active with DNS bits", windows_update(0x01 | 0x24), ACTIVE),
    ("released", windows_update(0x03, WindowsIpFlags.RELEASED), BindingState.RELEASED),
    ("doomed", windows_update(0x03), BindingState.EXPIRED),
    ("declined", windows_update(0x02), ABANDONED),
    ("deleted by an administrator", windows_update(0x03, WindowsIpFlags.DELETED), BindingState.RESET),
]


@pytest.mark.parametrize(("update", "state"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS])
def test_windows_status_is_read_as_a_binding_state(update: BindingUpdate, state: BindingState) -> None:
    """MS-DHCPF 3.1.4.2; declined is judged as ABANDONED and kept as EXPIRED (C12)."""
    claim = read_update(update, Binding(AT, FREE), CONFIGURATIONS[WINDOWS.flavour])
    assert isinstance(claim, Binding)
    assert claim.state is state


def test_deleted_while_cut_off_needs_no_other_option() -> None:
    """MS-DHCPF 3.1.5.2: with this flag the option checks are skipped."""
    bare = BindingUpdate(
        address=IPv4Address(AT), status=3, ip_flags=WindowsIpFlags.DELETED_WHILE_CUT_OFF, subnet_mask=IPv4Address("255.255.255.0")
    )
    claim = read_update(bare, Binding(AT, ACTIVE), CONFIGURATIONS[WINDOWS.flavour])
    assert isinstance(claim, Binding)
    assert claim.state is BindingState.RESET


@pytest.mark.parametrize("ours", [state for state in BindingState if state is not ACTIVE], ids=lambda state: state.name)
def test_pool_move_is_one_unless_a_lease_runs(ours: BindingState) -> None:
    """MS-DHCPF 3.1.4.2 reads it as a lease status where there is a lease record. An ended lease counts as none, or a pool move
    that crosses its end is refused by both sides for ever (random history 2191)."""
    move = BindingUpdate(address=IPv4Address(AT), status=1, ip_flags=0, subnet_mask=IPv4Address("255.255.255.0"))
    made = CONFIGURATIONS[WINDOWS.flavour]
    claim = read_update(move, Binding(AT, ours), made)
    assert isinstance(claim, Binding)
    assert claim.state is FREE
    assert read_update(move, Binding(AT, ACTIVE), made) is RejectReason.MISSING_BINDING_INFORMATION


def test_pool_moves_of_reserved_addresses_are_refused_with_15() -> None:
    move = BindingUpdate(address=IPv4Address(RESERVED), status=2, ip_flags=0, subnet_mask=IPv4Address("255.255.255.0"))
    made = CONFIGURATIONS[WINDOWS.flavour]
    assert read_update(move, Binding(RESERVED, FREE), made) is RejectReason.OUTDATED_BINDING_INFORMATION
    free = read_update(BindingUpdate(**{**_fields(move), "address": IPv4Address(AT)}), Binding(AT, FREE), made)
    assert isinstance(free, Binding)
    assert free.state is BACKUP


def _fields(update: BindingUpdate) -> dict[str, object]:
    return {"status": update.status, "ip_flags": update.ip_flags, "subnet_mask": update.subnet_mask}
