"""Results on the console: a table of kinds, findings by severity, the verdict, the next command.

On a terminal it has colour and fits the window; piped, it is plain aligned text of any width. Text from the inputs cannot
move the cursor or carry markup.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from migrate.merge.result import MergeResult
from migrate.model.finding import Finding, Severity
from migrate.model.lease_text import utc_text
from migrate.model.ledger import Disposition
from reports.counts import KIND_WORDS, KindCounts, counts_by_kind
from reports.verdict import RunRecord, Verdict, count_of, next_step
from reports.visible import on_one_line

PLAIN_WIDTH = 1_000_000
"""Of piped output: nothing is wrapped or cut."""
MAX_PLACES = 4
MAX_ALIKE = 3
"""Findings of one rule that are shown in full."""
STYLES = {Severity.BLOCK: "bold white on red", Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_ALWAYS_SHOWN = (Disposition.KEPT, Disposition.JOINED, Disposition.DISSOLVED, Disposition.DROPPED)


def render_text(
    result: MergeResult, findings: Sequence[Finding], verdict: Verdict, run: RunRecord, *, verbose: bool = False
) -> str:
    """As it is piped: no colour, no wrapping."""
    stream = io.StringIO()
    write_text(plain_console(stream), result, findings, verdict, run, verbose=verbose)
    return stream.getvalue()


def plain_console(stream: io.TextIOBase) -> Console:
    return Console(file=stream, width=PLAIN_WIDTH, force_terminal=False, color_system=None, legacy_windows=False)  # type: ignore[arg-type]


def write_text(
    console: Console,
    result: MergeResult,
    findings: Sequence[Finding],
    verdict: Verdict,
    run: RunRecord,
    *,
    verbose: bool = False,
) -> None:
    write_counts(console, counts_by_kind(result))
    _print(console, Text(f"\nLeases are judged at {utc_text(result.settings.as_of_s)}.", style="dim"))
    console.print()
    write_findings(console, findings, verbose=verbose)
    write_verdict(console, verdict, run)


def write_counts(console: Console, by_kind: Sequence[KindCounts]) -> None:
    """What was read on all servers together, and what became of it; rarer outcomes have a column when there are any."""
    shown = [d for d in Disposition if d in _ALWAYS_SHOWN or any(counts.became(d) for counts in by_kind)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    table.add_column("", overflow="ellipsis", min_width=8)
    for heading in ("read", *(disposition.value for disposition in shown), "conflicts"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=len(heading))
    for counts in by_kind:
        numbers = (counts.total_read, *(counts.became(disposition) for disposition in shown))
        conflicts = Text(_number(counts.conflicts), style="bold yellow" if counts.conflicts else "dim")
        table.add_row(KIND_WORDS[counts.kind], *map(_figure, numbers), conflicts)
    console.print(table)


def write_findings(console: Console, findings: Sequence[Finding], *, verbose: bool = False) -> None:
    """Worst first. Unless `verbose`, only the first few of a rule are shown; infos and what is waived are only counted."""
    by_rule: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: finding.sort_key):
        by_rule.setdefault((finding.severity, finding.rule), []).append(finding)
    infos, waived = [], []
    for (severity, rule), found in by_rule.items():
        alike = found if verbose else [finding for finding in found if not finding.waived]
        if len(alike) < len(found):
            waived.append(_counted(rule, len(found) - len(alike)))
        if severity is Severity.INFO and not verbose:
            infos += [_counted(rule, len(alike))] if alike else []
            continue
        shown = len(alike) if verbose else MAX_ALIKE
        for finding in alike[:shown]:
            _write_finding(console, finding)
        if alike[shown:]:
            _print(console, Text(f"{severity.word}: {rule}: {len(alike) - shown:,} more like these (--verbose shows them)"))
            console.print()
    for word, rules in (("info", infos), ("waived", waived)):
        if rules:
            line = f": {', '.join(rules)} (--verbose shows {'them' if len(rules) > 1 else 'it'})"
            _print(console, Text.assemble((word, STYLES[Severity.INFO]), line))
            console.print()


def _counted(rule: str, number: int) -> str:
    return f"{rule} {number:,}" if number > 1 else rule


def _write_finding(console: Console, finding: Finding) -> None:
    _print(console, Text.assemble((finding.severity.word, STYLES[finding.severity]), f": {finding.rule}"))
    waived = f"waived: {finding.waived}" if finding.waived else ""
    for label, text in (("", finding.message), ("at", places_line(finding)), ("hint", waived or finding.remedy)):
        if text:
            _print_indented(console, label, text)
    console.print()


def places_line(finding: Finding) -> str:
    places = ", ".join(map(str, finding.places[:MAX_PLACES]))
    more = len(finding.places) - MAX_PLACES
    return f"{places} and {count_of(more, 'other place')}" if more > 0 else places


def write_verdict(console: Console, verdict: Verdict, run: RunRecord) -> None:
    _print(console, Text(verdict.sentence, style="bold green" if verdict.is_ready else "bold red"))
    if run.command == "migrate":
        played = f" ({verdict.dry_run_scopes} played)" if verdict.dry_run_scopes else ""
        _print(console, Text(f"Dry run: {verdict.dry_run}{played}."))
    step = next_step(verdict, run)
    _print(console, Text(on_one_line(step.sentence)))
    if step.command:
        console.print(Text("  " + on_one_line(step.command)), soft_wrap=True)  # in one piece, for copying


def _print(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=console.width >= PLAIN_WIDTH)


def _print_indented(console: Console, label: str, text: str) -> None:
    """Two columns in, behind a label six wide when there is one; wrapped lines stay under their first."""
    lead = f"  {label:<6}" if label else "  "
    width = max(20, console.width - len(lead))
    for number, line in enumerate(textwrap.wrap(on_one_line(text), width, break_on_hyphens=False)):
        _print(console, Text.assemble((" " * len(lead) if number else lead, "dim"), line))


def _figure(number: int) -> Text:
    return Text(_number(number), style="" if number else "dim")


def _number(number: int) -> str:
    return f"{number:,}" if number else "-"
