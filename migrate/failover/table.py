"""Every address of the relationship as this server knows it, with the indices the engine asks: pools, clients, expiry, debts.

An address without a record is FREE and was never used. Knows no partner and no protocol; `core` puts the bindings in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from migrate.failover.bindings import ABANDONED, ACTIVE, FREE, UNLIMITED_S, Binding
from migrate.failover.codes import BindingState
from migrate.failover.configuration import Configuration
from migrate.failover.pool import FreePool


class BindingTable:
    """Invariant: every index follows from `_bindings`; only `put` changes it."""

    __slots__ = ("_address_of", "_bindings", "_configuration", "_due", "_due_at", "_pools")

    def __init__(self, configuration: Configuration, bindings: Iterable[Binding] = ()) -> None:
        self._configuration = configuration
        self._bindings: dict[int, Binding] = {}
        self._pools: dict[int, FreePool] = {}
        self._address_of: dict[tuple[int, bytes], int] = {}
        self._due: list[tuple[int, int]] = []
        self._due_at: dict[int, int] = {}
        for binding in sorted(bindings):
            self.put(binding)

    def get(self, address: int) -> Binding:
        return self._bindings.get(address) or Binding(address, FREE)

    def state_of(self, address: int) -> BindingState:
        binding = self._bindings.get(address)
        return FREE if binding is None else binding.state

    def records(self) -> list[Binding]:
        """In the order of the addresses."""
        return [self._bindings[address] for address in sorted(self._bindings)]

    def address_of(self, scope: int, identity: bytes) -> int | None:
        """The last address in this scope that the client holds or held; None when somebody else has had it since."""
        address = self._address_of.get((scope, identity))
        if address is None:
            return None
        client = self.get(address).client
        return address if client is not None and client.identity == identity else None

    def pool(self, number: int) -> FreePool:
        """Built when it is first asked for, because most drills touch few of a thousand scopes."""
        pool = self._pools.get(number)
        if pool is None:
            pool = self._pools[number] = FreePool(self._configuration.pools[number].numbers(), self.state_of)
        return pool

    def put(self, binding: Binding) -> None:
        before = self.state_of(binding.address)
        self._bindings[binding.address] = binding
        number = self._configuration.pool_of(binding.address)
        if number is not None and number in self._pools:
            self._pools[number].changed(binding.address, before, binding.state)
        self._index_client(binding)
        if (end := self._end_of(binding)) is not None:
            self._schedule(binding.address, end)

    def _index_client(self, binding: Binding) -> None:
        """A client's lease outranks an address that it only held once."""
        if binding.client is None:
            return
        scope = self._configuration.scope_of(binding.address)
        if scope is None:
            return
        key = scope, binding.client.identity
        known = self.address_of(*key)
        if known is None or binding.state is ACTIVE or self.state_of(known) is not ACTIVE:
            self._address_of[key] = binding.address

    def _schedule(self, address: int, at: int) -> None:
        if at < self._due_at.get(address, at + 1):
            self._due_at[address] = at
            heappush(self._due, (at, address))

    def next_due(self) -> int | None:
        """When an address may have to be looked at next; it may turn out that its lease was renewed meanwhile."""
        return self._due[0][0] if self._due else None

    def take_due(self, now: int) -> Iterator[Binding]:
        """The addresses whose lease or quarantine is over, each once: whoever takes them must change their state."""
        while self._due and self._due[0][0] <= now:
            at, address = heappop(self._due)
            if self._due_at.get(address) != at:
                continue
            del self._due_at[address]
            binding = self.get(address)
            end = self._end_of(binding)
            if end is None:
                continue
            if end > now:
                self._schedule(address, end)
            else:
                yield binding

    def _end_of(self, binding: Binding) -> int | None:
        if binding.state is ACTIVE and binding.expiry_s < UNLIMITED_S:
            return binding.expiry_s + self._configuration.dialect.expiry_grace_s
        if binding.state is ABANDONED:
            return binding.stos_s + self._configuration.dialect.timers.abandoned_s
        return None
