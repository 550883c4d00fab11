"""Pairs of servers drawn from a small world, so that they meet: few scopes, addresses, clients, options and names.

The general strategy of `writers.servers` hardly ever lets two servers disagree about one thing; here they mostly do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address

from hypothesis import strategies as st

from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.client_id import ClientId
from migrate.model.leases import NEVER, Lease, LeaseState, LeaseTable
from migrate.model.option import LEASE_TIME, OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import ClientKind, ExclusionRange, Reservation, Scope, ScopeState
from migrate.model.server import Server, Source
from writers.servers import servers
from writers.sources import source_of

AS_OF = 1_000_000_000
CLIENTS = [ClientId(bytes([0, 0, 0, 0, 0, n])) for n in range(4)] + [ClientId(b"\1" + bytes(6)), ClientId(b"long client id")]
SUBNET = 32
BASES = [IPv4Address("10.0.0.0"), IPv4Address("10.0.0.32"), IPv4Address("10.0.1.0")]
STATES = [LeaseState.ACTIVE] * 6 + list(LeaseState)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Source, Source]:
    first = draw(servers("dhcp01"))
    second = replace(draw(st.sampled_from([first, draw(servers("dhcp02"))])), name="dhcp02")
    made = []
    for server in (first, second):
        scopes = tuple(draw(scope_at(base)) for base in draw(st.lists(st.sampled_from(BASES), unique=True).map(sorted)))
        values = draw(option_values())
        server = replace(server, scopes=scopes, option_values=values)
        made.append(source_of(server, draw(leases_in(server))))
    return made[0], made[1]


@st.composite
def scope_at(draw: st.DrawFn, base: IPv4Address) -> Scope:
    first, last = sorted(draw(st.lists(offsets(), min_size=2, max_size=2)))
    pool = AddressRange(base + first, base + last)
    cuts = draw(st.lists(st.tuples(offsets(), offsets()).map(sorted), max_size=3))
    excluded = AddressSet(AddressRange(base + a, base + b) for a, b in cuts)
    clients = draw(st.lists(st.sampled_from(CLIENTS), max_size=3, unique=True))
    places = draw(st.lists(st.integers(1, 6), min_size=len(clients), max_size=len(clients), unique=True))
    reservations = tuple(
        Reservation(ip_address=base + place, client_id=client, name=draw(st.sampled_from(["", "printer"])))
        for place, client in sorted(zip(places, clients, strict=True))
    )
    duration = draw(st.sampled_from([None, timedelta(hours=8), timedelta(days=8)]))
    values = draw(option_values())
    if duration is None:  # a parser that reads option 51 knows the duration
        values = tuple(value for value in values if (value.option_id, value.user_class) != (LEASE_TIME, ""))
    return Scope(
        scope_id=base,
        subnet_mask=IPv4Address("255.255.255.224"),
        name=draw(st.sampled_from(["", "Office", "office"])),
        state=draw(st.sampled_from(ScopeState)),
        type=draw(st.sampled_from(ClientKind)),
        lease_duration=duration,
        delay_ms=draw(st.sampled_from([None, 0, 1000])),
        superscope=draw(st.sampled_from([None, "", "Campus"])),
        range=pool,
        exclusions=tuple(ExclusionRange(range=r) for r in excluded.ranges),
        reservations=reservations,
        option_values=values,
        policies=draw(st.none() | policies()),
    )


def offsets() -> st.SearchStrategy[int]:
    return st.integers(1, SUBNET - 2)


def option_values() -> st.SearchStrategy[tuple[OptionValue, ...]]:
    keys = st.tuples(st.sampled_from([3, 6, 51, 81]), st.sampled_from(["", "", "Staff"]))
    values = st.sampled_from(["5", "23", "691200"])
    return st.dictionaries(keys, values, max_size=4).map(
        lambda chosen: tuple(
            OptionValue(option_id=number, user_class=user, values=(chosen[number, user],)) for number, user in sorted(chosen)
        )
    )


def policies() -> st.SearchStrategy[tuple[Policy, ...]]:
    phones = [PolicyCondition(field="MacAddress", operator="EQ", values=(mac,)) for mac in ("0004F2*", "64167F*")]
    return st.lists(
        st.builds(
            Policy,
            name=st.sampled_from(["Phones", "phones", "Guests"]),
            processing_order=st.just(1),
            enabled=st.booleans(),
            conditions=st.sampled_from(phones).map(lambda condition: (condition,)),
            option_values=option_values(),
        ),
        max_size=2,
        unique_by=lambda policy: policy.name.casefold(),
    ).map(lambda drawn: tuple(replace(policy, processing_order=number) for number, policy in enumerate(drawn, 1)))


@st.composite
def leases_in(draw: st.DrawFn, server: Server) -> LeaseTable:
    rows = []
    for scope in server.scopes:
        for place in draw(st.lists(st.integers(1, 8), max_size=6)):
            rows.append(
                Lease(
                    ip_address=scope.scope_id + place,
                    scope_id=scope.scope_id,
                    client_id=draw(st.sampled_from(CLIENTS)),
                    state=draw(st.sampled_from(STATES)),
                    expiry_s=draw(st.sampled_from([AS_OF - 1, AS_OF, AS_OF + 1, AS_OF + 2, AS_OF + 3, NEVER])),
                )
            )
    return LeaseTable.of_rows(rows)
