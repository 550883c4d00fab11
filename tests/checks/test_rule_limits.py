"""Where rules stop: estates that nearly fire, and those that fire by a hair. One row a case, named after what decides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest
from checks_estate import (
    AS_OF,
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
)

from migrate.checks import Subject
from migrate.model.client_id import ClientId
from migrate.model.finding import Severity
from migrate.model.leases import Lease, LeaseState
from migrate.model.option import OptionDefinition, OptionType
from migrate.model.relationship import FailoverMode
from migrate.model.scope import ClientKind, Scope, ScopeState
from migrate.model.server import NAP_ENABLED, ClassKind, DhcpClass, ServerSetting, Source, SourceFormat
from migrate.model.target import Strategy

Properties = Mapping[str, Any]
AS_IT_IS: Properties = {}
PRIMARY_HALF: dict[str, Any] = {"excluded": ["100-200"]}
SECONDARY_HALF: dict[str, Any] = {"excluded": ["10-99"]}
INFO, WARNING, ERROR, BLOCK = Severity
SILENT: list[Severity] = []


def pair(ours: Properties = AS_IT_IS, theirs: Properties = AS_IT_IS, leases: Any = ((), ()), **settings: Any) -> Subject:
    """Two complementary halves, changed as told."""
    primary = source(scope(**{**PRIMARY_HALF, **ours}), leases=leases[0])
    return subject(primary, partner(scope(**{**SECONDARY_HALF, **theirs}), leases=leases[1]), **settings)


def single(*leases: Lease, settings: Properties = AS_IT_IS, **properties: Any) -> Subject:
    return subject(source(scope(**properties), leases=leases), **settings)


def servers(ours: Properties, theirs: Properties) -> Subject:
    """Differences at server level."""
    return subject(source(scope(**PRIMARY_HALF), **ours), partner(scope(**SECONDARY_HALF), **theirs))


def netsh(*scopes: Scope, **properties: Any) -> Source:
    given: dict[str, Any] = {"policies": None, "path": "dhcp02.txt", "format": SourceFormat.NETSH_DUMP}
    return source(*(replace(one, policies=None) for one in scopes), **given | properties)


SECOND_AGO = AS_OF - timedelta(seconds=1)
ONE_SECOND_LEFT = AS_OF + timedelta(seconds=1)
SPELLED = ClientId.parse("00:15:5D:00:00:01")
BUILT_IN = "Default BOOTP Class"
KIOSK = DhcpClass(name="Kiosk", kind=ClassKind.USER, data=b"kiosk")
TFTP = OptionDefinition(option_id=150, name="TFTP", type=OptionType.IPV4_ADDRESS, multi_valued=True)
IPV4_ROUTES = option(121, *["0x18", "0x0a", "0x14", "0x05", "0x0a", "0x14", "0x00", "0x01", "0x00", "0x0a", "0x14", "0x00", "0x01"])
SEARCH_LIST = option(119, *(f"0x{octet:02x}" for octet in b"\x03lab\x07example\x00\x02hq\xc0\x04"))

Case = tuple[str, str, Callable[[], Subject], list[Severity]]

CASES: list[Case] = [
    # pools
    ("complementary halves", "overlapping-pools", pair, SILENT),
    ("halves overlap by one", "overlapping-pools", lambda: pair({"excluded": ["101-200"]}), [BLOCK]),
    ("an inactive pool still explains", "one-sided-exclusion", lambda: pair(theirs={"state": ScopeState.INACTIVE}), SILENT),
    ("different ends that touch", "ranges-differ", lambda: pair({"pool": "10-99"}, {"pool": "100-200"}), [WARNING]),
    ("same ends", "ranges-differ", pair, SILENT),
    ("range ends at the broadcast address", "range-leaves-subnet", lambda: single(pool="10-255"), SILENT),
    ("range ends one later", "range-leaves-subnet", lambda: single(pool="10.20.0.10-10.20.1.0"), [ERROR]),
    ("the split is no common exclusion", "common-exclusion", pair, SILENT),
    # free addresses
    ("expired leases are free", "no-free-address", lambda: single(lease("10", until=AS_OF), pool="10-10"), SILENT),
    ("one second left", "no-free-address", lambda: single(lease("10", until=ONE_SECOND_LEFT), pool="10-10"), [ERROR]),
    ("declined is not free", "no-free-address", lambda: single(lease("10", state=LeaseState.DECLINED), pool="10-10"), [ERROR]),
    ("excluded all over", "no-free-address", lambda: single(excluded=["10-200"]), [ERROR]),
    ("no range at all", "no-free-address", lambda: single(pool=None), [ERROR]),
    ("all reserved", "no-free-address", lambda: single(pool="10-10", reserved=[reservation("10")]), [ERROR]),
    ("79 percent", "scope-utilisation", lambda: single(*(lease(str(n), n) for n in range(1, 80)), pool="1-100"), SILENT),
    ("80 percent", "scope-utilisation", lambda: single(*(lease(str(n), n) for n in range(1, 81)), pool="1-100"), [WARNING]),
    ("95 percent", "scope-utilisation", lambda: single(*(lease(str(n), n) for n in range(1, 96)), pool="1-100"), [ERROR]),
    ("full is another rule", "scope-utilisation", lambda: single(lease("10"), pool="10-10"), SILENT),
    # reservations
    ("same octets, other spelling", "reservation-conflict", lambda: pair(
        {"reserved": [reservation("50")]}, {"reserved": [reservation("50", client_id=SPELLED)]}), SILENT),
    ("one client, two addresses", "reservation-conflict", lambda: pair(
        {"reserved": [reservation("50")]}, {"reserved": [reservation("51")]}), [BLOCK]),
    ("01 and MAC are two clients", "reservation-conflict", lambda: pair(
        {"reserved": [reservation("50")]}, {"reserved": [reservation("51", client_id=client(1, "01"))]}), SILENT),
    ("a conflict is not one-sided", "reservation-one-sided", lambda: pair(
        {"reserved": [reservation("50")]}, {"reserved": [reservation("51")]}), SILENT),
    ("equal reservations", "reservation-one-sided", lambda: pair(
        {"reserved": [reservation("50")]}, {"reserved": [reservation("50")]}), SILENT),
    ("in the gap between two ranges", "reservation-outside-range", lambda: pair(
        {"pool": "10-99", "excluded": (), "reserved": [reservation("110")]}, {"pool": "120-200", "excluded": ()}), SILENT),
    ("in the split that dissolves", "reservation-in-exclusion", lambda: pair({"reserved": [reservation("150")]}), SILENT),
    ("in the range that grows for it", "reservation-in-exclusion", lambda: single(reserved=[reservation("5")]), SILENT),
    ("on a server that has the fix", "reservation-in-exclusion", lambda: single(
        excluded=["10-19"], reserved=[reservation("15")], settings={"target_os": "2019"}), [INFO]),
    ("on 2012 R2", "reservation-in-exclusion", lambda: single(
        excluded=["10-19"], reserved=[reservation("15")], settings={"target_os": "2012r2"}), [WARNING]),
    ("no names", "duplicate-reservation-names", lambda: single(
        reserved=[reservation("50", 1, ""), reservation("51", 2, "")]), SILENT),
    # leases
    ("over at that very second", "lease-conflict", lambda: pair(leases=([lease("100")], [lease("100", 2, until=AS_OF)])), SILENT),
    ("one second left", "lease-conflict", lambda: pair(leases=([lease("100")], [lease("100", 2, until=ONE_SECOND_LEFT)])), [ERROR]),
    ("the same client on both", "lease-conflict", lambda: pair(leases=([lease("100")], [lease("100")])), SILENT),
    ("the same address on both", "lease-two-addresses", lambda: pair(leases=([lease("100")], [lease("100")])), SILENT),
    ("the other address is over", "lease-two-addresses", lambda: pair(
        leases=([lease("30")], [lease("150", until=SECOND_AGO)])), SILENT),
    ("in two scopes", "lease-two-addresses", lambda: subject(
        source(scope(), other_scope(7), leases=[lease("30"), lease("10.20.7.30", scope_id=IPv4Address("10.20.7.0"))])), SILENT),
    ("its own reservation", "lease-on-reserved-address", lambda: single(lease("50"), reserved=[reservation("50")]), SILENT),
    ("seen on both servers", "lease-on-reserved-address", lambda: pair(
        {"reserved": [reservation("50")]}, leases=([lease("50", 9)], [lease("50", 9)])), [ERROR]),
    ("lease of a reservation", "lease-outside-pool", lambda: single(
        lease("15"), excluded=["10-19"], reserved=[reservation("15")]), SILENT),
    ("in the split that dissolves", "lease-outside-pool", lambda: pair(leases=([lease("150")], [])), SILENT),
    ("over", "lease-outside-pool", lambda: single(lease("15", until=AS_OF), excluded=["10-19"]), SILENT),
    ("filed under a foreign scope", "lease-outside-pool", lambda: subject(
        source(scope(), other_scope(7), leases=[lease("10.20.7.30")])), [WARNING]),
    ("of a scope that nobody has", "lease-outside-pool", lambda: single(lease("50", scope_id=IPv4Address("10.99.0.0"))), [WARNING]),
    ("of a scope that is left out", "lease-outside-pool", lambda: single(
        lease("250"), settings={"skip_scopes": frozenset([address("0")])}), SILENT),
    ("declined in a scope that is left out", "declined-leases", lambda: single(
        lease("50", state=LeaseState.DECLINED), settings={"skip_scopes": frozenset([address("0")])}), SILENT),
    ("no lease, but a list", "leases-missing", single, SILENT),
    ("nothing to lease", "leases-missing", lambda: subject(source(leases=None)), SILENT),
    ("half of them are over", "stale-leases", lambda: single(lease("30"), lease("31", 2, until=AS_OF)), SILENT),
    ("reservations have no end", "stale-leases", lambda: single(
        lease("30", until=None), lease("31", 2, until=AS_OF), lease("32", 3, until=AS_OF)), [WARNING]),
    ("four to share", "tiny-scope", lambda: single(pool="10-13"), SILENT),
    ("none to share is another rule", "tiny-scope", lambda: single(excluded=["10-200"]), SILENT),
    ("public, but nothing is registered", "public-dns-servers", lambda: single(
        options=[option(6, "8.8.8.8"), option(81, "0")]), SILENT),
    ("a DNS server that is no address", "public-dns-servers", lambda: single(options=[option(6, "dns")]), SILENT),
    ("only one spelling", "client-id-spellings", lambda: single(lease("30", 1), lease("31", client_id=client(2, "01"))), SILENT),
    ("spelled in two scopes", "client-id-spellings", lambda: subject(source(scope(), other_scope(7), leases=[
        lease("30"), lease("10.20.7.30", client_id=client(1, "01"), scope_id=IPv4Address("10.20.7.0"))])), SILENT),
    ("another hardware type", "client-id-spellings", lambda: single(
        lease("30", 1), lease("31", client_id=client(1, "06"))), SILENT),
    # scopes
    ("inactive on both", "scope-state-differs", lambda: pair(*[{"state": ScopeState.INACTIVE}] * 2), SILENT),
    ("no superscope, however said", "superscope-differs", lambda: pair({"superscope": ""}, {"superscope": None}), SILENT),
    ("a name is only a name", "scope-properties-differ", lambda: pair({"name": "Floor 1"}, {"name": "Floor one"}), [INFO]),
    ("a type decides who is served", "scope-properties-differ", lambda: pair({"type": ClientKind.BOTH}), [WARNING]),
    ("left out", "scope-on-one-server", lambda: subject(
        source(scope()), partner(), skip_scopes=frozenset([address("0")])), SILENT),
    ("delay of zero", "offer-delay", lambda: pair({"delay_ms": 0}), SILENT),
    ("both kinds, later target", "bootp-scope", lambda: single(type=ClientKind.BOTH, settings={"target_os": "2016"}), [WARNING]),
    ("both kinds, 2012", "bootp-scope", lambda: single(type=ClientKind.BOTH, settings={"target_os": "2012"}), [ERROR]),
    ("one finding for two copies", "bootp-scope", lambda: pair({"type": ClientKind.BOOTP}, {"type": ClientKind.BOTH}), [ERROR]),
    ("30 days", "unusual-lease-duration", lambda: single(lease_duration=timedelta(days=30)), SILENT),
    ("not said", "unusual-lease-duration", lambda: single(lease_duration=None), SILENT),
    # options
    ("equal from another level", "option-values-differ", lambda: subject(
        source(scope(**PRIMARY_HALF, options=[option(15, "lab.example")])),
        partner(scope(**SECONDARY_HALF), option_values=(option(15, "lab.example"),))), SILENT),
    ("the lease time is another rule", "option-values-differ", lambda: pair(
        {"options": [option(51, "691200")]}, {"options": [option(51, "43200")], "lease_duration": timedelta(hours=12)}), SILENT),
    ("the lease time, once", "lease-duration-differs", lambda: pair(
        {"options": [option(51, "691200")]}, {"options": [option(51, "43200")], "lease_duration": timedelta(hours=12)}), [WARNING]),
    ("missing means 0x05", "dns-flags-differ", lambda: pair({"options": [option(81, "5")]}), SILENT),
    ("0x05 against 0x01", "dns-flags-differ", lambda: pair({"options": [option(81, "1")]}), [WARNING]),
    ("flags are no option", "option-values-differ", lambda: pair({"options": [option(81, "1")]}), SILENT),
    ("nothing is deleted", "ptr-records-at-risk", lambda: pair(theirs={"options": [option(81, "1")]}), SILENT),
    ("new servers keep the old scopes", "ptr-records-at-risk", lambda: pair(strategy=Strategy.NEW_SERVERS), SILENT),
    ("defined on the partner", "option-not-defined", lambda: servers(
        {"option_values": (option(150, "10.0.0.9"),)}, {"option_definitions": (TFTP,)}), SILENT),
    ("standard options", "option-not-defined", lambda: single(options=[option(66, "pxe"), option(81, "1"), IPV4_ROUTES]), SILENT),
    ("of a Microsoft class", "option-not-defined", lambda: single(options=[option(1, "2", vendor="Microsoft Options")]), SILENT),
    ("standard number, other space", "option-not-defined", lambda: single(options=[option(3, "x", vendor="Phones")]), [ERROR]),
    ("one value against a list", "option-definition-differs", lambda: servers(
        {"option_definitions": (TFTP,)}, {"option_definitions": (replace(TFTP, multi_valued=False),)}), [WARNING]),
    ("another name", "option-definition-differs", lambda: servers(
        {"option_definitions": (TFTP,)}, {"option_definitions": (replace(TFTP, name="Boot", description="x"),)}), SILENT),
    ("another description", "class-differs", lambda: servers(
        {"classes": (KIOSK,)}, {"classes": (replace(KIOSK, description="Lobby"),)}), SILENT),
    ("built in", "class-not-defined", lambda: single(options=[option(51, "60", user=BUILT_IN)]), SILENT),
    ("defined in another case", "class-not-defined", lambda: subject(
        source(scope(options=[option(15, "x", user="KIOSK")]), classes=(KIOSK,))), SILENT),
    ("the class of a condition", "user-class-options", lambda: subject(
        source(scope(policies=(policy("P", 1, condition("UserClass", "Kiosk")),)), classes=(KIOSK,))), SILENT),
    ("one finding a class", "user-class-options", lambda: single(
        options=[option(15, "x", user="Kiosk"), option(66, "y", user="KIOSK"), option(15, "z", user="Lobby")]), [WARNING] * 2),
    ("routes that decode", "undecodable-option", lambda: single(options=[IPV4_ROUTES]), SILENT),
    ("a search list with a pointer", "undecodable-option", lambda: single(options=[SEARCH_LIST]), SILENT),
    ("a prefix of 33", "undecodable-option", lambda: single(options=[option(249, "0x21", *["0x00"] * 9)]), [WARNING]),
    ("a pointer to itself", "undecodable-option", lambda: single(options=[option(119, "0xc0", "0x00")]), [WARNING]),
    ("a name without an end", "undecodable-option", lambda: single(options=[option(119, "0x01", "0x61")]), [WARNING]),
    ("not octets at all", "undecodable-option", lambda: single(options=[option(121, "10.0.0.0/8")]), SILENT),
    ("a router of the superscope", "router-outside-subnet", lambda: subject(source(
        scope(superscope="Floor", option_values=(option(3, "10.20.7.1"),)), other_scope(7, superscope="Floor"))), SILENT),
    ("a router that is no address", "router-outside-subnet", lambda: single(options=[option(3, "gateway")]), SILENT),
    ("a router that is excluded", "router-in-pool", lambda: single(excluded=["10-10"], options=[option(3, "10.20.0.10")]), SILENT),
    ("a router that is reserved", "router-in-pool", lambda: single(
        reserved=[reservation("10")], options=[option(3, "10.20.0.10")]), SILENT),
    ("a router that is no address", "router-in-pool", lambda: single(options=[option(3, "gateway")]), SILENT),
    ("a server-level router in the pool", "router-in-pool", lambda: subject(source(
        scope(option_values=()), option_values=(option(3, "10.20.0.20"),))), [ERROR]),
    ("DNS from the server level", "dns-servers-missing", lambda: subject(source(
        scope(option_values=()), option_values=(option(6, "10.20.0.2"),))), SILENT),
    ("no DNS, but not in service", "dns-servers-missing", lambda: single(option_values=(), state=ScopeState.INACTIVE), SILENT),
    # server level
    ("a dump does not know filters", "server-settings-differ", lambda: subject(
        source(scope(**PRIMARY_HALF)), netsh(scope(**SECONDARY_HALF))), SILENT),
    ("a dump does not know policies", "scope-policies-differ", lambda: subject(
        source(scope(**PRIMARY_HALF, policies=(policy(),))), netsh(scope(**SECONDARY_HALF))), SILENT),
    ("NAP is off", "nap-settings", lambda: subject(
        source(scope(nap_enable=False), settings=(ServerSetting(name=NAP_ENABLED, value="false"),)), target_os="2019"), SILENT),
    ("2012 R2 knows NAP", "nap-settings", lambda: single(nap_enable=True, settings={"target_os": "2012r2"}), SILENT),
    ("NAP of the server", "nap-settings", lambda: subject(
        source(scope(), settings=(ServerSetting(name=NAP_ENABLED, value="true"),)), target_os="2016"), [INFO]),
    # policies
    ("other order only", "policy-conflict", lambda: pair(
        {"policies": (policy("A", 1), policy("B", 2))}, {"policies": (policy("B", 1), policy("A", 2))}), [ERROR] * 2),
    ("same order with a gap", "policy-conflict", lambda: pair(
        {"policies": (policy("A", 1),)}, {"policies": (policy("A", 4),)}), SILENT),
    ("a gap in the order", "policy-invalid", lambda: single(policies=(policy("A", 1), policy("B", 3))), [WARNING]),
    ("two of one order hide no gap", "policy-invalid", lambda: single(
        policies=(policy("A", 1), policy("B", 1), policy("C", 3))), [WARNING]),
    ("a very late order", "policy-invalid", lambda: single(policies=(policy("A", 4_294_967_295),)), [WARNING]),
    ("order zero", "policy-invalid", lambda: single(policies=(policy("A", 0),)), SILENT),
    ("a user class fills the gap", "policy-invalid", lambda: single(
        policies=(policy("Kiosk", 1, condition("UserClass", "Kiosk")), policy("B", 2))), SILENT),
    ("ranges side by side", "policy-invalid", lambda: single(
        policies=(policy("A", 1, ip_ranges=(span("10-19"),)), policy("B", 2, ip_ranges=(span("20-29"),)))), SILENT),
    ("ranges that share an address", "policy-invalid", lambda: single(
        policies=(policy("A", 1, ip_ranges=(span("10-20"),)), policy("B", 2, ip_ranges=(span("20-29"),)))), [ERROR]),
    ("a range on a server policy", "policy-invalid", lambda: subject(
        source(scope(), policies=(policy(ip_ranges=(span("10-19"),)),))), [ERROR]),
    ("a name with a lease time", "policy-invalid", lambda: single(
        policies=(policy("A", 1, condition("Fqdn", "*.lab"), option_values=(option(51, "60"),)),)), SILENT),
    ("a name with a router", "policy-invalid", lambda: single(
        policies=(policy("A", 1, condition("Fqdn", "*.lab"), option_values=(option(3, "10.20.0.1"),)),)), [ERROR]),
    ("a name on 2012", "policy-invalid", lambda: single(
        policies=(policy("A", 1, condition("Fqdn", "*.lab")),), settings={"target_os": "2012"}), [ERROR]),
    ("several small ranges of one policy", "small-policy-range", lambda: single(
        policies=(policy(ip_ranges=tuple(span(f"{n}-{n}") for n in (30, 40, 50))),)), [WARNING]),
    ("two free addresses", "small-policy-range", lambda: single(policies=(policy(ip_ranges=(span("30-31"),)),)), SILENT),
    ("one of the two is leased", "small-policy-range", lambda: single(
        lease("30"), policies=(policy(ip_ranges=(span("30-31"),)),)), [WARNING]),
    ("hot standby wants twenty", "small-policy-range", lambda: single(
        policies=(policy(ip_ranges=(span("30-48"),)),), settings={"mode": FailoverMode.HOT_STANDBY}), [WARNING]),
    ("twenty are enough", "small-policy-range", lambda: single(
        policies=(policy(ip_ranges=(span("30-49"),)),), settings={"mode": FailoverMode.HOT_STANDBY}), SILENT),
    # relationship
    ("nineteen free, five percent", "small-standby-reserve", lambda: single(
        pool="10-28", settings={"mode": FailoverMode.HOT_STANDBY}), [WARNING]),
    ("twenty free, five percent", "small-standby-reserve", lambda: single(
        pool="10-29", settings={"mode": FailoverMode.HOT_STANDBY}), SILENT),
    ("nothing free is another rule", "small-standby-reserve", lambda: single(
        lease("10"), pool="10-10", settings={"mode": FailoverMode.HOT_STANDBY}), SILENT),
    ("more clients went lately than are reserved", "small-standby-reserve", lambda: single(
        *(lease(str(n), n, until=AS_OF + timedelta(minutes=10)) for n in range(10, 40)), pool="10-79",
        settings={"mode": FailoverMode.HOT_STANDBY}, lease_duration=timedelta(hours=8)), [WARNING]),
    ("they have renewed", "small-standby-reserve", lambda: single(
        *(lease(str(n), n, until=AS_OF + timedelta(hours=5)) for n in range(10, 40)), pool="10-79",
        settings={"mode": FailoverMode.HOT_STANDBY}, lease_duration=timedelta(hours=8)), SILENT),
    ("nobody known", "declined-by-client", lambda: single(lease("30", 1, state=LeaseState.DECLINED), lease("31", 2)), SILENT),
    ("a reserved client", "declined-by-client", lambda: single(
        lease("30", 1, state=LeaseState.DECLINED), reserved=[reservation("50", 1)]), [INFO]),
    ("on both servers", "declined-by-client", lambda: pair(leases=(
        [lease("30", 1, state=LeaseState.DECLINED), lease("31", 1)],
        [lease("150", 1, state=LeaseState.DECLINED)])), [INFO]),
    ("halves", "split-ratio", lambda: pair({}, {}), [INFO]),
    ("one serves nothing", "split-ratio", lambda: subject(
        source(scope(excluded=["10-200"])), partner(scope())), SILENT),
    ("both serve everything", "split-ratio", lambda: subject(source(scope()), partner(scope())), SILENT),
    ("one lease in common", "already-in-failover", lambda: subject(
        source(scope(), leases=[lease("30")]), partner(scope(), leases=[lease("30")])), SILENT),
    ("half of the leases in common", "already-in-failover", lambda: subject(
        source(scope(), leases=[lease("30"), lease("31", 2), lease("32", 3)]),
        partner(scope(), leases=[lease("30"), lease("31", 2), lease("150", 4)])), SILENT),
    ("a split with leases in common", "already-in-failover", lambda: subject(
        source(scope(**PRIMARY_HALF), leases=[lease("30"), lease("31", 2)]),
        partner(scope(**SECONDARY_HALF), leases=[lease("30"), lease("31", 2)])), SILENT),
    ("said so", "already-in-failover", lambda: pair(already_in_failover=frozenset([address("0")])), [INFO]),
    ("lead time as long as a lease", "mclt-longer-than-lease", lambda: single(lease_duration=timedelta(hours=1)), [WARNING]),
    ("a second longer", "mclt-longer-than-lease", lambda: single(lease_duration=timedelta(hours=1, seconds=1)), SILENT),
    ("a policy is shorter", "mclt-longer-than-lease", lambda: single(
        policies=(policy(option_values=(option(51, "600"),)),)), [WARNING]),
    ("80 percent full", "auto-transition-risk", lambda: single(
        *(lease(str(n), n) for n in range(10, 18)), pool="10-19", settings={"state_switch_interval": timedelta(hours=1)}), SILENT),
    ("by an operator", "auto-transition-risk", lambda: single(
        *(lease(str(n), n) for n in range(10, 19)), pool="10-19"), SILENT),
    ("a timer is set", "auto-transition-off", lambda: single(settings={"state_switch_interval": timedelta(hours=1)}), SILENT),
    ("99 percent", "one-sided-load-balance", lambda: single(settings={"load_balance_percent": 99}), SILENT),
    ("none for the primary", "one-sided-load-balance", lambda: single(settings={"load_balance_percent": 0}), [WARNING]),
    ("100 percent is allowed", "percentages", lambda: single(settings={"load_balance_percent": 100}), SILENT),
    ("names in another case", "two-target-servers", lambda: single(settings={"secondary_server": "DHCP01"}), [ERROR]),
    ("everything is left out", "empty-relationship", lambda: single(settings={"skip_scopes": frozenset([address("0")])}), [ERROR]),
    ("equal versions", "target-versions", pair, SILENT),
    ("a pair in place", "relay-targets", pair, SILENT),
    ("new servers", "relay-targets", lambda: pair(strategy=Strategy.NEW_SERVERS), [WARNING]),
    ("in place", "server-address-change", pair, SILENT),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "build", "expected"), [case[1:] for case in CASES], ids=[f"{c[1]}: {c[0]}" for c in CASES])
def test_limit(rule: str, build: Callable[[], Subject], expected: list[Severity]) -> None:
    findings = found(build(), rule)
    assert [finding.severity for finding in findings] == expected, [finding.message for finding in findings]
