"""The only place that decides what the workbook says; the order of the tables is the order of its sheets."""

from __future__ import annotations

from collections.abc import Sequence

from migrate.checks import RuleOutcome
from migrate.merge.result import MergeResult
from migrate.model.finding import Finding
from migrate.simulate.dry_run import DryRun
from reports.tables.capacity import capacity_table
from reports.tables.classes import classes_and_policies_table
from reports.tables.clients import lease_conflicts_table, leases_table, reservations_table
from reports.tables.drills import dry_run_tables
from reports.tables.ledger import ledger_table, ledger_totals_table, sources_tables
from reports.tables.options import options_table
from reports.tables.questions import decisions_table, findings_table
from reports.tables.renewals import renewals_tables
from reports.tables.rules import rules_table
from reports.tables.scopes import ranges_table, scopes_table
from reports.tables.summary import contents_table, summary_tables
from reports.tables.table import Column, Kind, Table, Value
from reports.tables.words import Places
from reports.verdict import RunRecord, Verdict

WORKBOOK_LEASES = 100_000
"""Rows of leases, and of the ledger, that the workbook carries unless told otherwise."""

__all__ = ["WORKBOOK_LEASES", "Column", "Kind", "Table", "Value", "tables"]


def tables(
    result: MergeResult,
    findings: Sequence[Finding],
    verdict: Verdict,
    run: RunRecord,
    workbook_leases: int = WORKBOOK_LEASES,
    outcomes: Sequence[RuleOutcome] = (),
    dry_run: DryRun | None = None,
) -> tuple[Table, ...]:
    places = Places(result.sources.values())
    sheets = (
        findings_table(findings, places),
        decisions_table(result.decisions, places),
        scopes_table(result),
        capacity_table(result),
        ranges_table(result, places),
        reservations_table(result),
        lease_conflicts_table(result),
        *renewals_tables(result),
        options_table(result),
        classes_and_policies_table(result),
        *(dry_run_tables(dry_run) if dry_run else ()),
        leases_table(result, workbook_leases),
        ledger_totals_table(result),
        ledger_table(result, workbook_leases),
        *((rules_table(outcomes),) if outcomes else ()),
        *sources_tables(result, run),
    )
    return (*summary_tables(result, findings, verdict, run), contents_table(sheets), *sheets)
