"""Which address a client gets: reservations, earlier leases, free pools, and what may be used while the partner is down.

Offers are only remembered, never stored: an offered address is held for its client until the offer lapses. Whether the client is
answered at all, and for how long it gets the address, is `service`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush

from migrate.failover import bindings
from migrate.failover.bindings import ACTIVE, BACKUP, ENDED, FREE, Binding, same_client
from migrate.failover.codes import BindingState, ServerState
from migrate.failover.core import Core
from migrate.failover.effects import DhcpRequest
from migrate.failover.policies import matching_policies
from migrate.failover.reintegration import Reintegration
from migrate.failover.states import SERVICE, Pool
from migrate.model.relationship import FailoverMode


class Allocation:
    """Invariant: `_held` and `_held_for` are each other's inverse."""

    __slots__ = ("_core", "_held", "_held_for", "_lapses", "_reintegration", "_reusable", "_waiting")

    def __init__(self, core: Core, reintegration: Reintegration) -> None:
        self._core = core
        self._reintegration = reintegration
        self._held: dict[int, tuple[bytes, int]] = {}
        """Offered addresses: whom each waits for, and until when."""
        self._held_for: dict[bytes, int] = {}
        self._lapses: list[tuple[int, int]] = []
        self._waiting: list[tuple[int, int]] = []
        """In PARTNER-DOWN: addresses by the instant from which they may go to any client."""
        self._reusable: dict[int, list[int]] = {}
        """Those ended leases, by pool, whose instant has come."""

    # Choosing

    def address_for(self, request: DhcpRequest, scopes: Sequence[int], now: int) -> int | None:
        """Reservation, then the client's own lease, then its last or wished-for address, then the lowest free one."""
        identity = request.client.identity
        for scope in scopes:
            reserved = self._core.configuration.scopes[scope].reserved_for.get(identity)
            if reserved is not None:
                return reserved if self.can_have(reserved, request, now) else None
        pools = [number for scope in scopes for number in self._pools_for(scope, request)]
        for wish in self._wishes(request, scopes):
            if self._core.configuration.pool_of(wish) in pools and self.can_have(wish, request, now):
                return wish
        return next((address for pool in pools if (address := self._take_free(pool, now)) is not None), None)

    def _wishes(self, request: DhcpRequest, scopes: Sequence[int]) -> Iterator[int]:
        identity = request.client.identity
        if (offered := self._held_for.get(identity)) is not None:
            yield offered
        for scope in scopes:
            if (known := self._core.table.address_of(scope, identity)) is not None:
                yield known
        yield request.address

    def _pools_for(self, scope: int, request: DhcpRequest) -> list[int]:
        """The pools of the policies that the client matches, or the rest of the scope when none of these has a range."""
        numbers = self._core.configuration.pool_numbers
        policies = self._core.configuration.scopes[scope].policies
        matched = matching_policies(policies, request.client, request.attributes)
        named = [numbers[scope, policy.name] for policy in matched if (scope, policy.name) in numbers]
        rest = [numbers[scope, ""]] if (scope, "") in numbers else []
        return named or rest

    def _take_free(self, pool_number: int, now: int) -> int | None:
        pool = self._core.table.pool(pool_number)
        own = bindings.OWN_FREE[self._core.role]
        states = (own, BACKUP if own is FREE else FREE) if self._partners_pool_is_open(now) else (own,)
        for state in states:
            while (address := pool.take(state)) is not None:
                if address not in self._held and self._is_usable(self._core.table.get(address), now):
                    return address
        return self._take_ended(pool_number, now)

    def _take_ended(self, pool_number: int, now: int) -> int | None:
        """The lowest address whose last lease the partner can no longer have renewed."""
        ended = self._reusable.get(pool_number, [])
        while ended:
            address = heappop(ended)
            if address not in self._held and self._is_reusable(self._core.table.get(address), now):
                return address
        return None

    def _partners_pool_is_open(self, now: int) -> bool:
        """MCLT after PARTNER-DOWN began. The two readings that open it sooner allow duplicates (C4, C10)."""
        core = self._core
        waited = now >= core.since_s + core.mclt_s
        if SERVICE[core.state].pool is Pool.OWN_THEN_PARTNERS:
            return waited
        if core.state is not ServerState.COMMUNICATIONS_INTERRUPTED:
            return False
        is_standby = core.configuration.mode is FailoverMode.HOT_STANDBY
        return core.dialect.partner_pool_while_interrupted or (
            core.dialect.takes_over_without_partner_down and is_standby and waited
        )

    def _is_usable(self, binding: Binding, now: int) -> bool:
        """Whether the address is free and this server's to lease."""
        if binding.state not in (FREE, BACKUP):
            return False
        return bindings.is_own_free(binding, self._core.role) or self._partners_pool_is_open(now)

    def _is_reusable(self, binding: Binding, now: int) -> bool:
        """Whether an ended lease is over for any client (D12 9.4.2)."""
        if self._core.state is not ServerState.PARTNER_DOWN or binding.state not in ENDED:
            return False
        at = self._reusable_at(binding)
        return at is not None and at <= now

    def can_have(self, address: int, request: DhcpRequest, now: int) -> bool:
        """Whether this very client may be given the address."""
        identity = request.client.identity
        holder = self._held.get(address)
        reserved = self.reserved_client(address)
        if (holder is not None and holder[0] != identity) or (reserved is not None and reserved != identity):
            return False
        binding = self._core.table.get(address)
        if binding.state is ACTIVE:
            return same_client(binding.client, request.client)
        if binding.state in ENDED:
            resumes = same_client(binding.client, request.client) and self._reintegration.may_resume(binding)
            return resumes or self._is_reusable(binding, now)
        if reserved is not None:
            return binding.state in (FREE, BACKUP)
        return self._is_usable(binding, now)

    def reserved_client(self, address: int) -> bytes | None:
        """The identity of the client the address is reserved for."""
        scope = self._core.configuration.scope_of(address)
        return None if scope is None else self._core.configuration.scopes[scope].reservations.get(address)

    # Offers

    def hold(self, address: int, identity: bytes, now: int) -> None:
        if self._held_for.get(identity, address) != address:
            self.let_go(identity)
        until = now + self._core.dialect.timers.offer_s
        self._held[address] = identity, until
        self._held_for[identity] = address
        heappush(self._lapses, (until, address))

    def let_go(self, identity: bytes) -> None:
        """The offer to the client is over; its address can be offered to others, unless it has been leased."""
        address = self._held_for.pop(identity, None)
        if address is not None:
            del self._held[address]
            self._put_back(address)

    def is_offered(self, address: int, identity: bytes) -> bool:
        return self._held_for.get(identity) == address

    def is_held(self, address: int) -> bool:
        return address in self._held

    def _put_back(self, address: int) -> None:
        pool = self._core.configuration.pool_of(address)
        state: BindingState = self._core.table.state_of(address)
        if pool is not None and state in (FREE, BACKUP):
            self._core.table.pool(pool).put_back(address, state)
        elif pool is not None and state in ENDED and self._core.state is ServerState.PARTNER_DOWN:
            heappush(self._reusable.setdefault(pool, []), address)

    # Time

    def partner_went_down(self) -> None:
        """PARTNER-DOWN begins: each address that is not ours now has an instant from which it may be used (D12 9.4.2)."""
        self._waiting.clear()
        self._reusable.clear()
        for binding in self._core.table.records():
            if binding.state in ENDED or (binding.owed and binding.state in (FREE, BACKUP)):
                self.wait_for(binding)

    def wait_for(self, binding: Binding) -> None:
        at = self._reusable_at(binding)
        if at is not None:
            heappush(self._waiting, (at, binding.address))

    def _reusable_at(self, binding: Binding) -> int | None:
        return bindings.reusable_at(binding, self._core.role, self._core.since_s, self._core.mclt_s)

    def deadline(self) -> int | None:
        lapse = self._lapses[0][0] if self._lapses else None
        if self._core.state is ServerState.PARTNER_DOWN and self._waiting:
            return self._waiting[0][0] if lapse is None else min(lapse, self._waiting[0][0])
        return lapse

    def timer(self, now: int) -> None:
        while self._lapses and self._lapses[0][0] <= now:
            until, address = heappop(self._lapses)
            holder = self._held.get(address)
            if holder is not None and holder[1] == until:
                self.let_go(holder[0])
        while self._core.state is ServerState.PARTNER_DOWN and self._waiting and self._waiting[0][0] <= now:
            self._put_back(heappop(self._waiting)[1])
