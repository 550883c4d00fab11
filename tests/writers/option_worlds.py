"""Pairs of servers that set few options at every level, so that the levels shadow each other all the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address

from hypothesis import strategies as st

from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.option import OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import Reservation, Scope
from migrate.model.server import ACTIVATE_POLICIES, Server, ServerSetting, Source
from writers.sources import source_of

PHONES = (PolicyCondition(field="MacAddress", operator="EQ", values=("0004F2*",)),)
STAFF = (PolicyCondition(field="UserClass", operator="EQ", values=("Staff",)),)
SUBNETS = [IPv4Address("10.0.0.0"), IPv4Address("10.0.1.0")]
CLIENTS = [ClientId(bytes([0, 0, 0, 0, 0, number])) for number in range(2)]


@st.composite
def option_pairs(draw: st.DrawFn) -> tuple[Source, Source]:
    """The second server is often the first with a few things changed."""
    primary = draw(servers())
    secondary = draw(servers()) if draw(st.booleans()) else draw(changed(primary))
    return source_of(replace(primary, name="dhcp01")), source_of(replace(secondary, name="dhcp02"))


def servers() -> st.SearchStrategy[Server]:
    switches = st.sampled_from(["true", "true", "false"]).map(lambda value: (ServerSetting(name=ACTIVATE_POLICIES, value=value),))
    scopes = st.lists(st.sampled_from(SUBNETS), min_size=1, max_size=2, unique=True).map(sorted)
    return st.builds(
        Server,
        name=st.just(""),
        settings=switches,
        option_values=values(),
        policies=policies(),
        scopes=scopes.flatmap(lambda found: st.tuples(*map(scope_at, found))),
    )


@st.composite
def scope_at(draw: st.DrawFn, base: IPv4Address) -> Scope:
    reserved = draw(st.lists(st.sampled_from(CLIENTS), max_size=1))
    return Scope(
        scope_id=base,
        subnet_mask=IPv4Address("255.255.255.224"),
        range=AddressRange(base + 1, base + 20),
        lease_duration=timedelta(seconds=draw(st.integers(1, 2))),
        activate_policies=draw(st.sampled_from([None, True, True, False])),
        option_values=draw(values()),
        policies=draw(policies()),
        reservations=tuple(Reservation(ip_address=base + 5, client_id=client, option_values=draw(values())) for client in reserved),
    )


@st.composite
def changed(draw: st.DrawFn, server: Server) -> Server:
    return replace(
        server,
        option_values=draw(values()) if draw(st.booleans()) else server.option_values,
        policies=draw(policies()) if not draw(st.integers(0, 3)) else server.policies,
        scopes=tuple([draw(changed_scope(scope)) for scope in server.scopes]),
    )


@st.composite
def changed_scope(draw: st.DrawFn, scope: Scope) -> Scope:
    other = draw(scope_at(scope.scope_id))
    if draw(st.booleans()):
        scope = replace(scope, option_values=other.option_values, lease_duration=other.lease_duration)
    if not draw(st.integers(0, 3)):
        scope = replace(scope, policies=other.policies)
    if not draw(st.integers(0, 3)):
        scope = replace(scope, reservations=other.reservations)
    return scope


def values() -> st.SearchStrategy[tuple[OptionValue, ...]]:
    option_ids, classes = st.sampled_from([6, 6, 51, 81]), st.sampled_from(["", "", "Staff", "Guest"])
    keys = st.tuples(option_ids, st.sampled_from(["", "", "MSFT"]), classes)
    return st.dictionaries(keys, st.sampled_from(["1", "2", "5"]), max_size=3).map(
        lambda chosen: tuple(
            OptionValue(option_id=number, vendor_class=vendor, user_class=user, values=(chosen[number, vendor, user],))
            for number, vendor, user in sorted(chosen)
        )
    )


def policies() -> st.SearchStrategy[tuple[Policy, ...]]:
    """Explicit ones, and one that is how Export-DhcpServer shows the options of user class Staff."""
    explicit = st.builds(
        Policy,
        name=st.sampled_from(["Phones", "phones", "Tills"]),
        processing_order=st.just(0),
        enabled=st.sampled_from([True, True, False]),
        conditions=st.just(PHONES),
        option_values=values(),
    )
    disguised = st.builds(
        Policy,
        name=st.just("Staff"),
        processing_order=st.just(0),
        enabled=st.sampled_from([True, True, False]),
        conditions=st.just(STAFF),
        option_values=values().map(lambda drawn: tuple(value for value in drawn if not value.user_class)),
    )
    drawn = st.lists(st.one_of(explicit, explicit, disguised), max_size=3, unique_by=lambda policy: policy.name.casefold())
    numbered = drawn.map(lambda found: tuple(replace(policy, processing_order=2 * n) for n, policy in enumerate(found, 1)))
    return st.one_of(st.just(()), numbered)
