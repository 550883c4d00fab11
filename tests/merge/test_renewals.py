"""Clients that look for a server that is gone, against a model that follows each of them by the hour."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st
from writers.pairs import AS_OF
from writers.sources import source_of

from migrate.merge.renewals import HOUR_S, RenewalHour, Renewals, renewals
from migrate.merge.settings import Settings
from migrate.merge.target import merge
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import NEVER, Lease, LeaseState, LeaseTable
from migrate.model.scope import Scope
from migrate.model.server import Server, Source
from migrate.model.target import Strategy

BASE = IPv4Address("10.0.0.0")


def cluster(length_s: int | None, lefts: list[int]) -> Source:
    """One scope; a lease for each number of seconds left, NEVER for none."""
    made = Scope(
        scope_id=BASE,
        subnet_mask=IPv4Address("255.255.255.0"),
        range=AddressRange(BASE + 1, BASE + 250),
        lease_duration=None if length_s is None else timedelta(seconds=length_s),
    )
    rows = [
        Lease(
            ip_address=BASE + number,
            scope_id=BASE,
            client_id=ClientId(bytes([number])),
            state=LeaseState.ACTIVE,
            expiry_s=NEVER if left == NEVER else AS_OF + left,
        )
        for number, left in enumerate(lefts, 1)
    ]
    return source_of(Server(name="cluster", scopes=(made,)), LeaseTable.of_rows(rows))


def of(*sources: Source, strategy: Strategy = Strategy.IN_PLACE) -> Renewals | None:
    primary, secondary = (*sources, None)[:2]
    settings = Settings(as_of_s=AS_OF, primary_server="a", secondary_server="b", strategy=strategy)
    return renewals(merge(primary, secondary, settings))  # type: ignore[arg-type]


@given(st.integers(8, 400_000).map(lambda n: n * 8), st.lists(st.integers(1, 3_000_000), max_size=12))
def test_against_a_model_of_single_clients(length_s: int, lefts: list[int]) -> None:
    found = of(cluster(length_s, lefts))
    assert found is not None and found.clients == len(lefts)
    begin, come = [], []
    for left in lefts:
        length = max(length_s, left)
        begin.append(max(0, left - length // 2) // HOUR_S)
        come.append(max(0, left - length // 8) // HOUR_S)
    hours = sorted({*begin, *come})
    assert found.hours == tuple(
        RenewalHour(hour, begin.count(hour), come.count(hour), sum(c > hour for c in come)) for hour in hours
    )
    trying = [sum(b <= hour <= c for b, c in zip(begin, come, strict=True)) for hour in hours]
    assert found.most_in_vain == max(trying, default=0)
    assert found.last_hour == max(come, default=0)


def test_what_has_no_end_or_no_length_is_not_counted() -> None:
    assert of(cluster(8 * HOUR_S, [NEVER, HOUR_S])) == Renewals(1, (RenewalHour(0, 1, 1, 0),))
    assert of(cluster(None, [HOUR_S])) == Renewals(0, ())


def test_a_lease_of_thousands_of_years_needs_no_memory() -> None:
    found = of(cluster(HOUR_S, [250_000_000_000, HOUR_S]))
    assert found and len(found.hours) == 3


def test_two_servers_that_stay_are_found_where_they_were() -> None:
    pair = cluster(HOUR_S, [60]), cluster(HOUR_S, [])
    assert of(*pair) is None
    assert of(*pair, strategy=Strategy.NEW_SERVERS) == Renewals(1, (RenewalHour(0, 1, 1, 0),))
