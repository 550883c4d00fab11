"""Sheet Rules, and the same in the JSON report: every rule once, and what is not known is said."""

from __future__ import annotations

import json
from dataclasses import replace

from report_samples import report

from migrate.checks import PAGES, RuleOutcome, RuleState, Subject, outcomes
from reports.machine import json_text, report_data
from reports.tables import tables
from reports.tables.rules import rules_table


def sample_outcomes() -> tuple[RuleOutcome, ...]:
    made = report()
    return outcomes(Subject(merged=made.result), made.findings)


def test_every_rule_has_a_row() -> None:
    found = sample_outcomes()
    table = rules_table(found)
    headings = [column.heading for column in table.columns]
    rows = [dict(zip(headings, row, strict=True)) for row in table.rows]
    assert sorted(row["Rule"] for row in rows) == sorted(page.ID for page in PAGES)
    assert all(row["What it is about"] for row in rows)
    by_rule = {outcome.rule: outcome for outcome in found}
    for row in rows:
        told = by_rule[row["Rule"]]
        assert (row["Outcome"], row["Findings"] or 0) == (told.state.value, told.findings)
        assert bool(row["Why it is not known"]) == (told.state is RuleState.UNKNOWN)
    order = [row["Outcome"] for row in rows]
    assert order == sorted(order, key=order.index), "outcomes stand together"
    assert order[0] == "found" and "unknown" in order


def test_the_lead_counts_them() -> None:
    found = sample_outcomes()
    passed = [outcome for outcome in found if outcome.state is RuleState.PASSED]
    assert f"{len(passed)} passed" in rules_table(found).lead
    assert "unknown" not in rules_table([replace(outcome, state=RuleState.PASSED) for outcome in found]).lead.partition(".")[0]


def test_the_workbook_has_the_sheet_when_the_outcomes_are_known() -> None:
    made = report()
    without = [table.sheet for table in tables(made.result, made.findings, made.verdict, made.run)]
    with_outcomes = [t.sheet for t in tables(made.result, made.findings, made.verdict, made.run, outcomes=sample_outcomes())]
    assert "Rules" not in without and with_outcomes.count("Rules") == 1


def test_the_json_report_agrees() -> None:
    made, found = report(), sample_outcomes()
    document = json.loads(json_text(report_data(made.result, made.findings, made.verdict, made.run, found)))
    assert [(rule["rule"], rule["outcome"], rule["findings"]) for rule in document["rules"]] == [
        (outcome.rule, outcome.state.value, outcome.findings) for outcome in found
    ]
    assert all((rule["reason"] is not None) == (rule["outcome"] == "unknown") for rule in document["rules"])


def test_renewals_have_a_sheet_where_a_server_may_go_away() -> None:
    single, pair = report(is_pair=False), report()
    [table] = [t for t in tables(single.result, single.findings, single.verdict, single.run) if t.sheet == "Renewals"]
    assert [column.heading for column in table.columns] == ["Hour from", "Begin to renew", "Ask any server", "Still to come"]
    assert all(isinstance(cell, int) for row in table.rows for cell in row)
    assert "Renewals" not in {t.sheet for t in tables(pair.result, pair.findings, pair.verdict, pair.run)}
