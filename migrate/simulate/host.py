"""A machine that runs one DHCP server: its clock, its disk, and whether it is up.

The server on it is a failover endpoint, or any other object that speaks the same way (`Server`).
"""

from __future__ import annotations

from typing import Protocol

from migrate.failover.bindings import ACTIVE, FREE, Binding
from migrate.failover.codes import ServerState
from migrate.failover.configuration import Configuration
from migrate.failover.effects import Effect, Storage, Store, Submission
from migrate.failover.framing import MessageReader
from migrate.failover.messages import Message
from migrate.model.server import Role


class Server(Protocol):
    """What the world needs of a server; `migrate.failover.endpoint.Endpoint` is one."""

    @property
    def state(self) -> ServerState: ...
    @property
    def state_since_s(self) -> int: ...
    def start(self, now: int) -> tuple[Effect, ...]: ...
    def connected(self, now: int) -> tuple[Effect, ...]: ...
    def disconnected(self, now: int) -> tuple[Effect, ...]: ...
    def receive(self, message: Message, now: int) -> tuple[Effect, ...]: ...
    def submit(self, request: Submission, now: int) -> tuple[Effect, ...]: ...
    def timer(self, now: int) -> tuple[Effect, ...]: ...
    def deadline(self) -> int | None: ...


class Host:
    __slots__ = (
        "clock_ahead_s",
        "configuration",
        "connection",
        "effects_left",
        "known",
        "last_promise_s",
        "reader",
        "seen",
        "server",
        "storage",
        "tick_due_s",
    )

    def __init__(self, configuration: Configuration, storage: Storage) -> None:
        self.configuration = configuration
        self.storage = storage
        self.clock_ahead_s = 0
        self.server: Server | None = None
        """None while the machine is down."""
        self.reader = MessageReader(configuration.dialect.profile)
        self.connection: int | None = None
        """The connection with the partner as this end sees it."""
        self.tick_due_s: int | None = None
        self.effects_left: int | None = None
        """How many more effects are carried out before the machine crashes; None: it does not."""
        self.last_promise_s: int | None = None
        """When it last promised anything, by the true clock."""
        self.known: dict[int, tuple[bytes, int]] = {}
        """The latest potential expiry it ever knew of an address, and for whom. A lost database does not undo what was agreed."""
        self.seen: dict[int, Binding] = {}
        """What it has stored of each address, as long as its disk lives."""
        for binding in storage.bindings.values():
            self._observe(binding)

    @property
    def role(self) -> Role:
        return self.configuration.role

    @property
    def is_up(self) -> bool:
        return self.server is not None

    @property
    def running(self) -> Server:
        if self.server is None:
            raise ValueError(f"the {self.role} is down")
        return self.server

    def stored(self, address: int) -> Binding:
        return self.seen.get(address) or Binding(address, FREE)

    def store(self, store: Store) -> None:
        self.storage.apply(store)
        if isinstance(store.record, Binding):
            self._observe(store.record)

    def _observe(self, binding: Binding) -> None:
        self.seen[binding.address] = binding
        if binding.state is ACTIVE and binding.client is not None:
            identity = binding.client.identity
            known = self.known.get(binding.address)
            before_s = known[1] if known is not None and known[0] == identity else 0
            self.known[binding.address] = identity, max(before_s, binding.latest_s)

    def lose_database(self) -> None:
        self.storage = Storage(server=self.storage.server, is_restored=True)
        self.seen = {}
