"""Small worlds for the tests of the simulation: one scope of twenty addresses, its first ones leased."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address

from connection_pair import relationship, scope

from migrate.failover.effects import Order, RequestKind
from migrate.model.relationship import FailoverMode
from migrate.model.scope import Scope
from migrate.model.server import Role
from migrate.simulate.estate import KnownLease, Simulation, client_of, estate_of, newcomer_mac

START_S = 1_800_000_000
LEASE_S = 8 * 86400
FIRST = int(IPv4Address("10.20.0.11"))


def simulation(
    *,
    leases: int = 0,
    lease_s: int = LEASE_S,
    mode: FailoverMode = FailoverMode.LOAD_BALANCE,
    switch_s: int | None = None,
    seed: int = 1,
    cut: bool = False,
    scopes: tuple[Scope, ...] | None = None,
    details: bool = False,
) -> Simulation:
    """Nobody runs yet; with `cut` both partners do, in NORMAL, shared out, and then cut off from one another."""
    scopes = scopes or (scope(lease_duration=timedelta(seconds=lease_s)),)
    known = [
        KnownLease(FIRST + n, int(scopes[0].scope_id), client_of(newcomer_mac(n + 1)), START_S + lease_s * 3 // 4 + n, Role.PRIMARY)
        for n in range(leases)
    ]
    made = Simulation(estate_of(relationship(mode, switch_s=switch_s), scopes, known, START_S), seed=seed, details=details)
    if cut:
        to_normal(made)
        made.world.cut()
    return made


def to_normal(sim: Simulation) -> Simulation:
    sim.world.start()
    sim.world.run(1)
    sim.world.order(Role.PRIMARY, Order.REBALANCE)
    sim.world.run(1)
    return sim


def times_of(sim: Simulation, kind: RequestKind, *, until_s: int) -> list[int]:
    """When clients ask in this way. Both servers may be down: what counts is that the client tries."""
    times: list[int] = []
    ask = sim.world.ask

    def listening(role, request):  # type: ignore[no-untyped-def]
        if request.kind is kind and sim.world.now not in times:
            times.append(sim.world.now)
        return ask(role, request)

    sim.world.ask = listening  # type: ignore[method-assign]
    sim.world.run_until(until_s)
    sim.world.ask = ask  # type: ignore[method-assign]
    return times


def acks(sim: Simulation) -> dict[Role, int]:
    return {role: sum(tally.served[role] for tally in sim.world.tally.scopes.values()) for role in Role}
