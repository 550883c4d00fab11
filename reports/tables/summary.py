"""The cover: the answer, the figures behind it, the relationship to be made, and where to read on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from migrate.merge.result import MergeResult
from migrate.model.decision import DecidedBy
from migrate.model.finding import Finding, Severity
from migrate.model.lease_text import utc_text
from migrate.model.ledger import Disposition
from migrate.model.relationship import FailoverRelationship
from migrate.model.timespan import format_timespan
from reports.counts import KIND_WORDS, counts_by_kind
from reports.tables.table import Column, Kind, Table, Tone, Value, facts
from reports.tables.words import role_heading
from reports.verdict import RunRecord, Verdict, count_of, next_step

SHEET = "Summary"


def summary_tables(result: MergeResult, findings: Sequence[Finding], verdict: Verdict, run: RunRecord) -> tuple[Table, ...]:
    return (_verdict(result, findings, verdict, run), _figures(result), _relationships(result.target.relationships))


def _verdict(result: MergeResult, findings: Sequence[Finding], verdict: Verdict, run: RunRecord) -> Table:
    step = next_step(verdict, run)
    rows: list[tuple[str, Value]] = [
        ("Next step", step.sentence),
        ("Next command", step.command),
        ("Findings", _by_severity(findings)),
        ("Decisions", _by_decider(result)),
        *((role_heading(result, role).capitalize(), source.path) for role, source in result.sources.items()),
        ("Leases judged at", utc_text(result.settings.as_of_s)),
        ("Strategy", result.target.strategy.value),
        ("Made by", f"unsplit {run.version}, {run.command_line}"),
    ]
    tone = Tone.GOOD if verdict.is_ready else Tone.BAD
    return facts(SHEET, "Migration to DHCP failover", [row for row in rows if row[1]], verdict.sentence, tone)


def _by_severity(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings if not finding.waived)
    words = [f"{counts[s]:,} {s.word}" for s in reversed(Severity) if counts[s]]
    waived = sum(bool(finding.waived) for finding in findings)
    return ", ".join([*words, f"{waived:,} waived"] if waived else words) or "none"


def _by_decider(result: MergeResult) -> str:
    if not result.decisions:
        return "none needed"
    counts = Counter(decision.decided_by for decision in result.decisions)
    words = {
        DecidedBy.OPEN: "open",
        DecidedBy.DEFAULT: "settled by default",
        DecidedBy.PREFER: "by --prefer",
        DecidedBy.PERSON: "by a person",
    }
    return ", ".join(f"{counts[by]:,} {word}" for by, word in words.items() if counts[by])


_ALWAYS_SHOWN = (Disposition.KEPT, Disposition.JOINED, Disposition.DISSOLVED, Disposition.DROPPED)


def _figures(result: MergeResult) -> Table:
    by_kind = counts_by_kind(result)
    shown = [d for d in Disposition if d in _ALWAYS_SHOWN or any(counts.became(d) for counts in by_kind)]
    columns = (
        Column("Kind"),
        *(Column(f"Read, {role_heading(result, role)}", Kind.NUMBER, 14) for role in result.sources),
        *(Column(disposition.value.capitalize(), Kind.NUMBER, 14) for disposition in shown),
        Column("Conflicts", Kind.NUMBER, 14),
        Column("In the target", Kind.NUMBER, 14),
    )
    rows = [
        (
            KIND_WORDS[counts.kind],
            *counts.read.values(),
            *(counts.became(disposition) for disposition in shown),
            counts.conflicts,
            counts.in_target,
        )
        for counts in by_kind
    ]
    lead = "Every object read is in exactly one of the columns between Read and Conflicts; sheet Ledger says which and why."
    return Table(sheet=SHEET, title="What was read, and what became of it", lead=lead, columns=columns, rows=rows)


def _relationships(relationships: tuple[FailoverRelationship, ...]) -> Table:
    columns = (
        Column("Relationship"),
        Column("Mode", max_width=14),
        Column("Primary", max_width=20),
        Column("Secondary", max_width=20),
        Column("Load balance", Kind.PERCENT, 12, is_optional=True),
        Column("Reserve", Kind.PERCENT, 12, is_optional=True),
        Column("MCLT", max_width=12),
        Column("State switch", max_width=14),
        Column("Scopes", Kind.NUMBER, 10),
    )
    rows = [
        (
            relationship.name,
            relationship.mode.value,
            relationship.primary_server,
            relationship.secondary_server,
            relationship.load_balance_percent,
            relationship.reserve_percent,
            format_timespan(relationship.max_client_lead_time),
            _state_switch(relationship),
            len(relationship.scope_ids),
        )
        for relationship in relationships
    ]
    return Table(
        sheet=SHEET,
        title="Failover relationships",
        columns=columns,
        rows=rows,
        empty="No scope is left to put into a relationship.",
    )


def _state_switch(relationship: FailoverRelationship) -> str:
    if not relationship.auto_state_transition or relationship.state_switch_interval is None:
        return "never by itself"
    return "after " + format_timespan(relationship.state_switch_interval)


def contents_table(sheets: Sequence[Table]) -> Table:
    rows: dict[str, tuple[Value, ...]] = {}
    for table in sheets:
        size = count_of(len(table.rows), "row") if table.rows else table.empty
        rows.setdefault(table.sheet, (table.sheet, size if table.title == table.sheet else f"{table.title}: {size}"))
    columns = (Column("Sheet", Kind.SHEET), Column("Holds"))
    return Table(sheet=SHEET, title="In this workbook", columns=columns, rows=tuple(rows.values()), has_headings=False)
