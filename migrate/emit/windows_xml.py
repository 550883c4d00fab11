"""Files for Import-DhcpServer, in the form that Export-DhcpServer writes (formats.md section 1).

`write_primary_xml` writes everything, leases included; `write_secondary_xml` the server level only, which is all that
`Import-DhcpServer -ServerConfigOnly` wants. Element order is that of the schema; what Import demands but no source said is
written as Windows' own default. Failover relationships, IPv6 and multicast have no place in such a file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO

import numpy as np

from migrate.emit.quoting import xml_text
from migrate.emit.windows_leases import EOL, lease_elements
from migrate.model.addresses import AddressRange
from migrate.model.leases import LeaseTable
from migrate.model.option import LEASE_TIME, OptionDefinition, OptionValue
from migrate.model.policy import Policy
from migrate.model.scope import Reservation, Scope
from migrate.model.server import (
    ACTIVATE_POLICIES,
    CONFLICT_DETECTION,
    NAP_ENABLED,
    NPS_UNREACHABLE_ACTION,
    DhcpClass,
    Filters,
    Server,
)
from migrate.model.target import Target
from migrate.model.timespan import format_timespan, seconds_of_timespan, timespan_of_seconds

NAMESPACE = "http://schemas.microsoft.com/windows/DHCPServer"

WINDOWS_2016 = (10, 0)
"""Also the version of every later Windows. NAP is gone from here on, and Import refuses a file that turns it on (20138)."""
DEFAULT_LEASE_DURATION = timedelta(days=8)
UNLIMITED_BOOTP_CLIENTS = 0xFFFFFFFF

_LEASES_AT_A_TIME = 8192


def write_primary_xml(target: Target, leases: LeaseTable, stream: BinaryIO) -> None:
    """`leases` sorted by scope id and address. Raises ValueError when one belongs to no scope of the target."""
    server = target.server
    with _document(stream, server) as xml, xml.element("IPv4", ' xmlns=""'):
        _write_server_level(xml, server)
        lease_writer = _LeaseWriter(leases, xml)
        _write_scopes(xml, server, lease_writer)
        lease_writer.finish()


def write_secondary_xml(target: Target, stream: BinaryIO) -> None:
    with _document(stream, target.server) as xml, xml.element("IPv4", ' xmlns=""'):
        _write_server_level(xml, target.server)


class _Xml:
    """Indented elements, one a line; an element without text is self-closed."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.write = text.write
        self._indent = "  "

    @contextmanager
    def element(self, name: str, attributes: str = "") -> Iterator[None]:
        outer = self._indent
        self.write(f"{outer}<{name}{attributes}>{EOL}")
        self._indent = outer + "  "
        yield
        self._indent = outer
        self.write(f"{outer}</{name}>{EOL}")

    def leaf(self, name: str, value: str, attributes: str = "") -> None:
        content = f"<{name}{attributes}>{xml_text(value)}</{name}>" if value else f"<{name}{attributes} />"
        self.write(f"{self._indent}{content}{EOL}")

    def optional(self, name: str, value: str | None) -> None:
        if value is not None:
            self.leaf(name, value)

    def flag(self, name: str, value: bool) -> None:
        self.leaf(name, "true" if value else "false")


@contextmanager
def _document(stream: BinaryIO, server: Server) -> Iterator[_Xml]:
    text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
    xml = _Xml(text)
    major, minor = _version(server)
    xml.write(f'<?xml version="1.0" encoding="utf-8"?>{EOL}<DHCPServer xmlns="{NAMESPACE}">{EOL}')
    xml.leaf("MajorVersion", str(major), ' xmlns=""')
    xml.leaf("MinorVersion", str(minor), ' xmlns=""')
    try:
        yield xml
        xml.write(f"</DHCPServer>{EOL}")
    finally:
        text.detach()  # flushes; the stream is the caller's and stays open


def _version(server: Server) -> tuple[int, int]:
    return server.version or WINDOWS_2016


def _write_server_level(xml: _Xml, server: Server) -> None:
    nap_enabled = server.setting(NAP_ENABLED) or "false"
    xml.leaf(CONFLICT_DETECTION, server.setting(CONFLICT_DETECTION) or "0")
    xml.leaf(NAP_ENABLED, nap_enabled if _version(server) < WINDOWS_2016 else "false")
    xml.leaf(NPS_UNREACHABLE_ACTION, server.setting(NPS_UNREACHABLE_ACTION) or "Full")
    xml.optional(ACTIVATE_POLICIES, server.setting(ACTIVATE_POLICIES))
    _write_classes(xml, server.classes)
    _write_option_definitions(xml, server.option_definitions)
    _write_policies(xml, server.policies)
    _write_option_values(xml, server.option_values)
    if server.filters:
        _write_filters(xml, server.filters)


def _write_classes(xml: _Xml, classes: tuple[DhcpClass, ...]) -> None:
    if not classes:
        return
    with xml.element("Classes"):
        for dhcp_class in classes:
            with xml.element("Class"):
                xml.leaf("Name", dhcp_class.name)
                xml.leaf("Type", dhcp_class.kind)
                xml.leaf("Data", f"0x{dhcp_class.data.hex()}" if dhcp_class.data else "")
                xml.leaf("Description", dhcp_class.description)
                xml.optional("VendorId", None if dhcp_class.vendor_id is None else str(dhcp_class.vendor_id))


def _write_option_definitions(xml: _Xml, definitions: tuple[OptionDefinition, ...]) -> None:
    if not definitions:
        return
    with xml.element("OptionDefinitions"):
        for definition in definitions:
            with xml.element("OptionDefinition"):
                xml.leaf("Name", definition.name)
                xml.leaf("OptionId", str(definition.option_id))
                xml.leaf("Type", definition.type)
                xml.flag("MultiValued", definition.multi_valued)
                for value in definition.default_values:
                    xml.leaf("DefaultValue", value)
                xml.leaf("Description", definition.description)
                xml.leaf("VendorClass", definition.vendor_class)


def _write_policies(xml: _Xml, policies: tuple[Policy, ...] | None) -> None:
    """In processing order, because a server refuses an order above the highest it has plus one (20110)."""
    if not policies:
        return
    with xml.element("Policies"):
        for policy in sorted(policies, key=lambda policy: (policy.processing_order, policy.name)):
            with xml.element("Policy"):
                _write_policy(xml, policy)


def _write_policy(xml: _Xml, policy: Policy) -> None:
    xml.leaf("Name", policy.name)
    xml.leaf("ProcessingOrder", str(policy.processing_order))
    xml.flag("Enabled", policy.enabled)
    xml.leaf("Condition", policy.condition)
    xml.leaf("Description", policy.description)
    for condition in policy.conditions:  # operator and values are siblings of one name (formats.md 1.6)
        for text in (condition.operator, *condition.values):
            xml.leaf(condition.field, text)
    xml.optional("DnsSuffix", policy.dns_suffix)
    _write_ranges(xml, "IPRanges", policy.ip_ranges)
    _write_option_values(xml, policy.option_values)


def _write_ranges(xml: _Xml, group: str, ranges: Iterable[AddressRange]) -> None:
    ranges = tuple(ranges)
    if not ranges:
        return
    with xml.element(group):
        for address_range in ranges:
            with xml.element("IPRange"):
                xml.leaf("StartRange", str(address_range.first))
                xml.leaf("EndRange", str(address_range.last))


def _write_option_values(xml: _Xml, option_values: Iterable[OptionValue]) -> None:
    option_values = tuple(option_values)
    if not option_values:
        return
    with xml.element("OptionValues"):
        for option_value in option_values:
            with xml.element("OptionValue"):
                xml.leaf("OptionId", str(option_value.option_id))
                for value in option_value.values:
                    xml.leaf("Value", value)
                xml.leaf("VendorClass", option_value.vendor_class)
                xml.leaf("UserClass", option_value.user_class)


def _write_filters(xml: _Xml, filters: Filters) -> None:
    with xml.element("Filters"):
        xml.flag("Allow", filters.allow_enabled)
        xml.flag("Deny", filters.deny_enabled)
        for entry in filters.entries:
            with xml.element("Filter"):
                xml.leaf("List", entry.list)
                xml.leaf("MacAddress", entry.mac_address)
                xml.leaf("Description", entry.description)


def _write_scopes(xml: _Xml, server: Server, leases: _LeaseWriter) -> None:
    if not server.scopes:
        return
    with xml.element("Scopes"):
        for scope in server.scopes:
            with xml.element("Scope"):
                _write_scope(xml, scope, _version(server))
                leases.write(scope)


def _write_scope(xml: _Xml, scope: Scope, version: tuple[int, int]) -> None:
    """Everything but the leases. A scope without a range has none here either: Import then refuses this one scope by name."""
    has_nap = version < WINDOWS_2016
    lease_duration = _lease_duration(scope)
    max_bootp_clients = UNLIMITED_BOOTP_CLIENTS if scope.max_bootp_clients is None else scope.max_bootp_clients
    xml.leaf("ScopeId", str(scope.scope_id))
    xml.leaf("Name", scope.name)
    xml.leaf("SubnetMask", str(scope.subnet_mask))
    if scope.range:
        xml.leaf("StartRange", str(scope.range.first))
        xml.leaf("EndRange", str(scope.range.last))
    xml.leaf("LeaseDuration", format_timespan(lease_duration))
    xml.leaf("State", scope.state)
    xml.leaf("Type", scope.type)
    xml.leaf("MaxBootpClients", str(max_bootp_clients))
    xml.flag("NapEnable", has_nap and bool(scope.nap_enable))
    xml.leaf("Delay", str(scope.delay_ms or 0))
    xml.optional("NapProfile", scope.nap_profile if has_nap else None)
    xml.leaf("Description", scope.description)
    if scope.activate_policies is not None:
        xml.flag("ActivatePolicies", scope.activate_policies)
    xml.optional("SuperScopeName", scope.superscope)
    _write_ranges(xml, "ExclusionRanges", sorted((*(exclusion.range for exclusion in scope.exclusions), *scope.gaps)))
    _write_policies(xml, scope.policies)
    _write_option_values(xml, _consistent_option_values(scope, lease_duration))
    _write_reservations(xml, scope.reservations)


def _is_lease_time(option_value: OptionValue) -> bool:
    return (option_value.option_id, option_value.vendor_class, option_value.user_class) == (LEASE_TIME, "", "")


def _lease_duration(scope: Scope) -> timedelta:
    if scope.lease_duration is not None:
        return scope.lease_duration
    seconds = next((v.values[0] for v in scope.option_values if _is_lease_time(v) and v.values), "")
    return timespan_of_seconds(int(seconds)) if seconds.isdecimal() else DEFAULT_LEASE_DURATION


def _consistent_option_values(scope: Scope, lease_duration: timedelta) -> Iterator[OptionValue]:
    """Option 51 and LeaseDuration are one setting, written twice (formats.md 1.5): they must not differ."""
    lease_time = str(seconds_of_timespan(lease_duration))
    for value in scope.option_values:
        yield OptionValue(option_id=LEASE_TIME, values=(lease_time,)) if _is_lease_time(value) else value


def _write_reservations(xml: _Xml, reservations: tuple[Reservation, ...]) -> None:
    if not reservations:
        return
    with xml.element("Reservations"):
        for reservation in reservations:
            with xml.element("Reservation"):
                xml.leaf("Name", reservation.name)
                xml.leaf("IPAddress", str(reservation.ip_address))
                xml.leaf("ClientId", str(reservation.client_id))
                xml.leaf("Type", reservation.type)
                xml.leaf("Description", reservation.description)
                _write_option_values(xml, reservation.option_values)


class _LeaseWriter:
    """Writes the leases of one scope after the other, some thousand rows at a time, from columns straight to text.

    A million leases take a few seconds this way. An optional element without a value is left out.
    """

    def __init__(self, leases: LeaseTable, xml: _Xml) -> None:
        self._leases = leases
        self._xml = xml
        self._written = 0

    def write(self, scope: Scope) -> None:
        scope_id = np.uint32(int(scope.scope_id))
        first = int(np.searchsorted(self._leases.scope_id, scope_id, "left"))
        last = int(np.searchsorted(self._leases.scope_id, scope_id, "right"))
        if first == last:
            return
        with self._xml.element("Leases"):
            for start in range(first, last, _LEASES_AT_A_TIME):
                self._xml.write(lease_elements(self._leases, str(scope.scope_id), start, min(start + _LEASES_AT_A_TIME, last)))
        self._written += last - first

    def finish(self) -> None:
        if self._written != len(self._leases):
            raise ValueError(f"{len(self._leases) - self._written} leases are unsorted, or belong to no scope of the target")
