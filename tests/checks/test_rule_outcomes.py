"""What came of every rule, how a decision changes a finding, and that nothing depends on chance."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from checks_estate import client, found, lease, option, partner, policy, reservation, rules_found, scope, source, span, subject
from test_rule_examples import EXAMPLES

from migrate.checks import PAGES, RULES, RuleState, Subject, check_all, outcomes
from migrate.checks.rule import NIGHT, PAIR
from migrate.merge.target import merge
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.decision import DecidedBy
from migrate.model.finding import Finding, Severity
from migrate.model.leases import LeaseState
from migrate.model.origin import Origin
from migrate.model.policy import Policy
from migrate.model.relationship import FailoverMode
from migrate.model.scope import Reservation
from migrate.model.server import Role, SourceFormat

OVERLAP = "overlapping-pools/10.20.0.0/10.20.0.100 - 10.20.0.109"


def state_of(made: Subject, rule: str) -> RuleState:
    return next(outcome.state for outcome in outcomes(made) if outcome.rule == rule)


def reason_of(made: Subject, rule: str) -> str:
    return next(outcome.reason for outcome in outcomes(made) if outcome.rule == rule)


# --- outcomes


def test_every_page_has_one_outcome_in_order() -> None:
    made = EXAMPLES["overlapping-pools"]()
    assert [outcome.rule for outcome in outcomes(made)] == [page.ID for page in PAGES]
    assert sum(outcome.findings for outcome in outcomes(made)) == len(check_all(made))


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_an_example_is_found(rule: str) -> None:
    assert state_of(EXAMPLES[rule](), rule) is RuleState.FOUND


def test_rules_of_the_night_wait() -> None:
    made = EXAMPLES["auto-transition-off"]()
    waiting = [outcome.rule for outcome in outcomes(made) if outcome.state is RuleState.NIGHT]
    assert waiting == [page.ID for page in PAGES if page.LOOKS_AT == NIGHT]


def test_one_server_has_nothing_to_compare() -> None:
    everything = scope(
        excluded=["10-19"],
        reserved=[reservation("50")],
        options=[option(81, "1"), option(51, "60")],
        policies=(policy(),),
        superscope="Floor 1",
        delay_ms=1000,
    )
    made = subject(source(everything, leases=[lease("30"), lease("31")]))
    pair_rules = {rule.ID for rule in RULES if rule.LOOKS_AT == PAIR}
    assert pair_rules.intersection(rules_found(made)) == set()
    assert {outcome.state for outcome in outcomes(made) if outcome.rule in pair_rules} == {RuleState.NOT_APPLICABLE}


def test_a_good_pair_passes() -> None:
    halves = source(scope(excluded=["100-200"]), leases=[lease("30")]), partner(scope(excluded=["10-99"]), leases=[lease("150", 2)])
    made = subject(*halves, mode=FailoverMode.LOAD_BALANCE, target_os="2022")
    assert rules_found(made) == ["auto-transition-off", "ptr-records-at-risk", "scope-on-both", "split-ratio"]
    others = {outcome.state for outcome in outcomes(made) if outcome.state is not RuleState.FOUND}
    assert others == {RuleState.PASSED, RuleState.NIGHT, RuleState.UNKNOWN}
    assert [o.rule for o in outcomes(made) if o.state is RuleState.UNKNOWN] == ["relay-targets"]


NO_LEASES = "the source of dhcp02 holds no leases"
NO_POLICIES = "the source of dhcp02 cannot express policies"
TARGET_OS = "--target-os"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("lease-conflict", NO_LEASES),
        ("lease-two-addresses", NO_LEASES),
        ("lease-on-reserved-address", NO_LEASES),
        ("declined-leases", NO_LEASES),
        ("lease-outside-pool", NO_LEASES),
        ("no-free-address", NO_LEASES),
        ("scope-utilisation", NO_LEASES),
        ("scope-policies-differ", NO_POLICIES),
        ("policy-conflict", NO_POLICIES),
        ("policy-invalid", NO_POLICIES),
        ("small-policy-range", NO_POLICIES),
        ("small-standby-reserve", "--mode was not given"),
        ("target-versions", TARGET_OS),
    ],
)
def test_unknown_is_not_passed(rule: str, reason: str) -> None:
    dump = source(
        scope(excluded=["10-99"], policies=None),
        leases=None,
        policies=None,
        version=None,
        format=SourceFormat.NETSH_DUMP,
        path="b.txt",
    )
    made = subject(source(scope(excluded=["100-200"])), dump)
    assert state_of(made, rule) is RuleState.UNKNOWN
    assert reason in reason_of(made, rule)


def test_nap_depends_on_the_target() -> None:
    nap = source(scope(nap_enable=True))
    assert TARGET_OS in reason_of(subject(nap), "nap-settings")
    assert state_of(subject(nap, target_os="2012r2"), "nap-settings") is RuleState.PASSED
    assert state_of(subject(nap, target_os="2022"), "nap-settings") is RuleState.FOUND
    assert state_of(subject(source(scope())), "nap-settings") is RuleState.PASSED


def test_inactive_reservations_depend_on_the_target() -> None:
    idle = lease("50", until=None, state=LeaseState.INACTIVE)
    dump = source(scope(reserved=[reservation("50")]), leases=[idle], format=SourceFormat.NETSH_DUMP)
    export = source(scope(reserved=[reservation("50")]), leases=[idle])
    rule = "netsh-inactive-reservations"
    assert state_of(subject(dump), rule) is RuleState.UNKNOWN
    assert state_of(subject(dump, target_os="2012"), rule) is RuleState.FOUND
    assert state_of(subject(dump, target_os="2016"), rule) is RuleState.PASSED
    assert state_of(subject(export, target_os="2012"), rule) is RuleState.PASSED


def test_parser_findings_count_too() -> None:
    odd = Finding(rule="odd-quotes", severity=Severity.WARNING, object="line 7", message="5 quotation marks", remedy="look")
    made = subject(source(scope(), findings=(odd,)))
    assert "odd-quotes" not in rules_found(made)
    assert state_of(made, "odd-quotes") is RuleState.FOUND
    assert state_of(made, "unknown-command") is RuleState.PASSED


# --- decisions


def overlap(**settings: object) -> Finding:
    halves = source(scope(excluded=["110-200"])), partner(scope(excluded=["10-99"]))
    [finding] = found(subject(*halves, **settings), "overlapping-pools")  # type: ignore[arg-type]
    return finding


def test_an_open_decision_blocks_and_says_how_to_answer() -> None:
    finding = overlap()
    assert finding.severity is Severity.BLOCK
    assert "Nobody has decided" in finding.message
    assert finding.remedy.startswith(f'Answer "{OVERLAP}" in decisions.toml with primary (')
    assert "; exclude (" in finding.remedy


def test_an_answer_turns_it_into_a_warning() -> None:
    finding = overlap(answers={OVERLAP: "exclude"})
    assert finding.severity is Severity.WARNING
    assert finding.message.endswith("Settled in decisions.toml: exclude.")


def test_prefer_is_an_answer() -> None:
    finding = overlap(prefer=Role.SECONDARY)
    assert finding.severity is Severity.WARNING
    assert finding.message.endswith("Settled by --prefer secondary.")


def test_a_default_stays_as_bad_as_it_is() -> None:
    [finding] = found(EXAMPLES["lease-conflict"](), "lease-conflict")
    assert finding.severity is Severity.ERROR
    assert finding.message.endswith("Taken by default: secondary.")
    assert finding.remedy.startswith("If that is not wanted, answer ")


def test_a_settled_warning_does_not_become_worse() -> None:
    made = EXAMPLES["scope-properties-differ"]()
    answered = replace(made.merged, decisions=tuple(replace(d, decided_by=DecidedBy.PERSON) for d in made.merged.decisions))
    assert [f.severity for f in found(Subject(merged=answered), "scope-properties-differ")] == [Severity.INFO]


def test_every_decision_of_the_merge_is_a_finding() -> None:
    """A rule id that the merge uses and no rule knows would be lost."""
    for rule, build in sorted(EXAMPLES.items()):
        made = build()
        told = Counter(finding.rule for finding in check_all(made))
        for name, number in Counter(decision.rule for decision in made.merged.decisions).items():
            assert told[name] == number, f"{rule}: {name}"


# --- order, duplicates, hash seeds


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_nothing_is_said_twice(rule: str) -> None:
    findings = check_all(EXAMPLES[rule]())
    if rule != "many-scopes":
        named = Counter((finding.rule, finding.scope_id, finding.object) for finding in findings)
        assert [key for key, number in named.items() if number > 1] == []
    assert [finding.sort_key for finding in findings] == sorted(finding.sort_key for finding in findings)


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_messages_are_sentences_and_name_their_scope(rule: str) -> None:
    for finding in found(EXAMPLES[rule](), rule):
        assert finding.message.endswith(".") and finding.remedy.endswith(".")
        assert "  " not in finding.message and "\n" not in finding.message
        if finding.scope_id:
            assert str(finding.scope_id) in finding.message


def test_scopes_that_are_left_out_are_nobody_s_problem() -> None:
    for rule, build in sorted(EXAMPLES.items()):
        made = build()
        every = frozenset(merge.scope_id for merge in made.merged.scopes)
        quiet = Subject(merged=merge(made.primary, made.secondary, replace(made.settings, skip_scopes=every)))
        assert [f.message for f in check_all(quiet) if f.scope_id] == [], rule


SAY_ALL = """
import sys; sys.path.insert(0, sys.argv[1])
from test_rule_examples import EXAMPLES
from migrate.checks import check_all
for rule in sorted(EXAMPLES):
    for finding in check_all(EXAMPLES[rule]()):
        print(finding)
"""


def test_findings_do_not_depend_on_the_hash_seed() -> None:
    here = str(Path(__file__).parent)
    told = {
        subprocess.run(
            [sys.executable, "-c", SAY_ALL, here],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(here).parents[1])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "77")
    }
    assert len(told) == 1 and "overlapping-pools" in told.pop()


LAST = IPv4Address("255.255.255.255")
HOSTILE = {
    "the last address there is": scope(
        "255.255.255.1-255.255.255.255",
        scope_id=IPv4Address("255.255.255.0"),
        reserved=[Reservation(ip_address=LAST, client_id=client(1))],
    ),
    "a subnet of one address": scope(None, scope_id=LAST, subnet_mask=LAST, range=AddressRange(LAST, LAST)),
    "everything": scope("0.0.0.0-255.255.255.255", scope_id=IPv4Address("0.0.0.0"), subnet_mask=IPv4Address("0.0.0.0")),
    "no range": scope(None, reserved=[reservation("50")]),
    "empty values": scope(options=[option(n) for n in (3, 6, 51, 81, 119, 121, 249)]),
    "values that are none": scope(options=[option(n, "", "\x00", "-1", "²") for n in (3, 6, 51, 81, 119, 121, 249)]),
    "a policy without anything": scope(
        policies=(Policy(name="", processing_order=-1, ip_ranges=(span("0.0.0.0-255.255.255.255"),)),)
    ),
    "a lease without a length": scope(lease_duration=timedelta(0), policies=(policy(option_values=(option(51, "0"),)),)),
    "a client without octets": scope(
        reserved=[reservation("50", client_id=ClientId(b"")), reservation("51", client_id=ClientId(b"\1"))]
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_scopes_are_judged_without_falling_over(name: str) -> None:
    hostile = HOSTILE[name]
    holder = lease("50", scope_id=hostile.scope_id, client_id=ClientId(b""))
    last = lease("255.255.255.255", scope_id=LAST)
    for made in (
        subject(source(hostile, leases=[holder, last])),
        subject(source(scope(), leases=[holder]), partner(hostile, leases=[last])),
    ):
        assert len(outcomes(made)) == len(PAGES)
        assert all(finding.message and finding.object is not None for finding in check_all(made))


def test_places_lead_to_the_file() -> None:
    there = Origin("dhcp02.xml", 12)
    ours, theirs = scope(excluded=["110-200"], origin=Origin("dhcp01.xml", 9)), scope(excluded=["10-99"], origin=there)
    [finding] = found(subject(source(ours), partner(theirs)), "overlapping-pools")
    assert there in finding.places
