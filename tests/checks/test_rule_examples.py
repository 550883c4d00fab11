"""Every rule fires: the estate given here makes it say, word for word, what its page gives as the example."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest
from checks_estate import (
    AS_OF,
    TOMORROW,
    address,
    client,
    condition,
    found,
    lease,
    option,
    other_scope,
    partner,
    policy,
    reservation,
    scope,
    source,
    span,
    subject,
    with_relationships,
)

from migrate.checks import RULES, Subject, page_section
from migrate.checks.rule import Rule
from migrate.model.client_id import ClientId
from migrate.model.finding import Severity
from migrate.model.leases import Lease, LeaseState
from migrate.model.option import OptionDefinition, OptionType
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.scope import ClientKind, ScopeState
from migrate.model.server import (
    ACTIVATE_POLICIES,
    CONFLICT_DETECTION,
    ClassKind,
    DhcpClass,
    NotCarried,
    ObjectKind,
    ServerSetting,
    SourceFormat,
)
from migrate.model.target import Strategy

EXAMPLES: dict[str, Callable[[], Subject]] = {}

LATER = TOMORROW + timedelta(hours=2)
SPLIT = ("100-200",), ("10-99",)
"""Exclusions of the primary and of the secondary."""


def example(build: Callable[[], Subject]) -> Callable[[], Subject]:
    EXAMPLES[build.__name__.replace("_", "-")] = build
    return build


def split(**of_the_secondary: Any) -> Subject:
    """A split pair whose secondary's scope differs in the given properties."""
    return subject(source(scope(excluded=SPLIT[0])), partner(scope(excluded=SPLIT[1], **of_the_secondary)))


def alone(*leases: Lease, **properties: Any) -> Subject:
    return subject(source(scope(**properties), leases=leases))


def related(**properties: Any) -> Subject:
    made = alone()
    return with_relationships(made, replace(made.relationships[0], **properties))


@example
def overlapping_pools() -> Subject:
    held = [lease("100"), lease("109", 2), lease("110", 3)]
    return subject(source(scope(excluded=["110-200"]), leases=held), partner(scope(excluded=["10-99"])))


@example
def one_sided_exclusion() -> Subject:
    return subject(source(scope("10-210", excluded=["100-210"])), partner(scope(excluded=["10-99"])))


@example
def common_exclusion() -> Subject:
    return subject(source(scope(excluded=["10-19", "100-200"])), partner(scope(excluded=["10-99"])))


@example
def reservation_conflict() -> Subject:
    return subject(
        source(scope(excluded=SPLIT[0], reserved=[reservation("50", 1)])),
        partner(scope(excluded=SPLIT[1], reserved=[reservation("50", 2, "printer-2")])),
    )


@example
def reservation_differs() -> Subject:
    return subject(
        source(scope(excluded=SPLIT[0], reserved=[reservation("50")])),
        partner(scope(excluded=SPLIT[1], reserved=[reservation("50", name="printer-one")])),
    )


@example
def reservation_outside_range() -> Subject:
    return alone(reserved=[reservation("5")])


@example
def reservation_in_exclusion() -> Subject:
    return alone(excluded=["10-19"], reserved=[reservation("15")])


@example
def reservation_one_sided() -> Subject:
    return subject(source(scope(excluded=SPLIT[0], reserved=[reservation("50")])), partner(scope(excluded=SPLIT[1])))


@example
def lease_on_reserved_address() -> Subject:
    return subject(
        source(scope(excluded=SPLIT[0], reserved=[reservation("50")])),
        partner(scope(excluded=SPLIT[1]), leases=[lease("50", 9, "laptop")]),
    )


@example
def lease_conflict() -> Subject:
    return subject(
        source(scope(excluded=SPLIT[0]), leases=[lease("100", 1, "pc1")]),
        partner(scope(excluded=SPLIT[1]), leases=[lease("100", 2, "pc2", LATER)]),
    )


@example
def lease_two_addresses() -> Subject:
    return subject(
        source(scope(excluded=SPLIT[0]), leases=[lease("30")]),
        partner(scope(excluded=SPLIT[1]), leases=[lease("150", until=LATER)]),
    )


@example
def declined_leases() -> Subject:
    bad = [lease(last, number, "BAD_ADDRESS", state=LeaseState.DECLINED) for number, last in enumerate(("31", "30"), 1)]
    return alone(*bad)


@example
def leases_missing() -> Subject:
    return subject(source(scope(excluded=SPLIT[0])), partner(scope(excluded=SPLIT[1]), leases=None))


@example
def lease_outside_pool() -> Subject:
    return alone(lease("15"), lease("20", 2), excluded=["10-19"])


@example
def client_id_spellings() -> Subject:
    return alone(lease("30", 1), lease("31", 2), reserved=[reservation("50", client_id=client(1, "01"))])


@example
def scope_mask_mismatch() -> Subject:
    return split(subnet_mask=IPv4Address("255.255.254.0"))


@example
def scope_overlap() -> Subject:
    wide = scope("10.20.1.10-10.20.1.99", subnet_mask=IPv4Address("255.255.0.0"))
    return subject(source(wide), partner(other_scope(4)))


@example
def scope_on_both() -> Subject:
    there = scope("10.30.0.10-10.30.0.99", scope_id=IPv4Address("10.30.0.0"))
    return subject(source(scope(), there), partner(scope(), there))


@example
def scope_on_one_server() -> Subject:
    return subject(source(scope(), other_scope(7)), partner(other_scope(7)))


@example
def ranges_differ() -> Subject:
    return subject(source(scope("10-99")), partner(scope("120-200")))


@example
def range_leaves_subnet() -> Subject:
    return alone(pool="10.20.0.10-10.20.1.200")


@example
def no_free_address() -> Subject:
    return alone(lease("18"), lease("19", 2), pool="10-19", excluded=["10-17"])


@example
def bootp_scope() -> Subject:
    return alone(type=ClientKind.BOOTP)


@example
def offer_delay() -> Subject:
    return split(delay_ms=1000)


@example
def option_values_differ() -> Subject:
    ours, theirs = option(6, "10.20.0.2", "10.20.0.3"), option(6, "10.20.0.3", "10.20.0.2")
    return subject(
        source(scope(excluded=SPLIT[0], options=[ours])),
        partner(scope(excluded=SPLIT[1], options=[theirs])),
    )


@example
def scope_policies_differ() -> Subject:
    phones = policy("Phones", 1, condition("VendorClass", "Cisco"), option_values=(option(150, "10.20.0.9"),))
    return subject(source(scope(excluded=SPLIT[0], policies=(phones,))), partner(scope(excluded=SPLIT[1])))


@example
def option_not_defined() -> Subject:
    return subject(source(scope(excluded=SPLIT[0], options=[option(150, "10.20.0.9")])), partner(scope(excluded=SPLIT[1])))


@example
def class_not_defined() -> Subject:
    phones = policy("Phones", 1, condition("VendorClass", "Cisco Phones*"))
    return subject(source(scope(excluded=SPLIT[0], policies=(phones,))), partner(scope(excluded=SPLIT[1])))


@example
def class_differs() -> Subject:
    ours, theirs = (DhcpClass(name="Phones", kind=ClassKind.VENDOR, data=data) for data in (b"snom", b"poly"))
    return subject(source(scope(), classes=(ours,)), partner(scope(), classes=(theirs,)))


@example
def option_definition_differs() -> Subject:
    ours = OptionDefinition(option_id=150, name="TFTP", type=OptionType.IPV4_ADDRESS, multi_valued=True)
    theirs = replace(ours, type=OptionType.STRING, multi_valued=False)
    return subject(source(scope(), option_definitions=(ours,)), partner(scope(), option_definitions=(theirs,)))


@example
def server_options_differ() -> Subject:
    return subject(source(scope(), option_values=(option(42, "10.0.0.1"),)), partner(scope()))


@example
def server_settings_differ() -> Subject:
    ours, theirs = ((ServerSetting(name=CONFLICT_DETECTION, value=value),) for value in "20")
    return subject(source(scope(), settings=ours), partner(scope(), settings=theirs))


@example
def policy_conflict() -> Subject:
    ours, theirs = (policy("Phones", 1, condition("VendorClass", "Cisco"), enabled=enabled) for enabled in (True, False))
    return subject(source(scope(policies=(ours,))), partner(scope(policies=(theirs,))))


@example
def policy_invalid() -> Subject:
    return alone(policies=(policy(ip_ranges=(span("240-250"),)),))


@example
def small_policy_range() -> Subject:
    return alone(policies=(policy(ip_ranges=(span("30-30"),)),))


@example
def user_class_options() -> Subject:
    return alone(options=[option(15, "kiosk.example", user="Kiosk")])


@example
def superscope_differs() -> Subject:
    return subject(source(scope(superscope="Floor 1")), partner(scope()))


@example
def scope_state_differs() -> Subject:
    return split(state=ScopeState.INACTIVE)


@example
def scope_properties_differ() -> Subject:
    return subject(source(scope(name="Floor 1")), partner(scope(name="Floor one")))


@example
def lease_duration_differs() -> Subject:
    return split(lease_duration=timedelta(hours=12))


@example
def dns_flags_differ() -> Subject:
    return subject(source(scope(options=[option(81, "1")])), partner(scope()))


@example
def ptr_records_at_risk() -> Subject:
    return split()


@example
def nap_settings() -> Subject:
    return subject(source(scope(nap_enable=True)), target_os="2019")


@example
def ipv6_or_multicast() -> Subject:
    v6 = tuple(NotCarried(kind=ObjectKind.IPV6, key=f"2001:db8:{n}::", reason="IPv4 only", unsupported=True) for n in (1, 2))
    return subject(source(scope(), not_carried=v6))


@example
def netsh_inactive_reservations() -> Subject:
    idle = lease("50", until=None, state=LeaseState.INACTIVE)
    netsh = source(scope(reserved=[reservation("50")]), leases=[idle], path="dhcp01.txt", format=SourceFormat.NETSH_DUMP)
    return subject(netsh, target_os="2012")


@example
def target_versions() -> Subject:
    return subject(source(scope(), version=(6, 2)), partner(scope()))


@example
def two_target_servers() -> Subject:
    return subject(source(scope()), secondary_server="dhcp01")


@example
def relationship_limit() -> Subject:
    branches = [FailoverRelationship(name=f"branch {n}", primary_server=f"b{n}", secondary_server="dhcp02") for n in range(32)]
    return with_relationships(alone(), *branches)


@example
def relationship_name() -> Subject:
    first = alone().relationships[0]
    return with_relationships(alone(), replace(first, name="Floors"), replace(first, name="FLOORS"))


@example
def empty_relationship() -> Subject:
    return related(scope_ids=())


@example
def scope_count_chunks() -> Subject:
    return related(scope_ids=tuple(IPv4Address(n << 8) for n in range(1, 402)))


@example
def percentages() -> Subject:
    return subject(source(scope()), load_balance_percent=101)


@example
def mclt_zero() -> Subject:
    return subject(source(scope()), max_client_lead_time=timedelta(0))


@example
def mclt_longer_than_lease() -> Subject:
    return alone(lease_duration=timedelta(minutes=30))


@example
def auto_transition_risk() -> Subject:
    leases = [lease(str(n), n) for n in range(10, 19)]
    return subject(source(scope("10-20"), leases=leases), state_switch_interval=timedelta(hours=1))


@example
def auto_transition_off() -> Subject:
    return alone()


@example
def one_sided_load_balance() -> Subject:
    return subject(source(scope()), load_balance_percent=100)


@example
def small_standby_reserve() -> Subject:
    return subject(source(scope("10-19")), mode=FailoverMode.HOT_STANDBY)


@example
def relay_targets() -> Subject:
    return alone()


@example
def server_address_change() -> Subject:
    return subject(source(scope()), partner(scope()), strategy=Strategy.NEW_SERVERS)


@example
def scope_utilisation() -> Subject:
    return alone(*(lease(str(n), n) for n in range(10, 19)), pool="10-19")


@example
def router_outside_subnet() -> Subject:
    return alone(options=[option(3, "10.21.0.1")])


@example
def router_in_pool() -> Subject:
    return alone(options=[option(3, "10.20.0.20")])


@example
def dns_servers_missing() -> Subject:
    return alone(option_values=(option(3, "10.20.0.1"),))


@example
def duplicate_reservation_names() -> Subject:
    return alone(reserved=[reservation("50", 1), reservation("51", 2, "PRINTER-1"), reservation("52", 3, "scanner")])


@example
def conflict_detection_off() -> Subject:
    return subject(source(scope(), settings=(ServerSetting(name=CONFLICT_DETECTION, value="0"),)))


@example
def many_scopes() -> Subject:
    made = alone()
    target = replace(made.merged.target, server=replace(made.merged.target.server, scopes=made.target_scopes * 1001))
    return Subject(merged=replace(made.merged, target=target))


@example
def effective_options_change() -> Subject:
    """The policy stands on both; only the secondary does not enforce any."""
    phones = policy(option_values=(option(66, "tftp1"),))
    same = {"options": [option(66, "tftp2")], "policies": (phones,)}
    switches = [{"settings": (ServerSetting(name=ACTIVATE_POLICIES, value=value),)} for value in ("true", "false")]
    return subject(
        source(scope(excluded=SPLIT[0], **same), **switches[0]), partner(scope(excluded=SPLIT[1], **same), **switches[1])
    )


@example
def split_ratio() -> Subject:
    return subject(source(scope(excluded=["163-200"])), partner(scope(excluded=["10-162"])))


@example
def already_in_failover() -> Subject:
    held = [lease("30", 1), lease("31", 2), lease("150", 3)]
    return subject(source(scope(), leases=held), partner(scope(), leases=held))


@example
def renewals_in_vain() -> Subject:
    return alone(lease("30"), lease_duration=timedelta(hours=16))


@example
def declined_by_client() -> Subject:
    return alone(lease("30", 1, state=LeaseState.DECLINED), lease("31", 1))


@example
def stale_leases() -> Subject:
    an_hour_ago = AS_OF - timedelta(hours=1)
    return alone(*(lease(str(n), n, until=an_hour_ago) for n in (30, 31, 32)), lease("33", 33))


@example
def tiny_scope() -> Subject:
    return alone(pool="10-12", excluded=["10-10"])


@example
def public_dns_servers() -> Subject:
    return alone(options=[option(6, "8.8.8.8", "10.20.0.2")])


@example
def unusual_lease_duration() -> Subject:
    return alone(lease_duration=timedelta(days=90))


@example
def idle_scopes() -> Subject:
    return alone()


@example
def undecodable_option() -> Subject:
    return alone(options=[option(121, "0x18", "0x0a", "0x14")])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.ID)
def test_the_example_of_the_page_is_what_the_rule_says(rule: Rule) -> None:
    findings = found(EXAMPLES[rule.ID](), rule.ID)
    assert [finding.message for finding in findings] == [page_section(rule, "Example")]
    [finding] = findings
    assert finding.number == rule.NUMBER
    assert finding.severity <= rule.SEVERITY or (rule.ID == "scope-utilisation" and finding.severity is Severity.ERROR)
    assert finding.object and finding.remedy


def test_each_example_is_of_a_rule() -> None:
    assert sorted(EXAMPLES) == sorted(rule.ID for rule in RULES)
    assert address("1") == IPv4Address("10.20.0.1") and ClientId.parse("00155d000001") == client(1)
