"""Address maps and utilisation, against a model that looks at one address after the other."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import AS_OF_S, LONE, SHARED, merge_result

from migrate.merge.result import MergeResult
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseState, LeaseTable
from migrate.model.scope import ExclusionRange, Reservation, Scope
from migrate.model.server import Role
from reports.address_map import CONFLICT, HOLDERS, RESERVED, AddressMap, Holder, MapRow, Pool, address_maps
from reports.tables.capacity import capacity_table
from reports.tables.figures import key_figures

BASE = int(SHARED)
offsets = st.integers(0, 255)
ranges = st.tuples(offsets, offsets).map(lambda pair: AddressRange(IPv4Address(BASE + min(pair)), IPv4Address(BASE + max(pair))))
scopes = st.builds(
    lambda whole, exclusions, reserved: Scope(
        scope_id=SHARED,
        subnet_mask=IPv4Address("255.255.255.0"),
        range=whole,
        exclusions=tuple(ExclusionRange(range=r) for r in exclusions),
        reservations=tuple(Reservation(ip_address=IPv4Address(BASE + i), client_id=ClientId(bytes([i]))) for i in sorted(reserved)),
    ),
    ranges,
    st.lists(ranges, max_size=3),
    st.sets(offsets, max_size=4),
)
lease_rows = st.lists(
    st.tuples(offsets, st.sampled_from(LeaseState), st.sampled_from([AS_OF_S - 1, AS_OF_S, AS_OF_S + 1])), max_size=12
)


def lease_table(rows: list[tuple[int, LeaseState, int]]) -> LeaseTable:
    return LeaseTable.of_rows(
        Lease(
            ip_address=IPv4Address(BASE + offset),
            scope_id=SHARED,
            client_id=ClientId(bytes([9, offset])),
            state=state,
            expiry_s=expiry,
        )
        for offset, state, expiry in rows
    )


def with_scope(
    primary: Scope, secondary: Scope, target: Scope, leases: dict[Role, LeaseTable], result: MergeResult | None = None
) -> MergeResult:
    """The sample with another shared scope, and nothing that contradicts."""
    result = result or merge_result()
    shared = replace(result.scopes[0], primary=primary, secondary=secondary, target=target)
    sources = {role: replace(source, leases=leases[role]) for role, source in result.sources.items()}
    merged = replace(
        result.leases, table=leases[Role.PRIMARY].slice(0, 0), source=result.leases.source[:0], reserved=result.leases.reserved[:0]
    )
    return replace(result, scopes=(shared,), sources=sources, leases=merged, lease_conflicts=(), decisions=())


def codes(row: MapRow) -> list[int]:
    return [code for code, length in zip(row.codes.tolist(), row.lengths.tolist(), strict=True) for _ in range(length)]


def code_of(address: IPv4Address, scope: Scope, leases: list[tuple[int, LeaseState, int]], conflicts: set[int]) -> int:
    is_excluded = any(address in exclusion.range for exclusion in scope.exclusions)
    in_range = scope.range is not None and address in scope.range
    pool = Pool.OUTSIDE if not in_range else Pool.EXCLUDED if is_excluded else Pool.SERVED
    held = {LeaseState.ACTIVE, LeaseState.OFFERED, LeaseState.ACTIVE_RESERVATION}
    here = [(state, expiry) for offset, state, expiry in leases if BASE + offset == int(address)]
    if any(state in held and expiry > AS_OF_S for state, expiry in here):
        holder = Holder.LEASED
    else:
        holder = Holder.DECLINED if any(state is LeaseState.DECLINED for state, _ in here) else Holder.NOBODY
    is_reserved = any(reservation.ip_address == address for reservation in scope.reservations)
    return pool + HOLDERS * holder + RESERVED * is_reserved + CONFLICT * (int(address) in conflicts)


def served(scope: Scope) -> set[int]:
    return {BASE + i for i in range(256) if code_of(IPv4Address(BASE + i), scope, [], set()) % HOLDERS == Pool.SERVED}


@given(scopes, scopes, lease_rows, lease_rows)
def test_every_address_is_what_a_look_at_it_says(
    primary: Scope, secondary: Scope, on_primary: list[tuple[int, LeaseState, int]], on_secondary: list[tuple[int, LeaseState, int]]
) -> None:
    tables = {Role.PRIMARY: lease_table(on_primary), Role.SECONDARY: lease_table(on_secondary)}
    (area,) = address_maps(with_scope(primary, secondary, primary, tables))
    conflicts = served(primary) & served(secondary)
    addresses = [IPv4Address(BASE + i) for i in range(256)]
    assert codes(area.rows[0]) == [code_of(address, primary, on_primary, conflicts) for address in addresses]
    assert codes(area.rows[1]) == [code_of(address, secondary, on_secondary, conflicts) for address in addresses]
    declined = [row for row in on_primary + on_secondary if row[1] is LeaseState.DECLINED]
    assert codes(area.rows[2]) == [code_of(address, primary, declined, set()) for address in addresses]


@given(scopes, scopes, lease_rows, lease_rows)
def test_utilisation_counts_what_the_map_shows(
    primary: Scope, secondary: Scope, on_primary: list[tuple[int, LeaseState, int]], on_secondary: list[tuple[int, LeaseState, int]]
) -> None:
    tables = {Role.PRIMARY: lease_table(on_primary), Role.SECONDARY: lease_table(on_secondary)}
    result = with_scope(primary, secondary, primary, tables)
    (area,) = address_maps(result)
    (row,) = capacity_table(result).rows
    for number, side in enumerate(area.rows):
        size, taken, free, used = row[2 + number * 4 : 6 + number * 4]
        assert size == side.count(pool=Pool.SERVED, is_reserved=False)
        assert free == side.count(pool=Pool.SERVED, is_reserved=False, holder=Holder.NOBODY)
        assert isinstance(taken, int)
        assert isinstance(free, int)
        assert taken + free == size
        assert used == (taken * 100 // size if size else None)


@given(scopes)
def test_neighbours_alike_are_one_run(scope: Scope) -> None:
    empty = {role: lease_table([]) for role in Role}
    for row in address_maps(with_scope(scope, scope, scope, empty))[0].rows:
        assert all(before != after for before, after in zip(row.codes.tolist(), row.codes.tolist()[1:], strict=False))
        assert int(row.lengths.sum()) == 256


def test_a_large_scope_costs_no_more_than_its_runs() -> None:
    wide = Scope(
        scope_id=IPv4Address("10.0.0.0"),
        subnet_mask=IPv4Address("255.0.0.0"),
        range=AddressRange.parse("10.0.0.1", "10.255.255.254"),
    )
    result = merge_result()
    scope = replace(result.scopes[1], scope_id=wide.scope_id, primary=wide, target=wide)
    (area,) = address_maps(replace(result, scopes=(scope,)))
    assert area.rows[0].lengths.tolist() == [1, 2**24 - 2, 1]


def maps(result: MergeResult) -> dict[IPv4Address, AddressMap]:
    return dict(zip((scope.scope_id for scope in result.scopes), address_maps(result), strict=True))


def contested(row: MapRow) -> list[int]:
    return [number for number, code in enumerate(codes(row)) if code >= CONFLICT]


def test_overlaps_and_leases_of_two_clients_are_conflicts_until_they_are_decided() -> None:
    result = merge_result()
    assert contested(maps(result)[SHARED].rows[0]) == [12], "the lease of two clients; the pools do not overlap"
    secondary = result.scopes[0].secondary
    assert secondary is not None
    wider = replace(secondary, exclusions=(ExclusionRange(range=AddressRange.parse("10.1.0.1", "10.1.0.95")),))
    scopes = (replace(result.scopes[0], secondary=wider), *result.scopes[1:])
    overlapping = replace(result, scopes=scopes)
    before, _, after = maps(overlapping)[SHARED].rows
    assert contested(before) == [12, *range(96, 101)]
    assert contested(after) == list(range(96, 101)), "the sample's decision about pools is open"
    decided = tuple(replace(d, choice="share") for d in result.decisions)
    assert contested(maps(replace(overlapping, decisions=decided))[SHARED].rows[2]) == []


@pytest.mark.parametrize(
    ("address", "client", "expected"),
    [
        pytest.param("10.1.0.50", "00155d000009", [12, 50], id="one address for two clients"),
        pytest.param("10.1.0.60", "00155d000001", [12, 50, 60], id="two addresses for one client"),
        pytest.param("10.1.0.60", "00155d000009", [12], id="another client on another address"),
    ],
)
def test_reservations_that_collide_are_conflicts(address: str, client: str, expected: list[int]) -> None:
    result = merge_result()
    secondary = result.scopes[0].secondary
    assert secondary is not None
    reservation = Reservation(ip_address=IPv4Address(address), client_id=ClientId.parse(client))
    scope = replace(result.scopes[0], secondary=replace(secondary, reservations=(reservation,)))
    before, _, after = maps(replace(result, scopes=(scope,)))[SHARED].rows
    assert contested(before) == expected
    assert contested(after) == []


def test_a_scope_that_is_not_there_has_no_runs() -> None:
    primary, secondary, target = maps(merge_result())[LONE].rows
    assert (len(primary.codes) > 0, len(secondary.codes), len(target.codes) > 0) == (True, 0, True)
    assert [primary.heading, secondary.heading, target.heading] == ["primary dhcp01", "secondary dhcp02", "target"]


def test_a_scope_with_two_masks_is_shown_whole() -> None:
    result = merge_result()
    secondary = result.scopes[0].secondary
    assert secondary is not None
    wider = replace(secondary, subnet_mask=IPv4Address("255.255.254.0"))
    (area,) = address_maps(replace(result, scopes=(replace(result.scopes[0], secondary=wider),)))
    assert str(area.network) == "10.1.0.0/23"
    assert {int(row.lengths.sum()) for row in area.rows} == {512}


def test_the_fullest_scope_is_that_of_the_target() -> None:
    result = merge_result()
    figures = {figure.label: figure for figure in key_figures(result, (), capacity_table(result))}
    assert (figures["Fullest scope"].value, figures["Fullest scope"].note) == ("3 %", "10.1.0.0, 193 addresses free")
    assert (figures["Leases"].value, figures["Leases"].note) == ("6", "of 12 read")
    assert (figures["Open decisions"].value, figures["Open decisions"].note) == ("1", "of 2")
