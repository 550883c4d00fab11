"""Every address of the relationship as this server knows it, with the indices the engine asks: pools, clients, expiry, debts.

An address without a record is FREE and was never used. Knows no partner and no protocol; `core` puts the bindings in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush

from migrate.failover.bindings import ABANDONED, ACTIVE, FREE, UNLIMITED_S, Binding
from migrate.failover.codes import BindingState
from migrate.failover.configuration import Configuration
from migrate.failover.pool import FreePool


class Schedule:
    """Addresses by the instant at which something of them ends.

    An end that moves away, as that of a renewed lease does, costs nothing: it is looked up when the old one comes.
    Invariant: `_planned` has the earliest entry of each address that is waited for.
    """

    __slots__ = ("_end_of", "_heap", "_planned")

    def __init__(self, end_of: Callable[[int], int | None]) -> None:
        self._end_of = end_of
        self._heap: list[tuple[int, int]] = []
        self._planned: dict[int, int] = {}

    def plan(self, address: int, end: int | None) -> None:
        if end is not None and end < self._planned.get(address, end + 1):
            self._planned[address] = end
            heappush(self._heap, (end, address))

    def next(self) -> int | None:
        """When to look; it may turn out that nothing has ended."""
        return self._heap[0][0] if self._heap else None

    def take(self, now: int) -> Iterator[int]:
        """The addresses whose end has come, each once: whoever takes them must change what ended."""
        while self._heap and self._heap[0][0] <= now:
            planned, address = heappop(self._heap)
            if self._planned.get(address) != planned:
                continue
            del self._planned[address]
            end = self._end_of(address)
            if end is not None and end <= now:
                yield address
            else:
                self.plan(address, end)


class BindingTable:
    """Invariant: every index follows from `_bindings`; only `put` changes it."""

    __slots__ = ("_address_of", "_bindings", "_configuration", "_pools", "leases", "quarantines")

    def __init__(self, configuration: Configuration, bindings: Iterable[Binding] = ()) -> None:
        self._configuration = configuration
        self._bindings: dict[int, Binding] = {}
        self._pools: dict[int, FreePool] = {}
        self._address_of: dict[tuple[int, bytes], int] = {}
        self.leases = Schedule(self._end_of_lease)
        """When leases count as run out."""
        self.quarantines = Schedule(self._end_of_quarantine)
        """When abandoned addresses have been out of use for long enough."""
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
        if binding.state is ACTIVE and binding.expiry_s < UNLIMITED_S:
            self.leases.plan(binding.address, self._end_of_lease(binding.address))
        elif binding.state is ABANDONED:
            self.quarantines.plan(binding.address, self._end_of_quarantine(binding.address))

    def _end_of_lease(self, address: int) -> int | None:
        binding = self.get(address)
        is_limited = binding.state is ACTIVE and binding.expiry_s < UNLIMITED_S
        return binding.expiry_s + self._configuration.dialect.expiry_grace_s if is_limited else None

    def _end_of_quarantine(self, address: int) -> int | None:
        binding = self.get(address)
        return binding.stos_s + self._configuration.dialect.timers.abandoned_s if binding.state is ABANDONED else None

    def _index_client(self, binding: Binding) -> None:
        """A client's lease outranks an address that it only held once."""
        if binding.client is None:
            return
        scope = self._configuration.scope_of(binding.address)
        if scope is None:
            return
        key = scope, binding.client.identity
        if self._address_of.get(key) == binding.address:
            return
        known = self.address_of(*key)
        if known is None or binding.state is ACTIVE or self.state_of(known) is not ACTIVE:
            self._address_of[key] = binding.address
