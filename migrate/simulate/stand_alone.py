"""A Windows DHCP server without failover: what both servers are before the change.

It knows its own leases only and hands out its own part of each scope, for the whole lease duration. It speaks like an endpoint, so
that a `World` can run it; it has no partner and no timers.
"""

from __future__ import annotations

from collections.abc import Mapping

from migrate.failover.bindings import ABANDONED, ACTIVE, FREE, UNLIMITED_S, Binding
from migrate.failover.codes import ServerState
from migrate.failover.configuration import Configuration, ScopeConfiguration
from migrate.failover.effects import Answer, DhcpRequest, Effect, ReplyKind, RequestKind, Store, Submission
from migrate.failover.messages import Message
from migrate.model.addresses import AddressSet

OFFER_S = 60


class StandAlone:
    __slots__ = ("_bindings", "_configuration", "_offered", "_serves", "is_active")

    def __init__(self, configuration: Configuration, serves: Mapping[int, AddressSet], bindings: Mapping[int, Binding]) -> None:
        """`serves`: by scope id, what this server hands out; scopes that it does not have are absent."""
        self._configuration = configuration
        self._serves = serves
        self._bindings = dict(bindings)
        self._offered: dict[int, tuple[bytes, int]] = {}
        self.is_active = True
        """False when its scopes are deactivated: then it answers nobody."""

    @property
    def state(self) -> ServerState:
        """The failover state in which a server serves the same clients."""
        return ServerState.NORMAL if self.is_active else ServerState.PAUSED

    @property
    def state_since_s(self) -> int:
        return 0

    def start(self, now: int) -> tuple[Effect, ...]:
        return ()

    def connected(self, now: int) -> tuple[Effect, ...]:
        return ()

    def disconnected(self, now: int) -> tuple[Effect, ...]:
        return ()

    def receive(self, message: Message, now: int) -> tuple[Effect, ...]:
        return ()

    def timer(self, now: int) -> tuple[Effect, ...]:
        return ()

    def deadline(self) -> int | None:
        return None

    def submit(self, request: Submission, now: int) -> tuple[Effect, ...]:
        if not isinstance(request, DhcpRequest) or not self.is_active:
            return ()
        scope = self._scope_of(request.link)
        if scope is None:
            return ()
        if request.kind in (RequestKind.RELEASE, RequestKind.DECLINE):
            return self._end(request, now)
        if request.kind is RequestKind.INFORM:
            return (self._reply(ReplyKind.ACK, request),)
        if request.kind is RequestKind.DISCOVER:
            return self._offer(request, scope, now)
        if request.kind is RequestKind.SELECTING and request.server_id != self._configuration.server_id:
            return ()
        return self._grant_or_refuse(request, scope, now)

    def _scope_of(self, link: int) -> ScopeConfiguration | None:
        place = self._configuration.scope_of(link)
        scope = None if place is None else self._configuration.scopes[place]
        return scope if scope is not None and scope.scope_id in self._serves else None

    # Which address

    def _holder(self, address: int, now: int) -> bytes | None:
        """Who has the address; a lease that has run out holds it no longer."""
        binding = self._bindings.get(address)
        if binding is not None and binding.state is ABANDONED:
            return b""
        if binding is not None and binding.state is ACTIVE and binding.expiry_s > now and binding.client is not None:
            return binding.client.identity
        offered = self._offered.get(address)
        return offered[0] if offered is not None and offered[1] > now else None

    def _address_for(self, request: DhcpRequest, scope: ScopeConfiguration, now: int) -> int | None:
        identity = request.client.identity
        if (reserved := scope.reserved_for.get(identity)) is not None:
            return reserved
        serves = self._serves[scope.scope_id]
        numbers = [number for start, stop in serves.spans for number in range(start, stop) if number not in scope.reservations]
        own = next((number for number in numbers if self._holder(number, now) == identity), None)
        return own if own is not None else next((number for number in numbers if self._holder(number, now) is None), None)

    def _may_have(self, request: DhcpRequest, scope: ScopeConfiguration, now: int) -> bool:
        """Whether this server knows that the address is the client's to have."""
        identity = request.client.identity
        if request.address in scope.reservations:
            return scope.reservations[request.address] == identity
        return self._holder(request.address, now) == identity

    # Answers

    def _offer(self, request: DhcpRequest, scope: ScopeConfiguration, now: int) -> tuple[Effect, ...]:
        address = self._address_for(request, scope, now)
        if address is None:
            return ()
        self._offered[address] = request.client.identity, now + OFFER_S
        return (self._reply(ReplyKind.OFFER, request, address, scope.lease_s, scope.delay_ms),)

    def _grant_or_refuse(self, request: DhcpRequest, scope: ScopeConfiguration, now: int) -> tuple[Effect, ...]:
        if not self._may_have(request, scope, now):
            is_anothers = self._holder(request.address, now) is not None
            return (self._reply(ReplyKind.NAK, request),) if is_anothers else ()
        self._offered.pop(request.address, None)
        expiry_s = UNLIMITED_S if scope.lease_s >= UNLIMITED_S else now + scope.lease_s
        store = self._put(
            Binding(request.address, ACTIVE, request.client, expiry_s=expiry_s, stos_s=now, cltt_s=now, owed=True), now
        )
        return store, self._reply(ReplyKind.ACK, request, request.address, scope.lease_s)

    def _end(self, request: DhcpRequest, now: int) -> tuple[Effect, ...]:
        if self._holder(request.address, now) != request.client.identity:
            return ()
        state = FREE if request.kind is RequestKind.RELEASE else ABANDONED
        return (self._put(Binding(request.address, state, stos_s=now), now),)

    def _put(self, binding: Binding, now: int) -> Store:
        self._bindings[binding.address] = binding
        return Store(binding, now)

    def _reply(
        self, kind: ReplyKind, request: DhcpRequest, address: int = 0, lease_s: int | None = None, delay_ms: int = 0
    ) -> Answer:
        return Answer(kind, request.client, self._configuration.server_id, address, lease_s, delay_ms)
