"""What a person has to look at: findings, and the decisions with their alternatives."""

from __future__ import annotations

from collections.abc import Sequence

from migrate.model.decision import DecidedBy, Decision
from migrate.model.finding import Finding
from reports.tables.table import Column, Kind, Table
from reports.tables.words import Places


def findings_table(findings: Sequence[Finding], places: Places) -> Table:
    columns = (
        Column("Severity", Kind.SEVERITY),
        Column("Rule", max_width=28),
        Column("Number", is_optional=True),
        Column("Scope", Kind.ADDRESS),
        Column("Object", max_width=26),
        Column("What was found", max_width=60),
        Column("What to do", max_width=44),
        Column("Waived because", max_width=30, is_optional=True),
        Column("Where", max_width=28, is_optional=True),
    )
    rows = [
        (
            finding.severity.word,
            finding.rule,
            finding.number,
            _scope(finding),
            finding.object,
            finding.message,
            finding.remedy,
            finding.waived,
            places.text(finding.places),
        )
        for finding in findings
    ]
    return Table(
        sheet="Findings",
        title="Findings",
        lead="Worst first. A block stops the migration until it is cleared or decided; `unsplit explain RULE` tells more.",
        columns=columns,
        rows=rows,
        empty="Nothing was found.",
        fixed_columns=2,
    )


def _scope(subject: Finding | Decision) -> str | None:
    return None if subject.scope_id is None else str(subject.scope_id)


def decisions_table(decisions: Sequence[Decision], places: Places) -> Table:
    columns = (
        Column("Choice", max_width=16),
        Column("Decided by", max_width=14),
        Column("Rule", max_width=28),
        Column("Scope", Kind.ADDRESS),
        Column("Object", max_width=26),
        Column("Alternatives", max_width=48),
        Column("Default", max_width=14),
        Column("What speaks for it", max_width=36),
        Column("Where", max_width=28, is_optional=True),
        Column("Decision id", Kind.DECISION, 36),
    )
    rows = [
        (
            decision.choice or "open",
            "nobody yet" if decision.decided_by is DecidedBy.OPEN else decision.decided_by.value,
            decision.rule,
            _scope(decision),
            decision.object,
            "\n".join(f"{choice}: {meaning}" for choice, meaning in decision.alternatives.items()),
            decision.default or "none is safe",
            decision.evidence,
            places.text(decision.places),
            decision.id,
        )
        for decision in sorted(decisions, key=lambda decision: not decision.is_open)
    ]
    return Table(
        sheet="Decisions",
        title="Decisions",
        lead="Open ones first. Change one by editing its choice in decisions.toml and passing the file back with --decisions.",
        columns=columns,
        rows=rows,
        empty="The two servers agree; nothing had to be decided.",
        fixed_columns=1,
    )
