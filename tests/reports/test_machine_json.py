"""The JSON documents carry everything that the texts say."""

from __future__ import annotations

import json

from report_samples import report, sample_findings

from reports.machine import findings_data, findings_json, json_text, report_data


def test_a_finding_has_every_field_of_the_contract() -> None:
    first, *_, last = findings_data(sample_findings())
    assert first == {
        "rule": "overlapping-pools",
        "number": "WF-020",
        "severity": "block",
        "scope_id": "10.1.0.0",
        "object": "10.1.0.0",
        "message": "Scope 10.1.0.0: both servers hand out 10.1.0.101 - 10.1.0.110; 3 leases of two clients stand there.",
        "remedy": "Decide in decisions.toml, or align the exclusions and export again.",
        "places": [{"path": "primary.xml", "line": 412}, {"path": "secondary.xml", "line": 88}],
    }
    assert last.keys() == first.keys()
    assert last["places"] == []


def test_the_report_is_json_and_agrees_with_itself() -> None:
    made = report()
    document = json.loads(json_text(report_data(made.result, made.findings, made.verdict, made.run)))
    assert document["verdict"]["exit_status"] == 1
    assert document["verdict"]["sentence"] == made.verdict.sentence
    assert document["decisions"] == {"total": 2, "open": 1, "default": 1, "prefer": 0, "person": 0}
    assert document["findings_by_severity"] == {"block": 1, "error": 1, "warning": 1, "info": 4}
    assert sum(document["findings_by_severity"].values()) == len(document["findings"])
    for row in document["totals"]:
        became = sum(value for key, value in row.items() if key not in ("source", "kind", "read"))
        assert became == row["read"], row
    assert document["conflicts"] == {"scope": 1, "lease": 2}


def test_totals_stand_for_every_kind_and_source() -> None:
    made = report()
    totals = report_data(made.result, made.findings, made.verdict, made.run)["totals"]
    assert [(row["kind"], row["source"]) for row in totals] == [
        ("scope", "primary"),
        ("scope", "secondary"),
        ("reservation", "primary"),
        ("reservation", "secondary"),
        ("lease", "primary"),
        ("lease", "secondary"),
    ]


def test_the_file_of_findings_is_the_data_as_readable_text() -> None:
    findings = sample_findings("Büro")
    text = findings_json(findings)
    assert json.loads(text) == findings_data(findings)
    assert text.endswith("]\n")
    assert "Büro" in text
