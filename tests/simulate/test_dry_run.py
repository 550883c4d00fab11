"""The dry run of a whole plan: what it plays, what it says, and that it says the same twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from connection_pair import relationship
from simulations import START_S
from test_drills import BY_NAME, estate
from test_runbook import GUESTS, OFFICES, span

from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseTable
from migrate.model.relationship import FailoverMode
from migrate.model.scope import ScopeState
from migrate.model.server import Role, Server
from migrate.model.target import Strategy, Target
from migrate.simulate.drills import Drill
from migrate.simulate.dry_run import DryRun, DryRunSettings, Outcome, dry_run
from migrate.simulate.dry_run_json import dry_run_json
from migrate.simulate.invariants import INVARIANTS
from migrate.simulate.summary import summary
from migrate.simulate.transcript import duration

SHORT = tuple(BY_NAME[name] for name in ("primary-lost-briefly", "partner-down-too-early"))
SERVES = {
    Role.PRIMARY: {OFFICES: span("10.20.0.11", "10.20.0.20"), GUESTS: span("10.20.1.11", "10.20.1.25")},
    Role.SECONDARY: {OFFICES: span("10.20.0.21", "10.20.0.90"), GUESTS: span("10.20.1.26", "10.20.1.30")},
}


def plan(mode: FailoverMode = FailoverMode.LOAD_BALANCE, strategy: Strategy = Strategy.IN_PLACE, **changes: object) -> Target:
    whole = estate(mode)
    members = tuple(scope.scope_id for scope in whole.scopes)
    return Target(
        as_of_s=START_S,
        strategy=strategy,
        sources=(),
        relationships=(replace(whole.relationship, scope_ids=members, **changes),),  # type: ignore[arg-type]
        server=Server(name="dhcp01", scopes=whole.scopes),
        leased={},
    )


def leases() -> LeaseTable:
    return LeaseTable.of_rows(
        Lease(
            ip_address=IPv4Address(lease.address),
            scope_id=IPv4Address(lease.scope_id),
            client_id=ClientId(lease.client.identity),
            expiry_s=lease.expiry_s,
        )
        for lease in estate().leases
    )


def run(target: Target | None = None, drills: tuple[Drill, ...] = SHORT, **changes: object) -> DryRun:
    return dry_run(target or plan(), leases(), DryRunSettings(drills=drills, serves=SERVES, **changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole() -> DryRun:
    return dry_run(plan(), leases(), DryRunSettings(serves=SERVES))


def test_a_good_plan_holds_in_every_drill(whole: DryRun) -> None:
    assert whole.outcome is Outcome.HOLDS
    assert whole.faults == ()
    assert {drill.drill for drill in whole.risks} == {"link-cut-both-switch", "partner-down-too-early"}
    (relationship_run,) = whole.relationships
    assert [drill.drill for drill in relationship_run.drills] == list(BY_NAME)
    assert {drill.mode for drill in relationship_run.drills} == {FailoverMode.LOAD_BALANCE}
    assert {drill.mode for drill in relationship_run.other_mode} == {FailoverMode.HOT_STANDBY}
    assert all(count > 0 for count in whole.checked.values())
    assert all(wrong.outcome.is_fault for wrong in relationship_run.wrong_orders)


def test_json_is_plain_and_names_every_scope(whole: DryRun) -> None:
    document = dry_run_json(whole)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["verdict"] == "holds"
    assert [entry["invariant"] for entry in document["invariants"]] == list(INVARIANTS)
    assert all(entry["says"].endswith(".") or entry["says"] for entry in document["invariants"])
    (told,) = document["relationships"]
    for drill in told["drills"]:
        at = drill["scopes"]["columns"].index("scope_id")
        assert [row[at] for row in drill["scopes"]["rows"]] == ["10.20.0.0", "10.20.1.0"]
        assert drill["verdict"] == ("risk" if drill["counterexample"] else "holds")
    assert told["change"]["verdict"] == "holds"
    assert {step["name"] for step in told["change"]["steps"]} >= {"freeze", "export", "activate"}


def test_summary_fits_a_page_and_says_the_verdict_first(whole: DryRun) -> None:
    lines = list(summary(whole))
    assert lines[0].startswith("Dry run: holds")
    assert len(lines) < 60
    assert all(len(line) < 200 or "advice: " in line for line in lines)
    assert not any("\n" in line for line in lines)
    text = "\n".join(lines)
    for name in BY_NAME:
        assert name in text
    assert "wrong order, no final export" in text


@pytest.mark.parametrize("strategy", Strategy, ids=str)
@pytest.mark.parametrize("mode", FailoverMode, ids=str)
def test_every_kind_of_plan(strategy: Strategy, mode: FailoverMode) -> None:
    result = run(plan(mode, strategy), compares_modes=False)
    assert result.outcome is Outcome.HOLDS
    assert result.relationships[0].mode is mode
    assert result.relationships[0].other_mode == ()
    change = result.relationships[0].runbook
    assert change is not None
    assert change.steps[-1].name == ("activate" if strategy is Strategy.IN_PLACE else "move-relays")


def test_a_broken_drill_breaks_the_verdict_and_shows_its_victim() -> None:
    """The risk of a wrong declaration, taken for a drill that must hold."""
    strict = replace(BY_NAME["partner-down-too-early"], may_break=(), why="")
    result = run(drills=(strict,), compares_modes=False)
    assert result.outcome is Outcome.BROKEN
    text = "\n".join(summary(result))
    assert "BROKEN" in text
    assert "INVARIANT  one-client-an-address" in text
    assert dry_run_json(result)["faults"] == ["dhcp01-dhcp02/partner-down-too-early"]


def test_a_plan_without_a_playable_scope_is_no_proof() -> None:
    target = plan()
    idle = replace(
        target, server=replace(target.server, scopes=tuple(replace(s, state=ScopeState.INACTIVE) for s in target.server.scopes))
    )
    for nothing in (idle, plan(max_client_lead_time=timedelta()), replace(target, relationships=())):
        result = run(nothing)
        assert result.outcome is Outcome.NOTHING_PLAYED
        assert dry_run_json(result)["verdict"] == "nothing played"
        assert next(iter(summary(result))).startswith("Dry run: nothing played")


@pytest.mark.parametrize(
    "odd",
    [
        {"name": "Zürich – München ’x"},
        {"name": "x" * 126},
        {"load_balance_percent": 0},
        {"load_balance_percent": 100},
        {"auto_state_transition": True, "state_switch_interval": timedelta(seconds=1)},
        {"auto_state_transition": True, "state_switch_interval": timedelta(days=400)},
        {"max_client_lead_time": timedelta(minutes=5)},
    ],
    ids=str,
)
def test_odd_settings_are_played(odd: dict[str, object]) -> None:
    assert run(plan(**odd), compares_modes=False).outcome is Outcome.HOLDS


@pytest.mark.parametrize("mclt", [timedelta(0), timedelta(seconds=59), timedelta(days=2), timedelta(days=10675199)], ids=str)
def test_an_mclt_that_cannot_be_played_is_said(mclt: timedelta) -> None:
    (told,) = run(plan(max_client_lead_time=mclt)).relationships
    assert {account.left_out for account in told.samples} == {
        f"the MCLT of its relationship, {duration(int(min(mclt.total_seconds(), 0xFFFFFFFF)))}, is not between a minute and a day"
    }


def test_what_is_not_played_is_said() -> None:
    target = plan()
    scopes = (target.server.scopes[0], replace(target.server.scopes[1], state=ScopeState.INACTIVE))
    result = run(replace(target, server=replace(target.server, scopes=scopes)), max_clients=6)
    text = "\n".join(summary(result))
    assert "1 of 2 scopes and 2 of 35 leases are played" in text or "1 of 2 scopes and" in text
    assert "1 not played: inactive in the plan" in text


def test_two_relationships_are_played_each_with_its_scopes() -> None:
    target = plan()
    each = tuple(
        replace(relationship(), name=f"pair-{number}", scope_ids=(scope.scope_id,))
        for number, scope in enumerate(target.server.scopes)
    )
    result = run(replace(target, relationships=each), compares_modes=False)
    assert [[account.scope_id for account in each.samples] for each in result.relationships] == [
        [IPv4Address("10.20.0.0")],
        [IPv4Address("10.20.1.0")],
    ]
    assert result.outcome is Outcome.HOLDS


def test_progress_is_told() -> None:
    told: list[str] = []
    dry_run(plan(), leases(), DryRunSettings(drills=SHORT), told.append)
    assert told[0] == "playing primary-lost-briefly, LoadBalance"
    assert told[-1] == "playing the change itself, in-place"


PROGRAM = """
import hashlib, json, sys
from test_dry_run import run
from migrate.simulate.dry_run_json import dry_run_json
print(hashlib.sha256(json.dumps(dry_run_json(run(compares_modes=False))).encode()).hexdigest())
"""


def test_result_does_not_depend_on_the_hash_seed() -> None:
    here = Path(__file__).resolve().parent
    paths = os.pathsep.join([str(here), str(here.parent), str(here.parents[1])])
    digests = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "77")
    }
    assert len(digests) == 1
