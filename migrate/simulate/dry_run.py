"""The dry run: a plan and its leases through every drill and through the change itself, and a verdict.

The drills are played in the mode of the plan, and once more in the other mode as a comparison that the verdict does not rest on. Of
large scopes a sample is played; `RelationshipRun.samples` says of each scope how much, and why one is not played at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from migrate.failover.dialect import WINDOWS, Dialect
from migrate.merge.result import ScopeMerge
from migrate.model.addresses import AddressSet
from migrate.model.leases import LeaseTable
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.server import Role
from migrate.model.target import Strategy, Target
from migrate.model.timespan import seconds_of_timespan
from migrate.simulate.drills import DRILLS, Drill, in_mode
from migrate.simulate.endurance import Endurance, advice, endurance
from migrate.simulate.estate import Estate, estate_of, rules_of
from migrate.simulate.play import DrillOutcome, play
from migrate.simulate.runbook import RUNBOOKS, WRONG_ORDERS, Before, RunbookOutcome, Serves, play_runbook
from migrate.simulate.sample import MAX_CLIENTS, ScopeSample, draw_sample
from migrate.simulate.transcript import duration

WRONG_ORDER_SCOPES = 12
LEAST_MCLT_S, LONGEST_MCLT_S = 60, 86400
"""Outside these an outage takes millions of renewals, or months of virtual time."""

Progress = Callable[[str], None]
OTHER_MODE = {FailoverMode.LOAD_BALANCE: FailoverMode.HOT_STANDBY, FailoverMode.HOT_STANDBY: FailoverMode.LOAD_BALANCE}


def _no_progress(text: str) -> None:
    """Nobody watches."""


class Outcome(StrEnum):
    HOLDS = "holds"
    """Every invariant held, in every drill and in the change itself."""
    BROKEN = "broken"
    """At least one did not where it must."""
    NOTHING_PLAYED = "nothing played"
    """There is no scope that could be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunSettings:
    seed: int = 1
    max_clients: int = MAX_CLIENTS
    """Of a relationship; more are played by sample."""
    compares_modes: bool = True
    """Whether the other mode is played as well."""
    serves: Mapping[Role, Serves] | None = None
    """What each server hands out today, by scope id (see `serves_today`); None: not known, the primary is taken to serve it all."""
    drills: tuple[Drill, ...] = DRILLS
    dialect: Dialect = field(default=WINDOWS)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongOrder:
    """An order of the steps that people get wrong, and what it would have done to this estate."""

    name: str
    outcome: RunbookOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipRun:
    relationship: str
    mode: FailoverMode
    samples: tuple[ScopeSample, ...]
    """One a scope of the relationship, also of those that are not played."""
    drills: tuple[DrillOutcome, ...] = ()
    """In the mode of the plan."""
    other_mode: tuple[DrillOutcome, ...] = ()
    """The same in the other mode: for comparison only."""
    runbook: RunbookOutcome | None = None
    """The change itself; None when no scope is played."""
    wrong_orders: tuple[WrongOrder, ...] = ()
    endurance: tuple[Endurance, ...] = ()
    """Of whole scopes. Where a scope is played in miniature, this tells who waits for want of an address, and not the drills."""
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    as_of_s: int
    seed: int
    strategy: Strategy
    knows_sources: bool
    """Whether the change starts from what each server hands out today, or from one server that serves everything."""
    relationships: tuple[RelationshipRun, ...]

    @property
    def outcome(self) -> Outcome:
        if not any(run.drills for run in self.relationships):
            return Outcome.NOTHING_PLAYED
        changes = [run.runbook for run in self.relationships if run.runbook is not None]
        return Outcome.BROKEN if self.faults or any(change.is_fault for change in changes) else Outcome.HOLDS

    @property
    def faults(self) -> tuple[DrillOutcome, ...]:
        return tuple(drill for run in self.relationships for drill in run.drills if drill.is_fault)

    @property
    def risks(self) -> tuple[DrillOutcome, ...]:
        """Drills that break what they are about: what it takes for that to happen stands in `why`."""
        return tuple(drill for run in self.relationships for drill in run.drills if drill.tolerated)

    @property
    def checked(self) -> dict[str, int]:
        """Judgements by invariant, over everything that the verdict rests on."""
        total: Counter[str] = Counter()
        for run in self.relationships:
            for played in (*run.drills, *((run.runbook,) if run.runbook else ())):
                total.update(played.checked)
        return dict(total)


def dry_run(target: Target, leases: LeaseTable, settings: DryRunSettings, progress: Progress = _no_progress) -> DryRun:
    """`leases` are the merged ones of the target. The same arguments give the same result, always."""
    return DryRun(
        as_of_s=target.as_of_s,
        seed=settings.seed,
        strategy=target.strategy,
        knows_sources=settings.serves is not None,
        relationships=tuple(_run(relationship, target, leases, settings, progress) for relationship in target.relationships),
    )


def _run(
    relationship: FailoverRelationship, target: Target, leases: LeaseTable, settings: DryRunSettings, progress: Progress
) -> RelationshipRun:
    members = set(relationship.scope_ids)
    scopes = [scope for scope in target.server.scopes if scope.scope_id in members]
    sample = draw_sample(scopes, leases, target.as_of_s, settings.max_clients, left_out=_reason_not_to_play(relationship))
    numbers = tuple(endurance(relationship, scope, account) for scope, account in zip(scopes, sample.accounts, strict=True))
    run = RelationshipRun(
        relationship=relationship.name,
        mode=relationship.mode,
        samples=sample.accounts,
        endurance=numbers,
        advice=advice(relationship, numbers),
    )
    if not sample.scopes:
        return run
    estate = estate_of(relationship, sample.scopes, sample.leases, target.as_of_s, rules_of(scopes))
    other = in_mode(relationship, OTHER_MODE[relationship.mode])
    drills = _play_all(estate, settings, progress)
    compared = _play_all(replace(estate, relationship=other), settings, progress) if settings.compares_modes else ()
    progress(f"playing the change itself, {target.strategy}")
    before = Before.one_server(estate) if settings.serves is None else Before.of_scopes(estate, settings.serves)
    return replace(
        run,
        drills=drills,
        other_mode=compared,
        runbook=play_runbook(
            RUNBOOKS[target.strategy], estate, before, target.strategy, seed=settings.seed, dialect=settings.dialect
        ),
        wrong_orders=_wrong_orders(estate, before, settings),
    )


def _reason_not_to_play(relationship: FailoverRelationship) -> str:
    mclt_s = seconds_of_timespan(relationship.max_client_lead_time)
    is_playable = LEAST_MCLT_S <= mclt_s <= LONGEST_MCLT_S
    return "" if is_playable else f"the MCLT of its relationship, {duration(mclt_s)}, is not between a minute and a day"


def _play_all(estate: Estate, settings: DryRunSettings, progress: Progress) -> tuple[DrillOutcome, ...]:
    outcomes = []
    for drill in settings.drills:
        progress(f"playing {drill.name}, {estate.relationship.mode}")
        outcomes.append(play(drill, estate, seed=settings.seed, dialect=settings.dialect))
    return tuple(outcomes)


def _wrong_orders(estate: Estate, before: Before, settings: DryRunSettings) -> tuple[WrongOrder, ...]:
    """In place, whatever the plan does, and on a few scopes: what is asked for is one victim."""
    on_both = {lease.scope_id for lease in estate.leases if before.server_of(lease) is Role.SECONDARY}
    scopes = sorted(estate.scopes, key=lambda scope: int(scope.scope_id) not in on_both)[:WRONG_ORDER_SCOPES]
    chosen = {int(scope.scope_id) for scope in scopes}
    leases = tuple(lease for lease in estate.leases if lease.scope_id in chosen)
    estate = replace(estate, scopes=tuple(sorted(scopes, key=lambda scope: scope.scope_id)), leases=leases)
    return tuple(
        WrongOrder(
            name=name,
            outcome=play_runbook(steps, estate, before, Strategy.IN_PLACE, seed=settings.seed, dialect=settings.dialect),
        )
        for name, steps in WRONG_ORDERS.items()
    )


def serves_today(scopes: Iterable[ScopeMerge]) -> dict[Role, dict[int, AddressSet]]:
    """From the result of the merge: what each server hands out before the change."""
    serves: dict[Role, dict[int, AddressSet]] = {role: {} for role in Role}
    for scope in scopes:
        for role, copy in scope.copies:
            serves[role][int(scope.scope_id)] = copy.serves
    return serves
