"""Keeping the two databases in step: binding updates and their acknowledgements, and the full or partial updates on request.

Lazy update: a change is stored, the client is answered, and only then is it queued here (D12 5.2.1). At most `Link.window` messages
wait for their BNDACK. UPDREQ asks for what is owed, UPDREQALL for everything ever used; UPDDONE follows when the last of it
is acknowledged or refused, and changes in between do not count (D12 7.3 to 7.5). A refused update is not sent again before the next
request or connection.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from ipaddress import IPv4Address

from migrate.failover import bindings
from migrate.failover.bindings import ABANDONED, ENDED, EXPIRED, Binding
from migrate.failover.codes import MESSAGE_SIZE_MAX, MessageType, RejectReason, ServerState
from migrate.failover.core import Core
from migrate.failover.dialect import FullUpdate
from migrate.failover.link import Link
from migrate.failover.messages import BindingAck, BindingUpdate, Message, UpdateRequest
from migrate.failover.notes import REJECT_RECEIVED, REJECT_SENT, UPDATE_DROPPED
from migrate.failover.updates import encoded_size, read_update, update_of
from migrate.model.server import Role

LAZY_STATES = (
    ServerState.NORMAL,
    ServerState.COMMUNICATIONS_INTERRUPTED,
    ServerState.PARTNER_DOWN,
    ServerState.CONFLICT_DONE,
    ServerState.RECOVER_DONE,
)
"""In these a change goes out by itself as soon as there are communications; in the others only what was asked for."""

RECOVERING = (ServerState.RECOVER, ServerState.RECOVER_WAIT)
"""A partner in these may have forgotten what it has promised."""

_BATCH_ROOM = MESSAGE_SIZE_MAX - 100
"""What a BNDUPD has for its updates, header and digest left out."""


Queue = OrderedDict[int, None]
"""Addresses in the order of their turn. An ordinary dict takes ever longer to find its first key when keys leave at the front."""


def _queue_of(addresses: Iterable[int]) -> Queue:
    return OrderedDict.fromkeys(addresses)


class Reintegration:
    """Invariant: an address in `_queue` is owed, and is not in `_flying`; one that changes while it flies waits in `_changed`."""

    __slots__ = (
        "_answering",
        "_asked",
        "_changed",
        "_core",
        "_flying",
        "_in_flight",
        "_link",
        "_queue",
        "_refused",
        "_remaining",
        "_requested",
        "_told_ended",
    )

    def __init__(self, core: Core, link: Link) -> None:
        self._core = core
        self._link = link
        owed = [binding for binding in core.table.records() if binding.owed]
        self._queue = _queue_of(binding.address for binding in owed)
        self._requested = _queue_of(())
        self._flying: dict[int, Binding] = {}
        self._changed: dict[int, None] = {}
        self._refused: dict[int, None] = {}
        """Owed, but to be sent again only on the next connection, or when it is asked for."""
        self._in_flight: dict[int, tuple[int, ...]] = {}
        self._answering: int | None = None
        """xid of the request that is being answered."""
        self._remaining: set[int] = set()
        """Addresses that still stand between it and its UPDDONE."""
        self._asked: tuple[int, ServerState] | None = None
        """xid of our own last request on this connection, and the state it was made in."""
        self._told_ended = {binding.address for binding in owed if binding.state in ENDED}
        """Ended leases that the partner may know to be over: it may have given the address away since."""

    def owe(self, binding: Binding, now: int) -> None:
        """A change of our own: stored at once, sent when its turn comes."""
        self._core.store(binding, now)
        address = binding.address
        self._told_ended.discard(address)
        if address in self._flying:
            self._changed[address] = None
        elif address not in self._requested and self._has_room(address):
            self._queue[address] = None

    def _has_room(self, address: int) -> bool:
        limit = self._core.dialect.queue_limit
        if limit is None or address in self._queue:
            return True
        waiting = len(self._queue)
        if waiting >= limit:
            self._core.counters.binding_updates_dropped += 1
            self._core.note(UPDATE_DROPPED, IPv4Address(address))
            return False
        self._core.counters.update_queue_nearly_full += waiting + 1 == limit * 9 // 10
        return True

    def may_resume(self, binding: Binding) -> bool:
        """Whether the client of an ended lease can have it back. The primary always may: what ended is its own to lease. The
        secondary only while the primary cannot have heard of the end and given the address to somebody else."""
        return self._core.role is Role.PRIMARY or binding.address not in self._told_ended

    def link_lost(self) -> None:
        """Responses never cross connections (D12 6.4): what is unacknowledged is sent again, requests are forgotten."""
        for address in (*self._flying, *self._requested, *self._refused):
            if self._core.table.get(address).owed:
                self._queue[address] = None
        self._flying.clear()
        self._refused.clear()
        self._changed.clear()
        self._requested.clear()
        self._in_flight.clear()
        self._answering = None
        self._remaining.clear()
        self._asked = None

    # Asking

    def ask(self, now: int) -> None:
        """Once on each connection and state: for everything where nothing of ours can be relied on, else for what is owed."""
        state = self._core.state
        if self._asked is not None and self._asked[1] is state:
            return
        full = state is ServerState.RECOVER and self._needs_everything()
        self._asked = self._core.send(MessageType.UPDREQALL if full else MessageType.UPDREQ, now=now), state

    def ask_for_scopes(self, scope_ids: tuple[int, ...], now: int) -> None:
        request = UpdateRequest(scope_ids=tuple(IPv4Address(scope_id) for scope_id in scope_ids))
        self._asked = self._core.send(MessageType.UPDREQ, request, now=now), self._core.state

    def _needs_everything(self) -> bool:
        when = self._core.dialect.full_update
        if when is FullUpdate.WHEN_NOTHING_STORED:
            return self._core.failed_at_s is None
        return when is FullUpdate.ALWAYS or self._core.is_restored

    def is_answer(self, message: Message) -> bool:
        """Whether an UPDDONE answers our last request, made in the present state."""
        return self._asked == (message.xid, self._core.state)

    # Answering

    def answer_request(self, message: Message, now: int) -> None:
        """UPDREQ or UPDREQALL has come; it takes the place of an earlier one that is not answered yet, as with dhcpd."""
        everything = message.type is MessageType.UPDREQALL
        wanted = UpdateRequest.read(message.options).scope_ids
        scopes = None if wanted is None else {int(scope_id) for scope_id in wanted}
        asked = [record.address for record in self._core.table.records() if everything or record.owed]
        asked = [address for address in asked if scopes is None or self._scope_id(address) in scopes]
        self._answering = message.xid
        self._remaining = set(asked)
        self._requested = _queue_of(address for address in asked if address not in self._flying)
        for address in self._requested:
            self._queue.pop(address, None)
        self._finish_request(now)

    def _scope_id(self, address: int) -> int | None:
        scope = self._core.configuration.scope_of(address)
        return None if scope is None else self._core.configuration.scopes[scope].scope_id

    def _finish_request(self, now: int) -> None:
        if self._answering is not None and not self._remaining:
            self._core.send(MessageType.UPDDONE, now=now, xid=self._answering)
            self._answering = None

    # Sending

    def flush(self, now: int) -> None:
        """Send what may be sent: first what was asked for, then what is owed."""
        if self._core.communications_ok:
            lazy = self._core.state in LAZY_STATES
            while len(self._in_flight) < self._link.window and (self._requested or (lazy and self._queue)):
                self._send_batch(self._requested or self._queue, now)
        self._core.counters.binding_updates_pending = len(self._queue) + len(self._requested) + len(self._flying)

    def _send_batch(self, queue: Queue, now: int) -> None:
        updates: list[BindingUpdate] = []
        addresses: list[int] = []
        room = _BATCH_ROOM
        while queue and len(updates) < self._core.dialect.batch_size:
            address = next(iter(queue))
            binding = bindings.announced(self._core.table.get(address))
            room -= encoded_size(binding)
            if updates and room < 0:
                break
            del queue[address]
            self._core.table.put(binding)
            self._flying[address] = binding
            addresses.append(address)
            updates.append(update_of(binding, self._core.configuration))
            if binding.state in ENDED:
                self._told_ended.add(address)
        xid = self._core.send(MessageType.BNDUPD, *updates, now=now)
        self._in_flight[xid] = tuple(addresses)
        self._core.counters.binding_updates_sent += len(updates)

    # Acknowledgements of ours

    def take_acknowledgement(self, message: Message, now: int) -> None:
        """BNDACK has come. One whose xid is unknown is ignored; an address it leaves out is sent again."""
        addresses = self._in_flight.pop(message.xid, None)
        if addresses is None:
            return
        acknowledgements = map(BindingAck.read, message.transactions)
        answers = {int(answer.address): answer for answer in acknowledgements if answer.address is not None}
        for address in addresses:
            sent = self._flying.pop(address)
            answer = answers.get(address)
            if answer is None:
                self._changed[address] = None
            else:
                self._core.counters.binding_acks_received += 1
                self._settle(sent, answer.reject_reason, now)
            if address in self._changed:
                del self._changed[address]
                if self._core.table.get(address).owed:
                    self._queue[address] = None
        self._finish_request(now)

    def _settle(self, sent: Binding, reject: RejectReason | int | None, now: int) -> None:
        ours = self._core.table.get(sent.address)
        self._remaining.discard(sent.address)
        if reject is not None:
            reason = reject.name if isinstance(reject, RejectReason) else str(reject)
            self._core.note(REJECT_RECEIVED, IPv4Address(sent.address), reason)
            self._refused[sent.address] = None
            return
        by_memory = self._core.partner_state not in RECOVERING
        acknowledged = bindings.acknowledged(ours, sent, now, by_memory=by_memory)
        if acknowledged is not ours:
            self._core.store(acknowledged, now)

    def entered_normal(self, now: int) -> None:
        """What a recovering partner has agreed to holds from now on."""
        for binding in self._core.table.records():
            settled = bindings.settled(binding, now)
            if settled is not binding:
                self._core.store(settled, now)

    # Updates of the partner

    def take_updates(self, message: Message, now: int, *, clock_agrees: bool) -> None:
        """BNDUPD has come: judge and store each update, then acknowledge them in their order (MS-DHCPF 3.1.5.2)."""
        acknowledgements = []
        for options in message.transactions[: self._core.dialect.batch_size]:
            update = BindingUpdate.read(options)
            if update.address is None:
                continue
            address = int(update.address)
            reject = self._take_update(address, update, now) if clock_agrees else RejectReason.TIME_MISMATCH
            if reject is not None:
                self._core.note(REJECT_SENT, update.address, reject.name)
            acknowledgements.append(
                BindingAck(address=update.address, reject_reason=reject, message=None if reject is None else reject.name)
            )
        self._core.counters.binding_updates_received += len(acknowledgements)
        self._core.counters.binding_acks_sent += len(acknowledgements)
        self._core.send(MessageType.BNDACK, *acknowledgements, now=now, xid=message.xid)
        self._finish_request(now)

    def _take_update(self, address: int, update: BindingUpdate, now: int) -> RejectReason | None:
        core = self._core
        ours = core.table.get(address)
        claim = read_update(update, ours, core.configuration)
        if isinstance(claim, RejectReason):
            return claim
        reject = bindings.judge(
            ours,
            claim,
            now,
            core.role,
            unacked=address in self._flying,
            in_normal=core.state is ServerState.NORMAL,
            dialect=core.dialect,
        )
        if reject is not None:
            return reject
        if claim.state is ABANDONED and not core.dialect.keeps_partners_declined:
            claim = claim._replace(state=EXPIRED)
        core.store(bindings.accepted(ours, claim, now), now)
        self._queue.pop(address, None)
        self._requested.pop(address, None)
        self._changed.pop(address, None)
        self._told_ended.discard(address)
        if address not in self._flying:
            self._remaining.discard(address)
        return None
