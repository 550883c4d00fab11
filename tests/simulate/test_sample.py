"""A sample is the estate in miniature: on real addresses, in proportion, and with an account of what is left out."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address

import pytest
from connection_pair import scope
from simulations import START_S

from migrate.failover.bindings import UNLIMITED_S
from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.client_id import ClientId
from migrate.model.leases import NEVER, Lease, LeaseState, LeaseTable
from migrate.model.scope import ExclusionRange, Reservation, Scope, ScopeState
from migrate.simulate.endurance import advice, endurance
from migrate.simulate.estate import client_of, pool_addresses
from migrate.simulate.sample import ENOUGH_FREE, LEAST_CLIENTS, MAX_FREE, ScopeSample, draw_sample, spread, spread_addresses


def numbered_scope(number: int, **changes: object) -> Scope:
    return scope(f"10.20.{number}.11", f"10.20.{number}.210", scope_id=IPv4Address(f"10.20.{number}.0"), **changes)


def lease_row(scope_number: int, last: int, **changes: object) -> Lease:
    fields: dict[str, object] = {
        "ip_address": IPv4Address(f"10.20.{scope_number}.{last}"),
        "scope_id": IPv4Address(f"10.20.{scope_number}.0"),
        "client_id": ClientId(bytes((2, 0, 0, scope_number, 0, last))),
        "expiry_s": START_S + 86400,
    }
    return Lease(**{**fields, **changes})  # type: ignore[arg-type]


SCOPES = [numbered_scope(n) for n in range(4)]
TABLE = LeaseTable.of_rows([lease_row(n, 11 + k) for n in range(4) for k in range((40, 100, 10, 0)[n])])


def test_small_estate_is_played_whole() -> None:
    sample = draw_sample(SCOPES, TABLE, START_S)
    assert len(sample.leases) == len(TABLE)
    assert [account.leases_played for account in sample.accounts] == [40, 100, 10, 0]


@pytest.mark.parametrize("limit", [10, 30, 75], ids=str)
def test_large_estate_is_played_in_proportion(limit: int) -> None:
    sample = draw_sample(SCOPES, TABLE, START_S, limit)
    played = Counter(lease.scope_id for lease in sample.leases)
    for account in sample.accounts:
        assert account.leases_played == played[int(account.scope_id)]
        share = account.leases * limit / 150
        assert min(LEAST_CLIENTS, account.leases) <= account.leases_played <= max(LEAST_CLIENTS, share)
    assert not any(account.is_whole for account in sample.accounts[:3])


def test_only_real_free_addresses_are_played() -> None:
    whole = numbered_scope(
        0,
        exclusions=(ExclusionRange(range=AddressRange.parse("10.20.0.100", "10.20.0.200")),),
        reservations=(Reservation(ip_address=IPv4Address("10.20.0.60"), client_id=ClientId(b"\2\0\0\0\0\1")),),
    )
    sample = draw_sample([whole], TABLE, START_S, 10)
    miniature = sample.scopes[0]
    free = pool_addresses(miniature) - AddressSet.of_addresses(IPv4Address(lease.address) for lease in sample.leases)
    leased = AddressSet.of_addresses(IPv4Address(int(number)) for number in TABLE.address)
    assert (pool_addresses(whole) - leased).covers(free)
    assert free.address_count == sample.accounts[0].free_played
    assert miniature.excluded & whole.range_set == miniature.excluded
    assert miniature.reservations == whole.reservations


def test_utilisation_is_kept_or_there_is_room() -> None:
    sample = draw_sample(SCOPES, TABLE, START_S, 60)
    for account in sample.accounts[:2]:
        proportion = -(-account.free * account.leases_played // account.leases)
        assert account.free_played == min(max(proportion, ENOUGH_FREE), MAX_FREE, account.free)


def test_what_is_not_a_lease_any_more_is_not_played() -> None:
    rows = [
        lease_row(0, 11),
        lease_row(0, 12, state=LeaseState.DECLINED),
        lease_row(0, 13, state=LeaseState.INACTIVE_RESERVATION, expiry_s=NEVER),
        lease_row(0, 14, expiry_s=START_S),
        lease_row(0, 15, state=LeaseState.ACTIVE_RESERVATION, expiry_s=NEVER),
        lease_row(9, 16),
    ]
    sample = draw_sample(SCOPES[:1], LeaseTable.of_rows(rows), START_S)
    assert [lease.address & 0xFF for lease in sample.leases] == [11, 15]
    assert [lease.expiry_s for lease in sample.leases] == [START_S + 86400, UNLIMITED_S]


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (numbered_scope(3, state=ScopeState.INACTIVE), "inactive in the plan: it serves nobody"),
        (numbered_scope(3, range=None), "it has neither addresses nor leases"),
        (numbered_scope(3, lease_s=0), "its lease duration of 0 s is too short to be played"),
    ],
    ids=["inactive", "empty", "no lease time"],
)
def test_what_is_left_out_is_said(odd: Scope, reason: str) -> None:
    sample = draw_sample([*SCOPES[:3], odd], TABLE, START_S)
    assert sample.accounts[3].left_out == reason
    assert len(sample.scopes) == 3


def test_leases_that_cannot_go_on_are_counted_and_not_played() -> None:
    """One on an excluded address, one outside the range, one of a client that no DHCP packet can name."""
    whole = numbered_scope(0, exclusions=(ExclusionRange(range=AddressRange.parse("10.20.0.12", "10.20.0.12")),))
    rows = [lease_row(0, 11), lease_row(0, 12), lease_row(0, 250), lease_row(0, 13, client_id=ClientId(b"x" * 256))]
    sample = draw_sample([whole], LeaseTable.of_rows(rows), START_S)
    assert [lease.address & 0xFF for lease in sample.leases] == [11]
    (account,) = sample.accounts
    assert (account.leases, account.outside, account.unspeakable, account.is_whole) == (1, 2, 1, False)


def test_a_huge_free_pool_is_not_played_whole() -> None:
    sample = draw_sample([numbered_scope(3)], TABLE, START_S)
    assert sample.accounts[0].free == 200
    assert sample.accounts[0].free_played == MAX_FREE


@pytest.mark.parametrize("count", [0, 1, 3, 7, 20, 30])
def test_spread_is_even_and_in_order(count: int) -> None:
    chosen = spread(range(20), count)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(count, 20)
    addresses = AddressSet([AddressRange.parse("10.0.0.1", "10.0.0.9"), AddressRange.parse("10.0.0.21", "10.0.0.31")])
    picked = spread_addresses(addresses, count)
    assert [str(each) for each in picked] == [str(each) for each in spread(_listed(addresses), count)]


def _listed(addresses: AddressSet) -> list[int]:
    return [IPv4Address(number) for start, stop in addresses.spans for number in range(start, stop)]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("octets", "hardware", "identity"),
    [
        (b"\2\0\0\0\0\1", b"\1\2\0\0\0\0\1", b"\2\0\0\0\0\1"),
        (b"\1\2\0\0\0\0\1", b"\1\2\0\0\0\0\1", b"\1\2\0\0\0\0\1"),
        (b"RAS ", b"\1\0\0RAS ", b"RAS "),
        (b"", b"\1\0\0\0\0\0\0", b""),
    ],
    ids=["MAC", "typed MAC", "short", "empty"],
)
def test_clients_keep_the_identity_the_lease_list_knows(octets: bytes, hardware: bytes, identity: bytes) -> None:
    client = client_of(octets)
    assert (client.hardware, client.identity) == (hardware, identity)


def account(leases: int, free: int) -> ScopeSample:
    return ScopeSample(scope_id=IPv4Address("10.20.0.0"), leases=leases, leases_played=0, free=free, free_played=0)


def test_endurance_is_share_over_rate() -> None:
    from connection_pair import HOT_STANDBY, LEASE_S, LOAD_BALANCE

    balanced = endurance(LOAD_BALANCE, SCOPES[0], account(80, 20))
    assert (balanced.secondary_share, balanced.newcomers_per_day) == (10, 10.0)
    assert balanced.secondary_lasts_s == balanced.primary_lasts_s == 10 * LEASE_S // 80
    standby = endurance(HOT_STANDBY, SCOPES[0], account(80, 20))
    assert (standby.secondary_share, standby.secondary_lasts_s) == (1, LEASE_S // 80)
    assert endurance(LOAD_BALANCE, SCOPES[0], account(0, 20)).primary_lasts_s is None


def test_advice_names_the_scopes_that_run_dry() -> None:
    from connection_pair import HOT_STANDBY, relationship

    dry = endurance(HOT_STANDBY, SCOPES[0], account(180, 10))
    sentences = advice(HOT_STANDBY, [dry])
    assert "When the primary is lost, the secondary's own addresses do not last" in sentences[0]
    assert "10.20.0.0" in sentences[0]
    assert advice(relationship(switch_s=3600), [endurance(relationship(), SCOPES[0], account(10, 190))]) == ()
