"""One partner of a failover relationship, without I/O: messages, requests and the time go in, effects come out.

    endpoint = Endpoint(configuration, storage)
    endpoint.start(now)                              once; then, in any order,
    endpoint.connected(now), endpoint.disconnected(now)
    endpoint.receive(message, now)
    endpoint.submit(request, now)                    a client or an operator wants something
    endpoint.timer(now)                              at the instant `deadline()` names, or later

Each returns the effects in the order in which they must be carried out; see `effects`. `now` is whole seconds by the server's own
clock. The same inputs give the same effects, always. Every change of the server state is a look-up in `states`; here is what
a change brings with it.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from migrate.failover.allocation import Allocation
from migrate.failover.bindings import recover_wait_end
from migrate.failover.codes import MessageType, ServerFlags, ServerState
from migrate.failover.configuration import Configuration
from migrate.failover.core import Core, Counters
from migrate.failover.dialect import Flavour, SkewAction, SkewCheck
from migrate.failover.effects import (
    AskForUpdates,
    BadDigest,
    DhcpRequest,
    Effect,
    Order,
    ResetAddress,
    Storage,
    Submission,
)
from migrate.failover.link import Link, Phase
from migrate.failover.messages import Message, StateNotice
from migrate.failover.notes import CONTACT_LOST, CONTACT_MADE, MESSAGE_RECEIVED, ORDER_REFUSED, PROTOCOL_BROKEN, digest_note
from migrate.failover.rebalancing import Rebalancing
from migrate.failover.reintegration import Reintegration
from migrate.failover.service import Service
from migrate.failover.states import Event, IllegalMove, Start, event_move, joint_move, startup_move
from migrate.failover.table import BindingTable

_INTERRUPTED = (ServerState.COMMUNICATIONS_INTERRUPTED, ServerState.RESOLUTION_INTERRUPTED)
_RECOVERING = (ServerState.RECOVER, ServerState.RECOVER_WAIT, ServerState.RECOVER_DONE)
_STOPPED = (ServerState.PAUSED, ServerState.SHUTDOWN)
_ORDERED = {
    Order.PARTNER_DOWN: Event.PARTNER_DOWN_ORDERED,
    Order.PAUSE: Event.PAUSE_ORDERED,
    Order.SHUT_DOWN: Event.SHUTDOWN_ORDERED,
}


class Endpoint:
    __slots__ = (
        "_allocation",
        "_core",
        "_handlers",
        "_link",
        "_rebalancing",
        "_reintegration",
        "_safe_until",
        "_service",
        "_startup_until",
        "_wait_until",
    )

    def __init__(self, configuration: Configuration, storage: Storage) -> None:
        self._core = core = Core(configuration, storage)
        self._link = Link(core)
        self._reintegration = Reintegration(core, self._link)
        self._allocation = Allocation(core, self._reintegration)
        self._service = Service(core, self._reintegration, self._allocation)
        self._rebalancing = Rebalancing(core, self._reintegration, self._allocation, self._service)
        self._startup_until: int | None = None
        self._safe_until: int | None = None
        self._wait_until: int | None = None
        self._handlers: dict[int, Callable[[Message, int], None]] = {
            MessageType.CONNECT: self._take_connect,
            MessageType.CONNECTACK: self._take_connectack,
            MessageType.STATE: self._take_state,
            MessageType.BNDUPD: self._take_updates,
            MessageType.BNDACK: self._reintegration.take_acknowledgement,
            MessageType.UPDREQ: self._reintegration.answer_request,
            MessageType.UPDREQALL: self._reintegration.answer_request,
            MessageType.UPDDONE: self._take_update_done,
            MessageType.POOLREQ: self._rebalancing.answer_pool_request,
            MessageType.DISCONNECT: self._take_disconnect,
        }

    # What can be seen from outside

    @property
    def configuration(self) -> Configuration:
        return self._core.configuration

    @property
    def state(self) -> ServerState:
        return self._core.state

    @property
    def state_since_s(self) -> int:
        return self._core.since_s

    @property
    def partner_state(self) -> ServerState | None:
        """As last reported; None before the first report."""
        return self._core.partner_state

    @property
    def communications_ok(self) -> bool:
        return self._core.communications_ok

    @property
    def table(self) -> BindingTable:
        """To be read only."""
        return self._core.table

    @property
    def counters(self) -> Counters:
        return self._core.counters

    def answers_in_normal(self, request: DhcpRequest) -> bool:
        """Whether in NORMAL the request's client is this server's by load balancing or role."""
        return self._service.is_answered_by(self._core.role, request.client)

    # Inputs

    def start(self, now: int) -> tuple[Effect, ...]:
        self._core.started_at_s = now
        self._core.since_s = now
        self._startup_until = now + self._core.dialect.timers.startup_s
        self._link.dial(now)
        return self._core.take_effects()

    def connected(self, now: int) -> tuple[Effect, ...]:
        """A connection with the partner is there, whoever dialled."""
        if self._link.phase is Phase.DOWN:
            self._link.opened(now)
        return self._core.take_effects()

    def disconnected(self, now: int) -> tuple[Effect, ...]:
        """The connection is gone, or could not be made."""
        self._lose_link("connection closed", now)
        return self._core.take_effects()

    def receive(self, message: Message, now: int) -> tuple[Effect, ...]:
        if self._link.phase is not Phase.DOWN:
            self._link.heard(now)
            self._note_received(message)
            self._dispatch(message, now)
            self._reintegration.flush(now)
        return self._core.take_effects()

    def submit(self, request: Submission, now: int) -> tuple[Effect, ...]:
        match request:
            case DhcpRequest():
                self._service.answer(request, now)
            case Order():
                self._obey(request, now)
            case ResetAddress(address):
                if not self._service.reset(address, now):
                    self._refuse(f"reset of {IPv4Address(address)}")
            case AskForUpdates(scope_ids):
                if self._core.state is ServerState.NORMAL:
                    self._reintegration.ask_for_scopes(scope_ids, now)
                else:
                    self._refuse("updates of added scopes")
            case BadDigest(type, fault):
                self._core.note(digest_note(type, fault))
                self._hang_up(f"{type.name} with a digest that is not acceptable", now)
        self._reintegration.flush(now)
        return self._core.take_effects()

    def deadline(self) -> int | None:
        """When `timer` must be called next; None when only an input can change anything."""
        times = (
            self._link.deadline(),
            self._startup_until,
            self._safe_until,
            self._wait_until,
            self._service.deadline(),
            self._rebalancing.deadline(),
        )
        return min((at for at in times if at is not None), default=None)

    def timer(self, now: int) -> tuple[Effect, ...]:
        if (reason := self._link.timer(now)) is not None:
            self._hang_up(reason, now)
        if self._startup_until is not None and now >= self._startup_until:
            self._leave_startup(Start.TIMER, now)
        if self._safe_until is not None and now >= self._safe_until:
            self._meet(Event.SAFE_PERIOD_OVER, now)
        if self._wait_until is not None and now >= self._wait_until:
            self._meet(Event.WAIT_OVER, now)
        self._service.timer(now)
        self._rebalancing.timer(now)
        self._reintegration.flush(now)
        return self._core.take_effects()

    # Messages

    def _note_received(self, message: Message) -> None:
        if self._core.configuration.audits and message.type in MESSAGE_RECEIVED:
            self._core.note(MESSAGE_RECEIVED[MessageType(message.type)], message.xid)

    def _dispatch(self, message: Message, now: int) -> None:
        is_handshake = message.type in (MessageType.CONNECT, MessageType.CONNECTACK, MessageType.DISCONNECT)
        if not is_handshake and self._link.phase is not Phase.ESTABLISHED:
            self._break_off(f"message {message.type} before the connection is established", now)
            return
        handler = self._handlers.get(message.type)
        if handler is None or not self._check_clock(message, now):
            return
        try:
            handler(message, now)
        except IllegalMove as error:
            self._break_off(str(error), now)

    def _check_clock(self, message: Message, now: int) -> bool:
        """False when the message must not be looked at (C2); an update is refused where it is read."""
        dialect = self._core.dialect
        if dialect.skew_check is not SkewCheck.EVERY_MESSAGE or self._link.check_clock(message, now):
            return True
        if dialect.skew_action is SkewAction.REJECT:
            return True
        self._hang_up("clocks apart", now)
        return False

    def _take_updates(self, message: Message, now: int) -> None:
        dialect = self._core.dialect
        apart = abs(message.time_s - now) > dialect.allowed_skew_s
        clock_agrees = not (apart and dialect.skew_check is SkewCheck.EVERY_MESSAGE)
        self._reintegration.take_updates(message, now, clock_agrees=clock_agrees)

    def _take_connect(self, message: Message, now: int) -> None:
        if self._link.answer_connect(message, now):
            self._send_state(now)
        elif self._link.phase is Phase.DOWN:
            self._after_link("connection refused", now)

    def _take_connectack(self, message: Message, now: int) -> None:
        if self._link.take_connectack(message, now):
            self._send_state(now)

    def _take_disconnect(self, message: Message, now: int) -> None:
        if self._core.dialect.heeds_disconnect:
            self._hang_up("partner disconnects", now)

    def _take_state(self, message: Message, now: int) -> None:
        notice = StateNotice.read(message.options)
        if not isinstance(notice.server_state, ServerState):
            self._break_off(f"STATE with server state {notice.server_state}", now)
            return
        is_starting = bool((notice.server_flags or 0) & ServerFlags.STARTUP)
        if is_starting and self._core.state is ServerState.PARTNER_DOWN:
            return  # D12 9.4.3: it will report again, once it has seen our state
        self._core.partner_state = notice.server_state
        self._core.partner_since_s = notice.start_time_of_state_s or 0
        if not self._core.communications_ok:
            self._core.communications_ok = True
            self._core.note(CONTACT_MADE)
        if self._core.state is ServerState.STARTUP:
            self._leave_startup(self._end_of_startup(), now)
        else:
            self._settle(now)

    def _take_update_done(self, message: Message, now: int) -> None:
        if self._reintegration.is_answer(message):
            self._meet(Event.UPDATE_DONE, now)

    # State moves

    def _end_of_startup(self) -> Start:
        """D12 9.3.2: did the partner go into PARTNER-DOWN after this server's last operation, or while it still operated?"""
        if self._core.partner_state is not ServerState.PARTNER_DOWN:
            return Start.CONNECTED
        failed_at_s = self._core.failed_at_s
        saved = self._core.saved
        if failed_at_s is None or (saved is not None and saved.state is ServerState.SHUTDOWN):
            return Start.PARTNER_DOWN_SINCE  # SHUTDOWN is announced, so it is what made the partner go there (D12 9.14)
        return Start.PARTNER_DOWN_SINCE if self._core.partner_since_s > failed_at_s else Start.PARTNER_DOWN_BEFORE

    def _leave_startup(self, end: Start, now: int) -> None:
        core = self._core
        self._startup_until = None
        saved = None if core.saved is None else core.saved.state
        if core.is_restored:
            saved = ServerState.RECOVER
        elif core.saved is not None and saved in _STOPPED and core.dialect.flavour is not Flavour.ISC:
            saved = core.saved.previous
        state = startup_move(core.dialect.flavour, saved, end)
        is_same = core.saved is not None and core.saved.state is state
        self._move(state, now, since_s=core.saved.since_s if is_same and core.saved else None)
        self._settle(now)

    def _settle(self, now: int) -> None:
        """Apply the joint table until it has nothing more to say."""
        core = self._core
        if core.state is ServerState.STARTUP:
            return
        partner = core.partner_state if core.communications_ok else None
        while (row := joint_move(core.dialect.flavour, core.role, core.state, partner)).to is not core.state:
            self._move(row.to, now)
        if row.asks:
            self._reintegration.ask(now)

    def _meet(self, event: Event, now: int) -> bool:
        """Apply the event table. False when the state stays as it is."""
        state = event_move(self._core.role, self._core.state, event)
        if state is self._core.state:
            return False
        self._move(state, now)
        return True

    def _move(self, state: ServerState, now: int, *, since_s: int | None = None) -> None:
        """Enter a state: store it, say so, and start what goes with it."""
        core, before = self._core, self._core.state
        core.enter(state, now, since_s=since_s)
        safe_s = core.configuration.safe_period_s
        self._safe_until = now + safe_s if state in _INTERRUPTED and safe_s is not None else None
        self._wait_until = self._end_of_wait() if state is ServerState.RECOVER_WAIT else None
        if self._link.phase is Phase.ESTABLISHED:
            self._send_state(now)
        if state is ServerState.PARTNER_DOWN:
            self._allocation.partner_went_down()
        elif state is ServerState.NORMAL:
            core.is_restored = False
            self._reintegration.entered_normal(now)
            if before is ServerState.COMMUNICATIONS_INTERRUPTED and core.dialect.asks_for_updates_on_return:
                self._reintegration.ask(now)
            self._rebalancing.entered_normal(now)
        if self._wait_until is not None and now >= self._wait_until:
            self._meet(Event.WAIT_OVER, now)

    def _end_of_wait(self) -> int:
        core = self._core
        is_new_too = core.communications_ok and core.partner_state in _RECOVERING
        return recover_wait_end(core.failed_at_s, core.started_at_s, core.mclt_s, partner_is_new_too=is_new_too)

    def _send_state(self, now: int) -> None:
        """In STARTUP the previous state with the STARTUP flag (D12 9.3.1)."""
        core = self._core
        if core.state is ServerState.STARTUP:
            state = ServerState.RECOVER if core.saved is None or core.is_restored else core.saved.state
            since_s = core.started_at_s if core.saved is None else core.saved.since_s
            flags = ServerFlags.STARTUP
        else:
            state, since_s, flags = core.state, core.since_s, ServerFlags(0)
        notice = StateNotice(server_state=state, server_flags=flags, start_time_of_state_s=since_s)
        core.send(MessageType.STATE, notice, now=now)

    # Operators

    def _obey(self, order: Order, now: int) -> None:
        if order is Order.REBALANCE:
            if self._core.state is ServerState.NORMAL:
                self._rebalancing.rebalance(now)
            else:
                self._refuse(order.value)
        elif not self._meet(_ORDERED[order], now):
            self._refuse(order.value)

    def _refuse(self, what: str) -> None:
        self._core.note(ORDER_REFUSED, self._core.state, what)

    # Losing the link

    def _break_off(self, reason: str, now: int) -> None:
        self._core.note(PROTOCOL_BROKEN, reason)
        self._hang_up(reason, now)

    def _hang_up(self, reason: str, now: int) -> None:
        if self._link.phase is not Phase.DOWN:
            self._link.hang_up(reason, now)
            self._after_link(reason, now)

    def _lose_link(self, reason: str, now: int) -> None:
        self._link.closed(now)
        self._after_link(reason, now)

    def _after_link(self, reason: str, now: int) -> None:
        self._reintegration.link_lost()
        if self._core.communications_ok:
            self._core.communications_ok = False
            self._core.note(CONTACT_LOST, reason)
            self._settle(now)
