"""Seeded bugs in the engine: each is caught by an invariant, in a drill that the engine passes without it (see test_drills).

A mutant patches one table or one function of `migrate.failover` for the length of a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from test_drills import BY_NAME, estate

from migrate.failover import allocation, bindings, configuration, core, endpoint, pool, rebalancing, reintegration, states, table
from migrate.failover.bindings import ACTIVE, Binding, same_client
from migrate.failover.codes import ServerState
from migrate.failover.dialect import DRAFT, WINDOWS, Dialect
from migrate.failover.effects import Store
from migrate.model.addresses import AddressSet
from migrate.model.relationship import FailoverMode
from migrate.simulate.counterexample import played
from migrate.simulate.drills import PROLOGUE
from migrate.simulate.play import play

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    name: str
    patch: Patch
    drill: str
    caught_by: str
    dialect: Dialect = WINDOWS
    mode: FailoverMode = FailoverMode.LOAD_BALANCE


def mclt_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bindings, "lease_time", lambda desired_s, known_pe_s, now, mclt_s: desired_s)


def long_leases_while_cut_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bindings, "granted_lease_time", lambda desired_s, *rest, **more: desired_s)


def believed_before_acknowledged(patch: pytest.MonkeyPatch) -> None:
    """What was told counts as known at once."""
    honest = bindings.leased

    def leased(*arguments: object) -> Binding:
        binding = honest(*arguments)  # type: ignore[arg-type]
        return binding._replace(acked_pe_s=binding.sent_pe_s)

    patch.setattr(bindings, "leased", leased)


def partners_pool_open(*open_in: ServerState) -> Patch:
    def patcher(patch: pytest.MonkeyPatch) -> None:
        honest = allocation.Allocation._partners_pool_is_open

        def is_open(self: allocation.Allocation, now: int) -> bool:
            return self._core.state in open_in or honest(self, now)

        patch.setattr(allocation.Allocation, "_partners_pool_is_open", is_open)

    return patcher


def recover_wait_skipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(endpoint, "recover_wait_end", lambda *arguments, **more: 0)


def recover_wait_left_out_of_the_table(patch: pytest.MonkeyPatch) -> None:
    for (role, own, event), row in list(states._EVENTS.items()):
        if own is ServerState.RECOVER and event is states.Event.UPDATE_DONE:
            patch.setitem(states._EVENTS, (role, own, event), row._replace(to=ServerState.RECOVER_DONE))


def recover_serves(patch: pytest.MonkeyPatch) -> None:
    for state in (ServerState.RECOVER, ServerState.RECOVER_WAIT):
        patch.setitem(states.SERVICE, state, states.SERVICE[ServerState.COMMUNICATIONS_INTERRUPTED])


def lease_not_stored(patch: pytest.MonkeyPatch) -> None:
    honest = core.Core.store

    def store(self: core.Core, binding: Binding, now: int) -> None:
        if binding.state is ACTIVE and binding.owed:
            self.table.put(binding)
        else:
            honest(self, binding, now)

    patch.setattr(core.Core, "store", store)


def leases_forgotten_early(patch: pytest.MonkeyPatch) -> None:
    """By the one that ends them alone it does no harm: the partner refuses. So the partner believes it here."""
    patch.setitem(bindings.VERDICTS, ACTIVE, tuple(bindings.Verdict.ACCEPT for _ in bindings.VERDICTS[ACTIVE]))
    honest = table.BindingTable._end_of_lease

    def end_of(self: table.BindingTable, address: int) -> int | None:
        end_s = honest(self, address)
        return None if end_s is None else end_s - 2500

    patch.setattr(table.BindingTable, "_end_of_lease", end_of)


def update_acknowledged_but_not_stored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reintegration.Reintegration, "_take_update", lambda self, *arguments: None)


def update_done_before_the_updates(patch: pytest.MonkeyPatch) -> None:
    def answer(self: reintegration.Reintegration, message, now: int) -> None:  # type: ignore[no-untyped-def]
        self._answering = message.xid
        self._finish_request(now)

    patch.setattr(reintegration.Reintegration, "answer_request", answer)


def share_too_large(patch: pytest.MonkeyPatch) -> None:
    honest = pool.to_give_by_ratio
    patch.setattr(rebalancing, "to_give_by_ratio", lambda *arguments: honest(*arguments) + 3)


def exclusions_ignored(patch: pytest.MonkeyPatch) -> None:
    honest = configuration._pools
    patch.setattr(configuration, "_pools", lambda scope, *rest: honest(replace(scope, exclusions=()), *rest))


def reservations_ignored(patch: pytest.MonkeyPatch) -> None:
    honest = configuration.scope_configuration

    def without(scope, place: int):  # type: ignore[no-untyped-def]
        return replace(honest(replace(scope, reservations=()), place), reservations={}, reserved_for={})

    patch.setattr(configuration, "scope_configuration", without)


def holders_turned_away(patch: pytest.MonkeyPatch) -> None:
    """A survivor serves only what it leased itself."""
    honest = allocation.Allocation.can_have

    def can_have(self: allocation.Allocation, address: int, request, now: int) -> bool:  # type: ignore[no-untyped-def]
        binding = self._core.table.get(address)
        foreign = binding.received_pe_s > 0 and same_client(binding.client, request.client)
        cut_off = self._core.state in (ServerState.COMMUNICATIONS_INTERRUPTED, ServerState.PARTNER_DOWN)
        return not (foreign and cut_off) and honest(self, address, request, now)

    patch.setattr(allocation.Allocation, "can_have", can_have)


MUTANTS = (
    Mutant(name="MCLT ignored", patch=mclt_ignored, drill="steady", caught_by="promise-within-mclt"),
    Mutant(name="long leases while cut off", patch=long_leases_while_cut_off, drill="link-cut", caught_by="promise-within-mclt"),
    Mutant(
        name="believed before acknowledged",
        patch=believed_before_acknowledged,
        drill="link-cut",
        caught_by="promise-within-mclt",
        dialect=DRAFT,
    ),
    Mutant(
        name="backup address used in COMMUNICATIONS-INTERRUPTED",
        patch=partners_pool_open(ServerState.COMMUNICATIONS_INTERRUPTED),
        drill="link-cut",
        caught_by="new-lease-from-own-share",
    ),
    Mutant(
        name="partner's pool used at once in PARTNER-DOWN",
        patch=partners_pool_open(ServerState.PARTNER_DOWN),
        drill="primary-returns-empty",
        caught_by="new-lease-from-own-share",
        mode=FailoverMode.HOT_STANDBY,
    ),
    Mutant(
        name="RECOVER-WAIT skipped",
        patch=recover_wait_skipped,
        drill="primary-returns-empty",
        caught_by="recovery-waits-for-mclt",
    ),
    Mutant(
        name="RECOVER-WAIT not in the table",
        patch=recover_wait_left_out_of_the_table,
        drill="primary-returns-empty",
        caught_by="recovery-waits-for-mclt",
    ),
    Mutant(name="RECOVER serves", patch=recover_serves, drill="primary-returns-empty", caught_by="silent-states-are-silent"),
    Mutant(name="lease not stored", patch=lease_not_stored, drill="boot-storm", caught_by="promise-is-stored"),
    Mutant(name="leases forgotten early", patch=leases_forgotten_early, drill="boot-storm", caught_by="one-client-an-address"),
    Mutant(
        name="update acknowledged but not stored",
        patch=update_acknowledged_but_not_stored,
        drill="boot-storm",
        caught_by="partners-agree",
    ),
    Mutant(
        name="UPDDONE before the updates",
        patch=update_done_before_the_updates,
        drill="primary-returns-empty",
        caught_by="partners-agree",
    ),
    Mutant(name="share too large", patch=share_too_large, drill="boot-storm", caught_by="free-pool-in-ratio"),
    Mutant(name="exclusions ignored", patch=exclusions_ignored, drill="boot-storm", caught_by="excluded-to-nobody"),
    Mutant(name="reservations ignored", patch=reservations_ignored, drill="boot-storm", caught_by="reserved-to-its-client"),
    Mutant(
        name="holders turned away", patch=holders_turned_away, drill="primary-lost-for-long", caught_by="client-keeps-its-address"
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    drill = BY_NAME[mutant.drill]
    assert not play(drill, estate(mutant.mode), dialect=mutant.dialect).broken, "the engine itself does not pass this drill"
    mutant.patch(monkeypatch)
    outcome = play(drill, estate(mutant.mode), dialect=mutant.dialect)
    assert outcome.is_fault
    assert mutant.caught_by in outcome.broken, outcome.broken
    assert outcome.counterexample is not None
    assert f"INVARIANT  {outcome.counterexample.invariant}" in "\n".join(outcome.counterexample.transcript)


def test_every_invariant_catches_a_mutant() -> None:
    from migrate.simulate.invariants import INVARIANTS

    assert {mutant.caught_by for mutant in MUTANTS} == set(INVARIANTS)


def test_answer_before_store_is_caught_by_a_crash_between_the_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the order the engine keeps, no crash leaves a promise that is not stored; with the other order one does."""
    steps = [(*PROLOGUE, f"crash primary after {effects}", "reboot 1", "run 1min") for effects in range(40)]

    def broken() -> int:
        return sum(bool(played(each, estate()).judge.violations) for each in steps)

    assert broken() == 0
    honest = core.Core.take_effects

    def stores_last(self: core.Core):  # type: ignore[no-untyped-def]
        effects = honest(self)
        return tuple(sorted(effects, key=lambda effect: isinstance(effect, Store) and isinstance(effect.record, Binding)))

    monkeypatch.setattr(core.Core, "take_effects", stores_last)
    assert broken() > 0


def test_unpatched_sets_are_whole_again() -> None:
    """The patches above end with their tests."""
    assert states.SERVICE[ServerState.RECOVER].new_clients is False
    assert isinstance(estate().scopes[0].excluded, AddressSet)
