"""Plays one drill on one estate and says what came of it, scope by scope, and how an invariant broke if one did."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from ipaddress import IPv4Address

from migrate.failover.dialect import WINDOWS, Dialect
from migrate.failover.endpoint import Endpoint
from migrate.model.relationship import FailoverMode
from migrate.model.server import Role
from migrate.simulate.clients import Phase
from migrate.simulate.counterexample import Counterexample, played, shortest
from migrate.simulate.drills import PROLOGUE, Drill, times_of
from migrate.simulate.estate import Estate, Simulation
from migrate.simulate.tally import PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeOutcome:
    scope_id: IPv4Address
    served_by_primary: int
    """Leases given and renewed."""
    served_by_secondary: int
    new_clients: int
    refused: int
    addresses_lost: int
    waited: int
    """Times a client was without an address for longer than two minutes, those that still are at the end included."""
    still_waiting: int
    longest_wait_s: int
    exhausted_after_s: int | None
    """After the start of the drill; None: there was an address for everybody whom a server had to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillOutcome:
    drill: str
    title: str
    relationship: str
    mode: FailoverMode
    played_s: int
    events: int
    scopes: tuple[ScopeOutcome, ...]
    checked: dict[str, int]
    """Judgements, by invariant."""
    broken: dict[str, int]
    """Judgements that were not well, by invariant; those without any are absent."""
    tolerated: bool
    """All that is broken is what the drill is known to break."""
    why: str
    windows_events: dict[Role, dict[int, int]]
    """By event id."""
    counters: dict[Role, dict[str, int]]
    counterexample: Counterexample | None

    @property
    def is_fault(self) -> bool:
        return bool(self.broken) and not self.tolerated


def play(drill: Drill, estate: Estate, *, seed: int = 1, dialect: Dialect = WINDOWS) -> DrillOutcome:
    estate = replace(estate, relationship=drill.relationship(estate.relationship))
    steps = steps_of(drill, estate)
    simulation = played(steps, estate, seed=seed, dialect=dialect)
    broken = Counter(violation.invariant for violation in simulation.judge.violations)
    return DrillOutcome(
        drill=drill.name,
        title=drill.title,
        relationship=estate.relationship.name,
        mode=estate.relationship.mode,
        played_s=simulation.world.now - estate.start_s,
        events=simulation.world.events_done,
        scopes=_scope_outcomes(simulation),
        checked=dict(simulation.judge.checked),
        broken=dict(sorted(broken.items())),
        tolerated=bool(broken) and all(name in drill.may_break for name in broken),
        why=drill.why,
        windows_events=_windows_events(simulation),
        counters=_counters(simulation),
        counterexample=shortest(steps, estate, simulation, seed=seed, dialect=dialect) if broken else None,
    )


def steps_of(drill: Drill, estate: Estate) -> tuple[str, ...]:
    return PROLOGUE + drill.steps(times_of(estate.relationship, max(estate.lease_s_by_scope.values(), default=0)))


# What came of it


def _scope_outcomes(simulation: Simulation) -> tuple[ScopeOutcome, ...]:
    now = simulation.world.now
    waiting: dict[int, list[int]] = {}
    for client in simulation.clients:
        if client.phase is Phase.INIT and client.waiting_since_s is not None:
            waiting.setdefault(client.scope_id, []).append(now - client.waiting_since_s)
    return tuple(_scope_outcome(simulation, int(scope.scope_id), waiting) for scope in simulation.estate.scopes)


def _scope_outcome(simulation: Simulation, scope_id: int, waiting: dict[int, list[int]]) -> ScopeOutcome:
    tally = simulation.world.tally.scope(scope_id)
    still = [seconds for seconds in waiting.get(scope_id, ()) if seconds > PATIENCE_S]
    exhausted_at_s = tally.exhausted_at_s
    return ScopeOutcome(
        scope_id=IPv4Address(scope_id),
        served_by_primary=tally.served[Role.PRIMARY],
        served_by_secondary=tally.served[Role.SECONDARY],
        new_clients=tally.new_clients,
        refused=tally.refused,
        addresses_lost=tally.addresses_lost,
        waited=tally.waited + len(still),
        still_waiting=len(still),
        longest_wait_s=max([tally.longest_wait_s, *still]),
        exhausted_after_s=None if exhausted_at_s is None else exhausted_at_s - simulation.estate.start_s,
    )


def _windows_events(simulation: Simulation) -> dict[Role, dict[int, int]]:
    counted = sorted(simulation.world.tally.events.items())
    return {role: {event_id: count for (owner, event_id), count in counted if owner is role} for role in Role}


def _counters(simulation: Simulation) -> dict[Role, dict[str, int]]:
    """Over all lives of each server."""
    totals = {}
    for role, host in simulation.world.hosts.items():
        total = Counter(simulation.world.tally.counters[role])
        if isinstance(host.server, Endpoint):
            total.update(asdict(host.server.counters))
        totals[role] = dict(total)
    return totals
