"""The decisions, one by one, with the values to choose from and what speaks for each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from migrate.cli.dialog.questions import choose, confirm, heading, say

if TYPE_CHECKING:
    from migrate.merge.result import MergeResult
    from migrate.merge.settings import Answer
    from migrate.model.decision import Decision

LATER = "later"
STOP = "stop"


def ask_open(result: MergeResult, answers_path: Path) -> dict[str, Answer]:
    """Answers to what is open, by decision id; what is left for later is not among them."""
    open_decisions = result.open_decisions
    if not open_decisions:
        return {}
    heading(f"{_decisions(len(open_decisions))} without a safe default: nothing can be applied before you have answered.")
    return _answers(open_decisions, result, answers_path, {LATER: "leave it open; only reports are written then"})


def ask_defaulted(result: MergeResult, answers_path: Path) -> dict[str, Answer]:
    """Answers that differ from the default, of whoever wants to look at all of them."""
    defaulted = [decision for decision in result.decisions if not decision.is_open and decision.id not in result.settings.answers]
    if not defaulted:
        return {}
    heading(f"{_decisions(len(defaulted))} settled by default. They stand in the reports in any case.")
    if not confirm("Look at each of them now?", default=False):
        return {}
    return _answers(defaulted, result, answers_path, {STOP: "leave this one and all others as they are"})


def _answers(decisions: Iterable[Decision], result: MergeResult, answers_path: Path, ways_out: dict[str, str]) -> dict[str, Answer]:
    from migrate.merge.settings import Answer

    answers = {}
    for decision in decisions:
        choice = _ask(decision, result, ways_out)
        if choice == STOP:
            break
        if choice not in (LATER, decision.default):
            answers[decision.id] = Answer(choice=choice, alternatives=decision.alternatives, path=str(answers_path))
    return answers


def _ask(decision: Decision, result: MergeResult, ways_out: dict[str, str]) -> str:
    where = f"Scope {decision.scope_id}" if decision.scope_id else "Server level"
    heading(f"{where}, {decision.object}")
    say(_title(decision.rule))
    say(decision.evidence[:1].upper() + decision.evidence[1:] + ".")
    for place in decision.places:
        say(str(place))
    servers = {"primary": result.settings.primary_server, "secondary": result.settings.secondary_server}
    shown = {name: f"{value}  (on {servers[name]})" if name in servers else value for name, value in decision.alternatives.items()}
    return choose("Choice", shown | ways_out, default=decision.default)


def _title(rule: str) -> str:
    from migrate.checks import PAGES

    titles = {page.ID: (page.__doc__ or "").partition("\n")[0] for page in PAGES}
    return titles.get(rule, rule)


def _decisions(number: int) -> str:
    return f"{number:,} decision{'s' if number != 1 else ''}"
