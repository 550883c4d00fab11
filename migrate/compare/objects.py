"""A configuration taken apart: every object under the key that tells it from the others, every setting under a word for people.

Nothing is judged here, and nothing is left out: two servers with the same objects have the same configuration, but for their
names and versions. A setting that is None is not said by the source, and says nothing about the server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address
from typing import NamedTuple, TypeAlias, TypeVar

from migrate.model.addresses import AddressRange
from migrate.model.option import OptionDefinition, OptionValue
from migrate.model.origin import Origin
from migrate.model.policy import Policy
from migrate.model.scope import Reservation, Scope
from migrate.model.server import DhcpClass, Filters, ObjectKind, Server
from migrate.model.timespan import UNLIMITED, format_timespan

KINDS = tuple(ObjectKind)
_OCTET = re.compile(r"0x[0-9a-f]{2}")
SERVER_HOLDER, SCOPE_HOLDER, POLICY_HOLDER, RESERVATION_HOLDER = range(4)

Value: TypeAlias = Hashable
Record = TypeVar("Record")
Settings: TypeAlias = tuple[tuple[str, Callable[[Record], Value]], ...]


class Holder(NamedTuple):
    """What an option value is set on; `address` and `policy` name the reservation or policy."""

    rank: int
    address: int = 0
    policy: str = ""


class ObjectKey(NamedTuple):
    """Orders objects as a report lists them. Names compare without regard to case, as on the server."""

    kind: int
    """Index into KINDS."""
    scope: int
    """0: server level."""
    holder: Holder
    name: tuple[int | str, ...]
    """Of the same types for every object of a kind."""


@dataclass(frozen=True, slots=True)
class ConfiguredObject:
    label: str
    """Names it within its kind and scope."""
    summary: str
    """What it says, in a few words, for when the whole of it is missing."""
    settings: Mapping[str, Value]
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Inventory:
    objects: Mapping[ObjectKey, ConfiguredObject]
    unsaid: frozenset[tuple[ObjectKind, int]]
    """Kinds of which the source says nothing at a level (a scope, or 0 for the server)."""

    def says(self, key: ObjectKey) -> bool:
        """Whether the absence of the object means that it is not there."""
        kind = ObjectKind.POLICY if key.holder.rank == POLICY_HOLDER else KINDS[key.kind]
        return kind is not ObjectKind.SERVER_SETTING and (kind, key.scope) not in self.unsaid


def inventory(server: Server) -> Inventory:
    unsaid = {(ObjectKind.POLICY, int(scope.scope_id)) for scope in server.scopes if scope.policies is None}
    if server.policies is None:
        unsaid.add((ObjectKind.POLICY, 0))
    if server.filters is None:
        unsaid.add((ObjectKind.FILTER, 0))
    return Inventory(dict((*_server_level(server), *_scope_level(server.scopes))), frozenset(unsaid))


def spelled(value: Value) -> str:
    """A value for people; `(none)` where there is nothing to show."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return "unlimited" if value >= UNLIMITED else format_timespan(value)
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, tuple):
        if all(isinstance(part, str) and _OCTET.fullmatch(part) for part in value):
            return " ".join(value) or "(none)"
        return ("; " if any(", " in str(part) for part in value) else ", ").join(map(spelled, value)) or "(none)"
    return str(value) or "(none)"


# -- the settings of every kind -----------------------------------------------------------------------------------------------

CLASS_SETTINGS: Settings[DhcpClass] = (
    ("data", lambda cls: cls.data),
    ("description", lambda cls: cls.description),
    ("enterprise number", lambda cls: cls.vendor_id),
)
DEFINITION_SETTINGS: Settings[OptionDefinition] = (
    ("name", lambda definition: definition.name),
    ("type", lambda definition: definition.type.value),
    ("array", lambda definition: definition.multi_valued),
    ("default value", lambda definition: definition.default_values),
    ("description", lambda definition: definition.description),
)
POLICY_SETTINGS: Settings[Policy] = (
    ("processing order", lambda policy: policy.processing_order),
    ("enabled", lambda policy: policy.enabled),
    ("conditions joined by", lambda policy: policy.condition),
    ("conditions", lambda policy: policy.conditions),
    ("address ranges", lambda policy: policy.ip_ranges),
    ("DNS suffix", lambda policy: policy.dns_suffix or ""),
    ("description", lambda policy: policy.description),
)
SCOPE_SETTINGS: Settings[Scope] = (
    ("subnet mask", lambda scope: scope.subnet_mask),
    ("name", lambda scope: scope.name),
    ("description", lambda scope: scope.description),
    ("state", lambda scope: scope.state.value),
    ("type", lambda scope: scope.type.value),
    ("range", lambda scope: scope.range),
    ("lease duration", lambda scope: scope.lease_duration),
    ("offer delay in ms", lambda scope: scope.delay_ms),
    ("max BOOTP clients", lambda scope: scope.max_bootp_clients),
    ("NAP enabled", lambda scope: scope.nap_enable),
    ("NAP profile", lambda scope: scope.nap_profile or ""),
    ("policies in force", lambda scope: scope.activate_policies),
)
RESERVATION_SETTINGS: Settings[Reservation] = (
    ("client", lambda reservation: str(reservation.client_id)),
    ("name", lambda reservation: reservation.name),
    ("type", lambda reservation: reservation.type.value),
    ("description", lambda reservation: reservation.description),
)

# -- the objects of every level -----------------------------------------------------------------------------------------------

_Keyed: TypeAlias = tuple[ObjectKey, ConfiguredObject]
_AT_SERVER = Holder(SERVER_HOLDER)
_AT_SCOPE = Holder(SCOPE_HOLDER)


def _server_level(server: Server) -> Iterator[_Keyed]:
    for setting in server.settings:
        yield (
            _key(ObjectKind.SERVER_SETTING, 0, setting.name),
            ConfiguredObject(setting.name, setting.value, {"value": setting.value}, setting.origin),
        )
    for cls in server.classes:
        kind, name = cls.key
        label = f"{cls.kind.value.lower()} class {cls.name}"
        yield _key(ObjectKind.CLASS, 0, kind, name), _object(label, spelled(cls.data), CLASS_SETTINGS, cls, cls.origin)
    for definition in server.option_definitions:
        yield (
            _key(ObjectKind.OPTION_DEFINITION, 0, *definition.key),
            _object(_definition_label(definition), definition.type.value, DEFINITION_SETTINGS, definition, definition.origin),
        )
    yield from _option_values(server.option_values, 0, _AT_SERVER)
    yield from _policies(server.policies or (), 0)
    if server.filters:
        yield from _filters(server.filters)


def _filters(filters: Filters) -> Iterator[_Keyed]:
    for name, enabled in (("Allow", filters.allow_enabled), ("Deny", filters.deny_enabled)):
        yield _key(ObjectKind.FILTER, 0, "", name), ConfiguredObject(f"{name} list", "", {"enabled": enabled}, None)
    for entry in filters.entries:
        mac = entry.mac_address.upper()
        settings = {"description": entry.description}
        yield (
            _key(ObjectKind.FILTER, 0, entry.list, mac),
            ConfiguredObject(f"{entry.list} {mac}", entry.description, settings, entry.origin),
        )


def _scope_level(scopes: Iterable[Scope]) -> Iterator[_Keyed]:
    for scope in scopes:
        number = int(scope.scope_id)
        yield (
            _key(ObjectKind.SCOPE, number, number),
            _object(str(scope.scope_id), _scope_summary(scope), SCOPE_SETTINGS, scope, scope.origin),
        )
        if scope.superscope:
            yield (
                _key(ObjectKind.SUPERSCOPE, number, number),
                ConfiguredObject("membership", scope.superscope, {"superscope": scope.superscope}, scope.origin),
            )
        for exclusion in scope.exclusions:
            yield exclusion_key(number, exclusion.range), _exclusion(exclusion.range, exclusion.origin)
        for gap in scope.gaps:
            yield exclusion_key(number, gap), _exclusion(gap, scope.origin)
        yield from _reservations(scope.reservations, number)
        yield from _option_values(scope.option_values, number, _AT_SCOPE)
        yield from _policies(scope.policies or (), number)


def exclusion_key(scope: int, excluded: AddressRange) -> ObjectKey:
    return _key(ObjectKind.EXCLUSION_RANGE, scope, int(excluded.first), int(excluded.last))


def _exclusion(excluded: AddressRange, origin: Origin | None) -> ConfiguredObject:
    return ConfiguredObject(str(excluded), str(excluded), {"range": excluded}, origin)


def _reservations(reservations: Iterable[Reservation], scope: int) -> Iterator[_Keyed]:
    for reservation in reservations:
        address = int(reservation.ip_address)
        summary = f"{reservation.client_id} {reservation.name}".rstrip()
        yield (
            _key(ObjectKind.RESERVATION, scope, address),
            _object(str(reservation.ip_address), summary, RESERVATION_SETTINGS, reservation, reservation.origin),
        )
        holder = Holder(RESERVATION_HOLDER, address=address)
        yield from _option_values(reservation.option_values, scope, holder, f" of reservation {reservation.ip_address}")


def _policies(policies: Iterable[Policy], scope: int) -> Iterator[_Keyed]:
    for policy in policies:
        name = policy.name.casefold()
        summary = spelled(policy.conditions)
        yield _key(ObjectKind.POLICY, scope, name), _object(policy.name, summary, POLICY_SETTINGS, policy, policy.origin)
        yield from _option_values(policy.option_values, scope, Holder(POLICY_HOLDER, policy=name), f" of policy {policy.name}")


def _option_values(values: Iterable[OptionValue], scope: int, holder: Holder, of: str = "") -> Iterator[_Keyed]:
    for value in values:
        key = ObjectKey(KINDS.index(ObjectKind.OPTION_VALUE), scope, holder, _parts(value))
        yield key, ConfiguredObject(value.label + of, value.text, {"values": value.values}, value.origin)


def _parts(value: OptionValue) -> tuple[int | str, ...]:
    key = value.key
    return key.option_id, key.vendor_class, key.user_class


def _key(kind: ObjectKind, scope: int, *name: int | str) -> ObjectKey:
    return ObjectKey(KINDS.index(kind), scope, _AT_SCOPE if scope else _AT_SERVER, name)


def _object(label: str, summary: str, settings: Settings[Record], record: Record, origin: Origin | None) -> ConfiguredObject:
    return ConfiguredObject(label, summary, {word: read(record) for word, read in settings}, origin)


def _scope_summary(scope: Scope) -> str:
    return f"{scope.name} {scope.range or 'without a range'}".lstrip()


def _definition_label(definition: OptionDefinition) -> str:
    suffix = f" (vendor class {definition.vendor_class})" if definition.vendor_class else ""
    return f"option {definition.option_id}{suffix}"


def scope_of(key: ObjectKey) -> IPv4Address | None:
    return IPv4Address(key.scope) if key.scope else None
