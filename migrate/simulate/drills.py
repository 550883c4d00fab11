"""The drills: what may happen to a failover pair, as lists of the commands of `commands`.

Each is played from the same start: the clients hold their leases, both partners meet, share out the free addresses and agree.
A drill that shows what happens when operators or settings go wrong says which invariants it is known to break, and why; that is a
risk to be told about, not a fault of the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from migrate.failover.bindings import UNLIMITED_S
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.timespan import seconds_of_timespan

DEFAULT_SWITCH_S = 3600
"""Windows' state switch interval where it is on."""
LONGEST_STEADY_S = 10 * 86400
"""Of a longer lease duration only so much is played."""
LONGEST_SWITCH_S = 86400
"""A longer state switch interval is played as one that never ends; somebody then declares the partner down."""
DUPLICATES = ("one-client-an-address", "client-keeps-its-address", "partners-agree")

PROLOGUE = ("lease-holders", "start", "run 1s", "rebalance", "agree")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What the lengths of a drill depend on, in seconds."""

    mclt_s: int
    lease_s: int
    """The longest lease duration of the scopes."""
    switch_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    name: str
    title: str
    steps: Callable[[Times], tuple[str, ...]]
    may_break: tuple[str, ...] = ()
    why: str = ""
    """For a drill that may break something: what it takes for it to happen."""
    adapt: Callable[[FailoverRelationship], FailoverRelationship] | None = None
    """Where a drill is about a setting, the relationship with that setting."""

    def relationship(self, planned: FailoverRelationship) -> FailoverRelationship:
        return planned if self.adapt is None else self.adapt(planned)


def times_of(relationship: FailoverRelationship, lease_s: int) -> Times:
    interval = relationship.state_switch_interval if relationship.auto_state_transition else None
    switch_s = UNLIMITED_S if interval is None else seconds_of_timespan(interval)
    return Times(
        mclt_s=seconds_of_timespan(relationship.max_client_lead_time),
        lease_s=LONGEST_STEADY_S if lease_s >= UNLIMITED_S else lease_s,
        switch_s=switch_s if switch_s <= LONGEST_SWITCH_S else None,
    )


def in_mode(relationship: FailoverRelationship, mode: FailoverMode) -> FailoverRelationship:
    """The relationship in this mode, with Windows' percentage where the plan has none for it."""
    if relationship.mode is mode:
        return relationship
    is_standby = mode is FailoverMode.HOT_STANDBY
    return replace(
        relationship, mode=mode, load_balance_percent=None if is_standby else 50, reserve_percent=5 if is_standby else None
    )


def _switching(relationship: FailoverRelationship) -> FailoverRelationship:
    planned = relationship.state_switch_interval or timedelta(seconds=DEFAULT_SWITCH_S)
    interval = min(planned, timedelta(seconds=LONGEST_SWITCH_S))
    return replace(relationship, auto_state_transition=True, state_switch_interval=interval)


def _never_switching(relationship: FailoverRelationship) -> FailoverRelationship:
    return replace(relationship, auto_state_transition=False, state_switch_interval=None)


def _steady(times: Times) -> tuple[str, ...]:
    return (f"run {min(times.lease_s, LONGEST_STEADY_S)}s", "rebalance", "agree")


_BUSY = ("reboot 5", "newcomers 1", "run 1min")
"""So that a server has promised something just before it is lost."""


def _life_goes_on(seconds: int) -> tuple[str, ...]:
    """Clients come back from the night and new ones come, while an outage lasts so long."""
    third = max(seconds // 3, 1)
    return (f"run {third}s", "reboot 3", "newcomers 2 each 60s", f"run {seconds - third}s")


def _lost_briefly(role: str, silently: str) -> Callable[[Times], tuple[str, ...]]:
    def steps(times: Times) -> tuple[str, ...]:
        away_s = max(min(times.switch_s or 3600, 3600) * 2 // 3, 60)
        return (*_BUSY, f"crash {role}{silently}", *_life_goes_on(away_s), f"restart {role}", *_recovered(times))

    return steps


def _lost_for_long(role: str, survivor: str, without_database: bool = False) -> Callable[[Times], tuple[str, ...]]:
    def steps(times: Times) -> tuple[str, ...]:
        declare = ("run 30min", f"partner-down {survivor}") if times.switch_s is None else (f"run {times.switch_s + 60}s",)
        outage = _life_goes_on(600) if without_database else _life_goes_on(times.mclt_s + 7200)
        restart = f"restart {role}" + (" without-database" if without_database else "")
        return (*_BUSY, f"crash {role}", *declare, *outage, restart, *_recovered(times))

    return steps


def _recovered(times: Times) -> tuple[str, ...]:
    return (f"run {2 * times.mclt_s + 900}s", "rebalance", "agree", "state")


def _link_cut(times: Times) -> tuple[str, ...]:
    return ("cut silently", *_life_goes_on(4 * 3600), "heal", *_recovered(times))


def _both_switch(times: Times) -> tuple[str, ...]:
    wait_s = (times.switch_s or DEFAULT_SWITCH_S) + times.mclt_s + 300
    return ("cut", f"run {wait_s}s", "reboot 3", "newcomers full", "run 1h", "heal", *_recovered(times))


def _too_early(times: Times) -> tuple[str, ...]:
    wait = f"run {times.mclt_s + 300}s"
    return ("cut", "partner-down secondary", wait, "reboot 3", "newcomers full", "run 1h", "heal", *_recovered(times))


def _clock_skew(times: Times) -> tuple[str, ...]:
    """What was refused meanwhile is sent again only when the connection is made anew."""
    return ("clock secondary +5min", *_life_goes_on(4 * 3600), "clock secondary +0s", "cut", "run 1min", "heal", *_recovered(times))


def _boot_storm(times: Times) -> tuple[str, ...]:
    return ("reboot 1", "newcomers full each 5s", "run 1h", "rebalance", "agree", f"run {times.mclt_s + 300}s", "agree")


_TOO_EARLY = "an operator declares a partner down that is alive behind a broken link"

DRILLS: tuple[Drill, ...] = (
    Drill(name="steady", title="Every client renews at its own times over a full lease time", steps=_steady),
    Drill(
        name="primary-lost-briefly",
        title="The primary dies without a word and is back before anybody declares it down",
        steps=_lost_briefly("primary", " silently"),
    ),
    Drill(
        name="secondary-lost-briefly",
        title="The secondary stops and is back before anybody declares it down",
        steps=_lost_briefly("secondary", ""),
    ),
    Drill(
        name="primary-lost-for-long",
        title="The primary is lost, the secondary goes into PARTNER-DOWN, the primary returns with its database",
        steps=_lost_for_long("primary", "secondary"),
    ),
    Drill(
        name="secondary-lost-for-long",
        title="The secondary is lost, the primary goes into PARTNER-DOWN, the secondary returns with its database",
        steps=_lost_for_long("secondary", "primary"),
    ),
    Drill(
        name="primary-returns-empty",
        title="The primary is lost and returns soon, without its database",
        steps=_lost_for_long("primary", "secondary", without_database=True),
    ),
    Drill(
        name="secondary-returns-empty",
        title="The secondary is lost and returns soon, without its database",
        steps=_lost_for_long("secondary", "primary", without_database=True),
    ),
    Drill(
        name="link-cut",
        title="The link between the partners is cut; neither goes into PARTNER-DOWN",
        steps=_link_cut,
        adapt=_never_switching,
    ),
    Drill(
        name="link-cut-both-switch",
        title="The link is cut and both partners go into PARTNER-DOWN by themselves",
        steps=_both_switch,
        adapt=_switching,
        may_break=DUPLICATES,
        why="automatic state transition is on and the link between two running servers stays broken for longer than the interval",
    ),
    Drill(
        name="partner-down-too-early",
        title="The link is cut, and the primary is declared down although it runs",
        steps=_too_early,
        adapt=_never_switching,
        may_break=DUPLICATES,
        why=_TOO_EARLY,
    ),
    Drill(
        name="clock-skew",
        title="The secondary's clock is five minutes fast; it is set right and the connection made anew",
        steps=_clock_skew,
    ),
    Drill(
        name="boot-storm",
        title="In the morning every client reboots, and new ones come until every pool is full",
        steps=_boot_storm,
    ),
)
