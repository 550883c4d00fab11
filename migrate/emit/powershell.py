"""`windows/apply.ps1`: the plan as PowerShell for Windows PowerShell 5.1 and the DhcpServer module.

The order of steps is that of windows-failover.md 8.3. Every value is a literal made by `ps_quote`, or a number; no secret is
ever among them. The script is bytes, with a byte order mark, without which Windows PowerShell reads it in a code page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrate.emit.environment import environment
from migrate.model.relationship import MAX_SCOPES_PER_CALL, FailoverRelationship
from migrate.model.scope import Scope
from migrate.model.target import Strategy, Target
from migrate.model.timespan import format_timespan


def apply_script(target: Target) -> bytes:
    """Raises ValueError when the relationships name more than one pair of servers: that is more than one script."""
    pairs = {(relationship.primary_server, relationship.secondary_server): None for relationship in target.relationships}
    if len(pairs) != 1:
        raise ValueError(f"a script is for one pair of servers, not {len(pairs)}")
    ((primary_server, secondary_server),) = pairs
    text = (
        environment()
        .get_template("apply.ps1.j2")
        .render(
            primary_server=primary_server,
            secondary_server=secondary_server,
            in_place=target.strategy is Strategy.IN_PLACE,
            max_scopes_per_call=MAX_SCOPES_PER_CALL,
            relationships=[_relationship(relationship) for relationship in target.relationships],
            scopes=[_scope(scope, target.leased.get(scope.scope_id, 0)) for scope in target.server.scopes],
            superscopes=_superscopes(target.server.scopes),
        )
    )
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def _relationship(relationship: FailoverRelationship) -> Mapping[str, Any]:
    interval = relationship.state_switch_interval
    return {
        "name": relationship.name,
        "max_client_lead_time": format_timespan(relationship.max_client_lead_time),
        "auto_state_transition": "$true" if relationship.auto_state_transition else "$false",
        "state_switch_interval": None if interval is None else format_timespan(interval),
        "load_balance_percent": relationship.load_balance_percent,
        "reserve_percent": relationship.reserve_percent,
        "scope_ids": [str(scope_id) for scope_id in relationship.scope_ids],
    }


def _scope(scope: Scope, leased: int) -> Mapping[str, Any]:
    return {
        "scope_id": str(scope.scope_id),
        "start_range": str(scope.range.first) if scope.range else "",
        "end_range": str(scope.range.last) if scope.range else "",
        "exclusions": len(scope.exclusions),
        "reservations": len(scope.reservations),
        "leases": leased,
    }


def _superscopes(scopes: tuple[Scope, ...]) -> list[Mapping[str, Any]]:
    members: dict[str, list[str]] = {}
    for scope in scopes:
        if scope.superscope:
            members.setdefault(scope.superscope, []).append(str(scope.scope_id))
    return [{"name": name, "scope_ids": scope_ids} for name, scope_ids in sorted(members.items())]
