"""What stands at server level beside options and policies: settings, classes, option definitions, MAC filters."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Protocol, TypeVar

from migrate.merge.context import MergeContext
from migrate.model.ledger import Disposition
from migrate.model.option import OptionDefinition
from migrate.model.origin import Origin
from migrate.model.server import DhcpClass, Filters, MacFilter, ObjectKind, Role, ServerSetting

SETTINGS_RULE = "server-settings-differ"
CLASS_RULE = "class-differs"
DEFINITION_RULE = "option-definition-differs"


class _HasOrigin(Protocol):
    @property
    def origin(self) -> Origin | None: ...


Item = TypeVar("Item", bound=_HasOrigin)


def merge_settings(context: MergeContext) -> tuple[ServerSetting, ...]:
    """Settings that Import-DhcpServer restores; the others are entered as unsupported."""
    carried = {}
    for role, source in context.sources.items():
        carried[role] = tuple(setting for setting in source.server.settings if setting.carried)
        for setting in source.server.settings:
            if not setting.carried:
                reason = "neither failover nor Import-DhcpServer carries it: compare it by hand"
                key = f"{setting.name} = {setting.value}"
                context.book.enter(role, ObjectKind.SERVER_SETTING, key, Disposition.UNSUPPORTED, reason, origin=setting.origin)
    return _union(
        context,
        ObjectKind.SERVER_SETTING,
        carried,
        key=lambda setting: setting.name,
        label=lambda setting: setting.name,
        same=lambda one, other: one.value == other.value,
        settle=lambda held: context.settle(
            SETTINGS_RULE, held[0][1].name, _values(held), lambda setting: setting.value, places=_places(held)
        )[0],
    )


def merge_classes(context: MergeContext) -> tuple[DhcpClass, ...]:
    """Descriptions of the built-in classes differ by Windows version, so only kind, data and enterprise number compare."""
    return _union(
        context,
        ObjectKind.CLASS,
        {role: source.server.classes for role, source in context.sources.items()},
        key=lambda cls: cls.key,
        label=class_label,
        same=lambda one, other: (one.data, one.vendor_id) == (other.data, other.vendor_id),
        settle=lambda held: context.settle(
            CLASS_RULE,
            min(class_label(item) for _, item in held),
            _values(held),
            lambda cls: f"0x{cls.data.hex()}",
            places=_places(held),
        )[0],
    )


def merge_definitions(context: MergeContext) -> tuple[OptionDefinition, ...]:
    """Descriptions and default values reach no client, and names of standard options are localised: only what decides how
    values are encoded compares."""
    return _union(
        context,
        ObjectKind.OPTION_DEFINITION,
        {role: source.server.option_definitions for role, source in context.sources.items()},
        key=lambda definition: definition.key,
        label=definition_label,
        same=lambda one, other: (one.type, one.multi_valued) == (other.type, other.multi_valued),
        settle=lambda held: context.settle(
            DEFINITION_RULE,
            min(definition_label(item) for _, item in held),
            _values(held),
            lambda d: f"{d.name.strip()}: {d.type}{' array' if d.multi_valued else ''}",
            places=_places(held),
        )[0],
    )


def merge_filters(context: MergeContext) -> Filters | None:
    """The union of both lists. Which entries stand, where the lists differ, is one decision a list, not one an address."""
    filters = {role: source.server.filters for role, source in context.sources.items()}
    telling = {role: value for role, value in filters.items() if value is not None}
    if not telling:
        return None
    entries: list[MacFilter] = []
    for name in ("Allow", "Deny"):
        entries += _merge_list(context, name, telling)
    return Filters(
        allow_enabled=_switch(context, "Allow", {role: value.allow_enabled for role, value in telling.items()}),
        deny_enabled=_switch(context, "Deny", {role: value.deny_enabled for role, value in telling.items()}),
        entries=tuple(entries),
    )


def _merge_list(context: MergeContext, name: str, telling: Mapping[Role, Filters]) -> tuple[MacFilter, ...]:
    lists = {role: tuple(e for e in value.entries if e.list == name) for role, value in telling.items()}
    macs = {role: {entry.mac_address for entry in entries} for role, entries in lists.items()}
    choice = "union"
    if len(macs) == 2 and macs[Role.PRIMARY] != macs[Role.SECONDARY]:
        alone = {role: sorted(macs[role] - macs[partner]) for role, partner in zip(Role, reversed(Role), strict=True)}
        choice = context.docket.decide(
            SETTINGS_RULE,
            f"{name} filter list",
            {role.value: f"{len(macs[role])} addresses" for role in Role} | {"union": "every address that either server lists"},
            default="union",
            evidence="; ".join(f"only on {context.name(role)}: {', '.join(alone[role][:5]) or 'none'}" for role in Role),
        )
    chosen = lists if choice == "union" else {Role(choice): lists[Role(choice)]}
    standing: dict[str, MacFilter] = {}
    for entries in chosen.values():
        for entry in entries:
            standing.setdefault(entry.mac_address, entry)
    for role, entries in lists.items():
        for entry in entries:
            _enter_filter(context, role, entry, standing)
    return tuple(standing[mac] for mac in sorted(standing))


def _enter_filter(context: MergeContext, role: Role, entry: MacFilter, standing: Mapping[str, MacFilter]) -> None:
    target = standing.get(entry.mac_address)
    if target is None:
        disposition, reason = Disposition.DROPPED, "the partner's list stands, as decided"
    elif target is entry:
        disposition, reason = Disposition.KEPT, "stands on both partners after the migration"
    else:
        disposition, reason = Disposition.JOINED, "listed already"
    key = f"{entry.list} {entry.mac_address}"
    context.book.enter(role, ObjectKind.FILTER, key, disposition, reason, origin=entry.origin)


def _switch(context: MergeContext, name: str, values: Mapping[Role, bool]) -> bool:
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    shown: Mapping[Role, bool | None] = {role: values[role] for role in Role}
    _, chosen = context.settle(
        SETTINGS_RULE,
        f"{name} filter switch",
        shown,
        lambda enabled: "enabled" if enabled else "disabled",
        default=Role.PRIMARY,
    )
    return bool(chosen)


def _values(held: list[tuple[Role, Item]]) -> Mapping[Role, Item | None]:
    return {role: next((item for owner, item in held if owner is role), None) for role in Role}


def _places(held: list[tuple[Role, Item]]) -> tuple[Origin | None, ...]:
    return tuple(item.origin for _, item in held)


def class_label(cls: DhcpClass) -> str:
    return f"{cls.kind.value.lower()} class {cls.name}"


def definition_label(definition: OptionDefinition) -> str:
    suffix = f" (vendor class {definition.vendor_class})" if definition.vendor_class else ""
    return f"option {definition.option_id}{suffix}"


def _union(
    context: MergeContext,
    kind: ObjectKind,
    lists: Mapping[Role, Iterable[Item]],
    *,
    key: Callable[[Item], Hashable],
    label: Callable[[Item], str],
    same: Callable[[Item, Item], bool],
    settle: Callable[[list[tuple[Role, Item]]], Role],
) -> tuple[Item, ...]:
    """Every item once, in the order of first appearance; items of one key that are not the same are settled."""
    held: dict[Hashable, list[tuple[Role, Item]]] = {}
    for role, items in lists.items():
        for item in items:
            held.setdefault(key(item), []).append((role, item))
    merged = []
    for entries in held.values():
        (_, chosen), *others = entries
        winner = entries[0][0]
        if not all(same(chosen, other) for _, other in others):
            winner = settle(entries)
            chosen = next(item for role, item in entries if role is winner)
        merged.append(chosen)
        for role, item in entries:
            if item is chosen:
                disposition, reason = Disposition.KEPT, "stands on both partners after the migration"
            elif same(item, chosen):
                disposition, reason = Disposition.JOINED, f"equal to that of {context.name(winner)}"
            else:
                disposition, reason = Disposition.REPLACED, f"that of {context.name(winner)} stands, as decided"
            context.book.enter(role, kind, label(item), disposition, reason, origin=item.origin)
    return tuple(merged)
