"""From a run in which an invariant broke to the shortest one that still breaks it, with a transcript a person can follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from migrate.failover.dialect import WINDOWS, Dialect
from migrate.simulate.commands import perform
from migrate.simulate.estate import Estate, Simulation
from migrate.simulate.invariants import Violation

MAX_SHRINKING_RUNS = 16
MAX_TRANSCRIPT_LINES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    invariant: str
    message: str
    after_s: int
    clients: int
    """With so few leases in the estate it still happens."""
    commands: tuple[str, ...]
    """Up to the one during which it happens."""
    transcript: tuple[str, ...]
    """Of the victim and the servers."""


def played(
    steps: Sequence[str],
    estate: Estate,
    *,
    seed: int = 1,
    dialect: Dialect = WINDOWS,
    until_broken: str | None = None,
    details: bool = False,
) -> Simulation:
    """A simulation after these commands, or after the one during which the invariant broke."""
    simulation = Simulation(estate, seed=seed, dialect=dialect, details=details)
    for step in steps:
        simulation.world.say("drill", "{0}", step)
        perform(simulation, step)
        if until_broken is not None and _first(simulation, until_broken) is not None:
            break
    return simulation


def shortest(
    steps: Sequence[str], estate: Estate, failed: Simulation, *, seed: int = 1, dialect: Dialect = WINDOWS
) -> Counterexample:
    """`failed` is the simulation that these commands have led to; something must have broken in it.

    Other scopes are left out first, then parts of the leases, as long as the same invariant still breaks.
    """
    first = failed.judge.violations[0]

    def still_breaks(candidate: Estate) -> bool:
        shorter = played(steps, candidate, seed=seed, dialect=dialect, until_broken=first.invariant)
        return _first(shorter, first.invariant) is not None

    smallest = next((candidate for candidate in _victims_scope(estate, first) if still_breaks(candidate)), estate)
    size, start = len(smallest.leases) // 2, 0
    for _ in range(MAX_SHRINKING_RUNS):
        if not size:
            break
        candidate = replace(smallest, leases=smallest.leases[:start] + smallest.leases[start + size :])
        if still_breaks(candidate):
            smallest = candidate
        else:
            start += size
        if start >= len(smallest.leases):
            size, start = min(size, len(smallest.leases)) // 2, 0
    again = played(steps, smallest, seed=seed, dialect=dialect, until_broken=first.invariant, details=True)
    return _told(again, first.invariant)


def _victims_scope(estate: Estate, violation: Violation) -> Iterator[Estate]:
    if len(estate.scopes) > 1:
        victims = [scope for scope in estate.scopes if IPv4Address(violation.address) in scope.network] or estate.scopes[:1]
        scope_id = int(victims[0].scope_id)
        leases = tuple(lease for lease in estate.leases if lease.scope_id == scope_id)
        yield replace(estate, scopes=tuple(victims[:1]), leases=leases)


def _first(simulation: Simulation, invariant: str) -> Violation | None:
    return next((violation for violation in simulation.judge.violations if violation.invariant == invariant), None)


def _told(simulation: Simulation, invariant: str) -> Counterexample:
    found = _first(simulation, invariant)
    assert found is not None  # it is the same run that broke it before
    transcript = simulation.world.transcript
    return Counterexample(
        invariant=found.invariant,
        message=found.message,
        after_s=found.at_s - simulation.estate.start_s,
        clients=len(simulation.estate.leases),
        commands=tuple(entry.text for entry in transcript.entries if entry.who == "drill"),
        transcript=tuple(transcript.of_victim([found.address], found.clients)[:MAX_TRANSCRIPT_LINES]),
    )
