"""AddressSet against the plainest model there is: a Python set of integers."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.addresses import EMPTY, AddressRange, AddressSet

BOUNDS = st.integers(0, 60)
SPANS = st.lists(st.tuples(BOUNDS, BOUNDS), max_size=8)
EDGES = st.sampled_from([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF])


def members(spans: list[tuple[int, int]]) -> set[int]:
    return {number for start, stop in spans for number in range(start, stop)}


def expanded(addresses: AddressSet) -> set[int]:
    return members(list(addresses.spans))


def assert_normal(addresses: AddressSet) -> None:
    """Sorted, not empty, apart from each other: what the class promises about its spans."""
    for start, stop in addresses.spans:
        assert start < stop
    for (_, stop), (start, _) in zip(addresses.spans, addresses.spans[1:], strict=False):
        assert stop < start


@given(SPANS)
def test_a_set_holds_exactly_what_its_spans_hold(spans: list[tuple[int, int]]) -> None:
    made = AddressSet.of_spans(spans)
    assert_normal(made)
    assert expanded(made) == members(spans)
    assert made.address_count == len(members(spans))
    assert made.is_empty == (not members(spans))
    assert [number for number in range(62) if IPv4Address(number) in made] == sorted(members(spans))


@given(SPANS, SPANS)
def test_operators_are_those_of_sets(spans: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    mine, theirs = AddressSet.of_spans(spans), AddressSet.of_spans(others)
    naive, naive_other = members(spans), members(others)
    for made, expected in (
        (mine | theirs, naive | naive_other),
        (mine & theirs, naive & naive_other),
        (mine - theirs, naive - naive_other),
    ):
        assert_normal(made)
        assert expanded(made) == expected
    assert mine.covers(theirs) == (naive >= naive_other)
    assert mine.is_disjoint(theirs) == naive.isdisjoint(naive_other)
    assert (mine == theirs) == (naive == naive_other)


@given(SPANS, SPANS)
def test_difference_and_intersection_are_disjoint_and_together_make_the_set(
    spans: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    mine, theirs = AddressSet.of_spans(spans), AddressSet.of_spans(others)
    assert (mine - theirs).is_disjoint(mine & theirs)
    assert (mine - theirs) | (mine & theirs) == mine
    assert (mine | theirs) - theirs == mine - theirs


@given(SPANS)
def test_equal_sets_have_equal_hashes_however_they_were_made(spans: list[tuple[int, int]]) -> None:
    one_by_one = AddressSet.of_addresses(IPv4Address(number) for number in sorted(members(spans), reverse=True))
    at_once = AddressSet.of_spans(reversed(spans))
    assert one_by_one == at_once
    assert hash(one_by_one) == hash(at_once)


@given(SPANS)
def test_ranges_are_maximal_and_make_the_set_again(spans: list[tuple[int, int]]) -> None:
    made = AddressSet.of_spans(spans)
    assert AddressSet(made.ranges) == made
    assert sum(each.address_count for each in made.ranges) == made.address_count
    assert len(made.ranges) == sum(number - 1 not in members(spans) for number in members(spans))


@given(SPANS)
def test_the_hull_runs_from_the_first_address_to_the_last(spans: list[tuple[int, int]]) -> None:
    hull, numbers = AddressSet.of_spans(spans).hull, members(spans)
    assert hull == (AddressRange(IPv4Address(min(numbers)), IPv4Address(max(numbers))) if numbers else None)


@given(st.lists(st.tuples(EDGES, EDGES).map(sorted), min_size=1, max_size=4))
def test_the_ends_of_the_address_space_are_ordinary_addresses(bounds: list[list[int]]) -> None:
    everything = AddressSet.of_network(IPv4Network("0.0.0.0/0"))
    ranges = [AddressRange(IPv4Address(first), IPv4Address(last)) for first, last in bounds]
    made = AddressSet(ranges)
    assert all(each.first in made and each.last in made for each in ranges)
    assert (everything - made) | made == everything
    assert (everything - made).address_count + made.address_count == 1 << 32


def test_a_network_counts_its_network_and_broadcast_address() -> None:
    assert AddressSet.of_network(IPv4Network("10.1.2.0/24")).ranges == (AddressRange.parse("10.1.2.0", "10.1.2.255"),)


def test_touching_ranges_become_one() -> None:
    touching = [AddressRange.parse("10.0.0.0", "10.0.0.9"), AddressRange.parse("10.0.0.10", "10.0.0.12")]
    assert str(AddressSet(touching)) == "10.0.0.0 - 10.0.0.12"
    assert len(AddressSet([touching[0], AddressRange.parse("10.0.0.11", "10.0.0.12")]).ranges) == 2


def test_a_set_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="is_empty"):
        bool(AddressSet())


def test_a_set_is_not_equal_to_its_ranges() -> None:
    assert AddressSet() != ()
    assert AddressSet() == EMPTY


@pytest.mark.parametrize(
    ("addresses", "text"),
    [
        pytest.param(EMPTY, "(none)", id="empty"),
        pytest.param(AddressSet([AddressRange.parse("10.0.0.5", "10.0.0.5")]), "10.0.0.5", id="one address"),
        pytest.param(
            AddressSet([AddressRange.parse("10.0.0.9", "10.0.1.0"), AddressRange.parse("10.0.0.5", "10.0.0.5")]),
            "10.0.0.5, 10.0.0.9 - 10.0.1.0",
            id="sorted, over an octet's end",
        ),
    ],
)
def test_a_set_reads_as_its_ranges(addresses: AddressSet, text: str) -> None:
    assert str(addresses) == text


class TestAddressRange:
    def test_both_ends_belong_to_it(self) -> None:
        pool = AddressRange.parse("10.0.0.250", "10.0.1.5")
        assert pool.address_count == 12
        assert IPv4Address("10.0.0.250") in pool
        assert IPv4Address("10.0.1.5") in pool
        assert IPv4Address("10.0.0.249") not in pool
        assert IPv4Address("10.0.1.6") not in pool

    def test_one_address_is_a_range_and_reads_as_one(self) -> None:
        single = AddressRange.parse("10.0.0.7", "10.0.0.7")
        assert single.address_count == 1
        assert str(single) == "10.0.0.7"

    def test_the_last_address_must_not_lie_before_the_first(self) -> None:
        with pytest.raises(ValueError, match=r"10\.0\.0\.7 - 10\.0\.0\.6"):
            AddressRange.parse("10.0.0.7", "10.0.0.6")

    def test_ranges_sort_by_number_not_by_text(self) -> None:
        assert sorted([AddressRange.parse("10.0.0.100", "10.0.0.101"), AddressRange.parse("10.0.0.20", "10.0.0.99")])[
            0
        ].first == IPv4Address("10.0.0.20")
