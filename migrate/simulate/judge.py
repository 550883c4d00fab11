"""Asks the invariants of `invariants` after every event, and keeps the account of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from migrate.simulate.invariants import INVARIANTS, Invariant, Judgement, Rules, Violation
from migrate.simulate.transcript import address_text
from migrate.simulate.world import World

AGREEMENT = "partners-agree"


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
                self._record(name, judgement, world)

    def expect_settled(self, world: World) -> None:
        """To be called when the partners have had time enough: by now neither may owe the other anything."""
        message = f"{len(world.unsettled)} addresses are not settled between the partners: {_some(world.unsettled)}"
        violation = Violation(AGREEMENT, world.now, message, next(iter(world.unsettled), 0)) if world.unsettled else None
        self._record(AGREEMENT, violation, world)

    def _record(self, name: str, judgement: Judgement, world: World) -> None:
        self.checked[name] += 1
        if judgement is not None:
            self.violations.append(judgement)
            concerned = judgement.clients[0] if judgement.clients else b""
            world.say("INVARIANT", "{0}: {1}", name, judgement.message, address=judgement.address, client=concerned)


def _some(addresses: Iterable[int]) -> str:
    return ", ".join(address_text(address) for address in islice(addresses, 3))
