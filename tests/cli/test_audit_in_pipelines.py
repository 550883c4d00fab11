"""What a build pipeline asks of `audit`: waivers, SARIF, JUnit; and what no export tells: scopes in failover already."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from commands import Unsplit

STORY = Path(__file__).parents[2] / "samples" / "split-80-20" / "source"
PAIR = (STORY / "dhcp01.xml", STORY / "dhcp02.xml")


def waivers_for(findings: list[dict], until: str) -> str:
    """Only JSON's escapes are used, which TOML shares."""
    tables = [
        f"[[waiver]]\nrule = {json.dumps(f['rule'])}\nobject = {json.dumps(f['object'])}\nreason = 'known'\nuntil = {until}\n"
        for f in findings
    ]
    return "\n".join(tables)


def test_waived_warnings_no_longer_fail(unsplit: Unsplit, tmp_path: Path) -> None:
    strict = ("--fail-on", "warning", "--format", "json", "--as-of", "2026-11-20")
    found = json.loads(unsplit("audit", *PAIR, *strict).stdout)["findings"]
    failing = [finding for finding in found if finding["severity"] != "info"]
    assert failing
    path = tmp_path / "waivers.toml"
    for until, status in (("2026-11-20", 0), ("2026-11-19", 1)):
        path.write_text(waivers_for(failing, until), "utf-8")
        run = unsplit("audit", *PAIR, *strict, "--waivers", path, "--out", tmp_path / until)
        assert run.status == status
        report = json.loads(run.stdout)
        kept = json.loads((tmp_path / until / "findings.json").read_text("utf-8"))
        assert kept == report["findings"]
        waived = [finding for finding in kept if finding.get("waived") == "known"]
        assert report["waived"] == len(waived) == (len(failing) if status == 0 else 0)
        assert [f["rule"] for f in kept if f["rule"].startswith("waiver-")] == (
            [] if status == 0 else ["waiver-expired"] * len(failing)
        )


def test_the_console_counts_what_is_waived(unsplit: Unsplit, tmp_path: Path) -> None:
    found = json.loads(unsplit("audit", *PAIR, "--format", "json").stdout)["findings"]
    first = next(finding for finding in found if finding["severity"] == "warning")
    (tmp_path / "w.toml").write_text(waivers_for([first], "2099-01-01"), "utf-8")
    quiet = unsplit("audit", *PAIR, "--waivers", tmp_path / "w.toml").stdout
    assert f"waived: {first['rule']}" in quiet and first["message"] not in quiet
    full = unsplit("audit", *PAIR, "--waivers", tmp_path / "w.toml", "--verbose").stdout
    assert first["message"] in full and "waived: known" in full


def test_a_bad_waivers_file_is_an_input_error(unsplit: Unsplit, tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("[[waiver]]\nrule = 'offer-delay'\n", "utf-8")
    run = unsplit("audit", *PAIR, "--waivers", tmp_path / "w.toml")
    assert run.status == 2 and "unreadable-waivers" in run.stderr


def test_sarif_and_junit_agree_with_the_findings(unsplit: Unsplit, tmp_path: Path) -> None:
    sarif, junit = tmp_path / "a.sarif", tmp_path / "a.xml"
    run = unsplit("audit", *PAIR, "--fail-on", "warning", "--format", "json", "--sarif", sarif, "--junit", junit)
    report = json.loads(run.stdout)
    results = json.loads(sarif.read_text("utf-8"))["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == [finding["rule"] for finding in report["findings"]]
    suites = ElementTree.parse(junit).getroot()
    failing = [finding for finding in report["findings"] if finding["severity"] != "info"]
    assert int(suites.get("failures", "")) == len(failing) > 0 and run.status == 1
    assert len(report["rules"]) == len({suite.get("name") for suite in suites})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.sarif", "a.xml"]


def test_a_file_that_cannot_be_written_leaves_the_former_one(unsplit: Unsplit, tmp_path: Path) -> None:
    run = unsplit("audit", *PAIR, "--sarif", tmp_path / "no such folder" / "a.sarif")
    assert (run.status, run.stdout) == (2, "") and "cannot-write" in run.stderr


def test_a_scope_in_failover_already_is_left_out(unsplit: Unsplit, tmp_path: Path) -> None:
    scope = "10.20.8.0"
    run = unsplit("migrate", *PAIR, "--out", tmp_path / "out", "--already-in-failover", scope, "--format", "json")
    assert run.status == 0
    plan = json.loads((tmp_path / "out" / "plan.json").read_text("utf-8"))
    assert scope not in [one["scope_id"] for one in plan["scopes"]] and plan["scopes"]
    findings = json.loads(run.stdout)["findings"]
    [told] = [finding for finding in findings if finding["rule"] == "already-in-failover"]
    assert (told["severity"], told["scope_id"]) == ("info", scope)
    ledger = (tmp_path / "out" / "ledger.csv").read_text("utf-8-sig")
    assert "in a failover relationship already" in ledger


def test_a_scope_that_is_nowhere_is_refused(unsplit: Unsplit) -> None:
    run = unsplit("audit", *PAIR, "--already-in-failover", "192.0.2.0")
    assert run.status == 2 and "unknown-scope" in run.stderr
