"""The dry run as commands use it: bounded in scopes and clients, so that an answer comes in seconds, or complete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import Any

from migrate.merge.result import MergeResult
from migrate.model.leases import LeaseTable
from migrate.model.target import Target
from migrate.simulate.dry_run import DryRun, DryRunSettings, dry_run, serves_today
from migrate.simulate.dry_run_json import dry_run_json

QUICK_SCOPES = 24
QUICK_CLIENTS = 200
"""What `migrate` plays before it writes; `unsplit dry-run` plays everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """`scopes_played` of `scopes` went through the drills; fewer than all only when the caller set a bound."""

    run: DryRun
    scopes_played: int
    scopes: int

    @property
    def extent(self) -> str:
        return f"{self.scopes_played:,} of {self.scopes:,} scopes"


def quick_rehearsal(result: MergeResult, progress: Callable[[str], None]) -> Rehearsal:
    """Before anything is emitted: the fullest scopes of the plan, every drill and the change itself."""
    settings = DryRunSettings(max_clients=QUICK_CLIENTS, compares_modes=False, serves=serves_today(result.scopes))
    target = with_fullest_scopes(result.target, QUICK_SCOPES)
    return Rehearsal(
        run=dry_run(target, result.leases.table, settings, progress),
        scopes_played=len(target.server.scopes),
        scopes=len(result.target.server.scopes),
    )


def full_rehearsal(
    target: Target,
    leases: LeaseTable,
    settings: DryRunSettings,
    progress: Callable[[str], None],
    *,
    scopes: int | None = None,
) -> Rehearsal:
    """All scopes, or the given number of the fullest."""
    count = len(target.server.scopes)
    played = target if scopes is None else with_fullest_scopes(target, scopes)
    return Rehearsal(run=dry_run(played, leases, settings, progress), scopes_played=len(played.server.scopes), scopes=count)


def rehearsal_data(rehearsal: Rehearsal) -> dict[str, Any]:
    """The content of dry-run.json."""
    bounds = {"scopes_played": rehearsal.scopes_played, "scopes": rehearsal.scopes}
    return {**dry_run_json(rehearsal.run), **bounds}


def with_fullest_scopes(target: Target, count: int) -> Target:
    """The target with no more than `count` scopes, those with the greatest share of their addresses leased."""
    if len(target.server.scopes) <= count:
        return target

    def fullness(scope_id: IPv4Address, addresses: int) -> tuple[float, int]:
        return -target.leased.get(scope_id, 0) / max(1, addresses), int(scope_id)

    ranked = sorted(target.server.scopes, key=lambda scope: fullness(scope.scope_id, scope.serves.address_count))
    kept = {scope.scope_id for scope in ranked[:count]}
    relationships = tuple(
        replace(relationship, scope_ids=tuple(scope_id for scope_id in relationship.scope_ids if scope_id in kept))
        for relationship in target.relationships
    )
    scopes = tuple(scope for scope in target.server.scopes if scope.scope_id in kept)
    return replace(target, server=replace(target.server, scopes=scopes), relationships=relationships)
