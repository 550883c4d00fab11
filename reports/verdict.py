"""The answer of a run, what it was asked, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from migrate.model.decision import Decision
from migrate.model.finding import Finding, Severity

_NEEDS_QUOTES = re.compile(r"[\s&()\[\]{};'|<>,]")


class DryRunState(StrEnum):
    """How the dry run stands to the answer."""

    NOT_RUN = "not run"
    """An audit, or a migration that is not ready anyway."""
    SKIPPED = "skipped"
    """By --no-dry-run."""
    HOLDS = "holds"
    BROKEN = "broken"
    """An invariant did not hold: nothing that could be applied is written."""
    NOTHING_PLAYED = "nothing played"
    """No scope of the plan serves anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`failing` counts the findings at `fail_on` or above; `fail_on` None means that no finding makes the answer a no."""

    failing: int
    open_decisions: int
    fail_on: Severity | None = Severity.BLOCK
    errors: int = 0
    """Findings of severity error or worse, whether they fail or not."""
    left_out: int = 0
    """Scopes that cannot be migrated, and that nobody asked to leave out."""
    dry_run: DryRunState = DryRunState.NOT_RUN
    dry_run_scopes: str = ""
    """How much of the plan was played; empty when nothing was."""

    @classmethod
    def of(
        cls,
        findings: Sequence[Finding],
        decisions: Iterable[Decision],
        fail_on: Severity | None = Severity.BLOCK,
        *,
        left_out: int = 0,
    ) -> Verdict:
        return cls(
            failing=0 if fail_on is None else sum(finding.severity >= fail_on and not finding.waived for finding in findings),
            open_decisions=sum(decision.is_open for decision in decisions),
            fail_on=fail_on,
            errors=sum(finding.severity >= Severity.ERROR and not finding.waived for finding in findings),
            left_out=left_out,
        )

    @property
    def is_ready(self) -> bool:
        return not self.failing and not self.open_decisions and self.dry_run is not DryRunState.BROKEN

    @property
    def exit_status(self) -> int:
        return 0 if self.is_ready else 1

    @property
    def sentence(self) -> str:
        if self.is_ready:
            return (
                f"Ready, but {self._reservation}." if self._reservation else "Ready: nothing stands in the way of this migration."
            )
        reasons = []
        if self.failing and self.fail_on is Severity.BLOCK:
            reasons.append(count_of(self.failing, "blocking finding"))
        elif self.failing and self.fail_on is not None:
            reasons.append(f"{count_of(self.failing, 'finding')} of severity {self.fail_on.word} or worse")
        if self.open_decisions:
            reasons.append(count_of(self.open_decisions, "open decision"))
        if self.dry_run is DryRunState.BROKEN:
            reasons.append("an invariant broken in the dry run")
        return f"Not ready: {' and '.join(reasons)}."

    @property
    def _reservation(self) -> str:
        """What a person should know before relying on a yes; empty when there is nothing."""
        parts = [f"{count_of(self.left_out, 'scope')} cannot be migrated"] if self.left_out else []
        if self.errors:
            parts.append(f"{count_of(self.errors, 'finding')} of severity error {'wants' if self.errors == 1 else 'want'} reading")
        return " and ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    purpose: str
    """What it was given as: primary, secondary, primary leases, decisions, ..."""
    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    command: str
    """audit, migrate, ..."""
    version: str
    arguments: tuple[str, ...] = ()
    """The command line after the program's name, as typed."""
    inputs: tuple[InputFile, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    """Every option in force with its value, defaults included, in the order of the help page. Never a secret."""
    out: str | None = None
    """Folder of the results, for the commands that write one."""
    redacted: bool = False
    """Names are replaced everywhere: the output is to be shown, not applied."""

    @property
    def command_line(self) -> str:
        return command_line(self.arguments or (self.command,))


@dataclass(frozen=True, slots=True)
class NextStep:
    sentence: str
    command: str = ""
    """Empty where the step is not a command of ours."""


def next_step(verdict: Verdict, run: RunRecord) -> NextStep:
    if run.redacted:
        return NextStep("This output is redacted: it can be shown to others, and nothing in it can be applied.")
    if run.command != "migrate" or run.out is None:
        sentence = "Prepare the migration." if verdict.is_ready else "Prepare the migration; it asks for each open decision."
        paths = tuple(file.path for file in run.inputs if file.purpose in ("primary", "secondary"))
        partner = ("--partner", "NAME") if len(paths) == 1 else ()  # one export alone is refused
        return NextStep(sentence, command_line(("migrate", *paths, *partner, "--out", "DIR")))
    if verdict.open_decisions:
        answers = path_in(run.out, "decisions.toml")
        added = () if "--decisions" in run.arguments else ("--decisions", answers)
        forced = () if "--force" in run.arguments else ("--force",)
        return NextStep(f"Fill in each empty choice in {answers}, then run again.", command_line((*run.arguments, *added, *forced)))
    if verdict.dry_run is DryRunState.BROKEN and not verdict.failing:
        return NextStep(
            f"Read the counterexample in {path_in(run.out, 'dry-run.json')}; please report it, with the plan's numbers."
        )
    if not verdict.is_ready:
        return NextStep("Clear what blocks on the servers, export again, then run the same command.", run.command_line)
    return NextStep(
        f"Review {path_in(run.out, 'audit.xlsx')} with whoever approves the change, then rehearse the scripts in "
        f"{path_in(run.out, 'windows')} with -WhatIf."
    )


def command_line(arguments: Iterable[str]) -> str:
    """Words that a shell would split stand in double quotes, which PowerShell, cmd and Unix shells all know."""
    return " ".join(["unsplit", *(f'"{word}"' if _NEEDS_QUOTES.search(word) or not word else word for word in arguments)])


def path_in(folder: str, name: str) -> str:
    separator = "\\" if "\\" in folder and "/" not in folder else "/"
    return folder.rstrip("/\\") + separator + name


def count_of(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
