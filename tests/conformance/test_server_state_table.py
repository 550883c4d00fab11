"""windows-failover.md 4.1, row by row: what a real endpoint does in each server state, and what makes it leave.

The endpoint stands alone here; its partner is a script of messages. The tables behind it are tested in
tests/failover/test_server_states.py.
"""

from __future__ import annotations

import pytest
from connection_pair import LEASE_S, MCLT_S, RELAY, SERVER_IDS, T0, address, mac, relationship, scope

from migrate.failover.bindings import ACTIVE, BACKUP, FREE, Binding
from migrate.failover.codes import MessageType, ServerFlags, ServerState
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import WINDOWS, Dialect
from migrate.failover.effects import Answer, DhcpRequest, Effect, Order, RequestKind, Send, ServerRecord, Storage, Store
from migrate.failover.endpoint import Endpoint
from migrate.failover.messages import Connect, ConnectAck, Message, StateNotice
from migrate.failover.notes import Note
from migrate.model.server import Role

S = ServerState
M = MCLT_S
NO_FLAGS = ServerFlags(0)
CLIENT = mac(1)
"""Holds 10.20.0.11 by an old lease of this server's, and asks for an address of the other half."""


class Lone:
    """One endpoint that has been running for an hour in the given state, and the partner's side of its link."""

    def __init__(self, state: S | None, *, role: Role = Role.PRIMARY, partner: S | None = None, dialect: Dialect = WINDOWS) -> None:
        self.now = T0
        configuration = Configuration.of_model(relationship(), [scope()], role, SERVER_IDS[role], dialect)
        halves = [Binding(address(f"10.20.0.{n}"), FREE if n < 21 else BACKUP) for n in range(12, 31)]
        lease = Binding(address("10.20.0.11"), ACTIVE, CLIENT, expiry_s=T0 + LEASE_S, sent_pe_s=T0 + LEASE_S, cltt_s=T0 - 60)
        record = None if state is None else ServerRecord(state, T0 - 7200)
        bindings = {binding.address: binding for binding in (lease, *halves)}
        self.storage = Storage(server=record, bindings=bindings, last_operation_s=T0 - 60)
        self.endpoint = Endpoint(configuration, self.storage)
        self.effects: list[Effect] = list(self.endpoint.start(self.now))
        if partner is None:
            self.let_pass(dialect.timers.startup_s)
        else:
            self.report(partner)
        self.effects.clear()

    def do(self, effects: tuple[Effect, ...]) -> None:
        self.effects += effects
        for effect in effects:
            if isinstance(effect, Store):
                self.storage.apply(effect)

    def restart(self) -> None:
        self.endpoint = Endpoint(self.endpoint.configuration, self.storage)
        self.do(self.endpoint.start(self.now))

    def let_pass(self, seconds: int) -> None:
        until = self.now + seconds
        while (due := self.endpoint.deadline()) is not None and due <= until:
            self.now = max(due, self.now)
            self.do(self.endpoint.timer(self.now))
        self.now = until

    def hear(self, type: MessageType, *records: object, xid: int = 7) -> None:
        self.do(self.endpoint.receive(Message.carrying(type, *records, xid=xid, time_s=self.now), self.now))  # type: ignore[arg-type]

    def connect(self) -> None:
        self.do(self.endpoint.connected(self.now))
        if self.endpoint.configuration.role is Role.PRIMARY:
            self.hear(MessageType.CONNECTACK, ConnectAck(relationship_name="dhcp01-dhcp02"))
        else:
            self.hear(MessageType.CONNECT, Connect(relationship_name="dhcp01-dhcp02", mclt_s=M, hash_buckets=bytes(32)))

    def report(self, partner: S, *, since_s: int = T0 - 3600, flags: ServerFlags = NO_FLAGS) -> None:
        if not self.endpoint.communications_ok:
            self.connect()
        notice = StateNotice(server_state=partner, server_flags=flags, start_time_of_state_s=since_s)
        self.hear(MessageType.STATE, notice)

    def request_xid(self) -> int:
        asked = (MessageType.UPDREQ, MessageType.UPDREQALL)
        return next(e.message.xid for e in self.effects if isinstance(e, Send) and e.message.type in asked)

    def finish_update(self) -> None:
        self.hear(MessageType.UPDDONE, xid=self.request_xid())

    def sent(self) -> list[MessageType | int]:
        return [effect.message.type for effect in self.effects if isinstance(effect, Send)]

    def answer(self, kind: RequestKind, client_address: int = 0, number: int = 1) -> Answer | None:
        effects = self.endpoint.submit(DhcpRequest(kind, mac(number), RELAY, client_address), self.now)
        return next((effect for effect in effects if isinstance(effect, Answer)), None)


def in_state(state: S, *, role: Role = Role.PRIMARY) -> Lone:
    """By the shortest honest way there."""
    if state is S.STARTUP:
        lone = Lone(S.NORMAL, role=role)
        lone.restart()
    elif state in (S.PAUSED, S.SHUTDOWN):
        lone = Lone(S.NORMAL, role=role)
        lone.do(lone.endpoint.submit(Order.PAUSE if state is S.PAUSED else Order.SHUT_DOWN, lone.now))
    else:
        lone = Lone(state, role=role)
    if state is S.NORMAL:
        lone.report(S.NORMAL)
    elif state is S.POTENTIAL_CONFLICT:
        lone.report(S.POTENTIAL_CONFLICT)
    assert lone.endpoint.state is state
    lone.effects.clear()
    return lone


# Leaving a state by what the partner reports.

REPORTS = [
    (S.NORMAL, S.PAUSED, S.COMMUNICATIONS_INTERRUPTED),
    (S.NORMAL, S.SHUTDOWN, S.PARTNER_DOWN),
    (S.COMMUNICATIONS_INTERRUPTED, S.NORMAL, S.NORMAL),
    (S.COMMUNICATIONS_INTERRUPTED, S.COMMUNICATIONS_INTERRUPTED, S.NORMAL),
    (S.COMMUNICATIONS_INTERRUPTED, S.RECOVER_DONE, S.NORMAL),
    (S.COMMUNICATIONS_INTERRUPTED, S.RECOVER, S.COMMUNICATIONS_INTERRUPTED),
    (S.COMMUNICATIONS_INTERRUPTED, S.PAUSED, S.COMMUNICATIONS_INTERRUPTED),
    (S.COMMUNICATIONS_INTERRUPTED, S.SHUTDOWN, S.PARTNER_DOWN),
    (S.COMMUNICATIONS_INTERRUPTED, S.PARTNER_DOWN, S.POTENTIAL_CONFLICT),
    (S.COMMUNICATIONS_INTERRUPTED, S.POTENTIAL_CONFLICT, S.POTENTIAL_CONFLICT),
    (S.COMMUNICATIONS_INTERRUPTED, S.CONFLICT_DONE, S.POTENTIAL_CONFLICT),
    (S.COMMUNICATIONS_INTERRUPTED, S.RESOLUTION_INTERRUPTED, S.POTENTIAL_CONFLICT),
    (S.PARTNER_DOWN, S.RECOVER, S.PARTNER_DOWN),
    (S.PARTNER_DOWN, S.RECOVER_WAIT, S.PARTNER_DOWN),
    (S.PARTNER_DOWN, S.RECOVER_DONE, S.NORMAL),
    (S.PARTNER_DOWN, S.NORMAL, S.POTENTIAL_CONFLICT),
    (S.PARTNER_DOWN, S.COMMUNICATIONS_INTERRUPTED, S.POTENTIAL_CONFLICT),
    (S.PARTNER_DOWN, S.PARTNER_DOWN, S.POTENTIAL_CONFLICT),
    (S.PARTNER_DOWN, S.POTENTIAL_CONFLICT, S.POTENTIAL_CONFLICT),
    (S.RESOLUTION_INTERRUPTED, S.RESOLUTION_INTERRUPTED, S.POTENTIAL_CONFLICT),
    (S.RESOLUTION_INTERRUPTED, S.NORMAL, S.POTENTIAL_CONFLICT),
    (S.CONFLICT_DONE, S.NORMAL, S.NORMAL),
    (S.CONFLICT_DONE, S.POTENTIAL_CONFLICT, S.CONFLICT_DONE),
    (S.RECOVER, S.POTENTIAL_CONFLICT, S.POTENTIAL_CONFLICT),
    (S.RECOVER, S.PARTNER_DOWN, S.RECOVER),
    (S.RECOVER_DONE, S.NORMAL, S.NORMAL),
    (S.RECOVER_DONE, S.RECOVER_DONE, S.NORMAL),
    (S.RECOVER_DONE, S.PARTNER_DOWN, S.RECOVER_DONE),
    (S.PAUSED, S.NORMAL, S.PAUSED),
    (S.SHUTDOWN, S.NORMAL, S.SHUTDOWN),
]


@pytest.mark.parametrize(("own", "partner", "then"), REPORTS, ids=[f"{own} beside {partner}" for own, partner, _ in REPORTS])
def test_state_after_a_report_of_the_partner(own: S, partner: S, then: S) -> None:
    """4.1, column "leaves"; a new state is stored before it is told (D12 9.2)."""
    lone = in_state(own)
    lone.report(partner)
    assert lone.endpoint.state is then
    if then is not own:
        stored = next(place for place, effect in enumerate(lone.effects) if isinstance(effect, Store) and effect.record[0] is then)
        told = [
            place
            for place, effect in enumerate(lone.effects)
            if isinstance(effect, Send)
            and effect.message.type is MessageType.STATE
            and StateNotice.read(effect.message.options).server_state is then
        ]
        assert stored < told[0]


LINK_LOST = [
    (S.NORMAL, S.COMMUNICATIONS_INTERRUPTED),
    (S.POTENTIAL_CONFLICT, S.RESOLUTION_INTERRUPTED),
]


@pytest.mark.parametrize(("own", "then"), LINK_LOST, ids=[own for own, _ in LINK_LOST])
def test_state_after_the_link_is_lost(own: S, then: S) -> None:
    lone = in_state(own)
    lone.do(lone.endpoint.disconnected(lone.now))
    assert lone.endpoint.state is then


KEEPS = [(S.PARTNER_DOWN, S.RECOVER), (S.CONFLICT_DONE, S.POTENTIAL_CONFLICT), (S.RECOVER, S.NORMAL), (S.RECOVER_DONE, S.RECOVER)]


@pytest.mark.parametrize(("own", "partner"), KEEPS, ids=[own for own, _ in KEEPS])
def test_state_that_outlasts_the_link(own: S, partner: S) -> None:
    """4.1: "link loss: stay" in CONFLICT_DONE, RECOVER, RECOVER_DONE; PARTNER_DOWN is about a partner that is not there anyway."""
    lone = in_state(own)
    lone.report(partner)
    lone.do(lone.endpoint.disconnected(lone.now))
    assert lone.endpoint.state is own


@pytest.mark.parametrize("own", [S.NORMAL, S.COMMUNICATIONS_INTERRUPTED, S.RESOLUTION_INTERRUPTED])
def test_operator_declares_partner_down(own: S) -> None:
    lone = in_state(own)
    lone.do(lone.endpoint.submit(Order.PARTNER_DOWN, lone.now))
    assert lone.endpoint.state is S.PARTNER_DOWN


@pytest.mark.parametrize("own", [S.STARTUP, S.RECOVER, S.POTENTIAL_CONFLICT, S.RECOVER_DONE, S.PARTNER_DOWN, S.PAUSED])
def test_operator_is_refused_elsewhere(own: S) -> None:
    lone = in_state(own)
    lone.do(lone.endpoint.submit(Order.PARTNER_DOWN, lone.now))
    assert lone.endpoint.state is own
    assert "order refused" in [effect for effect in lone.effects if isinstance(effect, Note)][-1].text


# RECOVER, its wait, and conflicts.


def test_recover_asks_waits_and_is_done() -> None:
    """4.1 RECOVER to RECOVER_DONE: UPDREQ, UPDDONE, then MCLT after the failure."""
    lone = in_state(S.STARTUP)
    failed_at = lone.now
    lone.let_pass(60)
    lone.report(S.PARTNER_DOWN, since_s=failed_at + 30)
    assert lone.endpoint.state is S.RECOVER
    assert lone.sent()[-1] is MessageType.UPDREQ
    lone.finish_update()
    assert lone.endpoint.state is S.RECOVER_WAIT
    while lone.now < failed_at + M - 1:
        lone.let_pass(min(60, failed_at + M - 1 - lone.now))
        lone.hear(MessageType.CONTACT)
    assert lone.endpoint.state is S.RECOVER_WAIT
    lone.let_pass(1)
    assert lone.endpoint.state is S.RECOVER_DONE


def test_recover_asks_again_on_the_next_link() -> None:
    """4.1 RECOVER: "link loss: stay and ask again"."""
    lone = in_state(S.RECOVER)
    lone.report(S.NORMAL)
    assert lone.sent().count(MessageType.UPDREQ) == 1
    lone.report(S.COMMUNICATIONS_INTERRUPTED)
    assert lone.sent().count(MessageType.UPDREQ) == 1, "once on each link"
    lone.do(lone.endpoint.disconnected(lone.now))
    lone.report(S.COMMUNICATIONS_INTERRUPTED)
    assert lone.sent().count(MessageType.UPDREQ) == 2


def test_restored_database_asks_for_everything() -> None:
    """4.1, last line: after a restore RECOVER and UPDREQALL, so the partner's bindings win (DHCPF 3.1.7.2)."""
    lone = Lone(S.NORMAL)
    lone.storage.is_restored = True
    lone.restart()
    lone.report(S.NORMAL)
    assert lone.endpoint.state is S.RECOVER
    assert lone.sent()[-1] is MessageType.UPDREQALL


def test_a_server_that_operated_beside_partner_down_is_in_conflict() -> None:
    """D12 9.3.2: the partner went down before this server's last operation."""
    lone = in_state(S.STARTUP)
    lone.report(S.PARTNER_DOWN, since_s=lone.now - 1)
    assert lone.endpoint.state is S.POTENTIAL_CONFLICT


def test_conflict_is_resolved_by_the_primary_first() -> None:
    """4.1 POTENTIAL_CONFLICT: the primary asks, then CONFLICT_DONE; NORMAL when the secondary is."""
    lone = Lone(S.PARTNER_DOWN)
    lone.report(S.PARTNER_DOWN)
    assert lone.endpoint.state is S.POTENTIAL_CONFLICT
    assert lone.sent()[-1] is MessageType.UPDREQ
    lone.finish_update()
    assert lone.endpoint.state is S.CONFLICT_DONE
    lone.report(S.NORMAL)
    assert lone.endpoint.state is S.NORMAL


def test_conflict_is_resolved_by_the_secondary_second() -> None:
    """4.1 POTENTIAL_CONFLICT: the secondary asks once the primary is in CONFLICT_DONE, then NORMAL."""
    lone = Lone(S.PARTNER_DOWN, role=Role.SECONDARY)
    lone.report(S.PARTNER_DOWN)
    assert lone.endpoint.state is S.POTENTIAL_CONFLICT
    assert MessageType.UPDREQ not in lone.sent()
    lone.report(S.CONFLICT_DONE)
    assert lone.sent()[-1] is MessageType.UPDREQ
    lone.finish_update()
    assert lone.endpoint.state is S.NORMAL


def test_update_done_of_another_request_moves_nothing() -> None:
    lone = in_state(S.RECOVER)
    lone.report(S.NORMAL)
    lone.hear(MessageType.UPDDONE, xid=lone.request_xid() + 1)
    assert lone.endpoint.state is S.RECOVER


# STARTUP.

STARTS = [
    ("nothing stored", None, S.NORMAL, S.RECOVER),
    ("NORMAL, partner NORMAL", S.NORMAL, S.NORMAL, S.NORMAL),
    ("NORMAL, partner in RECOVER", S.NORMAL, S.RECOVER, S.COMMUNICATIONS_INTERRUPTED),
    ("PARTNER-DOWN, partner in RECOVER", S.PARTNER_DOWN, S.RECOVER, S.PARTNER_DOWN),
    ("RECOVER-WAIT", S.RECOVER_WAIT, S.PARTNER_DOWN, S.RECOVER_WAIT),
    ("POTENTIAL-CONFLICT", S.POTENTIAL_CONFLICT, S.POTENTIAL_CONFLICT, S.POTENTIAL_CONFLICT),
]


@pytest.mark.parametrize(("saved", "partner", "then"), [row[1:] for row in STARTS], ids=[row[0] for row in STARTS])
def test_startup_ends_with_a_connection(saved: S | None, partner: S, then: S) -> None:
    """4.1 STARTUP: a new relationship goes to RECOVER, otherwise the previous state's rules apply."""
    assert Lone(saved, partner=partner).endpoint.state is then


@pytest.mark.parametrize(
    ("saved", "then"),
    [
        (None, S.COMMUNICATIONS_INTERRUPTED),
        (S.NORMAL, S.COMMUNICATIONS_INTERRUPTED),
        (S.POTENTIAL_CONFLICT, S.RESOLUTION_INTERRUPTED),
        (S.PARTNER_DOWN, S.PARTNER_DOWN),
    ],
    ids=str,
)
def test_startup_ends_with_its_timer(saved: S | None, then: S) -> None:
    """4.1 STARTUP: without a partner, after five minutes; a server that had no state goes to COMMUNICATION_INT (DHCPF 3.1.6.3)."""
    assert Lone(saved).endpoint.state is then


def test_state_told_in_startup_is_the_previous_one_with_a_flag() -> None:
    """D12 9.3.1."""
    lone = in_state(S.STARTUP)
    lone.connect()
    notice = StateNotice.read(
        next(e.message for e in lone.effects if isinstance(e, Send) and e.message.type is MessageType.STATE).options
    )
    assert (notice.server_state, notice.server_flags) == (S.COMMUNICATIONS_INTERRUPTED, ServerFlags.STARTUP)


def test_partner_down_does_not_listen_to_a_starting_partner() -> None:
    """failover-protocol.md 5.1: PARTNER-DOWN ignores STATE with the STARTUP flag, or every return would be a conflict."""
    lone = in_state(S.PARTNER_DOWN)
    lone.report(S.NORMAL, flags=ServerFlags.STARTUP)
    assert lone.endpoint.state is S.PARTNER_DOWN
    assert not lone.endpoint.communications_ok


@pytest.mark.parametrize("stop", [Order.PAUSE, Order.SHUT_DOWN], ids=lambda order: order.value)
def test_restart_after_a_stop_resumes_the_state_before(stop: Order) -> None:
    """4.1 PAUSED / SHUTDOWN: restart resumes the stored previous state."""
    lone = in_state(S.NORMAL)
    lone.do(lone.endpoint.submit(stop, lone.now))
    lone.restart()
    lone.report(S.COMMUNICATIONS_INTERRUPTED)
    assert lone.endpoint.state is S.NORMAL


# Whom a server answers, from which addresses, and for how long.

SERVED = [
    (S.STARTUP, False, False),
    (S.NORMAL, True, True),
    (S.COMMUNICATIONS_INTERRUPTED, True, True),
    (S.PARTNER_DOWN, True, True),
    (S.POTENTIAL_CONFLICT, False, False),
    (S.RESOLUTION_INTERRUPTED, True, True),
    (S.CONFLICT_DONE, True, True),
    (S.RECOVER, False, False),
    (S.RECOVER_WAIT, False, False),
    (S.RECOVER_DONE, False, True),
    (S.PAUSED, False, False),
    (S.SHUTDOWN, False, False),
]


@pytest.mark.parametrize(("own", "new", "renewals"), SERVED, ids=[row[0] for row in SERVED])
def test_clients_served(own: S, new: bool, renewals: bool) -> None:
    """4.1, column "client service"."""
    lone = in_state(own)
    ours = next(n for n in range(2, 99) if lone.endpoint.answers_in_normal(DhcpRequest(RequestKind.DISCOVER, mac(n), RELAY)))
    offer = lone.answer(RequestKind.DISCOVER, number=ours)
    assert (offer is not None) is new
    if offer is not None:
        assert address("10.20.0.12") <= offer.address < address("10.20.0.21"), "own share only"
    holder = Lone.answer(lone, RequestKind.REBINDING, address("10.20.0.11"))
    is_holders_server = lone.endpoint.answers_in_normal(DhcpRequest(RequestKind.DISCOVER, CLIENT, RELAY))
    assert (holder is not None) is (renewals and (is_holders_server or own is not S.NORMAL))


def test_every_client_is_served_while_cut_off() -> None:
    """4.1 COMMUNICATION_INT: "everyone, hash off"; NORMAL: by hash."""
    clients = range(2, 42)
    normal, cut_off = in_state(S.NORMAL), in_state(S.COMMUNICATIONS_INTERRUPTED)
    heard = [number for number in clients if normal.answer(RequestKind.INFORM, number=number)]
    assert heard == list(clients), "DHCPINFORM takes no address, so both answer it"
    by_hash = [number for number in clients if normal.answer(RequestKind.DISCOVER, number=number)]
    alone = [number for number in clients if cut_off.answer(RequestKind.DISCOVER, number=number)]
    assert 0 < len(by_hash) <= 9
    assert alone == list(clients)[:9], "the first nine take the nine free addresses of the own share"
