"""Every drill, in both modes and with and without automatic transition, on a small estate with every kind of address in it."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address

import pytest
from connection_pair import relationship, scope
from simulations import START_S

from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.relationship import FailoverMode
from migrate.model.scope import ExclusionRange, Reservation
from migrate.model.server import Role
from migrate.simulate.drills import DRILLS, PROLOGUE, Drill, in_mode
from migrate.simulate.estate import Estate, KnownLease, client_of, estate_of
from migrate.simulate.invariants import INVARIANTS
from migrate.simulate.play import DrillOutcome, play, steps_of

LEASE_S = 86400
BY_NAME = {drill.name: drill for drill in DRILLS}


def estate(mode: FailoverMode = FailoverMode.LOAD_BALANCE, switch_s: int | None = None) -> Estate:
    """Two scopes: one with a policy range, a reservation in use, an idle one, and an exclusion; one that is nearly full."""
    duration = timedelta(seconds=LEASE_S)
    offices = scope(
        "10.20.0.11",
        "10.20.0.90",
        lease_duration=duration,
        exclusions=(ExclusionRange(range=AddressRange.parse("10.20.0.31", "10.20.0.40")),),
        reservations=(
            Reservation(ip_address=IPv4Address("10.20.0.11"), client_id=ClientId(mac(0, 0))),
            Reservation(ip_address=IPv4Address("10.20.0.12"), client_id=ClientId(b"\x02\xee\0\0\0\1")),
        ),
        policies=(
            Policy(
                name="phones",
                processing_order=1,
                condition="OR",
                conditions=(PolicyCondition(field="MacAddress", operator="EQ", values=("020100*",)),),
                ip_ranges=(AddressRange.parse("10.20.0.71", "10.20.0.90"),),
            ),
        ),
    )
    guests = scope("10.20.1.11", "10.20.1.30", scope_id=IPv4Address("10.20.1.0"), lease_duration=duration)
    leases = [lease("10.20.0.11", 0, 0, LEASE_S)]
    leases += [lease(f"10.20.0.{13 + n}", 0, n + 1, LEASE_S * (n + 1) // 20) for n in range(16)]
    leases += [lease(f"10.20.1.{11 + n}", 1, n, LEASE_S * (n + 4) // 24) for n in range(18)]
    return estate_of(in_mode(relationship(switch_s=switch_s), mode), (offices, guests), leases, START_S)


def mac(scope_number: int, number: int) -> bytes:
    return bytes((2, 1, scope_number, 0, 0, number))


def lease(address: str, scope_number: int, number: int, left_s: int) -> KnownLease:
    scope_id = int(IPv4Address(f"10.20.{scope_number}.0"))
    return KnownLease(int(IPv4Address(address)), scope_id, client_of(mac(scope_number, number)), START_S + left_s, Role.PRIMARY)


@pytest.fixture(scope="module", params=FailoverMode, ids=str)
def mode(request: pytest.FixtureRequest) -> FailoverMode:
    return request.param  # type: ignore[no-any-return]


@pytest.mark.parametrize("switch_s", [None, 3600], ids=["declared by hand", "switches by itself"])
@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_drill_breaks_nothing_but_what_it_is_about(drill: Drill, mode: FailoverMode, switch_s: int | None) -> None:
    outcome = play(drill, estate(mode, switch_s))
    assert not outcome.is_fault, (outcome.broken, outcome.counterexample)
    assert bool(outcome.broken) == bool(drill.may_break)
    assert outcome.checked["one-client-an-address"] > 30
    assert outcome.checked["partners-agree"] > 30
    assert {scope.scope_id for scope in outcome.scopes} == {IPv4Address("10.20.0.0"), IPv4Address("10.20.1.0")}


def total(outcome: DrillOutcome, field: str) -> int:
    return sum(getattr(scope, field) for scope in outcome.scopes)


def test_steady_renewals_reach_everybody(mode: FailoverMode) -> None:
    outcome = play(BY_NAME["steady"], estate(mode))
    assert total(outcome, "addresses_lost") == total(outcome, "waited") == total(outcome, "refused") == 0
    served = total(outcome, "served_by_primary"), total(outcome, "served_by_secondary")
    assert sum(served) >= 35
    assert (served[1] > 0) == (mode is FailoverMode.LOAD_BALANCE)


def test_a_lost_partner_is_stood_in_for(mode: FailoverMode) -> None:
    outcome = play(BY_NAME["primary-lost-for-long"], estate(mode))
    assert total(outcome, "served_by_secondary") > 20
    assert total(outcome, "addresses_lost") == 0
    assert outcome.windows_events[Role.SECONDARY][20255] == 1
    assert outcome.counters[Role.SECONDARY]["into_partner_down"] == 1


def test_boot_storm_fills_the_pools() -> None:
    outcome = play(BY_NAME["boot-storm"], estate())
    assert all(scope.exhausted_after_s is not None for scope in outcome.scopes)
    assert total(outcome, "still_waiting") > 0
    assert 20287 in outcome.windows_events[Role.PRIMARY]


def test_a_wrong_declaration_shows_one_victim() -> None:
    outcome = play(BY_NAME["partner-down-too-early"], estate())
    assert outcome.tolerated
    example = outcome.counterexample
    assert example is not None
    assert example.clients < 35
    assert example.commands[: len(PROLOGUE)] == PROLOGUE
    text = "\n".join(example.transcript)
    assert "on the secondary: partner is down" in text
    assert f"INVARIANT  {example.invariant}: {example.message}" in text
    assert len({line.split("client ")[1][:17] for line in example.transcript if "  client " in line}) <= 3


def test_every_invariant_is_judged_in_some_drill() -> None:
    outcomes = [play(BY_NAME[name], estate()) for name in ("boot-storm", "primary-returns-empty")]
    judged = {name for outcome in outcomes for name, count in outcome.checked.items() if count}
    assert judged == set(INVARIANTS)


def test_same_seed_same_outcome() -> None:
    assert play(BY_NAME["link-cut"], estate()) == play(BY_NAME["link-cut"], estate())


def test_names_are_unique_and_every_risk_has_its_reason() -> None:
    assert len(BY_NAME) == len(DRILLS)
    assert all(bool(drill.may_break) == bool(drill.why) for drill in DRILLS)
    assert all(set(drill.may_break) <= set(INVARIANTS) for drill in DRILLS)


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_every_drill_ends_with_both_partners_at_one(drill: Drill) -> None:
    assert "agree" in steps_of(drill, estate())[-2:]
