"""CONNECT, CONNECTACK and what breaks a connection (failover-protocol.md section 1; D12 7.8 to 7.12)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from connection_pair import MCLT_S, SERVER_IDS, T0, ConnectionPair, relationship, scope

from migrate.failover.balance import bucket_count, complement, first_buckets
from migrate.failover.codes import MessageType, RejectReason, ServerState
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect
from migrate.failover.effects import BadDigest, Dial, Effect, HangUp, Send, Storage
from migrate.failover.endpoint import Endpoint
from migrate.failover.messages import Connect, ConnectAck, Disconnect, Message, Record, StateNotice
from migrate.failover.notes import Note
from migrate.model.relationship import FailoverMode
from migrate.model.server import Role

NAME = "dhcp01-dhcp02"
CONNECT = Connect(relationship_name=NAME, max_unacked_bndupd=4, receive_timer_s=30, mclt_s=MCLT_S, hash_buckets=first_buckets(64))


def listening(dialect: Dialect = WINDOWS, role: Role = Role.SECONDARY) -> Endpoint:
    """An endpoint with a new connection, on which nothing has been said."""
    configuration = Configuration.of_model(relationship(), [scope()], role, SERVER_IDS[role], dialect)
    endpoint = Endpoint(configuration, Storage())
    endpoint.start(T0)
    endpoint.connected(T0)
    return endpoint


def hear(endpoint: Endpoint, type: MessageType | int, *records: Record, time_s: int = T0, xid: int = 9) -> tuple[Effect, ...]:
    return endpoint.receive(Message.carrying(type, *records, xid=xid, time_s=time_s), T0)  # type: ignore[arg-type]


def sent(effects: tuple[Effect, ...]) -> list[Message]:
    return [effect.message for effect in effects if isinstance(effect, Send)]


def closes(effects: tuple[Effect, ...]) -> bool:
    return any(isinstance(effect, HangUp) for effect in effects)


# CONNECT, seen from the secondary.

REJECTED = [
    ("unknown relationship", ISC, replace(CONNECT, relationship_name="other"), T0, RejectReason.INVALID_PARTNER),
    ("no relationship name", ISC, replace(CONNECT, relationship_name=None), T0, RejectReason.INVALID_PARTNER),
    ("clock 61 s ahead", ISC, CONNECT, T0 + 61, RejectReason.TIME_MISMATCH),
    ("clock 61 s behind", ISC, CONNECT, T0 - 61, RejectReason.TIME_MISMATCH),
    ("no hash buckets", ISC, replace(CONNECT, hash_buckets=None), T0, RejectReason.HASH_BUCKET_CONFLICT),
    ("no MCLT", ISC, replace(CONNECT, mclt_s=None), T0, RejectReason.INVALID_MCLT),
    ("MCLT of zero", ISC, replace(CONNECT, mclt_s=0), T0, RejectReason.INVALID_MCLT),
    ("unknown relationship, Windows", WINDOWS, replace(CONNECT, relationship_name="other"), T0, RejectReason.INVALID_PARTNER),
]


@pytest.mark.parametrize(
    ("dialect", "connect", "time_s", "reason"), [row[1:] for row in REJECTED], ids=[row[0] for row in REJECTED]
)
def test_connect_that_is_refused(dialect: Dialect, connect: Connect, time_s: int, reason: RejectReason) -> None:
    endpoint = listening(dialect)
    effects = hear(endpoint, MessageType.CONNECT, connect, time_s=time_s)
    answer = sent(effects)[0]
    assert (answer.type, answer.xid) == (MessageType.CONNECTACK, 9)
    assert ConnectAck.read(answer.options).reject_reason is reason
    assert closes(effects)
    assert 20309 in [effect.event_id for effect in effects if isinstance(effect, Note)]


def test_faults_are_looked_for_in_the_order_of_dhcpd() -> None:
    """Name, clock, hash buckets, MCLT: the first one found is the answer."""
    everything = replace(CONNECT, relationship_name="other", hash_buckets=None, mclt_s=None)
    for fixed, reason in (
        ({}, RejectReason.INVALID_PARTNER),
        ({"relationship_name": NAME}, RejectReason.HASH_BUCKET_CONFLICT),
        ({"hash_buckets": bytes(32)}, RejectReason.INVALID_MCLT),
    ):
        everything = replace(everything, **fixed)  # type: ignore[arg-type]
        assert ConnectAck.read(sent(hear(listening(ISC), MessageType.CONNECT, everything))[0].options).reject_reason is reason


def test_accepted_connect_is_acknowledged_and_followed_by_state() -> None:
    endpoint = listening()
    answer, state = sent(hear(endpoint, MessageType.CONNECT, CONNECT))
    ack = ConnectAck.read(answer.options)
    assert (ack.relationship_name, ack.reject_reason, ack.receive_timer_s) == (NAME, None, 180)
    assert state.type is MessageType.STATE


def test_second_connect_on_a_connection_is_refused_and_the_first_stays() -> None:
    endpoint = listening()
    hear(endpoint, MessageType.CONNECT, CONNECT)
    effects = hear(endpoint, MessageType.CONNECT, CONNECT)
    assert ConnectAck.read(sent(effects)[0].options).reject_reason is RejectReason.DUPLICATE_CONNECTION
    assert not closes(effects)


@pytest.mark.parametrize(("asked", "reply"), [(None, None), (0, 0), (1, 0)])
def test_tls_is_answered_only_when_it_is_mentioned(asked: int | None, reply: int | None) -> None:
    """D12 7.9: TLS-reply if and only if TLS-request was sent; there is never TLS here."""
    answer = sent(hear(listening(), MessageType.CONNECT, replace(CONNECT, tls_request=asked)))[0]
    assert ConnectAck.read(answer.options).tls_reply == reply


def test_windows_takes_no_value_of_its_partner() -> None:
    """DHCPF 3.3.5.1: MCLT, timers, window and buckets are its own."""
    pair = ConnectionPair(relationship=relationship(mclt_s=100))
    pair.secondary.configuration = Configuration.of_model(
        relationship(mclt_s=700), [scope()], Role.SECONDARY, SERVER_IDS[Role.SECONDARY]
    )
    pair.to_normal()
    offer = pair.discover(pair.secondary, pair.client_of(pair.secondary))
    assert offer is not None
    assert offer.lease_s == 700


def test_dhcpd_believes_the_primary() -> None:
    """failover-protocol.md 1: the secondary takes MCLT and the buckets from CONNECT; a set bit is the primary's."""
    half, quarter = relationship(mclt_s=700), relationship(mclt_s=100, load_balance_percent=25)
    pair = ConnectionPair(ISC, relationship=quarter)
    pair.secondary.configuration = Configuration.of_model(half, [scope()], Role.SECONDARY, SERVER_IDS[Role.SECONDARY], ISC)
    pair.to_normal()
    offer = pair.discover(pair.secondary, pair.client_of(pair.secondary))
    assert offer is not None
    assert offer.lease_s == 100
    owners = [pair.owner(pair.client_of(partner)) for partner in pair.partners]
    assert owners == [pair.primary, pair.secondary]


@pytest.mark.parametrize(("dialect", "set_bits"), [(ISC, 64), (DRAFT, 192), (WINDOWS, 64)], ids=["isc", "draft", "windows"])
def test_set_bucket_means_the_primary_for_dhcpd_and_the_secondary_in_the_draft(dialect: Dialect, set_bits: int) -> None:
    """failover-protocol.md 8, D12 12.11."""
    made = relationship(load_balance_percent=25)
    configuration = Configuration.of_model(made, [scope()], Role.PRIMARY, SERVER_IDS[Role.PRIMARY], dialect)
    endpoint = Endpoint(configuration, Storage())
    endpoint.start(T0)
    buckets = Connect.read(sent(endpoint.connected(T0))[0].options).hash_buckets
    assert buckets in (first_buckets(64), complement(first_buckets(64)))
    assert bucket_count(buckets) == set_bits


def test_hot_standby_gives_every_bucket_to_the_active_server() -> None:
    """failover-protocol.md 9."""
    pair = ConnectionPair(relationship=relationship(FailoverMode.HOT_STANDBY)).start()
    assert Connect.read(pair.primary.sent[0].options).hash_buckets == b"\xff" * 32


def test_contact_interval_follows_the_partners_timer_where_it_is_believed() -> None:
    """failover-protocol.md 1: partner's receive-timer // 3; Windows uses its own."""
    for dialect, interval in ((ISC, 10), (WINDOWS, 60)):
        endpoint = listening(dialect)
        hear(endpoint, MessageType.CONNECT, CONNECT)
        assert endpoint.deadline() == T0 + min(interval, dialect.timers.startup_s)


# CONNECTACK, seen from the primary.


def test_primary_speaks_first_with_xid_zero() -> None:
    endpoint = listening(role=Role.PRIMARY)
    configuration = endpoint.configuration
    endpoint = Endpoint(configuration, Storage())
    assert [type(effect) for effect in endpoint.start(T0)] == [Dial]
    connect = sent(endpoint.connected(T0))[0]
    assert (connect.type, connect.xid, connect.time_s) == (MessageType.CONNECT, 0, T0)


ACKS = [
    ("refused", WINDOWS, ConnectAck(relationship_name=NAME, reject_reason=RejectReason.INVALID_PARTNER), T0, None),
    ("refused for a reason without a name", WINDOWS, ConnectAck(relationship_name=NAME, reject_reason=99), T0, None),
    ("other relationship", ISC, ConnectAck(relationship_name="other"), T0, RejectReason.INVALID_PARTNER),
    ("clock apart", ISC, ConnectAck(relationship_name=NAME), T0 + 61, RejectReason.TIME_MISMATCH),
]


@pytest.mark.parametrize(("dialect", "ack", "time_s", "disconnect"), [row[1:] for row in ACKS], ids=[row[0] for row in ACKS])
def test_connectack_that_ends_the_attempt(dialect: Dialect, ack: ConnectAck, time_s: int, disconnect: RejectReason | None) -> None:
    """Failures of our own finding are said with DISCONNECT, a refusal is not answered (LIVE: 8 and 4 seen)."""
    endpoint = listening(dialect, Role.PRIMARY)
    effects = hear(endpoint, MessageType.CONNECTACK, ack, time_s=time_s)
    assert closes(effects)
    reasons = [Disconnect.read(message.options).reject_reason for message in sent(effects)]
    assert reasons == ([] if disconnect is None else [disconnect])
    assert endpoint.deadline() == T0 + min(dialect.timers.connection_retry_s, dialect.timers.startup_s)


def test_primary_answers_connect_too() -> None:
    """C3: DHCPF 3.2.7.1 lets each server send it; a dialect may refuse."""
    endpoint = listening(role=Role.PRIMARY)
    assert ConnectAck.read(sent(hear(endpoint, MessageType.CONNECT, CONNECT))[0].options).reject_reason is None
    strict = listening(replace(WINDOWS, primary_accepts_connect=False), Role.PRIMARY)
    answer = ConnectAck.read(sent(hear(strict, MessageType.CONNECT, CONNECT))[0].options)
    assert answer.reject_reason is RejectReason.INVALID_PARTNER


# What must not come.


@pytest.mark.parametrize(
    "type", [MessageType.STATE, MessageType.BNDUPD, MessageType.CONTACT, MessageType.UPDDONE], ids=lambda t: t.name
)
def test_nothing_may_come_before_the_handshake(type: MessageType) -> None:
    assert closes(hear(listening(), type))


def test_state_nobody_knows_ends_the_connection() -> None:
    endpoint = listening()
    hear(endpoint, MessageType.CONNECT, CONNECT)
    assert closes(hear(endpoint, MessageType.STATE, StateNotice(server_state=77)))


def test_state_that_cannot_be_ends_the_connection() -> None:
    """STARTUP is never a state on the wire: the table has no row for it (IllegalMove)."""
    endpoint = listening()
    hear(endpoint, MessageType.CONNECT, CONNECT)
    effects = hear(endpoint, MessageType.STATE, StateNotice(server_state=ServerState.STARTUP, start_time_of_state_s=T0))
    assert closes(effects)
    assert endpoint.state is ServerState.RECOVER
    assert not endpoint.communications_ok


def test_message_types_without_a_name_are_ignored() -> None:
    endpoint = listening()
    hear(endpoint, MessageType.CONNECT, CONNECT)
    assert hear(endpoint, 200) == ()


@pytest.mark.parametrize(("dialect", "heeded"), [(WINDOWS, False), (ISC, True)], ids=["windows", "isc"])
def test_disconnect_is_dropped_by_windows(dialect: Dialect, heeded: bool) -> None:
    """DHCPF 3.1.5.8."""
    endpoint = listening(dialect)
    hear(endpoint, MessageType.CONNECT, CONNECT)
    assert closes(hear(endpoint, MessageType.DISCONNECT, Disconnect(reject_reason=RejectReason.NO_TRAFFIC))) is heeded


def test_messages_after_the_connection_is_gone_are_nothing() -> None:
    endpoint = listening()
    endpoint.disconnected(T0)
    assert hear(endpoint, MessageType.CONNECT, CONNECT) == ()


DIGESTS = [
    (MessageType.BNDUPD, RejectReason.DIGEST_FAILED, 20256),
    (MessageType.BNDUPD, RejectReason.DIGEST_MISSING, 20258),
    (MessageType.BNDACK, RejectReason.DIGEST_FAILED, 20261),
    (MessageType.CONNECT, RejectReason.DIGEST_UNCONFIGURED, 20265),
    (MessageType.UPDREQALL, RejectReason.DIGEST_FAILED, 20270),
    (MessageType.CONTACT, RejectReason.DIGEST_MISSING, 20284),
]


@pytest.mark.parametrize(("type", "fault", "event_id"), DIGESTS, ids=[f"{t.name}-{f.name}" for t, f, _ in DIGESTS])
def test_bad_digest_is_logged_and_closes_the_connection(type: MessageType, fault: RejectReason, event_id: int) -> None:
    """windows-failover.md 2.7: three events for each message; 2.4: wrong or missing digest: drop and close TCP."""
    pair = ConnectionPair().to_normal()
    pair.submit(pair.secondary, BadDigest(type, fault))
    assert event_id in pair.secondary.event_ids
    assert [partner.state for partner in pair.partners] == [ServerState.COMMUNICATIONS_INTERRUPTED] * 2
