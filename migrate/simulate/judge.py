"""Asks the invariants of `invariants` after every event, and keeps the account of it."""

from __future__ import annotations

from collections.abc import Mapping

from migrate.simulate.invariants import INVARIANTS, Invariant, Rules, Violation
from migrate.simulate.world import World


class Judge:
    """Counts the judgements of each invariant, and keeps what was found broken."""

    def __init__(self, rules: Rules, invariants: Mapping[str, Invariant] = INVARIANTS) -> None:
        self._rules = rules
        self._invariants = invariants
        self.checked = dict.fromkeys(invariants, 0)
        self.violations: list[Violation] = []

    def __call__(self, world: World) -> None:
        for name, invariant in self._invariants.items():
            for judgement in invariant(world, self._rules):
                self.checked[name] += 1
                if judgement is not None:
                    self.violations.append(judgement)
                    concerned = judgement.clients[0] if judgement.clients else b""
                    world.say("INVARIANT", "{0}: {1}", name, judgement.message, address=judgement.address, client=concerned)
