"""The same findings and figures for programs, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from migrate.checks import RuleOutcome
from migrate.merge.result import MergeResult
from migrate.model.decision import DecidedBy
from migrate.model.finding import Finding, Severity
from migrate.model.ledger import Disposition
from migrate.model.server import Role
from reports.counts import KindCounts, counts_by_kind
from reports.verdict import RunRecord, Verdict, next_step


def findings_json(findings: Sequence[Finding]) -> str:
    """The text of findings.json (design.md section 4), in the order given."""
    return json_text(findings_data(findings))


def json_text(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def findings_data(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "rule": finding.rule,
            "number": finding.number,
            "severity": finding.severity.word,
            "scope_id": None if finding.scope_id is None else str(finding.scope_id),
            "object": finding.object,
            "message": finding.message,
            "remedy": finding.remedy,
            "places": [{"path": place.path, "line": place.line or None} for place in finding.places],
        }
        | ({"waived": finding.waived} if finding.waived else {})
        for finding in findings
    ]


def report_data(
    result: MergeResult,
    findings: Sequence[Finding],
    verdict: Verdict,
    run: RunRecord,
    outcomes: Sequence[RuleOutcome] = (),
) -> dict[str, Any]:
    """The one document of `--format json`; `json_text` writes it."""
    step = next_step(verdict, run)
    by_kind = counts_by_kind(result)
    severities = Counter(finding.severity for finding in findings if not finding.waived)
    return {
        "format": "unsplit-report",
        "version": 1,
        "command": run.command,
        "unsplit": run.version,
        "out": run.out,
        "dry_run": verdict.dry_run.value,
        "verdict": {
            "ready": verdict.is_ready,
            "exit_status": verdict.exit_status,
            "sentence": verdict.sentence,
            "next_step": step.sentence,
            "next_command": step.command or None,
        },
        "totals": [_totals_row(counts, role) for counts in by_kind for role in result.sources],
        "conflicts": {counts.kind.value: counts.conflicts for counts in by_kind if counts.conflicts},
        "decisions": _decision_counts(result),
        "findings_by_severity": {severity.word: severities[severity] for severity in reversed(Severity)},
        "waived": sum(bool(finding.waived) for finding in findings),
        "findings": findings_data(findings),
        "rules": [_rule_data(outcome) for outcome in outcomes],
    }


def _rule_data(outcome: RuleOutcome) -> dict[str, Any]:
    return {
        "rule": outcome.rule,
        "number": outcome.number,
        "severity": outcome.severity.word,
        "outcome": outcome.state.value,
        "findings": outcome.findings,
        "reason": outcome.reason or None,
    }


def _totals_row(counts: KindCounts, role: Role) -> dict[str, Any]:
    row = {"source": role.value, "kind": counts.kind.value, "read": counts.read[role]}
    return row | {disposition.value: counts.dispositions[role].get(disposition, 0) for disposition in Disposition}


def _decision_counts(result: MergeResult) -> dict[str, int]:
    counts = Counter(decision.decided_by for decision in result.decisions if not decision.is_open)
    by = {word.value: counts[word] for word in DecidedBy if word is not DecidedBy.OPEN}
    return {"total": len(result.decisions), "open": len(result.open_decisions)} | by
