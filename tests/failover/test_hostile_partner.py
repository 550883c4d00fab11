"""Whatever the partner says, in whatever order, an endpoint answers or hangs up. It never raises, says nothing that cannot be
encoded, and stores nothing about addresses that are not the relationship's."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random

import pytest
from connection_pair import LEASE_S, SERVER_IDS, T0, address, imported_lease, mac, relationship, scope

from migrate.failover.bindings import UNLIMITED_S, Binding
from migrate.failover.codec import decode, encode
from migrate.failover.codes import MessageType, RejectReason, ServerState
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, Dialect
from migrate.failover.effects import Effect, HangUp, Send, ServerRecord, Storage, Store
from migrate.failover.endpoint import Endpoint
from migrate.failover.errors import ProtocolError
from migrate.failover.kinds import HardwareAddress
from migrate.failover.messages import (
    BindingAck,
    BindingUpdate,
    Connect,
    ConnectAck,
    Disconnect,
    Message,
    PoolResponse,
    Record,
    StateNotice,
    UpdateRequest,
)
from migrate.model.server import Role


class Babbler:
    """Draws messages that the codec lets through, most of them out of place."""

    def __init__(self, seed: int, dialect: Dialect) -> None:
        self.random = Random(f"{seed}:babble")
        self.profile = dialect.profile

    def one_of(self, things: list):  # type: ignore[no-untyped-def,type-arg]
        return things[int(self.random.random() * len(things))]

    def maybe(self, value):  # type: ignore[no-untyped-def]
        return value if self.random.random() < 0.8 else None

    def instant(self) -> int:
        return self.one_of([0, 1, T0 - 5, T0, T0 + 5, T0 + LEASE_S, UNLIMITED_S])

    def address(self) -> IPv4Address:
        return IPv4Address(
            self.one_of([0, address("10.20.0.5"), UNLIMITED_S, *range(address("10.20.0.11"), address("10.20.0.31"))])
        )

    def record(self, type: MessageType) -> list[Record]:
        match type:
            case MessageType.CONNECT:
                name = self.one_of(["dhcp01-dhcp02", "other"])
                return [Connect(relationship_name=self.maybe(name), mclt_s=self.maybe(60), hash_buckets=self.maybe(bytes(32)))]
            case MessageType.CONNECTACK:
                reason = self.one_of([None, RejectReason.INVALID_PARTNER, 99])
                return [ConnectAck(relationship_name=self.maybe("dhcp01-dhcp02"), reject_reason=reason)]
            case MessageType.STATE:
                state = self.one_of([*ServerState, 99])
                return [
                    StateNotice(
                        server_state=self.maybe(state), server_flags=self.one_of([0, 1, None]), start_time_of_state_s=self.instant()
                    )
                ]
            case MessageType.BNDUPD:
                return [self.update() for _ in range(1 if self.profile is ISC.profile else self.one_of([0, 1, 3]))]
            case MessageType.BNDACK:
                return [BindingAck(address=self.address(), reject_reason=self.one_of([None, 15, 99]))]
            case MessageType.UPDREQ:
                return [UpdateRequest(scope_ids=self.one_of([None, (), (IPv4Address("10.20.0.0"),)]))]
            case MessageType.POOLRESP:
                return [PoolResponse(addresses_transferred=self.maybe(3))]
            case MessageType.DISCONNECT:
                return [Disconnect(reject_reason=self.maybe(RejectReason.NO_TRAFFIC))]
        return []

    def update(self) -> BindingUpdate:
        return BindingUpdate(
            address=self.address(),
            status=self.maybe(self.one_of([*range(9), 0x42, 255])),
            client_identifier=self.one_of([None, b"", b"\x01\x02", bytes(40)]),
            hardware_address=self.one_of([None, HardwareAddress(1, mac(3).identity), HardwareAddress(0, b"")]),
            lease_expiration_s=self.maybe(self.instant()),
            potential_expiration_s=self.maybe(self.instant()),
            start_time_of_state_s=self.maybe(self.instant()),
            last_transaction_s=self.maybe(self.instant()),
            ip_flags=self.one_of([None, 0, 1, 2, 4, 7, 0xFFFF]),
            subnet_mask=self.maybe(IPv4Address("255.255.255.0")),
        )

    def message(self, now: int) -> Message | None:
        type = self.one_of(list(MessageType))
        time_s = now if self.random.random() < 0.9 else self.instant()
        xid = self.one_of([0, 1, 2, 3, 4, 9, UNLIMITED_S])
        spoken = Message.carrying(type, *self.record(type), xid=xid, time_s=time_s)
        try:
            return decode(encode(spoken, self.profile), self.profile)
        except ProtocolError:
            return None


def shake_hands(endpoint: Endpoint, now: int) -> list[Effect]:
    """A proper start, so that the babble that follows is heard."""
    name = endpoint.configuration.name
    effects = [*endpoint.connected(now)]
    if endpoint.configuration.role is Role.PRIMARY:
        greeting = Message.carrying(MessageType.CONNECTACK, ConnectAck(relationship_name=name), xid=0, time_s=now)
    else:
        connect = Connect(relationship_name=name, mclt_s=3600, hash_buckets=bytes(32))
        greeting = Message.carrying(MessageType.CONNECT, connect, xid=0, time_s=now)
    notice = StateNotice(server_state=ServerState.NORMAL, server_flags=0, start_time_of_state_s=T0 - 100)
    effects += endpoint.receive(greeting, now)
    effects += endpoint.receive(Message.carrying(MessageType.STATE, notice, xid=1, time_s=now), now)
    return effects


@pytest.mark.parametrize("dialect", [WINDOWS, DRAFT, ISC], ids=lambda dialect: dialect.flavour)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("seed", range(6))
def test_endpoint_survives_a_babbling_partner(seed: int, dialect: Dialect, role: Role) -> None:
    babbler = Babbler(seed, dialect)
    configuration = Configuration.of_model(relationship(switch_s=3600), [scope()], role, SERVER_IDS[role], dialect)
    leases = [imported_lease(f"10.20.0.{11 + n}", mac(n), T0 + LEASE_S) for n in range(8)]
    saved = babbler.one_of([None, *(ServerRecord(state, T0 - 50) for state in (ServerState.NORMAL, ServerState.PARTNER_DOWN))])
    endpoint = Endpoint(configuration, Storage(saved, {lease.address: lease for lease in leases}, T0 - 40))
    now, stored, connected = T0, 0, False
    endpoint.start(now)
    for _ in range(400):
        effects: list[Effect] = []
        if not connected:
            effects += shake_hands(endpoint, now)
        if (message := babbler.message(now)) is not None:
            effects += endpoint.receive(message, now)
        if babbler.random.random() < 0.1:
            now += int(babbler.random.random() * 400)
            effects += endpoint.timer(now)
        connected = not any(isinstance(effect, HangUp) for effect in effects)
        for effect in effects:
            if isinstance(effect, Send):
                encode(effect.message, dialect.profile)
            elif isinstance(effect, Store) and isinstance(effect.record, Binding):
                assert configuration.is_ours(effect.record.address)
                stored += 1
    assert stored, "the babbler must get through to the bindings, or it proves nothing"
