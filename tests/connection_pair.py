"""Two real endpoints joined by a fake wire that carries bytes, so that every scenario also tests the codec (style.md, after h11).

Time is virtual and delivery takes none of it. A partner keeps its Store effects in a `Storage` of its own, from which it can
restart; what it notes and answers is kept for the test to look at. `clock_ahead_s` sets its clock wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address

from migrate.failover.bindings import ACTIVE, Binding, Client
from migrate.failover.codec import encode
from migrate.failover.codes import MessageType, ServerState
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import WINDOWS, Dialect
from migrate.failover.effects import (
    Answer,
    DhcpRequest,
    Dial,
    Effect,
    HangUp,
    Order,
    RequestKind,
    Send,
    Storage,
    Store,
    Submission,
)
from migrate.failover.endpoint import Endpoint
from migrate.failover.framing import MessageReader
from migrate.failover.messages import Message
from migrate.failover.notes import Note
from migrate.model.addresses import AddressRange
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.scope import Scope
from migrate.model.server import Role

T0 = 1_800_000_000
SCOPE_ID = IPv4Address("10.20.0.0")
RELAY = int(IPv4Address("10.20.0.1"))
SERVER_IDS = {Role.PRIMARY: IPv4Address("10.1.0.1"), Role.SECONDARY: IPv4Address("10.1.0.2")}
LEASE_S = 8 * 86400
MCLT_S = 3600


def address(text: str) -> int:
    return int(IPv4Address(text))


def scope(first: str = "10.20.0.11", last: str = "10.20.0.30", *, lease_s: int = LEASE_S, **changes: object) -> Scope:
    """Twenty addresses, unless the test says otherwise."""
    fields: dict[str, object] = {
        "scope_id": SCOPE_ID,
        "subnet_mask": IPv4Address("255.255.255.0"),
        "range": AddressRange.parse(first, last),
        "lease_duration": timedelta(seconds=lease_s),
    }
    return Scope(**{**fields, **changes})  # type: ignore[arg-type]


def relationship(
    mode: FailoverMode = FailoverMode.LOAD_BALANCE,
    *,
    load_balance_percent: int = 50,
    reserve_percent: int = 5,
    mclt_s: int = MCLT_S,
    switch_s: int | None = None,
) -> FailoverRelationship:
    is_standby = mode is FailoverMode.HOT_STANDBY
    return FailoverRelationship(
        name="dhcp01-dhcp02",
        primary_server="dhcp01",
        secondary_server="dhcp02",
        mode=mode,
        load_balance_percent=None if is_standby else load_balance_percent,
        reserve_percent=reserve_percent if is_standby else None,
        max_client_lead_time=timedelta(seconds=mclt_s),
        auto_state_transition=switch_s is not None,
        state_switch_interval=None if switch_s is None else timedelta(seconds=switch_s),
    )


LOAD_BALANCE = relationship()
HOT_STANDBY = relationship(FailoverMode.HOT_STANDBY)


def mac(number: int) -> Client:
    return Client(b"\x01\x02\x00\x00\x00" + number.to_bytes(2, "big"))


def imported_lease(text: str, client: Client, expiry_s: int) -> Binding:
    """As Import-DhcpServer leaves it: a lease that the partner has never heard of."""
    return Binding(address(text), ACTIVE, client, expiry_s=expiry_s, stos_s=T0, cltt_s=T0, owed=True)


@dataclass
class Partner:
    configuration: Configuration
    storage: Storage = field(default_factory=Storage)
    clock_ahead_s: int = 0
    endpoint: Endpoint | None = None
    reader: MessageReader | None = None
    notes: list[Note] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    states: list[ServerState] = field(default_factory=list)

    @property
    def running(self) -> Endpoint:
        assert self.endpoint is not None
        return self.endpoint

    @property
    def state(self) -> ServerState:
        return self.running.state

    @property
    def event_ids(self) -> list[int]:
        return [note.event_id for note in self.notes if note.event_id]

    def binding(self, text: str) -> Binding:
        return self.running.table.get(address(text))

    def sent_types(self) -> list[MessageType | int]:
        return [message.type for message in self.sent]

    def forget(self) -> None:
        """Start a new page for what is noted, answered and sent."""
        for kept in (self.notes, self.answers, self.sent, self.effects, self.states):
            kept.clear()


class ConnectionPair:
    def __init__(
        self,
        dialect: Dialect = WINDOWS,
        *,
        scopes: Iterable[Scope] | None = None,
        relationship: FailoverRelationship = LOAD_BALANCE,
        primary_bindings: Iterable[Binding] = (),
        secondary_bindings: Iterable[Binding] = (),
        audits: bool = False,
    ) -> None:
        self.now = T0
        self.is_cut = False
        self.effects_left: int | None = None
        """Crash whoever is about to carry out the effect after so many."""
        self._connected = False
        self._wire: deque[tuple[Partner, bytes]] = deque()
        scopes = tuple(scopes) if scopes is not None else (scope(),)
        made = []
        for role, bindings in ((Role.PRIMARY, primary_bindings), (Role.SECONDARY, secondary_bindings)):
            configuration = Configuration.of_model(relationship, scopes, role, SERVER_IDS[role], dialect, audits=audits)
            made.append(Partner(configuration, Storage(bindings={binding.address: binding for binding in bindings})))
        self.primary, self.secondary = made

    @property
    def partners(self) -> tuple[Partner, Partner]:
        return self.primary, self.secondary

    def other(self, partner: Partner) -> Partner:
        return self.secondary if partner is self.primary else self.primary

    def clock(self, partner: Partner) -> int:
        return self.now + partner.clock_ahead_s

    # Running

    def start(self, *partners: Partner) -> ConnectionPair:
        for partner in partners or self.partners:
            partner.endpoint = Endpoint(partner.configuration, partner.storage)
        for partner in partners or self.partners:
            if partner.endpoint:
                self._do(partner, partner.endpoint.start(self.clock(partner)))
        self._deliver()
        return self

    def to_normal(self) -> ConnectionPair:
        """Start both and let them meet; then the first redistribution is made, and the pages are blank."""
        self.start()
        assert (self.primary.state, self.secondary.state) == (ServerState.NORMAL, ServerState.NORMAL)
        self.submit(self.primary, Order.REBALANCE)
        for partner in self.partners:
            partner.forget()
        return self

    def advance(self, seconds: int) -> None:
        """Let time pass, every deadline met on its second."""
        until = self.now + seconds
        while (due := self._next_deadline()) is not None and due <= until:
            self.now = max(due, self.now)
            for partner in self.partners:
                deadline = partner.endpoint.deadline() if partner.endpoint else None
                if deadline is not None and deadline <= self.clock(partner):
                    self._do(partner, partner.running.timer(self.clock(partner)))
                    self._deliver()
        self.now = until

    def _next_deadline(self) -> int | None:
        deadlines = [
            deadline - partner.clock_ahead_s
            for partner in self.partners
            if partner.endpoint and (deadline := partner.endpoint.deadline()) is not None
        ]
        return min(deadlines, default=None)

    def submit(self, partner: Partner, request: Submission) -> list[Answer]:
        before = len(partner.answers)
        self._do(partner, partner.running.submit(request, self.clock(partner)))
        self._deliver()
        return partner.answers[before:]

    # Faults

    def cut(self, *, noticed: bool = True) -> None:
        """No bytes pass any longer; `noticed` when TCP tells both ends at once. If not, TCP sends them again after `heal`."""
        self.is_cut = True
        if noticed:
            self._disconnect()

    def heal(self) -> None:
        self.is_cut = False
        self._deliver()

    def crash(self, partner: Partner) -> None:
        partner.endpoint = None
        self._disconnect()

    def restart(self, partner: Partner, *, without_database: bool = False) -> None:
        if without_database:
            partner.storage = Storage(server=partner.storage.server, is_restored=True)
        self.start(partner)

    def _disconnect(self) -> None:
        if self._connected:
            self._connected = False
            self._wire.clear()
            for partner in self.partners:
                if partner.endpoint:
                    self._do(partner, partner.endpoint.disconnected(self.clock(partner)))
        self._deliver()

    # Effects

    def _do(self, partner: Partner, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if partner.endpoint is None or self._crashes_here(partner):
                return
            partner.effects.append(effect)
            match effect:
                case Store():
                    partner.storage.apply(effect)
                    if not isinstance(effect.record, Binding):
                        partner.states.append(effect.record.state)
                case Send(message):
                    partner.sent.append(message)
                    if self._connected:
                        self._wire.append((self.other(partner), encode(message, partner.configuration.dialect.profile)))
                case Answer():
                    partner.answers.append(effect)
                case Note():
                    partner.notes.append(effect)
                case Dial():
                    self._dial(partner)
                case HangUp():
                    self._hang_up(partner)

    def _crashes_here(self, partner: Partner) -> bool:
        if self.effects_left is None:
            return False
        self.effects_left -= 1
        if self.effects_left >= 0:
            return False
        self.effects_left = None
        self.crash(partner)
        return True

    def _dial(self, partner: Partner) -> None:
        other = self.other(partner)
        if self._connected:
            return
        if self.is_cut or other.endpoint is None:
            self._do(partner, partner.running.disconnected(self.clock(partner)))
            return
        self._connected = True
        for end in (partner, other):
            end.reader = MessageReader(end.configuration.dialect.profile)
            if end.endpoint and self._connected:
                self._do(end, end.endpoint.connected(self.clock(end)))

    def _hang_up(self, partner: Partner) -> None:
        if not self._connected:
            return
        other = self.other(partner)
        if not self.is_cut:
            self._deliver_to(other)
        self._connected = False
        self._wire.clear()
        if other.endpoint and not self.is_cut:
            self._do(other, other.endpoint.disconnected(self.clock(other)))

    def _deliver(self) -> None:
        while self._wire and not self.is_cut:
            self._deliver_one(*self._wire.popleft())

    def _deliver_to(self, partner: Partner) -> None:
        """What was sent before the connection was closed still arrives."""
        mine = [data for receiver, data in self._wire if receiver is partner]
        self._wire.clear()
        for data in mine:
            self._deliver_one(partner, data)

    def _deliver_one(self, receiver: Partner, data: bytes) -> None:
        if receiver.endpoint is None or receiver.reader is None:
            return
        receiver.reader.feed(data)
        while receiver.endpoint and (message := receiver.reader.next_message()) is not None:
            self._do(receiver, receiver.endpoint.receive(message, self.clock(receiver)))

    # Clients

    def discover(self, partner: Partner, client: Client, **more: object) -> Answer | None:
        request = DhcpRequest(RequestKind.DISCOVER, client, RELAY, **more)  # type: ignore[arg-type]
        return next(iter(self.submit(partner, request)), None)

    def request(self, partner: Partner, kind: RequestKind, client: Client, at: int, **more: object) -> Answer | None:
        server_id = partner.configuration.server_id if kind is RequestKind.SELECTING else 0
        request = DhcpRequest(kind, client, RELAY, at, server_id, **more)  # type: ignore[arg-type]
        return next(iter(self.submit(partner, request)), None)

    def lease(self, client: Client) -> Answer:
        """The whole exchange: both servers hear the DISCOVER, the first offer is taken."""
        for partner in self.partners:
            if partner.endpoint and (offer := self.discover(partner, client)):
                answer = self.request(partner, RequestKind.SELECTING, client, offer.address)
                assert answer is not None
                return answer
        raise AssertionError(f"nobody offered {client} an address")

    def owner(self, client: Client) -> Partner:
        """Who answers the client in NORMAL."""
        request = DhcpRequest(RequestKind.DISCOVER, client, RELAY)
        asked = self.primary if self.primary.endpoint else self.secondary
        return asked if asked.running.answers_in_normal(request) else self.other(asked)

    def client_of(self, partner: Partner, *, number: int = 0) -> Client:
        """The n-th client, counted from 0, that the partner answers in NORMAL."""
        mine = (mac(n) for n in range(1, 10_000) if self.owner(mac(n)) is partner)
        return next(client for place, client in enumerate(mine) if place == number)


def disagreements(pair: ConnectionPair) -> list[str]:
    """Addresses of which the two servers do not say the same: state, holder and end of the lease."""
    addresses = sorted({binding.address for partner in pair.partners for binding in partner.running.table.records()})
    found = []
    for number in addresses:
        views = [partner.running.table.get(number) for partner in pair.partners]
        said = [(view.state, view.client if view.state is ACTIVE else None, view.expiry_s) for view in views]
        if said[0] != said[1]:
            found.append(f"{IPv4Address(number)}: primary {views[0]}, secondary {views[1]}")
    return found


def agree(pair: ConnectionPair) -> bool:
    return not disagreements(pair)
