"""The free addresses of one range and how the partners share them. Each policy range is shared by itself, and so is the rest.

FREE addresses are the primary's to lease, BACKUP addresses the secondary's; exclusions and reservations are no part of a
range here, so they never enter the split (windows-failover.md section 4.3). What is sent to move an address is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush

from migrate.failover.bindings import BACKUP, FREE
from migrate.failover.codes import BindingState
from migrate.failover.dialect import Dialect, ReserveBase
from migrate.model.relationship import FailoverMode
from migrate.model.server import Role


class FreePool:
    """Which addresses of a range are FREE and which BACKUP; hands out the lowest first.

    Invariant: an address is counted under at most one of the two states, and every counted address is queued under its state.
    A queue may also hold addresses that have left it; they are skipped when they come up.
    """

    __slots__ = ("_counts", "_queued", "_queues", "_state_of", "size")

    def __init__(self, addresses: Iterable[int], state_of: Callable[[int], BindingState]) -> None:
        """`state_of` is asked for the present state of an address, now and whenever one comes up."""
        everyone = list(addresses)
        self.size = len(everyone)
        self._state_of = state_of
        self._queues = {state: [address for address in everyone if state_of(address) is state] for state in (FREE, BACKUP)}
        self._queued = {state: set(queue) for state, queue in self._queues.items()}
        self._counts = {state: len(queue) for state, queue in self._queues.items()}
        for queue in self._queues.values():
            heapify(queue)

    def count(self, state: BindingState) -> int:
        return self._counts[state]

    def changed(self, address: int, before: BindingState, after: BindingState) -> None:
        """To be told of every change of state of an address of the range."""
        if before in self._counts:
            self._counts[before] -= 1
        if after in self._counts:
            self._counts[after] += 1
            self.put_back(address, after)

    def put_back(self, address: int, state: BindingState) -> None:
        if address not in self._queued[state]:
            self._queued[state].add(address)
            heappush(self._queues[state], address)

    def take(self, state: BindingState) -> int | None:
        """The lowest address in this state that was not taken before; it stays out of the queue until it changes or is put back."""
        queue = self._queues[state]
        while queue:
            address = heappop(queue)
            self._queued[state].discard(address)
            if self._state_of(address) is state:
                return address
        return None

    def highest(self, state: BindingState) -> Iterator[int]:
        """The addresses that can change owner, highest first, so that those next in turn to be leased stay where they are."""
        return (address for address in sorted(self._queues[state], reverse=True) if self._state_of(address) is state)


def secondary_percent(mode: FailoverMode, load_balance_percent: int | None, reserve_percent: int | None) -> int:
    """The secondary's share: what load balancing leaves it, or the standby's reserve (Windows' defaults where none is given)."""
    if mode is FailoverMode.HOT_STANDBY:
        return 5 if reserve_percent is None else reserve_percent
    return 100 - (50 if load_balance_percent is None else load_balance_percent)


def secondary_target(pool: FreePool, mode: FailoverMode, percent: int, dialect: Dialect) -> int:
    """How many free addresses of the range should be the secondary's: rounded down, as no source says how Windows rounds."""
    free = pool.count(FREE) + pool.count(BACKUP)
    of_range = mode is FailoverMode.HOT_STANDBY and dialect.reserve_base is ReserveBase.ADDRESS_RANGE
    return min(free, (pool.size if of_range else free) * percent // 100)


def to_give_by_ratio(pool: FreePool, mode: FailoverMode, percent: int, dialect: Dialect) -> int:
    """How many addresses the primary gives to the secondary; negative: takes back."""
    return secondary_target(pool, mode, percent, dialect) - pool.count(BACKUP)


def surplus(pool: FreePool, role: Role) -> int:
    """Half of what this server has more than its partner, rounded toward zero: dhcpd's `lts`."""
    more = pool.count(FREE) - pool.count(BACKUP)
    more = more if role is Role.PRIMARY else -more
    return more // 2 if more >= 0 else -(-more // 2)


def addresses_to_give(pool: FreePool, role: Role, favours_partner: Callable[[int], bool], dialect: Dialect) -> list[int]:
    """Which addresses either server gives away under `Sharing.HALVES` (failover-protocol.md section 7).

    `favours_partner`: the last client of the address is one that the partner answers. Those go until the partner is ahead by
    the ownership allowance, then any until both have the same.
    """
    own = FREE if role is Role.PRIMARY else BACKUP
    left, hold = surplus(pool, role), _allowance(pool, dialect.max_ownership_percent)
    candidates = list(pool.highest(own))
    given: dict[int, None] = {}
    for address in candidates:
        if left <= -hold:
            break
        if favours_partner(address):
            given[address] = None
            left -= 1
    for address in candidates:
        if left <= 0:
            break
        if address not in given:
            given[address] = None
            left -= 1
    return list(given)


def is_starved(pool: FreePool, role: Role, dialect: Dialect) -> bool:
    """Whether a server under `Sharing.HALVES` has so little that it asks its partner for addresses (POOLREQ)."""
    threshold = -2 * _allowance(pool, dialect.max_misbalance_percent) or -1
    return surplus(pool, role) < threshold


def _allowance(pool: FreePool, percent: int) -> int:
    return ((pool.count(FREE) + pool.count(BACKUP)) * percent + 50) // 100
