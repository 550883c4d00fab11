"""Both partners against the plan: what is missing where, and from which of them to replicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest
from comparison_samples import RESERVATION, SCOPE, SCOPE_ID, SERVER
from hypothesis import HealthCheck, given, settings
from writers.servers import servers
from writers.sources import source_of

from migrate.compare.exports import diff
from migrate.compare.servers import Outcome
from migrate.compare.verification import Verification, verify
from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseTable
from migrate.model.option import OptionValue
from migrate.model.scope import Reservation
from migrate.model.server import ObjectKind, Role, Server, ServerSetting
from migrate.model.target import Strategy, Target

AS_OF = 1_000_000
PRIMARY, SECONDARY = Role


def target(server: Server = SERVER) -> Target:
    return Target(as_of_s=AS_OF, strategy=Strategy.IN_PLACE, sources=(), relationships=(), server=server, leased={})


def verified(primary: Server, secondary: Server, planned: Server = SERVER, **options: Any) -> Verification:
    sources = {PRIMARY: source_of(primary), SECONDARY: source_of(replace(secondary, name="dhcp02"))}
    return verify(target(planned), LeaseTable.empty(), sources, as_of_s=AS_OF, **options)


def scope_with(server: Server = SERVER, **changes: Any) -> Server:
    return replace(server, scopes=(replace(server.scopes[0], **changes),))


ADDED = Reservation(ip_address=IPv4Address("10.20.0.8"), client_id=ClientId.parse("00-11-22-33-44-77"))
WITHOUT_RESERVATION = scope_with(reservations=())
RENAMED = scope_with(name="Offices")
OTHER_ROUTER = scope_with(option_values=(OptionValue(option_id=3, values=("10.20.0.2",)),))
MORE_RESERVED = scope_with(reservations=(ADDED, RESERVATION))


def test_both_as_planned_is_clean() -> None:
    verification = verified(SERVER, SERVER)
    assert (verification.is_clean, verification.is_proven, verification.exit_status) == (True, True, 0)
    assert {outcome for counts in verification.tally.values() for outcome in counts} == {Outcome.SAME}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(servers())
def test_a_plan_verifies_against_itself(server: Server) -> None:
    assert verified(server, server, planned=server).exit_status == 0


CASES: dict[str, tuple[Server, Server, list[tuple[str, str, Role | None]], Role | None]] = {
    "missing-on-the-secondary": (
        SERVER, WITHOUT_RESERVATION,
        [("10.20.0.9", "missing", PRIMARY), ("option 12 of reservation 10.20.0.9", "missing", PRIMARY)], PRIMARY,
    ),
    "missing-on-the-primary": (
        WITHOUT_RESERVATION, SERVER,
        [("10.20.0.9", "missing", SECONDARY), ("option 12 of reservation 10.20.0.9", "missing", SECONDARY)], SECONDARY,
    ),
    "differs-on-the-secondary": (SERVER, RENAMED, [("10.20.0.0", "differs", PRIMARY)], PRIMARY),
    "added-on-the-secondary": (SERVER, MORE_RESERVED, [("10.20.0.8", "extra", PRIMARY)], PRIMARY),
    "each-has-its-own-change": (
        RENAMED, OTHER_ROUTER, [("10.20.0.0", "differs", SECONDARY), ("option 3", "differs", PRIMARY)], None,
    ),
    "one-setting-two-values": (RENAMED, scope_with(name="Bureau"), [("10.20.0.0", "differs", None)], None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_direction(name: str) -> None:
    primary, secondary, expected, source = CASES[name]
    verification = verified(primary, secondary)
    found = [(each.key, each.outcome.value, each.as_planned_on) for each in verification.deviations]
    assert sorted(found, key=str) == sorted(expected, key=str)
    (replication,) = verification.replications
    assert (replication.scope_id, replication.source, replication.overwritten) == (SCOPE_ID, source, len(expected))


def test_a_change_on_both_needs_no_replication() -> None:
    verification = verified(RENAMED, RENAMED)
    assert [(each.setting, each.partners_agree, each.as_planned_on) for each in verification.deviations] == [("name", True, None)]
    assert verification.replications == ()
    assert verification.exit_status == 1


def test_what_replication_would_delete_is_named() -> None:
    (replication,) = verified(SERVER, MORE_RESERVED).replications
    assert replication.deleted == ("10.20.0.8",)


def test_nothing_at_server_level_and_no_superscope_is_replicated() -> None:
    other = replace(scope_with(superscope=None), settings=(), filters=replace(SERVER.filters, allow_enabled=True))
    verification = verified(SERVER, other)
    assert [(each.kind, each.is_replicated) for each in verification.deviations] == [
        (ObjectKind.FILTER, False),
        (ObjectKind.SUPERSCOPE, False),
    ]
    assert verification.replications == ()


def test_a_scope_that_one_partner_lacks_cannot_be_replicated() -> None:
    verification = verified(SERVER, replace(SERVER, scopes=()))
    assert verification.deviations[0].kind is ObjectKind.SCOPE
    assert verification.replications == ()
    assert verification.tally[ObjectKind.EXCLUSION_RANGE] == Counter({Outcome.MISSING: 2})


def test_a_scope_left_out_of_the_plan_is_not_extra() -> None:
    spare = replace(SCOPE, scope_id=IPv4Address("10.20.9.0"), reservations=(), exclusions=(), superscope=None)
    found = replace(SERVER, scopes=(SCOPE, spare))
    assert verified(found, SERVER).exit_status == 1
    verification = verified(found, SERVER, left_out=frozenset({spare.scope_id, IPv4Address("10.99.0.0")}))
    assert verification.exit_status == 0
    assert verification.left_out == (spare.scope_id,)


def test_a_planned_scope_is_never_left_out() -> None:
    """A scope that was dropped on one server may be planned from the other."""
    verification = verified(SERVER, SERVER, left_out=frozenset({SCOPE_ID}))
    assert (verification.exit_status, verification.left_out) == (0, ())
    assert verified(replace(SERVER, scopes=()), SERVER, left_out=frozenset({SCOPE_ID})).exit_status == 1


def test_drift_of_what_the_plan_does_not_know() -> None:
    """Both partners have the new reservation, by different names."""
    named = [scope_with(reservations=(replace(ADDED, name=name), RESERVATION)) for name in ("copier", "plotter")]
    verification = verified(*named)
    assert [(each.key, each.setting, each.found[PRIMARY], each.found[SECONDARY]) for each in verification.deviations] == [
        ("10.20.0.8", "", "00-11-22-33-44-77 copier", "00-11-22-33-44-77 plotter"),
        ("10.20.0.8", "name", "copier", "plotter"),
    ]
    assert [replication.source for replication in verification.replications] == [None]


@pytest.mark.parametrize(
    ("silent", "is_proven"),
    [(replace(SERVER, filters=None), False), (scope_with(policies=None), False), (SERVER, True)],
    ids=["filters", "policies", "all-said"],
)
def test_what_an_export_cannot_say_is_not_proven(silent: Server, is_proven: bool) -> None:
    verification = verified(SERVER, silent)
    assert verification.is_clean
    assert verification.is_proven is is_proven
    assert verification.exit_status == (0 if is_proven else 1)


def test_a_silent_export_is_no_source_of_replication() -> None:
    verification = verified(scope_with(policies=SCOPE.policies[:1]), scope_with(policies=None))
    assert {each.as_planned_on for each in verification.deviations} == {None}


# -- leases ---------------------------------------------------------------------------------------------------------------------


def lease(number: int, scope_id: IPv4Address = SCOPE_ID) -> Lease:
    octets = bytes([0, 0, 0, 0, 0, number])
    return Lease(ip_address=scope_id + number, scope_id=scope_id, client_id=ClientId(octets), expiry_s=AS_OF + 5)


def with_leases(primary: LeaseTable | None, secondary: LeaseTable | None, **options: Any) -> Verification:
    sources = {
        role: source_of(SERVER, table, has_leases=table is not None) for role, table in zip(Role, (primary, secondary), strict=True)
    }
    planned = LeaseTable.of_rows([lease(30), lease(31)])
    return verify(target(), planned, sources, as_of_s=AS_OF, **options)


def test_leases_of_other_scopes_are_nobodys_business() -> None:
    elsewhere = IPv4Address("10.30.0.0")
    table = LeaseTable.of_rows([lease(30), lease(31), lease(32, elsewhere)])
    verification = with_leases(table, table)
    assert verification.leases is not None
    assert (verification.leases.new, verification.exit_status) == (0, 0)


def test_without_a_lease_list_nothing_is_proven() -> None:
    table = LeaseTable.of_rows([lease(30), lease(31)])
    verification = with_leases(table, None)
    assert verification.is_clean
    assert verification.without_leases == (SECONDARY,)
    assert verification.exit_status == 1
    assert with_leases(None, None).leases is None


def test_leases_can_be_left_out_of_it() -> None:
    verification = with_leases(None, None, configuration_only=True)
    assert (verification.leases, verification.without_leases, verification.exit_status) == (None, (), 0)


# -- without a plan ---------------------------------------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[Server], Server]] = {
    "nothing": lambda server: replace(server, name="dhcp02", version=(10, 0)),
    "a-scope": lambda server: scope_with(server, name="Offices"),
    "a-setting": lambda server: replace(server, settings=(ServerSetting(name="ActivatePolicies", value="false"),)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_two_exports(name: str) -> None:
    difference = diff(source_of(SERVER), source_of(CHANGES[name](SERVER)), as_of_s=AS_OF)
    assert len(difference.configuration.differences) == difference.exit_status == (name != "nothing")


def test_two_dates_of_a_lease_list() -> None:
    before = source_of(SERVER, LeaseTable.of_rows([lease(30), lease(31)]))
    after = source_of(SERVER, LeaseTable.of_rows([lease(30), lease(33)]))
    difference = diff(before, after, as_of_s=AS_OF)
    assert difference.leases is not None
    assert [str(wrong.lease.ip_address) for wrong in difference.leases.wrong] == ["10.20.0.31"]
    assert (difference.leases.new, difference.exit_status) == (1, 1)
    assert diff(before, after, as_of_s=AS_OF + 5).exit_status == 0


def test_each_side_may_be_the_silent_one() -> None:
    silent = replace(SERVER, filters=None)
    assert [len(unsaid) for unsaid in diff(source_of(silent), source_of(SERVER), as_of_s=AS_OF).unsaid.values()] == [3, 0]
    assert [len(unsaid) for unsaid in diff(source_of(SERVER), source_of(silent), as_of_s=AS_OF).unsaid.values()] == [0, 3]
