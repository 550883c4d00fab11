"""Binding updates and their acknowledgements, and updates on request (D12 7.1 to 7.5; failover-protocol.md sections 3, 5.1, 6)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from connection_pair import LEASE_S, SERVER_IDS, T0, address, imported_lease, mac, relationship, scope

from migrate.failover.balance import first_buckets
from migrate.failover.bindings import ACTIVE, FREE, Binding, Client
from migrate.failover.codec import encode
from migrate.failover.codes import MESSAGE_SIZE_MAX, BindingState, MessageType, Profile, RejectReason, ServerState
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import ISC, WINDOWS, Dialect
from migrate.failover.effects import DhcpRequest, Effect, RequestKind, Send, ServerRecord, Storage, Store
from migrate.failover.endpoint import Endpoint
from migrate.failover.kinds import HardwareAddress
from migrate.failover.messages import BindingAck, BindingUpdate, Connect, Message, Record, StateNotice
from migrate.failover.notes import Note
from migrate.model.server import Role

CONNECT = Connect(relationship_name="dhcp01-dhcp02", mclt_s=3600, hash_buckets=first_buckets(128), max_unacked_bndupd=3)


class Secondary:
    """In NORMAL, with some leases that the primary has never heard of; the test speaks for the primary."""

    def __init__(self, leases: list[Binding], dialect: Dialect = WINDOWS) -> None:
        configuration = Configuration.of_model(relationship(), [scope()], Role.SECONDARY, SERVER_IDS[Role.SECONDARY], dialect)
        record = ServerRecord(ServerState.COMMUNICATIONS_INTERRUPTED, T0 - 100)
        storage = Storage(record, {lease.address: lease for lease in leases}, T0 - 50)
        self.endpoint = Endpoint(configuration, storage)
        self.notes: list[Note] = []
        self.endpoint.start(T0)
        self.connect()

    def connect(self) -> list[Message]:
        self.endpoint.connected(T0)
        self.hear(MessageType.CONNECT, CONNECT)
        notice = StateNotice(server_state=ServerState.NORMAL, server_flags=0, start_time_of_state_s=T0 - 100)
        self.first = self.hear(MessageType.STATE, notice)
        assert self.endpoint.state is ServerState.NORMAL
        return self.first

    def hear(self, type: MessageType, *records: Record, xid: int = 50) -> list[Message]:
        return self.sent(self.endpoint.receive(Message.carrying(type, *records, xid=xid, time_s=T0), T0))

    def sent(self, effects: tuple[Effect, ...]) -> list[Message]:
        self.notes += [effect for effect in effects if isinstance(effect, Note)]
        return [effect.message for effect in effects if isinstance(effect, Send)]

    def acknowledge(self, update: Message, *, reject: RejectReason | None = None, only: int | None = None) -> list[Message]:
        answers = [BindingAck(address=a, reject_reason=reject) for a in addresses(update)[:only]]
        return self.hear(MessageType.BNDACK, *answers, xid=update.xid)


def leases(count: int) -> list[Binding]:
    return [imported_lease(f"10.20.0.{11 + n}", mac(n + 1), T0 + LEASE_S) for n in range(count)]


def updates(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.type is MessageType.BNDUPD]


def addresses(update: Message) -> list[IPv4Address]:
    found = [BindingUpdate.read(options).address for options in update.transactions]
    return [each for each in found if each is not None]


def test_no_more_than_the_window_is_in_flight() -> None:
    """failover-protocol.md 6: at most max-unacked outstanding, then silence; each BNDACK lets the next one go."""
    secondary = Secondary(leases(10), ISC)
    assert len(updates(secondary.first)) == 3, "the partner's window, which dhcpd believes"
    following = secondary.acknowledge(updates(secondary.first)[0])
    assert [message.type for message in following] == [MessageType.BNDUPD]
    assert secondary.endpoint.counters.binding_updates_pending == 9


def test_windows_sends_batches_of_sixteen() -> None:
    secondary = Secondary(leases(20))
    assert [len(addresses(update)) for update in updates(secondary.first)] == [16, 4]


def test_a_batch_fits_into_a_message_whatever_the_clients_are_called() -> None:
    long_names = [lease._replace(client=Client(b"\x01\x02\x03\x04\x05\x06\x07", bytes(255))) for lease in leases(20)]
    sent = updates(Secondary(long_names).first)
    assert sum(len(addresses(update)) for update in sent) == 20
    assert all(len(encode(update, Profile.WINDOWS)) <= MESSAGE_SIZE_MAX for update in sent)


def test_acknowledged_binding_is_owed_no_longer_and_its_expiry_known() -> None:
    secondary = Secondary(leases(1))
    effects = secondary.endpoint.receive(
        Message.carrying(
            MessageType.BNDACK, BindingAck(address=IPv4Address("10.20.0.11")), xid=updates(secondary.first)[0].xid, time_s=T0
        ),
        T0,
    )
    stored = next(effect.record for effect in effects if isinstance(effect, Store))
    assert isinstance(stored, Binding)
    assert not stored.owed
    assert stored.acked_pe_s == T0 + LEASE_S


def test_acknowledgement_with_another_xid_is_ignored() -> None:
    """failover-protocol.md 2: "xid mismatch"."""
    secondary = Secondary(leases(1))
    assert secondary.hear(MessageType.BNDACK, BindingAck(address=IPv4Address("10.20.0.11")), xid=999) == []
    assert secondary.endpoint.table.get(address("10.20.0.11")).owed


def test_address_that_an_acknowledgement_leaves_out_is_sent_again() -> None:
    secondary = Secondary(leases(5))
    again = secondary.acknowledge(updates(secondary.first)[0], only=3)
    assert [addresses(update) for update in updates(again)] == [[IPv4Address("10.20.0.14"), IPv4Address("10.20.0.15")]]


def test_refused_update_stays_owed_and_is_not_repeated() -> None:
    secondary = Secondary(leases(1))
    assert secondary.acknowledge(updates(secondary.first)[0], reject=RejectReason.FATAL_CONFLICT) == []
    assert secondary.endpoint.table.get(address("10.20.0.11")).owed
    assert [note.event_id for note in secondary.notes][-1] == 20292
    asked = secondary.hear(MessageType.UPDREQ)
    assert [message.type for message in asked] == [MessageType.BNDUPD], "until the next request"


def test_update_done_comes_after_the_last_acknowledgement() -> None:
    """D12 7.4: and carries the xid of the request."""
    secondary = Secondary(leases(20))
    assert secondary.hear(MessageType.UPDREQ, xid=77) == [], "all of it is in flight already"
    first, second = updates(secondary.first)
    assert secondary.acknowledge(first) == []
    done = secondary.acknowledge(second)
    assert [(message.type, message.xid) for message in done] == [(MessageType.UPDDONE, 77)]


def test_update_request_with_nothing_owed_is_done_at_once() -> None:
    secondary = Secondary([])
    assert [(message.type, message.xid) for message in secondary.hear(MessageType.UPDREQ, xid=5)] == [(MessageType.UPDDONE, 5)]


def test_update_request_for_all_sends_what_is_not_owed_as_well() -> None:
    """D12 5.16: UPDREQ what is not acknowledged, UPDREQALL everything ever used."""
    known = [lease._replace(owed=False) for lease in leases(3)]
    assert [message.type for message in Secondary(known).hear(MessageType.UPDREQ)] == [MessageType.UPDDONE]
    secondary = Secondary(known)
    sent = secondary.hear(MessageType.UPDREQALL, xid=8)
    assert [len(addresses(update)) for update in sent] == [3]
    assert [message.type for message in secondary.acknowledge(sent[0])] == [MessageType.UPDDONE]


def test_refusals_count_for_update_done() -> None:
    secondary = Secondary([lease._replace(owed=False) for lease in leases(2)])
    sent = secondary.hear(MessageType.UPDREQALL, xid=8)
    done = secondary.acknowledge(sent[0], reject=RejectReason.OUTDATED_BINDING_INFORMATION)
    assert [message.type for message in done] == [MessageType.UPDDONE]


def test_second_request_takes_the_place_of_the_first() -> None:
    """LIVE: of two UPDREQALL at a first start the later one is answered."""
    secondary = Secondary(leases(2))
    secondary.hear(MessageType.UPDREQALL, xid=3)
    secondary.hear(MessageType.UPDREQALL, xid=4)
    done = secondary.acknowledge(updates(secondary.first)[0])
    assert [(message.type, message.xid) for message in done] == [(MessageType.UPDDONE, 4)]


def test_what_was_in_flight_is_sent_again_on_the_next_connection() -> None:
    """D12 6.4: responses never cross connections."""
    secondary = Secondary(leases(2))
    secondary.endpoint.disconnected(T0)
    again = secondary.connect()
    assert [len(addresses(update)) for update in updates(again)] == [2]
    assert updates(again)[0].xid <= 4, "each connection counts from 0"


def lease_claim(text: str, number: int, **changes: object) -> BindingUpdate:
    fields: dict[str, object] = {
        "address": IPv4Address(text),
        "status": 1,
        "ip_flags": 0,
        "subnet_mask": IPv4Address("255.255.255.0"),
        "hardware_address": HardwareAddress(1, mac(number).identity),
        "lease_expiration_s": T0 + 900,
        "potential_expiration_s": T0 + 5000,
        "start_time_of_state_s": T0,
        "last_transaction_s": T0,
    }
    return BindingUpdate(**{**fields, **changes})  # type: ignore[arg-type]


def test_updates_are_acknowledged_in_their_order_each_with_its_own_verdict() -> None:
    """D12 6.3, MS-DHCPF 3.1.5.2."""
    secondary = Secondary([])
    batch = [lease_claim("10.20.0.12", 1), lease_claim("10.99.0.1", 2), lease_claim("10.20.0.11", 3)]
    [answer] = secondary.hear(MessageType.BNDUPD, *batch, xid=31)
    verdicts = [(str(ack.address), ack.reject_reason) for ack in map(BindingAck.read, answer.transactions)]
    assert (answer.type, answer.xid) == (MessageType.BNDACK, 31)
    assert verdicts == [("10.20.0.12", None), ("10.99.0.1", RejectReason.ILLEGAL_IP_ADDRESS), ("10.20.0.11", None)]
    assert secondary.endpoint.table.get(address("10.20.0.11")).client == mac(3)


def test_more_than_sixteen_updates_are_not_looked_at() -> None:
    """MS-DHCPF 3.1.5.2: more are ignored."""
    secondary = Secondary([])
    batch = [lease_claim(f"10.20.0.{11 + n}", n + 1) for n in range(17)]
    [answer] = secondary.hear(MessageType.BNDUPD, *batch)
    assert len(answer.transactions) == 16
    assert secondary.endpoint.table.get(address("10.20.0.27")).state is FREE


def test_bindings_are_stored_before_they_are_acknowledged() -> None:
    secondary = Secondary([])
    message = Message.carrying(MessageType.BNDUPD, lease_claim("10.20.0.11", 1), lease_claim("10.20.0.12", 2), xid=1, time_s=T0)
    effects = secondary.endpoint.receive(message, T0)
    assert [type(effect) for effect in effects] == [Store, Store, Send]


def test_a_change_while_its_update_flies_is_sent_after_the_acknowledgement() -> None:
    """One update an address is in flight at a time; the later state follows, and only its own acknowledgement settles it."""
    secondary = Secondary(leases(1))
    release = DhcpRequest(RequestKind.RELEASE, mac(1), address("10.20.0.1"), address("10.20.0.11"))
    assert secondary.sent(secondary.endpoint.submit(release, T0 + 5)) == []
    following = secondary.acknowledge(updates(secondary.first)[0])
    assert [addresses(update) for update in updates(following)] == [[IPv4Address("10.20.0.11")]]
    assert secondary.endpoint.table.get(address("10.20.0.11")).state is BindingState.RELEASED
    secondary.acknowledge(following[0])
    assert secondary.endpoint.table.get(address("10.20.0.11")).state is FREE


def test_full_queue_drops_updates_and_says_so() -> None:
    """windows-failover.md 2.4 and 2.7: event 20286, counters; the next UPDREQ finds what was dropped."""
    secondary = Secondary([], replace(WINDOWS, queue_limit=10))
    secondary.endpoint.disconnected(T0)
    table = secondary.endpoint.table
    for number in range(1, 13):
        at = 10 + number
        table.put(Binding(address(f"10.20.0.{at}"), ACTIVE, mac(number), expiry_s=T0 + LEASE_S))
        request = DhcpRequest(RequestKind.RENEWING, mac(number), address("10.20.0.1"), address(f"10.20.0.{at}"))
        secondary.sent(secondary.endpoint.submit(request, T0))
    dropped = [note.subject[1] for note in secondary.notes if note.event_id == 20286]
    assert dropped == [IPv4Address("10.20.0.21"), IPv4Address("10.20.0.22")]
    assert secondary.endpoint.counters.binding_updates_dropped == 2
    assert secondary.endpoint.counters.update_queue_nearly_full == 1
    assert sum(len(addresses(update)) for update in updates(secondary.connect())) == 10
    assert all(table.get(address(f"10.20.0.{at}")).owed for at in (21, 22))


def test_counters_add_up() -> None:
    """windows-failover.md 2.7, counters of the DHCP Server object."""
    secondary = Secondary(leases(4))
    secondary.acknowledge(updates(secondary.first)[0])
    secondary.hear(MessageType.BNDUPD, lease_claim("10.20.0.20", 9))
    counters = secondary.endpoint.counters
    assert (counters.binding_updates_sent, counters.binding_acks_received) == (4, 4)
    assert (counters.binding_updates_received, counters.binding_acks_sent) == (1, 1)
    assert counters.binding_updates_pending == 0


@pytest.mark.parametrize(
    "missing",
    ["status", "ip_flags", "subnet_mask", "hardware_address", "last_transaction_s", "lease_expiration_s", "potential_expiration_s"],
)
def test_lease_update_without_a_mandatory_option_is_refused_with_3(missing: str) -> None:
    """failover-protocol.md 11, BNDUPD musts; windows-failover.md 3."""
    secondary = Secondary([])
    [answer] = secondary.hear(MessageType.BNDUPD, lease_claim("10.20.0.11", 1, **{missing: None}))
    assert BindingAck.read(answer.options).reject_reason is RejectReason.MISSING_BINDING_INFORMATION
    assert secondary.endpoint.table.records() == []
