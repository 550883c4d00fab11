"""How the two partners share the work: mode and percentage, with what the checks say to the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from migrate.cli.dialog.questions import ask, choose, confirm, heading, percent, say

if TYPE_CHECKING:
    from migrate.pipeline import Judged

ADVICE = (
    "percentages",
    "one-sided-load-balance",
    "small-standby-reserve",
    "small-policy-range",
    "no-free-address",
    "scope-utilisation",
    "tiny-scope",
)
"""The rules whose findings depend on how addresses are shared, or on how many there are to share."""
MAX_ALIKE = 5
MODES = {
    "load-balance": "both partners answer, each its share of the clients",
    "hot-standby": "the primary answers; the secondary takes over when it is gone, and keeps a few free addresses for that",
}


def ask_relationship(judge: Callable[[Sequence[str]], Judged]) -> list[str]:
    """Options of `unsplit migrate`. `judge` tells what a migration with these options would come to."""
    mode = "load-balance"
    while True:
        heading("How shall the partners work together?")
        mode = choose("Mode", MODES, default=mode)
        words = ["--mode", mode, *_ask_percent(mode)]
        if not _show_advice(judge(words)) or confirm("Keep this mode and percentage?", default=True):
            return words


def _ask_percent(mode: str) -> list[str]:
    if mode == "hot-standby":
        return ["--reserve-percent", str(ask("Percent of the free addresses kept for the secondary", percent, default="5"))]
    return ["--load-balance-percent", str(ask("Percent of the clients that the primary answers", percent, default="50"))]


def _show_advice(judged: Judged) -> bool:
    """Whether there was any, besides the figures."""
    _show_tightest_scope(judged)
    advice = {rule: [finding for finding in judged.findings if finding.rule == rule] for rule in ADVICE}
    for rule, findings in advice.items():
        for finding in findings[:MAX_ALIKE]:
            say(f"{finding.message} {finding.remedy}", f"  {finding.severity.word}: ")
        if findings[MAX_ALIKE:]:
            say(f"{len(findings) - MAX_ALIKE:,} more like these ({rule})")
    return any(advice.values())


def _show_tightest_scope(judged: Judged) -> None:
    """The scope with the least room for new clients, and what of that the secondary may give out by itself."""
    from migrate.checks.subject import Subject, distributable

    subject = Subject(merged=judged.result)
    free = {scope.scope_id: subject.free_addresses(scope) for scope in subject.target_scopes}
    if not free or subject.without_leases or not subject.relationships:
        return
    tightest = min(subject.target_scopes, key=lambda scope: free[scope.scope_id])
    room, size = free[tightest.scope_id], distributable(tightest).address_count
    (relationship, *_) = subject.relationships
    share = relationship.reserve_percent
    if share is None:
        share = 100 - (relationship.load_balance_percent or 0)
    say(
        f"The tightest scope is {tightest.scope_id}: {room:,} of {size:,} addresses are free, "
        f"of which {relationship.secondary_server} keeps about {room * share // 100:,} for itself."
    )
