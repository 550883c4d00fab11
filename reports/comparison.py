"""What `unsplit verify` and `unsplit diff` answer, on the console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as ConsoleTable
from rich.text import Text

from migrate.compare.exports import ExportDifference
from migrate.compare.leases import LeaseComparison, LeaseOutcome
from migrate.compare.servers import Outcome, Unsaid
from migrate.compare.verification import Verification
from migrate.model.finding import Finding
from migrate.model.lease_text import utc_text
from migrate.model.server import ObjectKind, Role, Source
from reports.tables.comparison import (
    LEASE_WORDS,
    LISTED_LEASE_WORDS,
    Names,
    deviations_table,
    differences_table,
    export_tally_table,
    folded,
    lease_facts,
    object_word,
    plan_tally_table,
    replication_table,
    wrong_leases_table,
)
from reports.tables.table import Kind, Table, Value
from reports.text import write_findings
from reports.verdict import count_of
from reports.visible import on_one_line

MAX_ROWS = 20
"""Of a table of what is wrong, unless everything is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The exports that were held against a plan or each other."""

    sources: Mapping[Role, Source]

    @property
    def names(self) -> Names:
        """The servers' own names, or their files where two dates of one server share a name."""
        names = {role: source.server.name for role, source in self.sources.items()}
        if len({name.casefold() for name in names.values()}) == len(names):
            return names
        return {role: source.path for role, source in self.sources.items()}

    @property
    def findings(self) -> list[Finding]:
        found = [finding for source in self.sources.values() for finding in source.findings]
        return sorted(found, key=lambda finding: finding.sort_key)


# -- the answer in a sentence -----------------------------------------------------------------------------------------------------


def verification_sentence(verification: Verification, names: Names) -> str:
    if not verification.is_clean:
        return f"Mismatch: {', '.join(_wrong_words(verification))}."
    if not verification.is_proven:
        return f"Not proven: what could be compared is as planned, but {' and '.join(_gap_words(verification, names))}."
    leases = ", and every lease moved on or is still there" if verification.leases else ""
    return f"Clean: everything planned stands on both partners{leases}."


def _wrong_words(verification: Verification) -> Iterable[str]:
    outcomes = Counter(deviation.outcome for deviation in verification.deviations)
    if outcomes[Outcome.MISSING]:
        yield f"{count_of(outcomes[Outcome.MISSING], 'object')} missing"
    if outcomes[Outcome.DIFFERS]:
        yield f"{count_of(outcomes[Outcome.DIFFERS], 'setting')} not as planned"
    if outcomes[Outcome.EXTRA]:
        yield f"{count_of(outcomes[Outcome.EXTRA], 'object')} not in the plan"
    yield from _lease_words(verification.leases, LEASE_WORDS)


def _lease_words(leases: LeaseComparison | None, words: Mapping[LeaseOutcome, str]) -> Iterable[str]:
    if leases is None:
        return
    counts = leases.counts()
    for outcome in (LeaseOutcome.LOST, LeaseOutcome.ONE_SIDED):
        if counts[outcome]:
            yield f"{count_of(counts[outcome], 'lease')} {words[outcome]}"
    if leases.contested_count:
        yield f"{count_of(leases.contested_count, 'address', 'addresses')} in use for two clients"


def _gap_words(verification: Verification, names: Names) -> Iterable[str]:
    for role in verification.without_leases:
        yield f"the export of {names[role]} holds no lease list"
    for role, unsaid in verification.unsaid.items():
        if unsaid:
            yield f"the export of {names[role]} cannot say {count_of(len(unsaid), 'thing')} that the plan holds"


def difference_sentence(difference: ExportDifference) -> str:
    count = len(difference.configuration.differences)
    words = [count_of(count, "difference")] if count else []
    words += _lease_words(difference.leases, LISTED_LEASE_WORDS)
    if words:
        return f"Not the same: {', '.join(words)}."
    return "The same" + ("." if difference.leases else " (leases not compared).")


# -- on the console ---------------------------------------------------------------------------------------------------------------


def write_verification(console: Console, verification: Verification, compared: Compared, *, verbose: bool = False) -> None:
    names = compared.names
    _write_findings(console, compared.findings, verbose=verbose)
    write_table(console, plan_tally_table(verification))
    _write_if_any(console, deviations_table(verification, names), verbose=verbose)
    _write_if_any(console, replication_table(verification, names), verbose=verbose)
    _write_leases(console, verification.leases, names, LEASE_WORDS, verbose=verbose)
    _write_unsaid(console, verification.unsaid, names)
    if verification.left_out:
        _write_line(console, f"Not compared, left out of the plan: {', '.join(map(str, verification.left_out))}.")
    write_answer(console, verification_sentence(verification, names), good=verification.exit_status == 0)
    _write_steps(console, _verification_steps(verification, names))


def write_difference(console: Console, difference: ExportDifference, compared: Compared, *, verbose: bool = False) -> None:
    names = compared.names
    _write_findings(console, compared.findings, verbose=verbose)
    write_table(console, export_tally_table(difference, names))
    _write_if_any(console, differences_table(difference.configuration.differences, names), verbose=verbose)
    second = {Role.SECONDARY: names[Role.SECONDARY]}
    _write_leases(console, difference.leases, second, LISTED_LEASE_WORDS, verbose=verbose)
    _write_unsaid(console, difference.unsaid, names)
    for role in difference.without_leases:
        _write_line(console, f"Leases are not compared: {names[role]} lists none.")
    write_answer(console, difference_sentence(difference), good=difference.exit_status == 0)


def _verification_steps(verification: Verification, names: Names) -> Iterable[str]:
    drifting = [deviation for deviation, _ in folded(verification.deviations) if not deviation.partners_agree]
    if any(each.kind is ObjectKind.SCOPE and not each.setting for each in drifting):
        yield "A scope that one partner lacks is not in the relationship: add it with Add-DhcpServerv4FailoverScope."
    if any(not each.is_replicated for each in drifting):
        yield "Failover replicates no server level and no superscope: set these on each partner by hand."
    if verification.leases and verification.leases.counts()[LeaseOutcome.LOST]:
        yield (
            f"Leases are judged at {utc_text(verification.as_of_s)}. A client that gave its address back, and whose record is "
            "cleared since, looks lost too; if the exports are newer than this instant, name theirs with --as-of."
        )
    for role in verification.without_leases:
        yield f"{names[role]} lists no leases: export it with -Leases, or compare the --configuration-only."


def write_answer(console: Console, sentence: str, *, good: bool) -> None:
    console.print(Text(on_one_line(sentence), style="bold green" if good else "bold red"), soft_wrap=True)


def _write_steps(console: Console, steps: Iterable[str]) -> None:
    for step in steps:
        _write_line(console, step)


def _write_line(console: Console, text: str) -> None:
    console.print(Text(on_one_line(text)), soft_wrap=True)


def _write_findings(console: Console, findings: Sequence[Finding], *, verbose: bool) -> None:
    if findings:
        write_findings(console, findings, verbose=verbose)


def _write_leases(
    console: Console, leases: LeaseComparison | None, names: Names, words: Mapping[LeaseOutcome, str], *, verbose: bool
) -> None:
    if leases is None:
        return
    write_table(console, lease_facts(leases, words))
    _write_if_any(console, wrong_leases_table(leases, names, words), verbose=verbose)


def _write_unsaid(console: Console, unsaid: Mapping[Role, Sequence[Unsaid]], names: Names) -> None:
    for role, silences in unsaid.items():
        if silences:
            kinds = Counter(object_word(each.kind) for each in silences)
            words = ", ".join(f"{kind} {number:,}" for kind, number in kinds.items())
            _write_line(console, f"The export of {names[role]} cannot say: {words}.")


def _write_if_any(console: Console, table: Table, *, verbose: bool) -> None:
    if table.rows:
        write_table(console, table, most=None if verbose else MAX_ROWS)


def write_table(console: Console, table: Table, most: int | None = None) -> None:
    """Title, lead and rows; at most `most` of them, and how many more there are."""
    console.print(Text(table.title, style="bold"))
    if table.lead:
        _write_line(console, table.lead)
    if not table.rows:
        _write_line(console, table.empty)
    shown = ConsoleTable(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_edge=False, show_header=table.has_headings
    )
    for column in table.columns:
        shown.add_column(on_one_line(column.heading), justify="right" if column.kind is Kind.NUMBER else "left", overflow="fold")
    for row in table.rows[:most]:
        shown.add_row(*(Text(_cell(value)) for value in row))
    console.print(shown)
    if most is not None and len(table.rows) > most:
        _write_line(console, f"and {len(table.rows) - most:,} more (--verbose shows them)")
    console.print()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else on_one_line(value)
