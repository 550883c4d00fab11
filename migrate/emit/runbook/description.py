"""`windows/runbook.md`: the change as a person follows it on the night."""

from __future__ import annotations

from collections.abc import Mapping

from migrate.emit.environment import environment
from migrate.model.relationship import MAX_SCOPES_PER_CALL
from migrate.model.server import Role, Source
from migrate.model.target import Strategy, Target

_SECONDS_PER_SCOPE = 5
_SECONDS_PER_LEASE = 0.1
_FORMATION_SECONDS = 60
"""Estimates: some dozen calls a scope, one a lease of the partner, and what a relationship takes to become Normal."""


def description(target: Target, sources: Mapping[Role, Source]) -> str:
    relationship = target.relationships[0]
    scopes = target.server.scopes
    partner = sources.get(Role.SECONDARY)
    moved = len(partner.leases) if partner and target.strategy is Strategy.IN_PLACE else 0
    chunks = sum(-(-len(each.scope_ids) // MAX_SCOPES_PER_CALL) for each in target.relationships)
    return (
        environment()
        .get_template("runbook.md.j2")
        .render(
            primary=relationship.primary_server,
            secondary=relationship.secondary_server,
            in_place=target.strategy is Strategy.IN_PLACE,
            scopes=len(scopes),
            leases=sum(target.leased.values()),
            partner_leases=moved,
            relationships=[{"name": each.name, "scopes": len(each.scope_ids)} for each in target.relationships],
            minutes=-(-int(len(scopes) * _SECONDS_PER_SCOPE + moved * _SECONDS_PER_LEASE + chunks * _FORMATION_SECONDS) // 60),
            example=str(scopes[0].scope_id) if scopes else "",
        )
    )
