"""The free addresses of a range: the pool against a naive model, and both ways of sharing (failover-protocol.md section 7)."""

from __future__ import annotations

from random import Random

import pytest

from migrate.failover.bindings import ACTIVE, BACKUP, FREE
from migrate.failover.codes import BindingState
from migrate.failover.dialect import ISC, WINDOWS
from migrate.failover.pool import (
    FreePool,
    addresses_to_give,
    is_starved,
    secondary_percent,
    secondary_target,
    surplus,
    to_give_by_ratio,
)
from migrate.model.relationship import FailoverMode
from migrate.model.server import Role

LB, HS = FailoverMode.LOAD_BALANCE, FailoverMode.HOT_STANDBY


def pool_of(free: int, backup: int) -> FreePool:
    states = {number: FREE if number < free else BACKUP for number in range(free + backup)}
    return FreePool(states, states.__getitem__)


@pytest.mark.parametrize("seed", range(20))
def test_pool_against_a_naive_model(seed: int) -> None:
    """Whatever changes, the counts are right, and `take` gives the lowest address that is free and not out on loan."""
    random = Random(f"{seed}:pool")
    states: dict[int, BindingState] = dict.fromkeys(range(40), FREE)
    pool = FreePool(states, states.__getitem__)
    on_loan: set[int] = set()
    for _ in range(400):
        draw = random.random()
        state = FREE if random.random() < 0.5 else BACKUP
        if draw < 0.4:
            expected = min((n for n, s in states.items() if s is state and n not in on_loan), default=None)
            assert pool.take(state) == expected
            if expected is not None:
                on_loan.add(expected)
        elif draw < 0.6 and on_loan:
            back = sorted(on_loan)[int(random.random() * len(on_loan))]
            on_loan.discard(back)
            if states[back] in (FREE, BACKUP):
                pool.put_back(back, states[back])
        else:
            changed = int(random.random() * 40)
            before = states[changed]
            states[changed] = (FREE, BACKUP, ACTIVE)[int(random.random() * 3)]
            pool.changed(changed, before, states[changed])
            on_loan.discard(changed)
        for counted in (FREE, BACKUP):
            assert pool.count(counted) == sum(s is counted for s in states.values())


def test_addresses_that_move_are_the_highest() -> None:
    """So that those next in turn to be leased stay where they are."""
    assert list(pool_of(5, 0).highest(FREE)) == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(("percent", "free"), [(percent, free) for percent in range(0, 101, 7) for free in range(0, 30, 3)])
def test_share_is_within_one_address_of_the_ratio_and_never_above(percent: int, free: int) -> None:
    target = secondary_target(pool_of(free, 0), LB, percent, WINDOWS)
    assert 0 <= free * percent / 100 - target < 1


def test_primary_gives_and_takes_by_the_same_rule() -> None:
    assert to_give_by_ratio(pool_of(10, 0), LB, 50, WINDOWS) == 5
    assert to_give_by_ratio(pool_of(5, 5), LB, 50, WINDOWS) == 0
    assert to_give_by_ratio(pool_of(2, 6), LB, 50, WINDOWS) == -2


@pytest.mark.parametrize(
    ("mode", "load", "reserve", "percent"),
    [(LB, 70, None, 30), (LB, None, None, 50), (HS, None, 8, 8), (HS, None, None, 5), (HS, 70, 0, 0)],
)
def test_percent_of_the_secondary(mode: FailoverMode, load: int | None, reserve: int | None, percent: int) -> None:
    """windows-failover.md 2.5: defaults 50 and 5; each mode heeds its own parameter only."""
    assert secondary_percent(mode, load, reserve) == percent


@pytest.mark.parametrize(("free", "backup", "lts"), [(10, 0, 5), (9, 0, 4), (0, 9, -4), (5, 6, 0), (7, 4, 1)])
def test_surplus_is_half_the_difference_toward_zero(free: int, backup: int, lts: int) -> None:
    """failover-protocol.md 7: lts = (mine - theirs) / 2, truncated toward zero."""
    assert surplus(pool_of(free, backup), Role.PRIMARY) == lts
    assert surplus(pool_of(free, backup), Role.SECONDARY) == -lts


def test_halves_gives_until_both_have_the_same() -> None:
    pool = pool_of(40, 0)
    assert addresses_to_give(pool, Role.PRIMARY, lambda _: False, ISC) == list(range(39, 19, -1))
    assert addresses_to_give(pool, Role.SECONDARY, lambda _: False, ISC) == []


def test_halves_prefers_addresses_of_the_partners_clients_up_to_the_allowance() -> None:
    """Pass 1: those whose last client hashes to the partner, until it is ahead by max-lease-ownership (10 percent of 40)."""
    given = addresses_to_give(pool_of(40, 0), Role.PRIMARY, lambda address: address % 2 == 0, ISC)
    assert all(address % 2 == 0 for address in given)
    assert len(given) == 20
    given = addresses_to_give(pool_of(20, 20), Role.PRIMARY, lambda address: address < 20, ISC)
    assert len(given) == 4


@pytest.mark.parametrize(("free", "backup", "starved"), [(40, 0, True), (26, 14, False), (27, 13, False), (33, 7, True)])
def test_secondary_is_starved_beyond_twice_the_misbalance(free: int, backup: int, starved: bool) -> None:
    """failover-protocol.md 7: lts < -2 * thresh, thresh = 15 percent of all, rounded: 6 of 40, so below -12."""
    assert is_starved(pool_of(free, backup), Role.SECONDARY, ISC) is starved


def test_a_tiny_pool_is_starved_at_once() -> None:
    """thresh 0 counts as a panic level of -1."""
    assert is_starved(pool_of(3, 0), Role.SECONDARY, ISC) is False
    assert is_starved(pool_of(4, 0), Role.SECONDARY, ISC) is False
    assert is_starved(pool_of(0, 4), Role.PRIMARY, ISC) is False
