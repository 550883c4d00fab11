"""Counting while a world runs: Windows' events, and for each scope who was served by whom and who had to wait.

Totals only, so that a drill over a large estate costs no more memory than a small one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field

from migrate.failover.core import Counters
from migrate.failover.notes import POOL_EXHAUSTED, Note
from migrate.model.server import Role

PATIENCE_S = 120
"""A client that has had no address for longer than this counts as left waiting: a user has noticed."""


@dataclass(slots=True)
class ScopeTally:
    served: dict[Role, int] = field(default_factory=lambda: dict.fromkeys(Role, 0))
    """Leases given or renewed, by server."""
    new_clients: int = 0
    """Of these: to clients that held no lease before."""
    refused: int = 0
    """DHCPNAK."""
    addresses_lost: int = 0
    """Clients whose lease ran out although they asked for its renewal, or that had to take another address."""
    waited: int = 0
    """Times a client had no address for longer than PATIENCE_S and got one in the end."""
    longest_wait_s: int = 0
    exhausted_at_s: int | None = None
    """When a server first had no address left for a client."""


class Tally:
    def __init__(self, start_s: int) -> None:
        self.start_s = start_s
        self.events: Counter[tuple[Role, int]] = Counter()
        self.scopes: dict[int, ScopeTally] = {}
        """By scope id."""
        self.counters: dict[Role, Counter[str]] = {role: Counter() for role in Role}
        """Windows' counters of servers that have stopped, added up over their lives."""

    def scope(self, scope_id: int) -> ScopeTally:
        tally = self.scopes.get(scope_id)
        if tally is None:
            tally = self.scopes[scope_id] = ScopeTally()
        return tally

    def note(self, role: Role, note: Note, now: int) -> None:
        if note.event_id:
            self.events[role, note.event_id] += 1
        if note.kind is POOL_EXHAUSTED:
            tally = self.scope(int(note.subject[2]))  # type: ignore[call-overload]  # an IPv4Address
            if tally.exhausted_at_s is None:
                tally.exhausted_at_s = now

    def stopped(self, role: Role, counters: Counters) -> None:
        """A server is gone, and its counters with it."""
        self.counters[role].update(asdict(counters))

    def bound(self, scope_id: int, by: Role, *, is_new: bool, waited_s: int) -> None:
        tally = self.scope(scope_id)
        tally.served[by] += 1
        tally.new_clients += is_new
        tally.waited += waited_s > PATIENCE_S
        tally.longest_wait_s = max(tally.longest_wait_s, waited_s)
