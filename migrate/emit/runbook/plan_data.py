"""`windows/plan-data.jsonl`: what the scripts of the runbook work on, one object a line.

First the plan and its relationships, then the server level and every scope as they should be (side `target`) and as they were
exported (sides `primary` and `secondary`), by which the scripts tell whether the servers have changed since. A source that cannot
say (a netsh dump holds no policies) leaves null. Leases are not here: the scripts read them from the servers on the night. Only
those that lost in the merge are, so that the same ones lose then.

Every text stands behind an equals sign: some JSON readers turn a name that looks like a time into one. Everything is ASCII, and a
line is read by itself, because Windows PowerShell 5.1 refuses JSON of more than two million characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from migrate.emit.lost_leases import lost_leases
from migrate.model.leases import LeaseTable
from migrate.model.option import LEASE_TIME, OptionDefinition, OptionValue
from migrate.model.policy import CONDITION_FIELDS, Policy
from migrate.model.relationship import FailoverRelationship
from migrate.model.scope import Reservation, Scope
from migrate.model.server import ACTIVATE_POLICIES, CONFLICT_DETECTION, Filters, Role, Server, Source
from migrate.model.target import Strategy, Target
from migrate.model.timespan import format_timespan, seconds_of_timespan

FORMAT = "unsplit-runbook"
VERSION = 1
TARGET_SIDE = "target"

Record = Mapping[str, Any]


def plan_data(target: Target, leases: LeaseTable, sources: Mapping[Role, Source]) -> Iterator[str]:
    """The lines, without line ends. `leases` are the merged ones, sorted by scope id and address."""
    return map(_line, _records(target, leases, sources))


def _records(target: Target, leases: LeaseTable, sources: Mapping[Role, Source]) -> Iterator[Record]:
    yield _plan(target)
    for relationship in target.relationships:
        yield _relationship(relationship)
    yield _server(TARGET_SIDE, target.server)
    for scope in target.server.scopes:
        yield _scope(TARGET_SIDE, scope)
    if target.strategy is not Strategy.IN_PLACE:
        return
    planned = {scope.scope_id for scope in target.server.scopes}
    for role, source in sources.items():
        yield _server(role.value, source.server)
        for scope in source.server.scopes:
            if scope.scope_id in planned:
                yield _scope(role.value, scope)
        for scope_id, lost in lost_leases(source.leases, leases, target.as_of_s).items():
            if scope_id in planned:
                yield _head("lost-leases", role.value, str(scope_id)) | {"leases": lost}


def _line(record: Record) -> str:
    return json.dumps(_guarded(record), separators=(",", ":"))


def _guarded(value: Any) -> Any:
    if isinstance(value, str):
        return "=" + value
    if isinstance(value, Mapping):
        return {key: _guarded(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_guarded(member) for member in value]
    return value


def _head(kind: str, side: str = "", scope_id: str = "") -> dict[str, Any]:
    """The first three keys of every line, by which a reader finds it without taking the line apart."""
    return {"kind": kind, "side": side, "scope_id": scope_id}


def _plan(target: Target) -> Record:
    first = target.relationships[0]
    return _head("plan") | {
        "format": FORMAT,
        "version": VERSION,
        "strategy": target.strategy.value,
        "primary_server": first.primary_server,
        "secondary_server": first.secondary_server,
        "as_of": np.datetime_as_string(np.datetime64(target.as_of_s, "s")) + "Z",
        "scope_ids": [str(scope.scope_id) for scope in target.server.scopes],
    }


def _relationship(relationship: FailoverRelationship) -> Record:
    interval = relationship.state_switch_interval
    return _head("relationship") | {
        "name": relationship.name,
        "mode": relationship.mode.value,
        "load_balance_percent": relationship.load_balance_percent,
        "reserve_percent": relationship.reserve_percent,
        "max_client_lead_time": format_timespan(relationship.max_client_lead_time),
        "auto_state_transition": relationship.auto_state_transition,
        "state_switch_interval": None if interval is None else format_timespan(interval),
        "scope_ids": [str(scope_id) for scope_id in relationship.scope_ids],
    }


def _server(side: str, server: Server) -> Record:
    return _head("server", side) | {
        "conflict_detection_attempts": server.setting(CONFLICT_DETECTION),
        "activate_policies": server.setting(ACTIVATE_POLICIES),
        "classes": [
            {
                "name": dhcp_class.name,
                "type": dhcp_class.kind.value,
                "data": f"0x{dhcp_class.data.hex()}",
                "description": dhcp_class.description,
            }
            for dhcp_class in server.classes
        ],
        "definitions": [_definition(definition) for definition in server.option_definitions],
        "options": _options(server.option_values),
        "policies": _policies(server.policies),
        "filters": _filters(server.filters),
    }


def _definition(definition: OptionDefinition) -> Record:
    return {
        "option_id": definition.option_id,
        "vendor_class": definition.vendor_class,
        "name": definition.name,
        "type": definition.type.value,
        "multi_valued": definition.multi_valued,
        "default_values": list(definition.default_values),
        "description": definition.description,
    }


def _filters(filters: Filters | None) -> Record | None:
    if filters is None:
        return None
    entries = [{"list": e.list, "mac_address": e.mac_address, "description": e.description} for e in filters.entries]
    return {"allow": filters.allow_enabled, "deny": filters.deny_enabled, "entries": entries}


def _scope(side: str, scope: Scope) -> Record:
    excluded = sorted((*(exclusion.range for exclusion in scope.exclusions), *scope.gaps))
    return _head("scope", side, str(scope.scope_id)) | {
        "subnet_mask": str(scope.subnet_mask),
        "name": scope.name,
        "description": scope.description,
        "state": scope.state.value,
        "type": scope.type.value,
        "lease_seconds": _lease_seconds(scope),
        "delay": scope.delay_ms,
        "max_bootp_clients": scope.max_bootp_clients,
        "activate_policies": scope.activate_policies,
        "superscope": scope.superscope or "",
        "start_range": str(scope.range.first) if scope.range else "",
        "end_range": str(scope.range.last) if scope.range else "",
        "exclusions": [f"{excluded_range.first}-{excluded_range.last}" for excluded_range in excluded],
        "reservations": [_reservation(reservation) for reservation in scope.reservations],
        "options": _options(value for value in scope.option_values if not _is_lease_time(value)),
        "policies": _policies(scope.policies),
    }


def _is_lease_time(value: OptionValue) -> bool:
    """At scope level option 51 and the lease duration are one setting, which `lease_seconds` holds."""
    return value.option_id == LEASE_TIME and not value.vendor_class and not value.user_class


def _lease_seconds(scope: Scope) -> int | None:
    if scope.lease_duration is not None:
        return seconds_of_timespan(scope.lease_duration)
    stated = next((value.values[0] for value in scope.option_values if _is_lease_time(value) and value.values), "")
    return int(stated) if stated.isdecimal() else None


def _reservation(reservation: Reservation) -> Record:
    return {
        "ip_address": str(reservation.ip_address),
        "client_id": str(reservation.client_id),
        "name": reservation.name,
        "description": reservation.description,
        "type": reservation.type.value,
        "options": _options(reservation.option_values),
    }


def _options(values: Iterable[OptionValue]) -> list[Record]:
    return [
        {
            "option_id": value.option_id,
            "vendor_class": value.vendor_class,
            "user_class": value.user_class,
            "values": list(value.values),
        }
        for value in values
    ]


def _policies(policies: tuple[Policy, ...] | None) -> list[Record] | None:
    """In processing order."""
    if policies is None:
        return None
    return [
        {
            "name": policy.name,
            "enabled": policy.enabled,
            "condition": policy.condition,
            "description": policy.description,
            "conditions": _conditions(policy),
            "ranges": [f"{ip_range.first}-{ip_range.last}" for ip_range in policy.ip_ranges],
            "options": _options(policy.option_values),
            "dns_suffix": policy.dns_suffix or "",
        }
        for policy in sorted(policies, key=lambda policy: (policy.processing_order, policy.name))
    ]


def _conditions(policy: Policy) -> Record:
    """By field, in the form the cmdlets take: an operator, its values, perhaps another operator."""
    return {
        field: [
            text for condition in policy.conditions if condition.field == field for text in (condition.operator, *condition.values)
        ]
        for field in CONDITION_FIELDS
        if any(condition.field == field for condition in policy.conditions)
    }
