"""Findings that come from decisions: the merge has met the conflict, here it is put into words.

A conflict that a person has settled is still worth reading on the night, but it stops nobody: it is a warning at most.
"""

from __future__ import annotations

from migrate.checks.subject import Subject
from migrate.model.decision import DecidedBy, Decision
from migrate.model.finding import Finding, Severity
from migrate.model.server import Role

_BY_VALUE = {Role.PRIMARY.value, Role.SECONDARY.value}


def finding_of_decision(decision: Decision, *, number: str | None, severity: Severity, message: str) -> Finding:
    """`message` is the conflict in one or two sentences; how it stands is added here."""
    if decision.decided_by in (DecidedBy.PREFER, DecidedBy.PERSON):
        severity = min(severity, Severity.WARNING)
    return Finding(
        rule=decision.rule,
        number=number,
        severity=severity,
        scope_id=decision.scope_id,
        object=decision.object,
        message=f"{message} {_standing(decision)}",
        remedy=_remedy(decision),
        places=decision.places,
    )


def both_values(subject: Subject, decision: Decision) -> str:
    """`08:00:00 on dhcp01 and 12:00:00 on dhcp02`."""
    shown = [f"{decision.alternatives[role.value]} on {subject.server_name(role)}" for role in Role]
    return " and ".join(shown)


def where(decision: Decision) -> str:
    """The start of a sentence: `Scope 10.20.0.0` or `Server level`."""
    return f"Scope {decision.scope_id}" if decision.scope_id else "Server level"


def _standing(decision: Decision) -> str:
    match decision.decided_by:
        case DecidedBy.OPEN:
            return "Nobody has decided, and nothing is migrated until someone does."
        case DecidedBy.DEFAULT:
            return f"Taken by default: {decision.choice}."
        case DecidedBy.PREFER:
            return f"Settled by --prefer {decision.choice}."
        case DecidedBy.PERSON:
            return f"Settled in decisions.toml: {decision.choice}."


def _remedy(decision: Decision) -> str:
    names = decision.alternatives
    choices = " or ".join(names) if set(names) == _BY_VALUE else "; ".join(f"{name} ({text})" for name, text in names.items())
    verb = "Answer" if decision.is_open else "If that is not wanted, answer"
    return f'{verb} "{decision.id}" in decisions.toml with {choices}.'
