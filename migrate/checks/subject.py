"""What the rules look at: a finished merge, with the questions that many rules ask of it. Nothing here judges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address

from migrate.checks.lease_columns import TakenAddresses, held_addresses, taken_addresses
from migrate.merge.result import MergeResult, ScopeMerge
from migrate.merge.settings import Settings
from migrate.model.addresses import AddressSet
from migrate.model.decision import Decision
from migrate.model.relationship import FailoverRelationship
from migrate.model.scope import Scope
from migrate.model.server import Role, Source


@dataclass(frozen=True, kw_only=True)
class Subject:
    merged: MergeResult

    @property
    def settings(self) -> Settings:
        return self.merged.settings

    @property
    def primary(self) -> Source:
        return self.merged.sources[Role.PRIMARY]

    @property
    def secondary(self) -> Source | None:
        return self.merged.sources.get(Role.SECONDARY)

    @property
    def is_pair(self) -> bool:
        return self.secondary is not None

    @property
    def sources(self) -> tuple[tuple[Role, Source], ...]:
        return tuple((role, self.merged.sources[role]) for role in Role if role in self.merged.sources)

    def server_name(self, role: Role) -> str:
        """As the person who runs the migration calls it."""
        return self.settings.primary_server if role is Role.PRIMARY else self.settings.secondary_server

    @cached_property
    def scopes(self) -> tuple[ScopeMerge, ...]:
        """Every scope that this run is about: those left out on the command line are nobody's problem today."""
        return tuple(merge for merge in self.merged.scopes if not self.settings.leaves_out(merge.scope_id))

    @cached_property
    def shared_scopes(self) -> tuple[ScopeMerge, ...]:
        return tuple(merge for merge in self.scopes if merge.is_shared)

    @property
    def target_scopes(self) -> tuple[Scope, ...]:
        return self.merged.target.server.scopes

    @property
    def relationships(self) -> tuple[FailoverRelationship, ...]:
        return self.merged.target.relationships

    def decisions_of(self, rule: str) -> tuple[Decision, ...]:
        return self._decisions_by_rule.get(rule, ())

    @cached_property
    def _decisions_by_rule(self) -> dict[str, tuple[Decision, ...]]:
        by_rule: dict[str, tuple[Decision, ...]] = {}
        for decision in self.merged.decisions:
            by_rule[decision.rule] = (*by_rule.get(decision.rule, ()), decision)
        return by_rule

    @cached_property
    def held(self) -> TakenAddresses:
        return held_addresses(self.merged)

    @cached_property
    def taken(self) -> TakenAddresses:
        return taken_addresses(self.merged)

    def free_addresses(self, scope: Scope, within: AddressSet | None = None) -> int:
        """Addresses of a target scope that a new client could get: served, not reserved, not leased, not declined."""
        pool = distributable(scope) if within is None else distributable(scope) & within
        return pool.address_count - self.taken.count(scope.scope_id, pool)

    @property
    def without_leases(self) -> str:
        """Why nothing can be said about some leases; empty when every source lists its own."""
        silent = [self.server_name(role) for role, source in self.sources if not source.has_leases]
        return f"the source of {' and of '.join(silent)} holds no leases" if silent else ""

    @property
    def without_policies(self) -> str:
        """Why nothing can be said about some policies; empty when every source can express them."""
        silent = [self.server_name(role) for role, source in self.sources if source.server.policies is None]
        return f"the source of {' and of '.join(silent)} cannot express policies" if silent else ""

    def scope_of(self, scope_id: IPv4Address) -> Scope | None:
        return self._target_scopes_by_id.get(scope_id)

    @cached_property
    def _target_scopes_by_id(self) -> dict[IPv4Address, Scope]:
        return {scope.scope_id: scope for scope in self.target_scopes}


def distributable(scope: Scope) -> AddressSet:
    """What the partners share out between them: exclusions and reservations take no part in it."""
    return scope.serves - AddressSet.of_addresses(reservation.ip_address for reservation in scope.reservations)
