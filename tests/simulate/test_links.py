"""What arrives, when, and how often."""

from __future__ import annotations

from itertools import pairwise

import pytest

from migrate.model.server import Role
from migrate.simulate.links import NO_FAULTS, Direction, LinkFaults


def arrivals(faults: LinkFaults, *, seed: int = 1, count: int = 500) -> list[tuple[int, ...] | None]:
    direction = Direction(Role.PRIMARY, seed)
    return [direction.arrivals(faults, now) for now in range(count)]


def test_without_faults_every_message_arrives_at_once() -> None:
    assert arrivals(NO_FAULTS) == [(now,) for now in range(500)]


def test_delay_stays_within_its_bounds_and_keeps_the_order() -> None:
    times = [each[0] for each in arrivals(LinkFaults(delay_min_s=2, delay_max_s=9)) if each]
    assert len(times) == 500
    assert all(now + 2 <= at <= now + 9 for now, at in enumerate(times))
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert {at - now for now, at in enumerate(times)} == set(range(2, 10))


def test_reordering_lets_later_messages_overtake() -> None:
    times = [each[0] for each in arrivals(LinkFaults(delay_max_s=3, reordering_probability=0.2)) if each]
    assert any(earlier > later for earlier, later in pairwise(times))
    assert all(at <= now + 4 for now, at in enumerate(times))


@pytest.mark.parametrize("name", ["loss_probability", "duplication_probability", "reordering_probability"])
def test_probability_is_the_share_of_messages(name: str) -> None:
    outcomes = arrivals(LinkFaults(**{name: 0.1}), count=5000)  # type: ignore[arg-type]
    struck = sum(outcome != (now,) for now, outcome in enumerate(outcomes))
    assert 400 < struck < 600


def test_lost_is_not_the_same_as_swallowed() -> None:
    assert arrivals(LinkFaults(loss_probability=1.0), count=3) == [None] * 3
    assert arrivals(LinkFaults(silent_from=(Role.PRIMARY,)), count=3) == [()] * 3
    assert arrivals(LinkFaults(silent_from=(Role.SECONDARY,)), count=3) == [(0,), (1,), (2,)]


def test_same_seed_same_fate_and_each_direction_its_own() -> None:
    faults = LinkFaults(loss_probability=0.3)
    assert arrivals(faults) == arrivals(faults)
    assert arrivals(faults) != arrivals(faults, seed=2)
    other = Direction(Role.SECONDARY, 1)
    assert arrivals(faults) != [other.arrivals(faults, now) for now in range(500)]


def test_new_connection_does_not_wait_for_the_old_one() -> None:
    direction = Direction(Role.PRIMARY, 1)
    assert direction.arrivals(LinkFaults(delay_min_s=100, delay_max_s=100), 0) == (100,)
    assert direction.arrivals(NO_FAULTS, 1) == (100,)
    direction.reset()
    assert direction.arrivals(NO_FAULTS, 1) == (1,)


@pytest.mark.parametrize(
    "wrong",
    [{"loss_probability": 1.5}, {"duplication_probability": -0.1}, {"delay_min_s": 3}, {"delay_min_s": -1}],
    ids=str,
)
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"which is not between|makes no sense"):
        LinkFaults(**wrong)  # type: ignore[arg-type]
