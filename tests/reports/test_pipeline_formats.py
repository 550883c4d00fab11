"""SARIF and JUnit: their structure, and that no text from the inputs can break it."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.checks import PAGES, RuleOutcome, RuleState
from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin
from reports.junit import junit_text
from reports.sarif import sarif_data, sarif_text
from reports.verdict import RunRecord, Verdict

RUN = RunRecord(command="audit", version="1.2.3")
HOSTILE = st.text(st.characters(codec=None) | st.sampled_from(list("<>&\"'[](){}\\\n\t\x00\x1b\ud800\u202e")), max_size=20)
RULES = st.sampled_from([page.ID for page in PAGES] + ["no-page"])
FINDINGS = st.lists(
    st.builds(
        Finding,
        rule=RULES,
        severity=st.sampled_from(Severity),
        object=HOSTILE,
        message=HOSTILE,
        remedy=HOSTILE,
        waived=st.just("") | HOSTILE,
        scope_id=st.none() | st.just(IPv4Address("10.20.0.0")),
        places=st.lists(st.builds(Origin, path=HOSTILE.filter(bool), line=st.integers(0, 99)), max_size=3).map(tuple),
    ),
    max_size=5,
)


def finding(**more: Any) -> Finding:
    given = {
        "rule": "overlapping-pools",
        "severity": Severity.BLOCK,
        "object": "10.20.0.100 - 10.20.0.109",
        "message": "Both servers hand them out.",
        "remedy": "Decide.",
        "scope_id": IPv4Address("10.20.0.0"),
        "places": (Origin("exports/dhcp 01.xml", 412), Origin("exports/dhcp02.xml")),
    }
    return Finding(**given | more)


def outcome(rule: str, state: RuleState, reason: str = "") -> RuleOutcome:
    return RuleOutcome(rule=rule, number=None, severity=Severity.WARNING, looks_at="pair", state=state, reason=reason)


# --- SARIF


def check_sarif(log: dict[str, Any]) -> None:
    """The parts of the SARIF 2.1.0 schema that we use, by hand."""
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] and driver["version"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        for part in ("shortDescription", "fullDescription", "help"):
            assert len(rule[part]["text"]) > 10, rule["id"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        assert set(result) <= {
            *("ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "partialFingerprints"),
            *("properties", "suppressions"),
        }
        if "ruleIndex" in result:
            assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert isinstance(result["message"]["text"], str) and result["message"]["text"]
        assert len(result["locations"]) == 1
        for location in (*result["locations"], *result.get("relatedLocations", ())):
            check_location(location)
        for suppression in result.get("suppressions", ()):
            assert suppression["kind"] == "external" and suppression["status"] == "accepted" and suppression["justification"]


def check_location(location: dict[str, Any]) -> None:
    assert location.keys() <= {"physicalLocation", "logicalLocations"} and location
    physical = location.get("physicalLocation")
    if physical:
        uri = physical["artifactLocation"]["uri"]
        assert uri.isascii() and not set(uri) & set(' <>"{}|\\^`')
        assert urlsplit(uri).scheme in ("", "file")
        if "region" in physical:
            assert physical["region"]["startLine"] >= 1


@given(FINDINGS)
def test_sarif_is_well_formed_whatever_the_names(findings: list[Finding]) -> None:
    text = sarif_text(findings, RUN)
    text.encode("utf-8")
    log = json.loads(text)
    check_sarif(log)
    results = log["runs"][0]["results"]
    assert [(r["ruleId"], bool(r.get("suppressions"))) for r in results] == [(f.rule, bool(f.waived)) for f in findings]
    prints = [tuple(result["partialFingerprints"].items()) for result in results]
    assert len(set(prints)) == len(prints)


def test_a_result_in_full() -> None:
    [result] = sarif_data([finding()], RUN)["runs"][0]["results"]
    assert result == {
        "ruleId": "overlapping-pools",
        "ruleIndex": [page.ID for page in PAGES].index("overlapping-pools"),
        "level": "error",
        "message": {"text": "Both servers hand them out. Decide."},
        "locations": [
            {
                "logicalLocations": [{"fullyQualifiedName": "10.20.0.0/10.20.0.100 - 10.20.0.109"}],
                "physicalLocation": {"artifactLocation": {"uri": "exports/dhcp%2001.xml"}, "region": {"startLine": 412}},
            }
        ],
        "relatedLocations": [{"physicalLocation": {"artifactLocation": {"uri": "exports/dhcp02.xml"}}}],
        "partialFingerprints": result["partialFingerprints"],
        "properties": {"severity": "block"},
    }


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b.xml", "a%20b.xml"),
        ("/srv/dhcp/ä.xml", "file:///srv/dhcp/%C3%A4.xml"),
        ("C:\\exports\\dhcp 01.xml", "file:///C:/exports/dhcp%2001.xml"),
        ("\\\\filer\\share\\a.xml", "file://filer/share/a.xml"),
        ("http:evil", "http%3Aevil"),
        ("bad\udcff.xml", "bad%FF.xml"),
        ("a\\b.xml", "a%5Cb.xml"),
    ],
)
def test_paths_become_uris(path: str, uri: str) -> None:
    [result] = sarif_data([finding(places=(Origin(path),))], RUN)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri
    assert "dhcp" not in path or "dhcp" in unquote(uri)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("scope {0}", "scope {{0}}"),
        ("see [here](http://x)", "see \\[here\\](http://x)"),
        ("a [b] c", "a [b] c"),
        ("up\x1b[2J", "up<U+001B>[2J"),
    ],
)
def test_messages_hold_no_placeholders_links_or_control_characters(message: str, text: str) -> None:
    [result] = sarif_data([finding(message=message, remedy="")], RUN)["runs"][0]["results"]
    assert result["message"]["text"].strip() == text


def test_fingerprints_follow_the_thing_and_not_its_line() -> None:
    moved = finding(message="Other words.", places=(Origin("exports/dhcp 01.xml", 999),))
    prints = [
        sarif_data([one], RUN)["runs"][0]["results"][0]["partialFingerprints"] for one in (finding(), moved, finding(object="x"))
    ]
    assert prints[0] == prints[1] != prints[2]


# --- JUnit


@given(FINDINGS, st.none() | st.sampled_from(Severity), st.integers(0, 2))
def test_junit_is_well_formed_and_comes_to_the_verdict(findings: list[Finding], fail_on: Severity | None, undecided: int) -> None:
    verdict = Verdict(failing=sum(fails(f, fail_on) for f in findings), open_decisions=undecided, fail_on=fail_on)
    outcomes = [outcome(page.ID, RuleState.PASSED) for page in PAGES]
    text = junit_text(findings, outcomes, verdict)
    root = ElementTree.fromstring(text.encode("utf-8"))
    check_counts(root)
    for suite in root:
        check_counts(suite)
        names = [case.get("name") for case in suite]
        assert len(set(names)) == len(names)
    assert (root.get("failures") == "0") == verdict.is_ready
    assert len(root.findall(".//failure[@type='open']")) == bool(undecided)
    assert len(root.findall(".//failure")) == verdict.failing + bool(undecided)
    assert {suite.get("name") for suite in root} == {page.ID for page in PAGES} | {f.rule for f in findings} | (
        {"decisions"} if undecided else set()
    )


def fails(found: Finding, fail_on: Severity | None) -> bool:
    return fail_on is not None and found.severity >= fail_on and not found.waived


def check_counts(element: ElementTree.Element) -> None:
    cases = list(element.iter("testcase"))
    assert int(element.get("tests", "")) == len(cases) > 0
    for kind, tag in (("failures", "failure"), ("skipped", "skipped")):
        assert int(element.get(kind, "")) == sum(case.find(tag) is not None for case in cases)
    assert element.get("errors") == "0"


def test_junit_in_full() -> None:
    outcomes = [
        outcome("overlapping-pools", RuleState.FOUND),
        outcome("relay-targets", RuleState.UNKNOWN, "no export lists relays"),
        outcome("clock-difference", RuleState.NIGHT),
        outcome("mclt-zero", RuleState.PASSED),
    ]
    waived = finding(object="10.21.0.0", severity=Severity.WARNING, waived="change <4711>")
    verdict = Verdict(failing=1, open_decisions=0)
    assert (
        junit_text([finding(), waived], outcomes, verdict)
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="unsplit audit" tests="5" failures="1" errors="0" skipped="3">
  <testsuite name="overlapping-pools" tests="2" failures="1" errors="0" skipped="1">
    <testcase classname="unsplit.overlapping-pools" name="10.20.0.0 10.20.0.100 - 10.20.0.109" time="0">
      <failure type="block" message="Both servers hand them out.">Both servers hand them out.
Decide.
at exports/dhcp 01.xml:412
at exports/dhcp02.xml</failure>
    </testcase>
    <testcase classname="unsplit.overlapping-pools" name="10.20.0.0 10.21.0.0" time="0">
      <skipped message="waived: change &lt;4711&gt;" />
    </testcase>
  </testsuite>
  <testsuite name="relay-targets" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="unsplit.relay-targets" name="relay-targets" time="0">
      <skipped message="unknown: no export lists relays" />
    </testcase>
  </testsuite>
  <testsuite name="clock-difference" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="unsplit.clock-difference" name="clock-difference" time="0">
      <skipped message="checked on the night" />
    </testcase>
  </testsuite>
  <testsuite name="mclt-zero" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="unsplit.mclt-zero" name="mclt-zero" time="0" />
  </testsuite>
</testsuites>
"""
    )
