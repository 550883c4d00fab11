"""Store before send: a partner may stop between any two of its effects, come back, and nothing is broken by it."""

from __future__ import annotations

import pytest
from simulations import simulation, to_normal

from migrate.model.relationship import FailoverMode
from migrate.model.server import Role

MINUTE = 60


@pytest.mark.parametrize("mode", FailoverMode, ids=str)
@pytest.mark.parametrize("role", Role, ids=str)
def test_crash_between_any_two_effects(role: Role, mode: FailoverMode) -> None:
    """Newcomers, releases and renewals go on while the partner stops after its n-th effect from now, for every n there is."""
    reached_the_end = False
    for effects in range(80):
        sim = to_normal(simulation(leases=4, mode=mode))
        sim.wake_lease_holders()
        sim.world.crash_within(role, effects)
        for number in range(5, 9):
            sim.numbered(number).boot()
            sim.world.run(MINUTE)
        sim.numbered(6).release()
        sim.world.run(35 * MINUTE)
        reached_the_end = sim.world.hosts[role].is_up
        if reached_the_end:
            break
        sim.world.restart(role)
        sim.world.run(80 * MINUTE)
        assert not sim.judge.violations, (effects, list(sim.world.transcript.lines()))
        assert not sim.world.unsettled, f"after {effects} effects the databases did not come together"
    assert reached_the_end, "the run has more effects than were tried"


@pytest.mark.parametrize("role", Role, ids=str)
def test_crash_while_the_partners_first_meet(role: Role) -> None:
    for effects in range(40):
        sim = simulation(leases=4)
        sim.wake_lease_holders()
        sim.world.crash_within(role, effects)
        sim.world.start()
        sim.world.run(10 * MINUTE)
        if sim.world.hosts[role].is_up:
            break
        sim.world.restart(role)
        sim.world.run(60 * MINUTE)
        assert [host.running.state.name for host in sim.world.hosts.values()] == ["NORMAL", "NORMAL"], effects
        assert not sim.judge.violations
    assert effects > 5


@pytest.mark.parametrize("seed", range(8))
def test_bad_networks_end_well(seed: int) -> None:
    """Every kind of fault at once for some hours; afterwards the partners agree and no invariant was broken on the way."""
    from dataclasses import replace

    sim = to_normal(simulation(leases=8, lease_s=4 * 3600, seed=seed))
    sim.wake_lease_holders()
    sim.world.faults = replace(
        sim.world.faults, loss_probability=0.01, delay_max_s=4, duplication_probability=0.1, reordering_probability=0.1
    )
    for number in range(9, 13):
        sim.numbered(number).boot()
        sim.world.run(45 * MINUTE)
    sim.world.faults = replace(sim.world.faults, loss_probability=0.0, delay_max_s=0, duplication_probability=0.0)
    sim.world.faults = replace(sim.world.faults, reordering_probability=0.0)
    sim.world.run(30 * MINUTE)
    assert not sim.judge.violations, list(sim.world.transcript.lines())
    assert not sim.world.unsettled
