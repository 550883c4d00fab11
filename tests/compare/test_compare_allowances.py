"""What Windows adds or changes by itself is no difference; what looks like it, and is not, is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from comparison_samples import GUESTS, PHONES, SCOPE, SERVER
from hypothesis import HealthCheck, given, settings
from writers.servers import servers

from migrate.compare.allowances import comparable
from migrate.compare.servers import compare_servers
from migrate.model.addresses import AddressRange
from migrate.model.option import OptionDefinition, OptionType, OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import ExclusionRange, Scope
from migrate.model.server import (
    NAP_ENABLED,
    NPS_UNREACHABLE_ACTION,
    ClassKind,
    DhcpClass,
    MacFilter,
    Server,
    ServerSetting,
)
from migrate.model.timespan import UNLIMITED

BOOTP = DhcpClass(name="Default BOOTP Class", kind=ClassKind.USER, data=b"BOOTP.Microsoft", description="User class for BOOTP")
NAP_CLASS = DhcpClass(name="Default Network Access Protection Class", kind=ClassKind.USER, data=b"MSFT Quarantine")
DNS_SERVERS = OptionDefinition(
    option_id=6, name="DNS Servers", type=OptionType.IPV4_ADDRESS, multi_valued=True, default_values=("0.0.0.0",), description="x"
)
EIGHT_DAYS = "691200"


def lease_time(seconds: str, user_class: str = "") -> OptionValue:
    return OptionValue(option_id=51, values=(seconds,), user_class=user_class)


def pseudo_policy(user_class: str, *values: OptionValue, order: int = 1) -> Policy:
    condition = PolicyCondition(field="UserClass", operator="EQ", values=(user_class,))
    return Policy(name=user_class, processing_order=order, conditions=(condition,), option_values=values)


def scope_with(**changes: object) -> Server:
    return replace(SERVER, scopes=(replace(SCOPE, **changes),))  # type: ignore[arg-type]


def exclusions(*ranges: tuple[str, str]) -> tuple[ExclusionRange, ...]:
    return tuple(ExclusionRange(range=AddressRange.parse(first, last)) for first, last in ranges)


NEWER = replace(SERVER, version=(10, 0))
BOOTP_TIME = lease_time("2592000", "Default BOOTP Class")

NO_DIFFERENCE: dict[str, tuple[Server, Server]] = {
    "another-name-and-release": (SERVER, replace(SERVER, name="dhcp02", version=(6, 2))),
    "built-in-class-of-a-new-server": (SERVER, replace(SERVER, classes=(BOOTP, *SERVER.classes))),
    "class-of-nap-is-gone": (replace(SERVER, classes=(NAP_CLASS, *SERVER.classes)), NEWER),
    "built-in-class-described-otherwise": (
        replace(SERVER, classes=(BOOTP, *SERVER.classes)),
        replace(SERVER, classes=(replace(BOOTP, description="BOOTP clients"), *SERVER.classes)),
    ),
    "standard-definition-of-a-new-server": (
        SERVER,
        replace(SERVER, option_definitions=(*SERVER.option_definitions, DNS_SERVERS)),
    ),
    "standard-definition-in-another-language": (
        replace(SERVER, option_definitions=(*SERVER.option_definitions, DNS_SERVERS)),
        replace(
            SERVER,
            option_definitions=(
                *SERVER.option_definitions,
                replace(DNS_SERVERS, name="DNS-Server", default_values=(), description="Liste"),
            ),
        ),
    ),
    "option-51-repeats-the-duration": (SERVER, scope_with(option_values=(*SCOPE.option_values, lease_time(EIGHT_DAYS)))),
    "option-51-is-all-a-dump-says": (
        scope_with(lease_duration=None, option_values=(*SCOPE.option_values, lease_time(EIGHT_DAYS))),
        SERVER,
    ),
    "option-51-without-end": (
        scope_with(lease_duration=UNLIMITED),
        scope_with(lease_duration=UNLIMITED, option_values=(*SCOPE.option_values, lease_time("4294967295"))),
    ),
    "no-superscope-said-in-two-ways": (scope_with(superscope=None), scope_with(superscope="")),
    "nap-is-gone-since-2016": (
        replace(scope_with(nap_enable=True), settings=(*SERVER.settings, ServerSetting(name=NPS_UNREACHABLE_ACTION, value="No"))),
        replace(
            scope_with(nap_enable=False, nap_profile=None),
            version=(10, 0),
            settings=tuple(replace(s, value="true") if s.name == NAP_ENABLED else s for s in SERVER.settings),
        ),
    ),
    "gap-shown-as-exclusion": (
        scope_with(gaps=(AddressRange.parse("10.20.0.70", "10.20.0.79"),)),
        scope_with(exclusions=(*SCOPE.exclusions, *exclusions(("10.20.0.70", "10.20.0.79")))),
    ),
    "one-exclusion-in-two-pieces": (
        SERVER,
        scope_with(exclusions=exclusions(("10.20.0.20", "10.20.0.24"), ("10.20.0.25", "10.20.0.29"), ("10.20.0.50", "10.20.0.59"))),
    ),
    "user-class-option-shown-as-policy": (
        scope_with(option_values=(*SCOPE.option_values, BOOTP_TIME)),
        scope_with(
            policies=(
                pseudo_policy("Default BOOTP Class", lease_time("2592000")),
                replace(PHONES, processing_order=2),
                replace(GUESTS, processing_order=3),
            )
        ),
    ),
    "user-class-option-of-a-dump-shown-as-policy": (
        scope_with(policies=None, option_values=(*SCOPE.option_values, BOOTP_TIME)),
        scope_with(policies=(pseudo_policy("Default BOOTP Class", lease_time("2592000")), PHONES)),
    ),
    "order-with-gaps": (
        SERVER,
        replace(SERVER, policies=(replace(PHONES, processing_order=4), replace(GUESTS, processing_order=7))),
    ),
    "condition-in-other-letters": (
        SERVER,
        replace(
            SERVER, policies=(replace(PHONES, conditions=(replace(PHONES.conditions[0], values=("80-5E-C0*",)),)), GUESTS)
        ),
    ),
    "filter-in-other-letters": (
        replace(SERVER, filters=replace(SERVER.filters, entries=(MacFilter(list="Deny", mac_address="AA-BB-CC-DD-EE-FF"),))),
        replace(SERVER, filters=replace(SERVER.filters, entries=(MacFilter(list="Deny", mac_address="aa-bb-cc-dd-ee-ff"),))),
    ),
}  # fmt: skip

ONE_DIFFERENCE: dict[str, tuple[Server, Server, str]] = {
    "own-class-of-the-found-server": (
        SERVER,
        replace(SERVER, classes=(*SERVER.classes, DhcpClass(name="Default BOOTP class 2", kind=ClassKind.USER, data=b"x"))),
        "user class Default BOOTP class 2",
    ),
    "built-in-class-with-other-data": (
        replace(SERVER, classes=(BOOTP, *SERVER.classes)),
        replace(SERVER, classes=(replace(BOOTP, data=b"BOOTP"), *SERVER.classes)),
        "user class Default BOOTP Class",
    ),
    "standard-definition-deleted": (
        replace(SERVER, option_definitions=(*SERVER.option_definitions, DNS_SERVERS)),
        SERVER,
        "option 6",
    ),
    "standard-definition-of-another-type": (
        replace(SERVER, option_definitions=(*SERVER.option_definitions, DNS_SERVERS)),
        replace(SERVER, option_definitions=(*SERVER.option_definitions, replace(DNS_SERVERS, type=OptionType.STRING))),
        "option 6",
    ),
    "option-51-contradicts-the-duration": (
        SERVER,
        scope_with(option_values=(*SCOPE.option_values, lease_time("3600"))),
        "option 51",
    ),
    "option-51-of-a-user-class": (
        SERVER,
        scope_with(option_values=(*SCOPE.option_values, lease_time(EIGHT_DAYS, "Staff"))),
        "option 51 (user class Staff)",
    ),
    "option-51-is-all-a-dump-says-and-differs": (
        scope_with(lease_duration=None, option_values=(*SCOPE.option_values, lease_time("3600"))),
        SERVER,
        "10.20.0.0",
    ),
    "nap-on-two-servers-that-have-it": (scope_with(nap_enable=True), SERVER, "10.20.0.0"),
    "user-class-option-with-another-value": (
        scope_with(option_values=(*SCOPE.option_values, BOOTP_TIME)),
        scope_with(policies=(pseudo_policy("Default BOOTP Class", lease_time("60"), order=3), PHONES, GUESTS)),
        "option 51 (user class Default BOOTP Class)",
    ),
    "user-class-policy-switched-off": (
        SERVER,
        scope_with(policies=(replace(pseudo_policy("Staff", order=3), enabled=False), PHONES, GUESTS)),
        "Staff",
    ),
    "exclusion-one-address-shorter": (
        SERVER,
        scope_with(exclusions=exclusions(("10.20.0.20", "10.20.0.28"), ("10.20.0.50", "10.20.0.59"))),
        "10.20.0.20 - 10.20.0.29",
    ),
    "exclusions-grown-together": (
        scope_with(exclusions=exclusions(("10.20.0.20", "10.20.0.29"))),
        scope_with(exclusions=exclusions(("10.20.0.20", "10.20.0.40"))),
        "10.20.0.20 - 10.20.0.29",
    ),
    "duration-one-second-longer": (
        SERVER,
        scope_with(lease_duration=timedelta(days=8, seconds=1), option_values=(*SCOPE.option_values, lease_time("691201"))),
        "10.20.0.0",
    ),
}


@pytest.mark.parametrize("name", NO_DIFFERENCE)
def test_nobody_made_this_difference(name: str) -> None:
    expected, found = NO_DIFFERENCE[name]
    assert expected != found
    assert compare_servers(expected, found) == ()


@pytest.mark.parametrize("name", ONE_DIFFERENCE)
def test_somebody_made_this_difference(name: str) -> None:
    expected, found, key = ONE_DIFFERENCE[name]
    assert [difference.key for difference in compare_servers(expected, found)] == [key]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(servers(), servers("dhcp02"))
def test_what_is_comparable_stays_as_it_is(expected: Server, found: Server) -> None:
    once = comparable(expected, found)
    assert comparable(*once) == once


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(servers(), servers("dhcp02"))
def test_no_scope_reservation_or_pool_is_taken_out(expected: Server, found: Server) -> None:
    for before, after in zip((expected, found), comparable(expected, found), strict=True):
        assert [_kept(scope) for scope in before.scopes] == [_kept(scope) for scope in after.scopes]


def _kept(scope: Scope) -> tuple[object, ...]:
    return scope.scope_id, scope.range, scope.serves, scope.lease_duration, scope.reservations, scope.state
