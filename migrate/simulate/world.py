"""Two partners, the network between them and the clients before them, in virtual time.

Time is whole seconds since 1970; it stands still while an event is worked on. The queue holds `(due, sequence, event)`: ties go by
sequence and events are never compared. A server may be stopped between any two of its effects, which is how "store before send"
is put to the test. After each event the invariants are asked.

What clients do is written in `clients`, what must hold in `invariants`; here is only who hears what, and when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from heapq import heappop, heappush
from ipaddress import IPv4Address
from typing import NamedTuple
from zlib import crc32

from migrate.failover.bindings import UNLIMITED_S, Binding
from migrate.failover.codec import encode
from migrate.failover.effects import (
    Answer,
    DhcpRequest,
    Dial,
    Effect,
    HangUp,
    Order,
    ReplyKind,
    RequestKind,
    Send,
    Store,
    Submission,
)
from migrate.failover.endpoint import Endpoint
from migrate.failover.framing import MessageReader
from migrate.failover.messages import Message
from migrate.failover.notes import POOL_EXHAUSTED, REDISTRIBUTED, SILENT, Channel, Note
from migrate.model.server import Role
from migrate.simulate.happenings import Asked, Happenings, Move
from migrate.simulate.host import Host
from migrate.simulate.links import NO_FAULTS, Direction, LinkFaults
from migrate.simulate.promises import Promise, Promises
from migrate.simulate.tally import Tally
from migrate.simulate.transcript import Entry, Transcript, duration

OTHER = {Role.PRIMARY: Role.SECONDARY, Role.SECONDARY: Role.PRIMARY}
NETWORK, OPERATOR = "network", "operator"


class Opened(NamedTuple):
    connection: int
    end: Role


class Closed(NamedTuple):
    connection: int | None
    """None: it could not be opened in the first place."""
    end: Role


class Arrival(NamedTuple):
    connection: int
    to: Role
    data: bytes


class Tick(NamedTuple):
    role: Role
    due_s: int


class Wake(NamedTuple):
    """Somebody who wanted to be called at this instant: a client, as a rule."""

    call: Callable[[], None]


Event = Opened | Closed | Arrival | Tick | Wake
Judge = Callable[["World"], None]


class World:
    def __init__(
        self, primary: Host, secondary: Host, *, start_s: int, seed: int = 1, judge: Judge | None = None, details: bool = False
    ) -> None:
        """`judge` is called after every event that brought anything about, or after which the partners may be at one again."""
        self.now = start_s
        self.seed = seed
        self.hosts = {Role.PRIMARY: primary, Role.SECONDARY: secondary}
        self.faults: LinkFaults = NO_FAULTS
        self.reached: tuple[Role, ...] = tuple(Role)
        """The servers that the clients' broadcasts come to."""
        self.promises = Promises()
        self.happenings = Happenings()
        self.unsettled: dict[int, None] = {}
        """Addresses stored by either partner since both last agreed."""
        self.tally = Tally(start_s)
        self.transcript = Transcript(start_s, details=details)
        self.events_done = 0
        self.messages_under_way = 0
        self._judge = judge
        self._queue: list[tuple[int, int, Event]] = []
        self._sequence = 0
        self._connections = 0
        self._directions = {role: Direction(role, seed) for role in Role}

    # Running

    def schedule(self, due_s: int, event: Event) -> None:
        self._sequence += 1
        heappush(self._queue, (max(due_s, self.now), self._sequence, event))

    def call_at(self, due_s: int, call: Callable[[], None]) -> None:
        self.schedule(due_s, Wake(call))

    def run(self, seconds: int) -> None:
        self.run_until(self.now + seconds)

    def run_until(self, until_s: int) -> None:
        """Every event up to and including this instant."""
        queue = self._queue
        while queue and queue[0][0] <= until_s:
            due_s, _, event = heappop(queue)
            self.now = due_s
            self.events_done += 1
            self._handle(event)
            self.judge()
        self.now = until_s

    def _handle(self, event: Event) -> None:
        match event:
            case Wake(call):
                call()
            case Arrival():
                self._arrive(event)
            case Tick(role, due_s):
                host = self.hosts[role]
                if host.server is not None and host.tick_due_s == due_s:
                    host.tick_due_s = None
                    self._carry_out(host, host.server.timer(self.clock(host)), ticked=True)
            case Opened(connection, end):
                self._open(self.hosts[end], connection)
            case Closed(connection, end):
                host = self.hosts[end]
                if host.server is not None and host.connection == connection:
                    host.connection = None
                    self._carry_out(host, host.server.disconnected(self.clock(host)))

    def judge(self) -> None:
        may_be_settled = bool(self.unsettled) and not self.messages_under_way
        if self._judge is not None and (may_be_settled or not self.happenings.is_empty):
            self._judge(self)
        self.happenings.clear()

    def clock(self, host: Host) -> int:
        return self.now + host.clock_ahead_s

    # What servers want done

    def _carry_out(self, host: Host, effects: tuple[Effect, ...], *, ticked: bool = False) -> Answer | None:
        """Gives the answer to a client, if there is one and the server lived to send it."""
        answer = None
        for effect in effects:
            if host.effects_left is not None:
                if host.effects_left == 0:
                    self.crash(host.role)
                    return answer
                host.effects_left -= 1
            match effect:
                case Store():
                    self._store(host, effect)
                case Send(message):
                    self._send(host, message)
                case Answer():
                    answer = effect
                    self._promise(host, effect)
                case Note():
                    self._note(host, effect)
                case Dial():
                    self._dial(host)
                case HangUp(reason):
                    self._hang_up(host, reason)
        self._schedule_tick(host, ticked=ticked)
        return answer

    def _schedule_tick(self, host: Host, *, ticked: bool) -> None:
        deadline_s = host.running.deadline()
        if deadline_s is None:
            host.tick_due_s = None
            return
        due_s = max(deadline_s - host.clock_ahead_s, self.now + ticked)
        if due_s != host.tick_due_s:
            host.tick_due_s = due_s
            self.schedule(due_s, Tick(host.role, due_s))

    def _store(self, host: Host, store: Store) -> None:
        before = host.storage.server
        host.store(store)
        if isinstance(store.record, Binding):
            self.unsettled[store.record.address] = None
        elif before is None or before.state is not store.record.state:
            was = host.running.state if before is None else before.state
            self.happenings.moves.append(Move(host.role, was, store.record.state))

    def _promise(self, host: Host, answer: Answer) -> None:
        if answer.kind is ReplyKind.ACK and answer.lease_s is not None:
            until_s = UNLIMITED_S if answer.lease_s >= UNLIMITED_S else self.now + answer.lease_s
            host.last_promise_s = self.now
            self.promises.make(answer.address, Promise(answer.client.identity, until_s, host.role, self.now))

    def _note(self, host: Host, note: Note) -> None:
        self.tally.note(host.role, note, self.now)
        self.happenings.has_redistributed |= note.kind is REDISTRIBUTED
        if note.kind not in (SILENT, POOL_EXHAUSTED):
            event = f" [{note.event_id}]" if note.event_id else ""
            text = note.text.removeprefix(f"{host.configuration.name}: ")
            address = next((int(part) for part in note.subject if isinstance(part, IPv4Address)), 0)
            self.say(host.role, "{0}{1}", text, event, address=address, is_detail=note.kind.channel is Channel.AUDIT_FILE)

    # The link between the partners

    def _send(self, host: Host, message: Message) -> None:
        data = encode(message, host.configuration.dialect.profile)
        if host.connection is None:
            return
        arrivals = self._directions[host.role].arrivals(self.faults, self.now)
        if self.transcript.details:
            self.transcript.add(Entry(self.now, host.role, "sends {0}", (_named(message),), is_detail=True))
        if arrivals is None:
            self.say(NETWORK, "the connection breaks")
            self._reset_connection()
            return
        for due_s in arrivals:
            self.messages_under_way += 1
            self.schedule(due_s, Arrival(host.connection, OTHER[host.role], data))

    def _arrive(self, arrival: Arrival) -> None:
        self.messages_under_way -= 1
        host = self.hosts[arrival.to]
        if host.server is None or host.connection != arrival.connection or OTHER[arrival.to] in self.faults.silent_from:
            return
        host.reader.feed(arrival.data)
        while host.server is not None and (message := host.reader.next_message()) is not None:
            self._carry_out(host, host.server.receive(message, self.clock(host)))

    def _dial(self, host: Host) -> None:
        partner = self.hosts[OTHER[host.role]]
        if host.connection is not None:
            return
        if self.faults.is_partitioned or partner.server is None:
            self.schedule(self.now, Closed(None, host.role))
            return
        if partner.connection is not None:  # half open: the new one tells it that the old one is gone
            self.schedule(self.now, Closed(partner.connection, partner.role))
        self._connections += 1
        for end in (host, partner):
            self.schedule(self.now, Opened(self._connections, end.role))

    def _open(self, host: Host, connection: int) -> None:
        if host.server is None or host.connection is not None:
            return
        if self.hosts[OTHER[host.role]].server is None:
            self._carry_out(host, host.server.disconnected(self.clock(host)))
            return
        host.connection = connection
        host.reader = MessageReader(host.configuration.dialect.profile)
        self._directions[host.role].reset()
        self._carry_out(host, host.server.connected(self.clock(host)))

    def _hang_up(self, host: Host, reason: str) -> None:
        """The partner hears of it, unless the network swallows that too."""
        connection, host.connection = host.connection, None
        if connection is not None and host.role not in self.faults.silent_from:
            self.schedule(self.now, Closed(connection, OTHER[host.role]))

    def _reset_connection(self) -> None:
        for host in self.hosts.values():
            if host.connection is not None:
                self.schedule(self.now, Closed(host.connection, host.role))

    # What operators and accidents do

    def say(self, who: str, form: str, *parts: object, address: int = 0, client: bytes = b"", is_detail: bool = False) -> None:
        self.transcript.add(Entry(self.now, who, form, parts, address, client, is_detail))

    def start(self, *roles: Role) -> None:
        for role in roles or tuple(Role):
            host = self.hosts[role]
            host.server = Endpoint(host.configuration, host.storage)
            self.say(role, "starts")
        for role in roles or tuple(Role):
            host = self.hosts[role]
            self._carry_out(host, host.running.start(self.clock(host)))
        self.judge()

    def crash(self, role: Role, *, noticed: bool = True) -> None:
        """The machine stops. `noticed`: the partner's TCP hears of it at once, as when only the service dies."""
        host = self.hosts[role]
        connection, host.connection = host.connection, None
        if isinstance(host.server, Endpoint):
            self.tally.stopped(role, host.server.counters)
        host.server, host.tick_due_s, host.effects_left = None, None, None
        self.say(role, "stops" if noticed else "stops, and its connection stays open at the other end")
        if noticed and connection is not None:
            self.schedule(self.now, Closed(connection, OTHER[role]))

    def crash_within(self, role: Role, effects: int) -> None:
        """It stops once it has carried out so many more effects."""
        self.hosts[role].effects_left = effects

    def restart(self, role: Role, *, without_database: bool = False) -> None:
        if without_database:
            self.unsettled |= dict.fromkeys(sorted(self.hosts[role].seen))
            self.hosts[role].lose_database()
            self.say(role, "has lost its database")
        self.start(role)

    def cut(self, *roles: Role, noticed: bool = True) -> None:
        """Nothing that these partners send (both, unless told) reaches the other; `noticed`: the connection is reset as well."""
        self.faults = replace(self.faults, silent_from=roles or tuple(Role))
        self.say(NETWORK, "the link is cut" if noticed else "the link goes silent")
        if noticed:
            self._reset_connection()

    def heal(self) -> None:
        self.faults = replace(self.faults, silent_from=())
        self.say(NETWORK, "the link is whole again")

    def set_clock(self, role: Role, ahead_s: int) -> None:
        host = self.hosts[role]
        host.clock_ahead_s = ahead_s
        self.say(role, "clock is {0} {1}", duration(abs(ahead_s)), "slow" if ahead_s < 0 else "fast")
        if host.server is not None:
            self._schedule_tick(host, ticked=False)

    def order(self, role: Role, submission: Submission) -> None:
        """An operator's wish."""
        host = self.hosts[role]
        what = submission.value if isinstance(submission, Order) else type(submission).__name__
        self.say(OPERATOR, "on the {0}: {1}", role, what)
        self._carry_out(host, host.running.submit(submission, self.clock(host)))
        self.happenings.has_redistributed |= submission is Order.REBALANCE
        self.judge()

    # Clients

    def ask(self, role: Role, request: DhcpRequest) -> Answer | None:
        """Put a client's request to a server; None when it is down, out of reach, silent, or dies over it."""
        host = self.hosts[role]
        if host.server is None or role not in self.reached:
            return None
        server, clock_s = host.server, self.clock(host)
        state, since_s = server.state, server.state_since_s
        effects = server.submit(request, clock_s)
        subject = next((effect.address for effect in effects if isinstance(effect, Answer)), request.address)
        before = host.stored(subject)
        answer = self._carry_out(host, effects)
        has_crashed = host.server is not server
        self.happenings.asked.append(Asked(role, state, since_s, clock_s, request, before, answer, has_crashed))
        return answer

    def broadcast(self, request: DhcpRequest) -> list[tuple[Role, Answer]]:
        """To every server in reach; all answers, in the order in which they come.

        Which of two idle servers is the faster is chance; here it is always the same one for a client.
        """
        roles = tuple(Role) if crc32(request.client.hardware) & 1 else (Role.SECONDARY, Role.PRIMARY)
        answers = [(role, answer) for role in roles if (answer := self.ask(role, request)) is not None]
        if request.kind is RequestKind.DISCOVER:
            answers.sort(key=lambda each: each[1].delay_ms)
        return answers

    def holders(self, leases: Iterable[tuple[int, bytes, int]]) -> None:
        """Promises from before the world began: address, client, end."""
        for address, client, until_s in leases:
            self.promises.make(address, Promise(client, until_s, None, self.now))


def _named(message: Message) -> str:
    return getattr(message.type, "name", str(message.type))
