"""The docket: every conflict comes before it, and leaves with the alternative that is in force.

An answer in decisions.toml wins, then --prefer, then the default; without any of them the decision stays open and blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address

from migrate.errors import StaleDecision, UsageError
from migrate.merge.settings import Answer, Settings
from migrate.model.decision import DecidedBy, Decision
from migrate.model.origin import Origin
from migrate.model.server import Role

NOTHING = "(none)"
"""How an absent value is written among the alternatives."""


class Docket:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._decisions: dict[str, Decision] = {}

    def decide(
        self,
        rule: str,
        obj: str,
        alternatives: Mapping[str, str],
        *,
        default: str,
        evidence: str,
        scope_id: IPv4Address | None = None,
        places: tuple[Origin | None, ...] = (),
    ) -> str:
        """The choice in force, a key of `alternatives`; empty while the decision is open.

        Raises UsageError when the answer in decisions.toml is none of the alternatives, or was given to other values.
        """
        decision_id = f"{rule}/{scope_id or 'server'}/{obj}"
        choice, decided_by = self._choose(decision_id, alternatives, default)
        self._decisions[decision_id] = Decision(
            id=decision_id,
            rule=rule,
            scope_id=scope_id,
            object=obj,
            alternatives=dict(alternatives),
            default=default,
            choice=choice,
            decided_by=decided_by,
            evidence=evidence,
            places=tuple(place for place in places if place),
        )
        return choice

    def prefer(
        self,
        rule: str,
        obj: str,
        primary: str,
        secondary: str,
        *,
        default: Role | None,
        evidence: str,
        scope_id: IPv4Address | None = None,
        places: tuple[Origin | None, ...] = (),
    ) -> Role | None:
        """The common case: the primary's value or the secondary's. None while open."""
        choice = self.decide(
            rule,
            obj,
            {Role.PRIMARY.value: primary, Role.SECONDARY.value: secondary},
            default=default.value if default else "",
            evidence=evidence,
            scope_id=scope_id,
            places=places,
        )
        return Role(choice) if choice else None

    def close(self) -> tuple[Decision, ...]:
        """All decisions, sorted by scope, rule and object. Raises StaleDecision for an answer to something that is not there."""
        for decision_id, answer in self._settings.answers.items():
            if decision_id not in self._decisions and not self._is_left_out(decision_id):
                raise StaleDecision(decision_id, places=(Origin(answer.path, answer.line),))
        return tuple(sorted(self._decisions.values(), key=lambda d: (int(d.scope_id or 0), d.rule, d.id)))

    def _choose(self, decision_id: str, alternatives: Mapping[str, str], default: str) -> tuple[str, DecidedBy]:
        answer = self._settings.answers.get(decision_id)
        if answer:
            _check(decision_id, answer, alternatives)
            return answer.choice, DecidedBy.PERSON
        if self._settings.prefer and self._settings.prefer.value in alternatives:
            return self._settings.prefer.value, DecidedBy.PREFER
        return default, DecidedBy.DEFAULT if default else DecidedBy.OPEN

    def _is_left_out(self, decision_id: str) -> bool:
        """An answer for a scope that --scope or --skip-scope leaves out keeps: the same file serves every wave."""
        try:
            scope_id = IPv4Address(decision_id.split("/")[1])
        except (AddressValueError, IndexError):
            return False
        return self._settings.leaves_out(scope_id)


def _check(decision_id: str, answer: Answer, alternatives: Mapping[str, str]) -> None:
    place = (Origin(answer.path, answer.line),)
    if answer.choice not in alternatives:
        raise UsageError(
            "unknown-choice",
            f"The decisions file answers {decision_id!r} with {answer.choice!r}; it must be one of {', '.join(alternatives)}.",
            hint="Correct `choice` in the decisions file.",
            places=place,
        )
    changed = [name for name, value in answer.alternatives.items() if alternatives.get(name) != value]
    if changed:
        name = changed[0]
        raise UsageError(
            "stale-decision",
            f"The answer to {decision_id!r} was given when {name!r} was {answer.alternatives[name]!r}; "
            f"now it is {alternatives.get(name, NOTHING)!r}.",
            hint="Look at the decision again: take a fresh decisions.toml and answer it there.",
            places=place,
        )
