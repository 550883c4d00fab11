"""Classes, option definitions, policies, filters and settings, side by side; each is described in a line or a few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from migrate.merge.result import MergeResult
from migrate.model.option import OptionDefinition
from migrate.model.policy import Policy
from migrate.model.server import DhcpClass, Filters, Server
from reports.tables.sides import compared, sides_of
from reports.tables.table import Column, Kind, Table

_KINDS = (
    "Server setting",
    "Vendor class",
    "User class",
    "Option definition",
    "Policy",
    "User class options",
    "Filter list",
    "Filter",
)


@dataclass(frozen=True, slots=True, order=True)
class _Thing:
    rank: int
    scope: int
    """0: at the server."""
    key: str


@dataclass(frozen=True, slots=True)
class _Description:
    name: str
    text: str


def classes_and_policies_table(result: MergeResult) -> Table:
    sides = sides_of(result)
    columns = (
        Column("Kind", max_width=20),
        Column("Scope", Kind.ADDRESS, is_optional=True),
        Column("Name", max_width=34),
        *(Column(heading.capitalize(), max_width=50) for heading, _ in sides),
        Column("Compared", max_width=22),
    )
    described = [dict(_descriptions(server)) for _, server in sides]
    rows = []
    for thing in sorted({thing: None for side in described for thing in side}):
        found = [side.get(thing) for side in described]
        shown = next(description for description in reversed(found) if description)
        rows.append(
            (
                _KINDS[thing.rank],
                str(IPv4Address(thing.scope)) if thing.scope else None,
                shown.name,
                *(description.text if description else None for description in found),
                compared(result, [description.text if description else None for description in found]),
            )
        )
    return Table(
        sheet="Classes and policies",
        title="Classes, option definitions, policies, filters and server settings",
        lead="Failover does not replicate what stands at server level: both partners get the last column by import.",
        columns=columns,
        rows=rows,
        empty="No server has any of them.",
        fixed_columns=3,
    )


def _descriptions(server: Server) -> Iterator[tuple[_Thing, _Description]]:
    for setting in server.settings:
        yield _thing("Server setting", setting.name), _Description(setting.name, setting.value)
    for dhcp_class in server.classes:
        yield _thing(f"{dhcp_class.kind.value} class", dhcp_class.name.casefold()), _class(dhcp_class)
    for definition in server.option_definitions:
        key = f"{definition.vendor_class.casefold()} {definition.option_id:05}"
        yield _thing("Option definition", key), _definition(definition)
    yield from _policies(0, server.policies or ())
    for scope in server.scopes:
        yield from _policies(int(scope.scope_id), scope.policies or ())
    yield from _filters(server.filters)


def _thing(kind: str, key: str, scope: int = 0) -> _Thing:
    return _Thing(_KINDS.index(kind), scope, key)


def _class(dhcp_class: DhcpClass) -> _Description:
    parts = [f"data {dhcp_class.data.hex('-')}" if dhcp_class.data else "", dhcp_class.description]
    return _Description(dhcp_class.name, ", ".join(part for part in parts if part) or "defined")


def _definition(definition: OptionDefinition) -> _Description:
    values = "list of " if definition.multi_valued else ""
    default = f", default {' '.join(definition.default_values)}" if any(definition.default_values) else ""
    vendor = f" of vendor class {definition.vendor_class}" if definition.vendor_class else ""
    return _Description(f"{definition.option_id} {definition.name.strip()}{vendor}", f"{values}{definition.type.value}{default}")


def _policies(scope: int, policies: Iterable[Policy]) -> Iterator[tuple[_Thing, _Description]]:
    for policy in policies:
        if policy.user_class_of_pseudo_policy is None:
            yield _thing("Policy", policy.name.casefold(), scope), _policy(policy)
        elif policy.option_values:
            options = ", ".join(value.label for value in policy.option_values)
            yield _thing("User class options", policy.name.casefold(), scope), _Description(policy.name, options)


def _policy(policy: Policy) -> _Description:
    lines = [f"order {policy.processing_order}, {'enabled' if policy.enabled else 'disabled'}"]
    lines += [f" {policy.condition} ".join(map(str, policy.conditions))] if policy.conditions else []
    lines += ["ranges " + ", ".join(map(str, policy.ip_ranges))] if policy.ip_ranges else []
    lines += ["options " + ", ".join(str(value.option_id) for value in policy.option_values)] if policy.option_values else []
    lines += [f"DNS suffix {policy.dns_suffix}"] if policy.dns_suffix else []
    return _Description(policy.name, "\n".join(lines))


def _filters(filters: Filters | None) -> Iterator[tuple[_Thing, _Description]]:
    if filters is None:
        return
    for name, is_enabled in (("Allow", filters.allow_enabled), ("Deny", filters.deny_enabled)):
        yield _thing("Filter list", name), _Description(name, "enabled" if is_enabled else "disabled")
    for entry in filters.entries:
        description = f"{entry.list}: {entry.description}" if entry.description else entry.list
        yield _thing("Filter", f"{entry.mac_address} {entry.list}"), _Description(entry.mac_address, description)
