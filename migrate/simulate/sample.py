"""The part of an estate that the event engine plays, and a statement of what it leaves out.

A scope is played in miniature: some of its leases, on their own addresses, and free addresses in some proportion, at their own
addresses too. Everything that holds of an address (who may lease it, for how long, what is reserved or excluded) is then played
as it is; only the sizes of pools are scaled, and what follows from sizes is computed from the whole scope (`endurance`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.leases import LeaseTable
from migrate.model.scope import ExclusionRange, Reservation, Scope, ScopeState
from migrate.simulate.estate import HOLDS_ADDRESS, KnownLease, known_lease, lease_seconds, pool_addresses

MAX_CLIENTS = 2_000
"""Of a relationship. More than this and every scope gets its share of it."""
LEAST_CLIENTS = 2
MAX_FREE = 48
"""Free addresses of a scope that are played at most; fewer where there are many scopes."""
LEAST_FREE = 4
ENOUGH_FREE = 40
"""Of so many a standby's reserve of 5 percent is two addresses, enough for the newcomers of an outage; taken where it fits."""
MAX_IDLE_RESERVATIONS = 4
LEAST_LEASE_S = 60
LONGEST_IDENTIFIER = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSample:
    scope_id: IPv4Address
    leases: int
    leases_played: int
    free: int
    free_played: int
    outside: int = 0
    """Leases on addresses that the plan neither serves nor reserves, whose clients have to take another one. Not played."""
    unspeakable: int = 0
    """Leases of clients whose identifier is longer than a DHCP option can be. Not played."""
    left_out: str = ""
    """Why the scope is not played at all, else empty."""

    @property
    def is_whole(self) -> bool:
        return not (self.left_out or self.outside or self.unspeakable) and (self.leases, self.free) == (
            self.leases_played,
            self.free_played,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    scopes: tuple[Scope, ...]
    """In miniature; without those that are left out."""
    leases: tuple[KnownLease, ...]
    accounts: tuple[ScopeSample, ...]
    """One a scope, the left out included."""


def draw_sample(
    scopes: Sequence[Scope], table: LeaseTable, as_of_s: int, max_clients: int = MAX_CLIENTS, *, left_out: str = ""
) -> Sample:
    """Always the same for the same estate: the rows that are played are spread evenly over each scope.

    `left_out`: a reason why nothing can be played at all.
    """
    rows = _rows_by_scope(table, {int(scope.scope_id) for scope in scopes}, as_of_s)
    total = sum(len(each) for each in rows.values())
    miniatures, leases, accounts = [], [], []
    most_free = min(MAX_FREE, max(LEAST_FREE, 4 * max_clients // max(len(scopes), 1)))
    for scope in scopes:
        own = rows[int(scope.scope_id)]
        count = len(own) if total <= max_clients else min(len(own), max(LEAST_CLIENTS, len(own) * max_clients // total))
        miniature, played, account = _miniature(scope, own, count, most_free, table, left_out)
        accounts.append(account)
        if not account.left_out:
            miniatures.append(miniature)
            leases += played
    return Sample(scopes=tuple(miniatures), leases=tuple(leases), accounts=tuple(accounts))


def _rows_by_scope(table: LeaseTable, scope_ids: set[int], as_of_s: int) -> dict[int, list[int]]:
    """The rows that hold an address, by scope."""
    rows: dict[int, list[int]] = {scope_id: [] for scope_id in sorted(scope_ids)}
    columns = zip(table.scope_id.tolist(), table.state.tolist(), table.expiry_s.tolist(), strict=True)
    for row, (scope_id, state, expiry_s) in enumerate(columns):
        if scope_id in rows and state in HOLDS_ADDRESS and expiry_s > as_of_s:
            rows[scope_id].append(row)
    return rows


def _miniature(
    scope: Scope, rows: list[int], count: int, most_free: int, table: LeaseTable, left_out: str
) -> tuple[Scope, list[KnownLease], ScopeSample]:
    lengths = table.client_id.lengths[rows].tolist() if rows else []
    speakable = [row for row, length in zip(rows, lengths, strict=True) if length <= LONGEST_IDENTIFIER]
    unspeakable, rows = len(rows) - len(speakable), speakable
    leased = table.address[rows].tolist() if rows else []
    ours = _within(scope, leased)
    played = [known_lease(table, rows[place]) for place in spread(ours, count)]
    leased = [leased[place] for place in ours]
    free = pool_addresses(scope) - AddressSet.of_addresses(map(IPv4Address, leased))
    chosen = _free_addresses(scope, free, len(ours), len(played), most_free)
    reservations = _reservations(scope, {lease.address for lease in played})
    addresses = AddressSet.of_addresses(
        [*(IPv4Address(lease.address) for lease in played), *chosen, *(entry.ip_address for entry in reservations)]
    )
    left_out = left_out or _reason_to_leave_out(scope, addresses)
    account = ScopeSample(
        scope_id=scope.scope_id,
        leases=len(ours),
        leases_played=0 if left_out else len(played),
        free=free.address_count,
        free_played=0 if left_out else len(chosen),
        outside=len(rows) - len(ours),
        unspeakable=unspeakable,
        left_out=left_out,
    )
    return scope if left_out else _confined(scope, addresses, reservations), played, account


def _reason_to_leave_out(scope: Scope, addresses: AddressSet) -> str:
    if scope.state is not ScopeState.ACTIVE:
        return "inactive in the plan: it serves nobody"
    if lease_seconds(scope) < LEAST_LEASE_S:
        return f"its lease duration of {lease_seconds(scope)} s is too short to be played"
    return "it has neither addresses nor leases" if addresses.is_empty else ""


def _within(scope: Scope, addresses: list[int]) -> list[int]:
    """The places of those addresses that the scope serves or reserves."""
    spans = scope.serves.spans
    starts = [start for start, _ in spans]
    reserved = {int(entry.ip_address) for entry in scope.reservations}
    return [
        place
        for place, address in enumerate(addresses)
        if address in reserved or ((at := bisect_right(starts, address) - 1) >= 0 and address < spans[at][1])
    ]


def _free_addresses(scope: Scope, free: AddressSet, leases: int, played: int, most: int) -> list[IPv4Address]:
    """In the proportion in which the leases are played, but rather enough to be shared; and some of each policy range."""
    count = free.address_count if not leases else -(-free.address_count * played // leases)
    chosen = dict.fromkeys(spread_addresses(free, min(max(count, ENOUGH_FREE), most)))
    for policy in scope.policies or ():
        chosen |= dict.fromkeys(spread_addresses(free & AddressSet(policy.ip_ranges), LEAST_FREE))
    return sorted(chosen)


def _reservations(scope: Scope, leased: set[int]) -> tuple[Reservation, ...]:
    """Those that are in use in the sample, and some that are idle."""
    idle = [entry for entry in scope.reservations if int(entry.ip_address) not in leased][:MAX_IDLE_RESERVATIONS]
    return tuple(entry for entry in scope.reservations if int(entry.ip_address) in leased or entry in idle)


def _confined(scope: Scope, addresses: AddressSet, reservations: tuple[Reservation, ...]) -> Scope:
    """The scope with these addresses only: whatever else its range holds is excluded."""
    ranges = addresses.ranges
    whole = AddressRange(ranges[0].first, ranges[-1].last)
    excluded = (AddressSet([whole]) - addresses) | scope.excluded
    return replace(
        scope,
        range=whole,
        gaps=(),
        exclusions=tuple(ExclusionRange(range=each) for each in excluded.ranges),
        reservations=reservations,
    )


def spread(rows: Sequence[int], count: int) -> list[int]:
    """So many of them, evenly spread; all when there are not more."""
    if count >= len(rows):
        return list(rows)
    return [rows[place * len(rows) // count] for place in range(count)]


def spread_addresses(addresses: AddressSet, count: int) -> list[IPv4Address]:
    """The same for addresses, without listing them all."""
    total = addresses.address_count
    count = min(count, total)
    places = [place * total // count for place in range(count)]
    chosen, passed = [], 0
    for start, stop in addresses.spans:
        while places and places[0] < passed + stop - start:
            chosen.append(IPv4Address(start + places.pop(0) - passed))
        passed += stop - start
    return chosen
