"""Errors that end a run. A problem in somebody's data is a Finding; these say that there is no going on."""

from __future__ import annotations

from collections.abc import Sequence

from migrate.model.origin import Origin


class MigrateError(Exception):
    """Printed in the shape of a finding and answered with `exit_status`; a traceback is for our bugs only.

    `reference` is a kebab-case id, `message` names the thing and the values, `hint` is the next step.
    """

    exit_status = 2

    def __init__(self, reference: str, message: str, *, hint: str = "", places: Sequence[Origin] = ()) -> None:
        super().__init__(message)
        self.reference = reference
        self.message = message
        self.hint = hint
        self.places = tuple(places)

    def __str__(self) -> str:
        lines = [f"error: {self.reference}", f"  {self.message}"]
        if self.places:
            lines.append("  at    " + ", ".join(str(place) for place in self.places))
        if self.hint:
            lines.append(f"  hint  {self.hint}")
        return "\n".join(lines)


class InputError(MigrateError):
    """An input file that cannot be read or trusted."""


class UsageError(MigrateError):
    """Options that do not go together, or that name something the inputs do not have."""


class StaleDecision(UsageError):
    """An answer to a decision that these inputs, with these other answers, do not have."""

    def __init__(self, decision_id: str, *, places: Sequence[Origin]) -> None:
        super().__init__(
            "stale-decision",
            f"The decisions file answers {decision_id!r}, but these inputs have no such decision.",
            hint="The inputs have changed since it was written: take a fresh decisions.toml and answer again.",
            places=places,
        )
        self.decision_id = decision_id


class ConservationError(Exception):
    """The ledger does not account for every object read: our bug, and the run must not go on (design.md section 5.7)."""
