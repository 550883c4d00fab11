"""A server's configuration with every name, text and client id replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address

from migrate.model.built_in import is_built_in_class
from migrate.model.client_id import ClientId
from migrate.model.option import OptionDefinition, OptionType, OptionValue
from migrate.model.origin import Origin
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import Reservation, Scope
from migrate.model.server import DhcpClass, Filters, Server, ServerSetting
from migrate.model.standard_options import STANDARD_OPTIONS
from migrate.redaction.pseudonyms import Pseudonyms

_NUMBER_OR_OCTET = re.compile(r"\d{1,20}|0[xX][0-9a-fA-F]{1,16}")
_PLAIN_WORDS = frozenset({"", "true", "false", "full", "restricted", "noaccess", "(not shown)"})
"""Values of server settings that are the same everywhere."""
_HEX_FIELDS = frozenset({"MacAddress", "ClientId", "RelayAgent", "CircuitId", "RemoteId", "SubscriberId"})


class ConfigurationRedactor:
    """`paths` maps the path of each input to what to call it."""

    def __init__(self, pseudonyms: Pseudonyms, paths: dict[str, str]) -> None:
        self._pseudonyms = pseudonyms
        self._name, self._text = pseudonyms.name, pseudonyms.text
        self._paths = paths

    def server(self, server: Server) -> Server:
        types = {definition.key: definition.type for definition in server.option_definitions}
        options = _OptionRedactor(self._pseudonyms, types, self.origin)
        policies = server.policies
        return replace(
            server,
            name=self._name(server.name),
            settings=tuple(map(self._setting, server.settings)),
            classes=tuple(sorted(map(self._class, server.classes), key=lambda each: each.key)),
            option_definitions=tuple(sorted(map(options.definition, server.option_definitions), key=lambda each: each.key)),
            option_values=options.values(server.option_values),
            policies=None if policies is None else self._policies(policies, options),
            filters=self._filters(server.filters) if server.filters else None,
            scopes=tuple(self._scope(scope, options) for scope in server.scopes),
        )

    def origin(self, origin: Origin | None) -> Origin | None:
        return Origin(self._paths[origin.path], origin.line) if origin else None

    def identifier(self, text: str) -> str:
        """What a finding is about: an address or a network, or a name."""
        return text if _is_address(text) else self._name(text)

    def _setting(self, setting: ServerSetting) -> ServerSetting:
        known, _, interface = setting.name.partition(" ")  # `Bindings` of a dump is followed by the name of the interface
        name = f"{known} {self._name(interface)}" if interface else known
        value = setting.value
        if value.casefold() not in _PLAIN_WORDS and not _NUMBER_OR_OCTET.fullmatch(value) and not _is_address(value):
            value = self._text(value)
        return replace(setting, name=name, value=value, origin=self.origin(setting.origin))

    def _class(self, dhcp_class: DhcpClass) -> DhcpClass:
        origin = self.origin(dhcp_class.origin)
        description = self._text(dhcp_class.description)
        if is_built_in_class(dhcp_class.name):
            return replace(dhcp_class, description=description, origin=origin)
        return replace(
            dhcp_class,
            name=self._name(dhcp_class.name),
            data=self._pseudonyms.octets(dhcp_class.data),
            description=description,
            origin=origin,
        )

    def _filters(self, filters: Filters) -> Filters:
        entries = (
            replace(
                entry,
                mac_address=self._pseudonyms.hexadecimal(entry.mac_address.replace("-*", "*")).replace("*", "-*"),
                description=self._text(entry.description),
                origin=self.origin(entry.origin),
            )
            for entry in filters.entries
        )
        return replace(filters, entries=tuple(sorted(entries, key=lambda entry: (entry.list, entry.mac_address))))

    def _scope(self, scope: Scope, options: _OptionRedactor) -> Scope:
        return replace(
            scope,
            name=self._name(scope.name),
            description=self._text(scope.description),
            nap_profile=self._text(scope.nap_profile) if scope.nap_profile else scope.nap_profile,
            superscope=self._name(scope.superscope) if scope.superscope else scope.superscope,
            exclusions=tuple(replace(each, origin=self.origin(each.origin)) for each in scope.exclusions),
            reservations=tuple(self._reservation(reservation, options) for reservation in scope.reservations),
            option_values=options.values(scope.option_values),
            policies=None if scope.policies is None else self._policies(scope.policies, options),
            origin=self.origin(scope.origin),
        )

    def _reservation(self, reservation: Reservation, options: _OptionRedactor) -> Reservation:
        return replace(
            reservation,
            client_id=ClientId(self._pseudonyms.octets(reservation.client_id.octets)),
            name=self._name(reservation.name),
            description=self._text(reservation.description),
            option_values=options.values(reservation.option_values),
            origin=self.origin(reservation.origin),
        )

    def _policies(self, policies: Iterable[Policy], options: _OptionRedactor) -> tuple[Policy, ...]:
        redacted = (self._policy(policy, options) for policy in policies)
        return tuple(sorted(redacted, key=lambda policy: (policy.processing_order, policy.name)))

    def _policy(self, policy: Policy, options: _OptionRedactor) -> Policy:
        return replace(
            policy,
            name=options.class_name(policy.name),
            description=self._text(policy.description),
            conditions=tuple(self._condition(condition, options) for condition in policy.conditions),
            option_values=options.values(policy.option_values),
            dns_suffix=self._text(policy.dns_suffix) if policy.dns_suffix else policy.dns_suffix,
            origin=self.origin(policy.origin),
        )

    def _condition(self, condition: PolicyCondition, options: _OptionRedactor) -> PolicyCondition:
        redact = self._pseudonyms.hexadecimal if condition.field in _HEX_FIELDS else options.class_name
        return replace(condition, values=tuple(map(redact, condition.values)))


class _OptionRedactor:
    """Values are judged by their type, and where the server defines none, by their form."""

    def __init__(
        self,
        pseudonyms: Pseudonyms,
        types: dict[tuple[int, str], OptionType],
        origin: Callable[[Origin | None], Origin | None],
    ) -> None:
        self._name, self._text = pseudonyms.name, pseudonyms.text
        self._types = types
        self._origin = origin

    def class_name(self, name: str) -> str:
        return name if is_built_in_class(name) else self._name(name)

    def definition(self, definition: OptionDefinition) -> OptionDefinition:
        standard = None if definition.vendor_class else STANDARD_OPTIONS.get(definition.option_id)
        return replace(
            definition,
            name=definition.name if standard and definition.name == standard.name else self._name(definition.name),
            vendor_class=self.class_name(definition.vendor_class),
            default_values=tuple(self._value(definition.type, value) for value in definition.default_values),
            description=self._text(definition.description),
            origin=self._origin(definition.origin),
        )

    def values(self, values: Iterable[OptionValue]) -> tuple[OptionValue, ...]:
        return tuple(sorted(map(self._option, values), key=lambda value: value.key))

    def _option(self, value: OptionValue) -> OptionValue:
        option_type = self._types.get((value.option_id, value.vendor_class.casefold()))
        if option_type is None and not value.vendor_class and value.option_id in STANDARD_OPTIONS:
            option_type = STANDARD_OPTIONS[value.option_id].type
        return replace(
            value,
            values=tuple(self._value(option_type, each) for each in value.values),
            vendor_class=self.class_name(value.vendor_class),
            user_class=self.class_name(value.user_class),
            origin=self._origin(value.origin),
        )

    def _value(self, option_type: OptionType | None, value: str) -> str:
        is_plain = option_type is not OptionType.STRING and _NUMBER_OR_OCTET.fullmatch(value)
        return value if is_plain or _is_address(value) else self._text(value)


def _is_address(text: str) -> bool:
    for form in (IPv4Address, IPv4Network, IPv6Address):
        try:
            form(text)
        except ValueError:
            continue
        return "%" not in text  # a zone, which may be any text
    return False
