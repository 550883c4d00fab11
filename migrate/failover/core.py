"""What the parts of an endpoint share: its state, its bindings, and the effects it has asked for so far.

It makes no decision of its own. Whatever changes goes through here, so that a change is stored before anything is said of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrate.failover import balance
from migrate.failover.bindings import Binding
from migrate.failover.codes import MessageType, ServerState
from migrate.failover.configuration import Configuration
from migrate.failover.effects import Effect, Send, ServerRecord, Storage, Store
from migrate.failover.messages import Message, Record
from migrate.failover.notes import MESSAGE_SENT, Note, NoteKind, state_note
from migrate.failover.pool import secondary_percent
from migrate.failover.table import BindingTable


@dataclass(slots=True)
class Counters:
    """Windows' failover counters of the DHCP Server object, as totals (windows-failover.md section 2.7)."""

    binding_updates_sent: int = 0
    binding_updates_received: int = 0
    binding_acks_sent: int = 0
    binding_acks_received: int = 0
    binding_updates_pending: int = 0
    binding_updates_dropped: int = 0
    update_queue_nearly_full: int = 0
    """Times the queue came to 90 percent of its limit."""
    into_communications_interrupted: int = 0
    into_partner_down: int = 0
    into_recover: int = 0


class Core:
    """One partner's memory."""

    __slots__ = (
        "_xid",
        "buckets",
        "communications_ok",
        "configuration",
        "counters",
        "dialect",
        "effects",
        "failed_at_s",
        "is_restored",
        "mclt_s",
        "partner_since_s",
        "partner_state",
        "previous",
        "role",
        "saved",
        "sent_at_s",
        "since_s",
        "started_at_s",
        "state",
        "table",
    )

    def __init__(self, configuration: Configuration, storage: Storage) -> None:
        self.configuration = configuration
        self.dialect = configuration.dialect
        self.role = configuration.role
        self.mclt_s = configuration.mclt_s
        self.buckets = primary_buckets(configuration)
        """Those that the primary answers."""
        self.table = BindingTable(configuration, storage.bindings.values())
        self.counters = Counters()
        self.effects: list[Effect] = []
        self.saved = storage.server
        """The server record as it stands in stable storage."""
        self.is_restored = storage.is_restored
        self.failed_at_s = None if storage.is_restored else storage.last_operation_s
        """When this server did anything last before it started; None: unknown."""
        self.started_at_s = 0
        self.state = ServerState.STARTUP
        self.since_s = 0
        self.previous: ServerState | None = None
        """The state before PAUSED or SHUTDOWN."""
        self.partner_state: ServerState | None = None
        self.partner_since_s = 0
        self.communications_ok = False
        self.sent_at_s = 0
        """When anything was sent last."""
        self._xid = 0

    def take_effects(self) -> tuple[Effect, ...]:
        effects = tuple(self.effects)
        self.effects.clear()
        return effects

    def note(self, kind: NoteKind, *subject: object) -> None:
        self.effects.append(Note(kind, (self.configuration.name, *subject)))

    def store(self, binding: Binding, now: int) -> None:
        self.table.put(binding)
        self.effects.append(Store(binding, now))

    def restart_xids(self) -> None:
        """Each connection counts from 0, as dhcpd does; an xid tells requests of one connection apart."""
        self._xid = 0

    def send(self, type: MessageType, *records: Record, now: int, xid: int | None = None) -> int:
        """Send a message; with `xid` it is the response to that one. Gives the xid."""
        if xid is None:
            xid = self._xid
            self._xid += 1
        self.sent_at_s = now
        self.effects.append(Send(Message.carrying(type, *records, xid=xid, time_s=now)))
        if self.configuration.audits and type in MESSAGE_SENT:
            self.note(MESSAGE_SENT[type], xid)
        return xid

    def enter(self, state: ServerState, now: int, *, since_s: int | None = None) -> None:
        """Change the server state and store it. `since_s`: the start time it keeps, else it starts now."""
        before = None if self.state is ServerState.STARTUP and self.saved is None else self.state
        stopped = state in (ServerState.PAUSED, ServerState.SHUTDOWN)
        self.previous = (self.previous or self.state) if stopped else None
        self.state = state
        self.since_s = now if since_s is None else since_s
        self.saved = ServerRecord(state, self.since_s, self.previous)
        self.effects.append(Store(self.saved, now))
        self.note(state_note(before, state), self.role, before)
        self._count(state)

    def _count(self, state: ServerState) -> None:
        self.counters.into_communications_interrupted += state is ServerState.COMMUNICATIONS_INTERRUPTED
        self.counters.into_partner_down += state is ServerState.PARTNER_DOWN
        self.counters.into_recover += state is ServerState.RECOVER


def primary_buckets(configuration: Configuration) -> bytes:
    """Hot standby is load balancing with every client the primary's (failover-protocol.md section 9)."""
    percent = 100 - secondary_percent(configuration.mode, configuration.load_balance_percent, 0)
    return balance.first_buckets(balance.bucket_count_of_percent(percent))
