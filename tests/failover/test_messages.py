"""Typed records over the options of a message."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

import pytest
from captured import only
from hypothesis import given
from hypothesis import strategies as st
from message_strategies import values

from migrate.failover.codec import decode
from migrate.failover.codes import MessageType, OptionCode, Profile, RejectReason, ServerState
from migrate.failover.kinds import HardwareAddress
from migrate.failover.messages import (
    BINDING_OPTIONS,
    RECORDS,
    BindingAck,
    BindingUpdate,
    Connect,
    ConnectAck,
    Disconnect,
    Message,
    Option,
    PoolResponse,
    Record,
    StateNotice,
    UpdateRequest,
)
from migrate.failover.options import OPTION_TABLES

ADDRESS = Option(OptionCode.ASSIGNED_IP_ADDRESS, IPv4Address("10.0.0.1"))
OTHER = Option(OptionCode.ASSIGNED_IP_ADDRESS, IPv4Address("10.0.0.2"))
REJECTED = Option(OptionCode.REJECT_REASON, RejectReason.FATAL_CONFLICT)
DIGEST = Option(OptionCode.MESSAGE_DIGEST, b"")


@pytest.mark.parametrize(
    ("type", "record"),
    [
        ("CONNECT", Connect),
        ("CONNECTACK", ConnectAck),
        ("STATE", StateNotice),
        ("BNDUPD", BindingUpdate),
        ("BNDACK", BindingAck),
        ("POOLRESP", PoolResponse),
        ("UPDREQ", UpdateRequest),
        ("DISCONNECT", Disconnect),
    ],
)
def test_records_read_all_and_write_in_the_order_of_dhcpd(type: str, record: type[Record]) -> None:
    messages = [decode(captured.data, Profile.ISC) for captured in only(type)]
    assert messages
    for message in messages:
        written = Message.carrying(MessageType[type], record.read(message.options), xid=message.xid, time_s=message.time_s)
        assert written.options == message.options


def test_fields() -> None:
    (connect,) = [captured for captured in only("CONNECT") if len(captured.options) == 7]
    assert Connect.read(decode(connect.data, Profile.ISC).options) == Connect(
        relationship_name="lab",
        max_unacked_bndupd=10,
        receive_timer_s=30,
        vendor_class="py-test",
        protocol_version=1,
        tls_request=0,
        mclt_s=20,
    )
    update = Message(
        type=MessageType.BNDUPD, xid=1, time_s=2, options=(ADDRESS, Option(5, HardwareAddress(1, b"\2")), Option(99, b""))
    )
    assert BindingUpdate.read(update.options) == BindingUpdate(
        address=IPv4Address("10.0.0.1"), hardware_address=HardwareAddress(1, b"\2")
    )


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
@given(data=st.data())
def test_read_undoes_options(record: type[Record], data: st.DataObject) -> None:
    kinds = OPTION_TABLES[Profile.WINDOWS].specs
    fields = record.read([Option(code, code) for code in kinds]).options()
    options = [Option(code, data.draw(values(kinds[code].kind))) for code, _ in fields if data.draw(st.booleans())]
    assert record.read(options).options() == tuple(options)
    assert record.read(options[::-1]) == record.read(options)


def test_none_is_absent_and_zero_is_not() -> None:
    assert StateNotice().options() == ()
    assert StateNotice(server_flags=0).options() == (Option(OptionCode.SERVER_FLAGS, 0),)
    assert BindingUpdate(client_identifier=b"", client_name="").options() == (
        Option(OptionCode.CLIENT_IDENTIFIER, b""),
        Option(OptionCode.CLIENT_NAME, ""),
    )


TRANSACTIONS = [
    # (name, options, groups as positions)
    ("none", (), [()]),
    ("one, in any order", (REJECTED, ADDRESS), [(0, 1)]),
    ("no address", (REJECTED,), [(0,)]),
    ("two", (ADDRESS, OTHER), [(0,), (1,)]),
    ("each with its own", (ADDRESS, REJECTED, OTHER, REJECTED), [(0, 1), (2, 3)]),
    ("what stands before the first belongs to none", (DIGEST, ADDRESS, OTHER, REJECTED), [(1,), (2, 3)]),
]


@pytest.mark.parametrize(("options", "groups"), [row[1:] for row in TRANSACTIONS], ids=[row[0] for row in TRANSACTIONS])
def test_transactions(options: tuple[Option, ...], groups: list[tuple[int, ...]]) -> None:
    message = Message(type=MessageType.BNDACK, xid=0, time_s=0, options=options)
    assert message.transactions == tuple(tuple(options[at] for at in group) for group in groups)


def test_a_batch_is_read_in_the_order_it_was_written() -> None:
    acks = [BindingAck(address=IPv4Address(host), reject_reason=reason) for host, reason in ((9, None), (3, 2), (5, None))]
    message = Message.carrying(MessageType.BNDACK, *acks, xid=7, time_s=8)
    assert [BindingAck.read(options) for options in message.transactions] == acks


def test_value_is_of_the_first() -> None:
    message = Message(type=MessageType.BNDACK, xid=0, time_s=0, options=(ADDRESS, OTHER))
    assert message.value(OptionCode.ASSIGNED_IP_ADDRESS) == IPv4Address("10.0.0.1")
    assert message.value(OptionCode.SERVER_STATE) is None


IMMUTABLE: list[Callable[[], object]] = [
    lambda: setattr(Message(type=MessageType.CONTACT, xid=0, time_s=0), "xid", 1),
    lambda: setattr(StateNotice(server_state=ServerState.NORMAL), "server_flags", 1),
]


@pytest.mark.parametrize("change", IMMUTABLE, ids=["message", "record"])
def test_are_immutable(change: Callable[[], object]) -> None:
    with pytest.raises(AttributeError):
        change()


def test_binding_options_are_those_of_one_address() -> None:
    assert {OptionCode.ASSIGNED_IP_ADDRESS, OptionCode.REJECT_REASON, OptionCode.CLIENT_TYPE} <= BINDING_OPTIONS
    assert not {OptionCode.MESSAGE_DIGEST, OptionCode.SERVER_STATE, OptionCode.MCLT, OptionCode.SCOPE_ID_LIST} & BINDING_OPTIONS
