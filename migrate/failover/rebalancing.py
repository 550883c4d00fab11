"""Moving free addresses between the partners, range by range, so that each keeps its share (failover-protocol.md section 7).

Under a ratio the primary alone moves them, on a timer that runs in NORMAL only (windows-failover.md sections 4.2 and 4.3); under
halves either server gives away what it has too much of, and asks when it has too little. An address that is offered, or whose
last change the partner has not acknowledged, stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from migrate.failover import bindings
from migrate.failover.allocation import Allocation
from migrate.failover.bindings import BACKUP, FREE, BindingEvent
from migrate.failover.codes import BindingState, MessageType, ServerState
from migrate.failover.core import Core
from migrate.failover.dialect import Sharing
from migrate.failover.messages import Message, PoolResponse
from migrate.failover.notes import REDISTRIBUTED
from migrate.failover.pool import FreePool, addresses_to_give, is_starved, secondary_percent, to_give_by_ratio
from migrate.failover.reintegration import Reintegration
from migrate.failover.service import Service
from migrate.model.server import Role


class Rebalancing:
    __slots__ = ("_allocation", "_core", "_due_at", "_reintegration", "_service")

    def __init__(self, core: Core, reintegration: Reintegration, allocation: Allocation, service: Service) -> None:
        self._core = core
        self._reintegration = reintegration
        self._allocation = allocation
        self._service = service
        self._due_at: int | None = None

    def entered_normal(self, now: int) -> None:
        """The draft's secondary asks at once (D12 7.6); dhcpd on its timer only, and when it is starved."""
        dialect = self._core.dialect
        self._due_at = now + dialect.timers.rebalancing_s
        if dialect.rebalances_at_once:
            self.rebalance(now)
            if dialect.asks_for_addresses and dialect.sharing is Sharing.BY_RATIO and self._core.role is Role.SECONDARY:
                self._core.send(MessageType.POOLREQ, now=now)

    def deadline(self) -> int | None:
        return self._due_at if self._core.state is ServerState.NORMAL else None

    def timer(self, now: int) -> None:
        due_at = self.deadline()
        if due_at is None or now < due_at:
            return
        self._due_at = now + self._core.dialect.timers.rebalancing_s
        self.rebalance(now)
        if self._core.dialect.asks_for_addresses and self._is_starved():
            self._core.send(MessageType.POOLREQ, now=now)

    def answer_pool_request(self, message: Message, now: int) -> None:
        """POOLRESP says how many addresses follow (D12 7.6, 7.7)."""
        if not self._core.dialect.asks_for_addresses:
            return
        may_give = self._core.state is ServerState.NORMAL
        count = len(list(self._plan())) if may_give else 0
        self._core.send(MessageType.POOLRESP, PoolResponse(addresses_transferred=count), now=now, xid=message.xid)
        if may_give:
            self.rebalance(now)

    def rebalance(self, now: int) -> None:
        given = taken = 0
        for address, event in list(self._plan()):
            self._reintegration.owe(bindings.moved(self._core.table.get(address), event, now), now)
            given += event is BindingEvent.GIVEN
            taken += event is BindingEvent.TAKEN
        if given or taken:
            self._core.note(REDISTRIBUTED, given, taken)

    def _plan(self) -> Iterator[tuple[int, BindingEvent]]:
        """The moves that are due. GIVEN goes to the secondary, TAKEN to the primary, whoever makes it."""
        by_ratio = self._core.dialect.sharing is Sharing.BY_RATIO
        if by_ratio and self._core.role is Role.SECONDARY:
            return
        for number in range(len(self._core.configuration.pools)):
            pool = self._core.table.pool(number)
            yield from self._by_ratio(pool) if by_ratio else self._by_halves(pool)

    def _by_ratio(self, pool: FreePool) -> Iterator[tuple[int, BindingEvent]]:
        configuration = self._core.configuration
        percent = secondary_percent(configuration.mode, configuration.load_balance_percent, configuration.reserve_percent)
        count = to_give_by_ratio(pool, configuration.mode, percent, self._core.dialect)
        if count > 0:
            yield from ((address, BindingEvent.GIVEN) for address in islice(self._movable(pool, FREE), count))
        elif count < 0:
            yield from ((address, BindingEvent.TAKEN) for address in islice(self._movable(pool, BACKUP), -count))

    def _by_halves(self, pool: FreePool) -> Iterator[tuple[int, BindingEvent]]:
        role = self._core.role
        partner = Role.SECONDARY if role is Role.PRIMARY else Role.PRIMARY

        def favours_partner(address: int) -> bool:
            client = self._core.table.get(address).client
            return client is not None and self._service.is_answered_by(partner, client)

        event = BindingEvent.GIVEN if role is Role.PRIMARY else BindingEvent.TAKEN
        for address in addresses_to_give(pool, role, favours_partner, self._core.dialect):
            if self._can_move(address):
                yield address, event

    def _movable(self, pool: FreePool, state: BindingState) -> Iterator[int]:
        return (address for address in pool.highest(state) if self._can_move(address))

    def _can_move(self, address: int) -> bool:
        return not self._allocation.is_held(address) and not self._core.table.get(address).owed

    def _is_starved(self) -> bool:
        pools = (self._core.table.pool(number) for number in range(len(self._core.configuration.pools)))
        return any(is_starved(pool, self._core.role, self._core.dialect) for pool in pools)
