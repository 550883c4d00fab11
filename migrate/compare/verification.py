"""The morning after: fresh exports of both partners held against the plan, and against each other.

The plan is what both should hold. Where the partners differ, it also tells from which of them to replicate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

import numpy as np

from migrate.compare.leases import FreshLeases, LeaseComparison, compare_leases
from migrate.compare.objects import KINDS, ObjectKey
from migrate.compare.servers import Comparison, Difference, Outcome, Unsaid, compare
from migrate.model.leases import LeaseTable
from migrate.model.origin import Origin
from migrate.model.server import ObjectKind, Role, Server, Source
from migrate.model.target import Target

REPLICATED = frozenset(
    {ObjectKind.SCOPE, ObjectKind.EXCLUSION_RANGE, ObjectKind.RESERVATION, ObjectKind.OPTION_VALUE, ObjectKind.POLICY}
)
"""What Invoke-DhcpServerv4FailoverReplication copies, as far as it stands in a scope (windows-failover.md 5.1). Superscopes and
everything at server level stay as they are on each partner."""

_GRAVEST_FIRST = (Outcome.MISSING, Outcome.DIFFERS, Outcome.EXTRA, Outcome.UNSAID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One setting, or with an empty `setting` one object, that is not on both partners as planned. None: not there."""

    kind: ObjectKind
    scope_id: IPv4Address | None
    key: str
    setting: str
    planned: str | None
    found: Mapping[Role, str | None]
    places: tuple[Origin, ...] = ()

    @property
    def outcome(self) -> Outcome:
        if self.setting:
            return Outcome.DIFFERS
        return Outcome.EXTRA if self.planned is None else Outcome.MISSING

    @property
    def partners_agree(self) -> bool:
        return self.found[Role.PRIMARY] == self.found[Role.SECONDARY]

    @property
    def as_planned_on(self) -> Role | None:
        """The partner that has it as planned; None when neither has."""
        return next((role for role, found in self.found.items() if found == self.planned), None)

    @property
    def is_replicated(self) -> bool:
        return self.scope_id is not None and self.kind in REPLICATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """What it takes to bring the two copies of a scope together again. Replication overwrites the other copy as a whole."""

    scope_id: IPv4Address
    source: Role | None
    """The partner whose copy is as planned where they differ; None when neither copy is, throughout."""
    overwritten: int
    """Settings and objects that differ between the partners."""
    deleted: tuple[str, ...]
    """Objects of the other copy that are not in the plan: added since, and gone after replication."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    as_of_s: int
    tally: Mapping[ObjectKind, Counter[Outcome]]
    """Objects by kind, as the worse of the two partners has them."""
    deviations: tuple[Deviation, ...]
    replications: tuple[Replication, ...]
    unsaid: Mapping[Role, tuple[Unsaid, ...]]
    leases: LeaseComparison | None
    """None: not compared."""
    without_leases: tuple[Role, ...]
    """Partners whose export holds no lease list, though leases were to be compared."""
    left_out: tuple[IPv4Address, ...]
    """Scopes found that the plan leaves out on purpose: not compared."""

    @property
    def is_proven(self) -> bool:
        """Everything planned could be looked for on both partners."""
        return not self.without_leases and not any(self.unsaid.values())

    @property
    def is_clean(self) -> bool:
        return not self.deviations and not (self.leases and self.leases.wrong_count)

    @property
    def exit_status(self) -> int:
        return 0 if self.is_clean and self.is_proven else 1


def verify(
    target: Target,
    planned: LeaseTable,
    sources: Mapping[Role, Source],
    *,
    as_of_s: int,
    left_out: frozenset[IPv4Address] = frozenset(),
    configuration_only: bool = False,
) -> Verification:
    """`sources` has both partners; `left_out` are scopes that were there before and are not part of the plan."""
    left_out -= {scope.scope_id for scope in target.server.scopes}
    servers = {role: _without_scopes(source.server, left_out) for role, source in sources.items()}
    comparisons = {role: compare(target.server, server) for role, server in servers.items()}
    drift = compare(servers[Role.PRIMARY], servers[Role.SECONDARY])
    deviations = tuple(_deviations(comparisons, drift))
    compared = (None, ()) if configuration_only else _leases(target, planned, sources, as_of_s)
    return Verification(
        as_of_s=as_of_s,
        tally=_tally(comparisons),
        deviations=deviations,
        replications=tuple(_replications(deviations)),
        unsaid={role: comparison.unsaid for role, comparison in comparisons.items()},
        leases=compared[0],
        without_leases=compared[1],
        left_out=tuple(sorted(left_out & {scope.scope_id for source in sources.values() for scope in source.server.scopes})),
    )


def _without_scopes(server: Server, left_out: frozenset[IPv4Address]) -> Server:
    return replace(server, scopes=tuple(scope for scope in server.scopes if scope.scope_id not in left_out))


def _tally(comparisons: Mapping[Role, Comparison]) -> dict[ObjectKind, Counter[Outcome]]:
    found: dict[ObjectKey, set[Outcome]] = {}
    for comparison in comparisons.values():
        for key, outcome in comparison.outcomes.items():
            found.setdefault(key, set()).add(outcome)
    tally: dict[ObjectKind, Counter[Outcome]] = {}
    for key in sorted(found):
        worst = next((outcome for outcome in _GRAVEST_FIRST if outcome in found[key]), Outcome.SAME)
        tally.setdefault(KINDS[key.kind], Counter())[worst] += 1
    return tally


# -- what deviates, and which way to replicate ----------------------------------------------------------------------------------

_Place = tuple[int, int, str, str]


def _place(difference: Difference | Unsaid) -> _Place:
    return KINDS.index(difference.kind), int(difference.scope_id or 0), difference.key, difference.setting


def _deviations(comparisons: Mapping[Role, Comparison], drift: Comparison) -> Iterator[Deviation]:
    by_place: dict[_Place, dict[Role, Difference]] = {}
    for role, comparison in comparisons.items():
        for difference in comparison.differences:
            by_place.setdefault(_place(difference), {})[role] = difference
    silent = {role: {_place(each) for each in comparison.unsaid} for role, comparison in comparisons.items()}
    deviations = [_deviation(place, by_role, silent) for place, by_role in by_place.items()]
    deviations += _unplanned_drift(deviations, drift)
    yield from sorted(deviations, key=_reading_order)


def _reading_order(deviation: Deviation) -> tuple[int, bool, int]:
    """The server level first, then scope by scope, each before what stands in it."""
    return int(deviation.scope_id or 0), deviation.kind is not ObjectKind.SCOPE, KINDS.index(deviation.kind)


def _deviation(place: _Place, by_role: Mapping[Role, Difference], silent: Mapping[Role, set[_Place]]) -> Deviation:
    """A partner without a difference here has it as planned, unless its export cannot say."""
    any_side = next(iter(by_role.values()))
    found = {role: None if place in silent[role] else any_side.expected for role in Role}
    found |= {role: difference.found for role, difference in by_role.items()}
    return Deviation(
        kind=any_side.kind,
        scope_id=any_side.scope_id,
        key=any_side.key,
        setting=any_side.setting,
        planned=any_side.expected,
        found=found,
        places=tuple(place for difference in by_role.values() for place in difference.places),
    )


def _unplanned_drift(deviations: Iterable[Deviation], drift: Comparison) -> Iterator[Deviation]:
    """Settings in which the partners differ, of objects that both have and the plan has not."""
    extras = {
        (each.kind, each.scope_id, each.key)
        for each in deviations
        if each.outcome is Outcome.EXTRA and None not in each.found.values()
    }
    for difference in drift.differences:
        if difference.setting and (difference.kind, difference.scope_id, difference.key) in extras:
            yield Deviation(
                kind=difference.kind,
                scope_id=difference.scope_id,
                key=difference.key,
                setting=difference.setting,
                planned=None,
                found={Role.PRIMARY: difference.expected, Role.SECONDARY: difference.found},
                places=difference.places,
            )


def _replications(deviations: Iterable[Deviation]) -> Iterator[Replication]:
    by_scope: dict[IPv4Address, list[Deviation]] = {}
    for deviation in deviations:
        if deviation.scope_id and deviation.is_replicated and not deviation.partners_agree:
            by_scope.setdefault(deviation.scope_id, []).append(deviation)
    for scope_id, drifting in by_scope.items():
        if any(each.kind is ObjectKind.SCOPE and not each.setting for each in drifting):
            continue  # there is no second copy to bring in line
        sources = {each.as_planned_on for each in drifting}
        yield Replication(
            scope_id=scope_id,
            source=sources.pop() if len(sources) == 1 else None,
            overwritten=len(drifting),
            deleted=tuple(each.key for each in drifting if each.outcome is Outcome.EXTRA),
        )


# -- leases ---------------------------------------------------------------------------------------------------------------------


def _leases(
    target: Target, planned: LeaseTable, sources: Mapping[Role, Source], as_of_s: int
) -> tuple[LeaseComparison | None, tuple[Role, ...]]:
    scope_ids = np.array([int(scope.scope_id) for scope in target.server.scopes], np.uint32)
    fresh = {
        role: FreshLeases(
            table=source.leases.take(np.flatnonzero(np.isin(source.leases.scope_id, scope_ids))),
            server=source.server,
        )
        for role, source in sources.items()
        if source.has_leases
    }
    compared = compare_leases(planned, fresh, as_of_s) if fresh else None
    return compared, tuple(role for role in sources if role not in fresh)
