"""The audit as JUnit XML, for build servers: a suite for each rule, a case for each finding.

A case fails when its finding is at or above `--fail-on` and not waived, so that the build server comes to the answer of the exit
status. What is below is a case that passes and says so; what nobody could judge is skipped with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree

from migrate.checks import RuleOutcome, RuleState
from migrate.model.finding import Finding
from reports.verdict import Verdict
from reports.visible import on_one_line, visible


def junit_text(findings: Sequence[Finding], outcomes: Sequence[RuleOutcome], verdict: Verdict) -> str:
    """Suites in the order of the rules, cases in the order of the findings. The same findings give the same octets."""
    by_rule: dict[str, list[Finding]] = {outcome.rule: [] for outcome in outcomes}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    states = {outcome.rule: outcome for outcome in outcomes}
    root = ElementTree.Element("testsuites", name="unsplit audit")
    for rule, found in by_rule.items():
        root.append(_suite(rule, states.get(rule), found, verdict))
    _count(root, list(root.iter("testcase")))
    if verdict.open_decisions:
        root.append(_decisions(verdict))
        _count(root, list(root.iter("testcase")))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(rule: str, outcome: RuleOutcome | None, found: Sequence[Finding], verdict: Verdict) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=rule)
    cases = list(_cases(rule, found, verdict)) if found else [_case_without_finding(rule, outcome)]
    suite.extend(cases)
    _count(suite, cases)
    return suite


def _cases(rule: str, found: Iterable[Finding], verdict: Verdict) -> Iterator[ElementTree.Element]:
    names: Counter[str] = Counter()
    for finding in found:
        name = on_one_line(f"{finding.scope_id} {finding.object}" if finding.scope_id else finding.object)
        names[name] += 1
        case = _case(rule, name if names[name] == 1 else f"{name} ({names[name]})")
        if finding.waived:
            ElementTree.SubElement(case, "skipped", message=on_one_line(f"waived: {finding.waived}"))
        elif verdict.fail_on is not None and finding.severity >= verdict.fail_on:
            failure = ElementTree.SubElement(case, "failure", type=finding.severity.word, message=on_one_line(finding.message))
            failure.text = _details(finding)
        else:
            ElementTree.SubElement(case, "system-out").text = f"{finding.severity.word}: {_details(finding)}"
        yield case


def _case_without_finding(rule: str, outcome: RuleOutcome | None) -> ElementTree.Element:
    case = _case(rule, rule)
    if outcome and outcome.state is not RuleState.PASSED:
        reason = f"{outcome.state.value}: {outcome.reason}" if outcome.reason else outcome.state.value
        ElementTree.SubElement(case, "skipped", message=on_one_line(reason))
    return case


def _decisions(verdict: Verdict) -> ElementTree.Element:
    """Open decisions alone make the answer a no, whatever --fail-on says."""
    suite = ElementTree.Element("testsuite", name="decisions")
    case = _case("decisions", "every decision is made")
    ElementTree.SubElement(case, "failure", type="open", message=verdict.sentence)
    suite.append(case)
    _count(suite, [case])
    return suite


def _case(rule: str, name: str) -> ElementTree.Element:
    return ElementTree.Element("testcase", classname=f"unsplit.{rule}", name=name, time="0")


def _details(finding: Finding) -> str:
    places = "".join(f"\nat {place}" for place in finding.places)
    return visible(f"{finding.message}\n{finding.remedy}{places}")


def _count(element: ElementTree.Element, cases: Sequence[ElementTree.Element]) -> None:
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    element.set("errors", "0")
    element.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
