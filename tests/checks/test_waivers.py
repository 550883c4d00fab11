"""Waivers: what they cover, when they end, and what they may not cover."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from checks_estate import AS_OF
from test_rule_examples import EXAMPLES

from migrate.checks import WAIVER_RULES, check_all, page_section
from migrate.checks.waivers import Waiver, apply_waivers
from migrate.errors import InputError
from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin
from migrate.waivers_file import read_waivers
from reports.verdict import Verdict

NOW = int(AS_OF.timestamp())
SCOPE = IPv4Address("10.20.0.0")


def finding(rule: str = "offer-delay", obj: str = "10.20.0.0", severity: Severity = Severity.WARNING) -> Finding:
    return Finding(rule=rule, severity=severity, object=obj, message="m", remedy="r", scope_id=SCOPE)


def waiver(rule: str = "offer-delay", obj: str = "10.20.0.0", until: date = date(2026, 12, 31), **more: object) -> Waiver:
    given = {"reason": "agreed in change 4711", "origin": Origin("waivers.toml", 1)} | more
    return Waiver(rule=rule, object=obj, until=until, **given)  # type: ignore[arg-type]


def outcome(findings: list[Finding], *waivers: Waiver, now: int = NOW) -> tuple[list[str], list[str]]:
    """Reasons of the findings in order, and the rules of what is said about the waivers."""
    judged = apply_waivers(findings, waivers, now)
    return [f.waived for f in judged[: len(findings)]], [f.rule for f in judged[len(findings) :]]


WAIVED = "agreed in change 4711"


@pytest.mark.parametrize(
    ("found", "given", "expected"),
    [
        (finding(), waiver(), ([WAIVED], [])),
        (finding(), waiver(scope_id=SCOPE), ([WAIVED], [])),
        (finding(), waiver(scope_id=IPv4Address("10.21.0.0")), ([""], ["waiver-unused"])),
        (finding(), waiver(rule="mclt-zero"), ([""], ["waiver-unused"])),
        (finding(), waiver(obj="10.20.0"), ([""], ["waiver-unused"])),
        (finding(), waiver(until=date(2026, 11, 19)), ([""], ["waiver-expired"])),
        (finding(), waiver(until=date(2026, 11, 20)), ([WAIVED], [])),
        (finding(severity=Severity.ERROR), waiver(), ([WAIVED], [])),
        (finding(severity=Severity.BLOCK), waiver(), ([""], ["waiver-refused"])),
        (finding(severity=Severity.BLOCK), waiver(until=date(2020, 1, 1)), ([""], ["waiver-expired"])),
    ],
    ids=[
        "rule and object",
        "and scope",
        "another scope",
        "another rule",
        "a part of the object",
        "ended yesterday",
        "holds today",
        "an error",
        "a block",
        "a block, ended",
    ],
)
def test_one_waiver_and_one_finding(found: Finding, given: Waiver, expected: tuple[list[str], list[str]]) -> None:
    assert outcome([found], given) == expected


@pytest.mark.parametrize(("second", "over"), [(59, False), (60, True)])
def test_a_waiver_holds_to_the_last_second_of_its_day(second: int, over: bool) -> None:
    instant = int(datetime(2026, 12, 31, 23, 59, tzinfo=UTC).timestamp()) + second
    assert waiver().is_over(instant) == over


def test_the_first_of_two_gives_the_reason_and_both_are_used() -> None:
    assert outcome([finding()], waiver(), waiver(reason="later")) == ([WAIVED], [])


def test_one_object_in_two_scopes() -> None:
    there = replace(finding(severity=Severity.BLOCK), scope_id=IPv4Address("10.21.0.0"))
    assert outcome([finding(), there], waiver()) == ([WAIVED, ""], ["waiver-refused"])


def test_waivers_cannot_waive_what_is_said_about_waivers() -> None:
    about = waiver(rule="waiver-expired", obj="offer-delay 10.20.0.0")
    assert outcome([finding()], waiver(until=date(2020, 1, 1)), about)[1] == ["waiver-expired", "waiver-unused"]


def test_a_waived_finding_makes_no_answer_a_no() -> None:
    findings = apply_waivers([finding(), finding(obj="10.21.0.0")], [waiver()], NOW)
    assert Verdict.of(findings, (), Severity.WARNING).failing == 1
    assert Verdict.of(findings[:1], (), Severity.WARNING).is_ready


def test_against_a_model_that_looks_at_each_pair() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        findings = [finding(chance.choice("ab"), chance.choice("xy"), chance.choice(list(Severity))) for _ in range(4)]
        waivers = [
            waiver(chance.choice("ab"), chance.choice("xyz"), chance.choice([date(2020, 1, 1), date(2030, 1, 1)]), reason=str(n))
            for n in range(3)
        ]
        running = [w for w in waivers if w.until.year == 2030]
        same = [[(f.rule, f.object) == (w.rule, w.object) for w in running] for f in findings]
        reasons = [
            "" if f.severity is Severity.BLOCK else next((w.reason for w, hit in zip(running, hits, strict=True) if hit), "")
            for f, hits in zip(findings, same, strict=True)
        ]
        remarks = ["waiver-expired"] * (len(waivers) - len(running))
        for number in range(len(running)):
            hit = [f for f, hits in zip(findings, same, strict=True) if hits[number]]
            remarks += [] if hit else ["waiver-unused"]
            remarks += ["waiver-refused"] if any(f.severity is Severity.BLOCK for f in hit) else []
        got = outcome(findings, *waivers)
        assert (got[0], sorted(got[1])) == (reasons, sorted(remarks)), f"seed {seed}"


@pytest.mark.parametrize("page", WAIVER_RULES, ids=lambda page: page.ID)
def test_the_pages_give_what_is_said(page: object) -> None:
    overlap = list(check_all(EXAMPLES["overlapping-pools"]()))
    given = {
        "waiver-expired": waiver(until=date(2026, 10, 31)),
        "waiver-unused": waiver(),
        "waiver-refused": waiver("overlapping-pools", "10.20.0.100 - 10.20.0.109"),
    }[page.ID]  # type: ignore[attr-defined]
    [said] = apply_waivers(overlap, [given], NOW)[len(overlap) :]
    assert said.message == page_section(page, "Example")  # type: ignore[arg-type]
    assert said.severity is page.SEVERITY  # type: ignore[attr-defined]
    assert said.places == (Origin("waivers.toml", 1),)


# --- the file


GOOD = """\
# agreed on 2026-11-01
[[waiver]]
rule = "offer-delay"
object = "10.20.0.0"
scope_id = "10.20.0.0"
reason = "agreed in change 4711"
until = 2026-12-31

[[ waiver ]]
rule = "tiny-scope"
object = "10.21.0.0"
reason = "it is the printers' \\u201croom\\u201d"
until = "2027-01-15"
"""


def read(tmp_path: Path, text: str | bytes) -> tuple[Waiver, ...]:
    path = tmp_path / "waivers.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_waivers(path)


def test_read(tmp_path: Path) -> None:
    one, other = read(tmp_path, GOOD)
    path = str(tmp_path / "waivers.toml")
    assert one == waiver(scope_id=SCOPE, origin=Origin(path, 2))
    assert (other.reason, other.until, other.scope_id) == ("it is the printers' “room”", date(2027, 1, 15), None)
    assert other.origin == Origin(path, 9)
    assert read(tmp_path, "") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[waiver]\n", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        ("waiver = 1\n", "and nothing else"),
        ("waiver = [1]\n", "and nothing else"),
        ("[waiver]\nrule = 'a'\n", "and nothing else"),
        ("[[decision]]\nid = 'a'\n", "and nothing else"),
        (GOOD.replace("reason =", "because ="), "no key 'because'"),
        (GOOD.replace('"agreed in change 4711"', '" "'), "a text for `reason`"),
        (GOOD.replace('rule = "offer-delay"\n', ""), "a text for `rule`"),
        (GOOD.replace("until = 2026-12-31", "until = 2026"), "a date for `until`"),
        (GOOD.replace("until = 2026-12-31\n", ""), "a date for `until`"),
        (GOOD.replace('"2027-01-15"', '"next year"'), "a date for `until`"),
        (GOOD.replace('scope_id = "10.20.0.0"', 'scope_id = "10.20.0"'), "`scope_id` of a waiver"),
    ],
)
def test_refused_files(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(InputError, match="unreadable-waivers") as refused:
        read(tmp_path, text)
    assert said in refused.value.message
    assert refused.value.places[0].path.endswith("waivers.toml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_waivers(tmp_path / "none.toml")
