"""Any model `Server` as an Export-DhcpServer file (formats.md section 1), leases included.

The inverse of parsers/export_xml.py and no more careful than Windows: nothing is checked. Leases come a scope at a time, so that
the sample generator can write a million without holding them. Fields that are None have no element; empty ones are self-closed,
as are the profile, superscope and default text that Windows writes in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar
from xml.sax.saxutils import escape

import numpy as np

from migrate.model.addresses import AddressRange
from migrate.model.lease_text import dotted_quads, hex_ids, utc_texts
from migrate.model.leases import LeaseClientType, LeaseState, LeaseTable
from migrate.model.option import OptionDefinition, OptionType, OptionValue
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
from migrate.model.timespan import format_timespan

NAME_SPACE = "http://schemas.microsoft.com/windows/DHCPServer"
LINE_END = "\r\n"
_LEASES_AT_ONCE = 8192

LeasesOfScope = Callable[[Scope], LeaseTable]


@dataclass(frozen=True, slots=True)
class Element:
    """`content` is text, or the child elements, which may be made on the way; leases of a scope stand in `leases` instead."""

    tag: str
    content: str | Iterable[Element]
    leases: LeaseTable | None = None


def write_export_xml(
    server: Server,
    leases: LeaseTable | LeasesOfScope | None,
    path: Path,
    *,
    order_seed: int | None = None,
    ipv6: Sequence[Element] = (),
) -> None:
    """Writes an export; with `leases` None one made without -Leases. `order_seed` shuffles the children of every element,
    except among equal names, where order has meaning. Raises ValueError for a lease in a scope that the server lacks."""
    rng = None if order_seed is None else Random(order_seed)
    leases_of = _by_scope(leases, server) if isinstance(leases, LeaseTable) else leases
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        for line in _document(server, leases_of, list(ipv6), rng):
            file.write(line + LINE_END)


def _by_scope(leases: LeaseTable, server: Server) -> LeasesOfScope:
    known = np.array([int(scope.scope_id) for scope in server.scopes], np.uint32)
    if not np.isin(leases.scope_id, known).all():
        raise ValueError("a lease stands in a scope that the server does not have")
    return lambda scope: leases.take(np.flatnonzero(leases.scope_id == int(scope.scope_id)))


def _document(server: Server, leases_of: LeasesOfScope | None, ipv6: list[Element], rng: Random | None) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f'<DHCPServer xmlns="{NAME_SPACE}">'
    major, minor = server.version or (6, 2)
    yield f'  <MajorVersion xmlns="">{major}</MajorVersion>'
    yield f'  <MinorVersion xmlns="">{minor}</MinorVersion>'
    yield '  <IPv4 xmlns="">'
    scopes = (scope_element(scope, leases_of(scope) if leases_of else None) for scope in server.scopes)
    for part in _shuffled([*_server_parts(server), Element("Scopes", scopes if server.scopes else [])], rng):
        yield from _lines(part, 4, rng)
    yield "  </IPv4>"
    if ipv6:
        yield '  <IPv6 xmlns="">'
        for part in ipv6:
            yield from _lines(part, 4, rng)
        yield "  </IPv6>"
    yield "</DHCPServer>"


def _server_parts(server: Server) -> list[Element]:
    names = (CONFLICT_DETECTION, NAP_ENABLED, NPS_UNREACHABLE_ACTION, ACTIVATE_POLICIES)
    parts = _present((name, server.setting(name)) for name in names)
    parts.append(Element("Classes", [class_element(dhcp_class) for dhcp_class in server.classes]))
    parts.append(Element("OptionDefinitions", [option_definition_element(known) for known in server.option_definitions]))
    parts += _policies(server.policies)
    parts.append(option_values_element(server.option_values))
    return parts if server.filters is None else [*parts, filters_element(server.filters)]


def class_element(dhcp_class: DhcpClass) -> Element:
    data = f"0x{dhcp_class.data.hex()}" if dhcp_class.data else ""
    return Element(
        "Class",
        _present(
            [
                ("Name", dhcp_class.name),
                ("Type", dhcp_class.kind.value),
                ("Data", data),
                ("Description", dhcp_class.description),
                ("VendorId", dhcp_class.vendor_id),
            ]
        ),
    )


def option_definition_element(definition: OptionDefinition) -> Element:
    no_default = ("",) if definition.type is OptionType.STRING else ()
    return Element(
        "OptionDefinition",
        _present(
            [
                ("Name", definition.name),
                ("OptionId", definition.option_id),
                ("Type", definition.type.value),
                ("MultiValued", definition.multi_valued),
                *(("DefaultValue", value) for value in definition.default_values or no_default),
                ("Description", definition.description),
                ("VendorClass", definition.vendor_class),
            ]
        ),
    )


def option_values_element(values: Iterable[OptionValue]) -> Element:
    return Element("OptionValues", [_option_value(value) for value in values])


def _option_value(value: OptionValue) -> Element:
    return Element(
        "OptionValue",
        _present(
            [
                ("OptionId", value.option_id),
                *(("Value", text) for text in value.values),
                ("VendorClass", value.vendor_class),
                ("UserClass", value.user_class),
            ]
        ),
    )


def _policies(policies: tuple[Policy, ...] | None) -> list[Element]:
    return [] if policies is None else [Element("Policies", [policy_element(policy) for policy in policies])]


def policy_element(policy: Policy) -> Element:
    """Operator and values of a condition are sibling elements of one name (formats.md 1.6)."""
    conditions = [(each.field, text) for each in policy.conditions for text in (each.operator, *each.values)]
    children = _present(
        [
            ("Name", policy.name),
            ("ProcessingOrder", policy.processing_order),
            ("Enabled", policy.enabled),
            ("Condition", policy.condition),
            ("Description", policy.description),
            *conditions,
            ("DnsSuffix", policy.dns_suffix),
        ]
    )
    if policy.ip_ranges:
        children.append(_ranges("IPRanges", policy.ip_ranges))
    return Element("Policy", [*children, option_values_element(policy.option_values)])


def filters_element(filters: Filters) -> Element:
    entries = [
        Element("Filter", _present([("List", e.list), ("MacAddress", e.mac_address), ("Description", e.description)]))
        for e in filters.entries
    ]
    return Element("Filters", [*_present([("Allow", filters.allow_enabled), ("Deny", filters.deny_enabled)]), *entries])


def scope_element(scope: Scope, leases: LeaseTable | None) -> Element:
    children = _present(
        [
            ("ScopeId", scope.scope_id),
            ("Name", scope.name),
            ("SubnetMask", scope.subnet_mask),
            ("StartRange", scope.range and scope.range.first),
            ("EndRange", scope.range and scope.range.last),
            ("LeaseDuration", scope.lease_duration and format_timespan(scope.lease_duration)),
            ("State", scope.state.value),
            ("Type", scope.type.value),
            ("MaxBootpClients", scope.max_bootp_clients),
            ("NapEnable", scope.nap_enable),
            ("NapProfile", scope.nap_profile or ""),
            ("Delay", scope.delay_ms),
            ("Description", scope.description),
            ("ActivatePolicies", scope.activate_policies),
            ("SuperScopeName", scope.superscope or ""),
        ]
    )
    children.append(_ranges("ExclusionRanges", [exclusion.range for exclusion in scope.exclusions]))
    children += _policies(scope.policies)
    children.append(option_values_element(scope.option_values))
    children.append(Element("Reservations", [reservation_element(reservation) for reservation in scope.reservations]))
    if leases is not None:
        children.append(Element("Leases", [], leases=leases))
    return Element("Scope", children)


def reservation_element(reservation: Reservation) -> Element:
    children = _present(
        [
            ("Name", reservation.name),
            ("IPAddress", reservation.ip_address),
            ("ClientId", reservation.client_id),
            ("Type", reservation.type.value),
            ("Description", reservation.description),
        ]
    )
    return Element("Reservation", [*children, option_values_element(reservation.option_values)])


def _ranges(tag: str, ranges: Iterable[AddressRange]) -> Element:
    return Element(tag, [Element("IPRange", _present([("StartRange", r.first), ("EndRange", r.last)])) for r in ranges])


def _present(fields: Iterable[tuple[str, object]]) -> list[Element]:
    return [Element(tag, _text(value)) for tag, value in fields if value is not None]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lines(element: Element, indent: int, rng: Random | None) -> Iterator[str]:
    margin = " " * indent
    if element.leases is not None and len(element.leases):
        yield f"{margin}<Leases>"
        yield from _lease_lines(element.leases, indent + 2, rng)
        yield f"{margin}</Leases>"
    elif not element.content:
        yield f"{margin}<{element.tag} />"
    elif isinstance(element.content, str):
        yield f"{margin}{_leaf(element.tag, element.content)}"
    else:
        yield f"{margin}<{element.tag}>"
        for child in _shuffled(element.content, rng):
            yield from _lines(child, indent + 2, rng)
        yield f"{margin}</{element.tag}>"


def _leaf(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>" if text else f"<{tag} />"


def _lease_lines(leases: LeaseTable, indent: int, rng: Random | None) -> Iterator[str]:
    """One text a lease, its lines inside it; a million leases leave no time for an Element each."""
    margin = " " * indent
    head, tail = f"{margin}<Lease>{LINE_END}{margin}  ", f"{LINE_END}{margin}</Lease>"
    between = f"{LINE_END}{margin}  "
    for first in range(0, len(leases), _LEASES_AT_ONCE):
        columns = _lease_columns(leases, first, min(first + _LEASES_AT_ONCE, len(leases)), empty_texts=rng is None)
        for fields in zip(*columns, strict=True):
            yield head + between.join(_shuffled([field for field in fields if field], rng)) + tail


def _lease_columns(leases: LeaseTable, first: int, last: int, *, empty_texts: bool) -> list[list[str]]:
    """Ready elements, column by column. Where a lease has no value there is no element, or, with `empty_texts`, an empty one for
    the texts, which is how Windows writes them elsewhere (formats.md 1.1); a reader must take both."""
    rows = slice(first, last)
    words = {state.value: _leaf("AddressState", state.word) for state in LeaseState}
    types = {kind.value: _leaf("ClientType", kind.word) for kind in LeaseClientType}
    return [
        [f"<IPAddress>{address}</IPAddress>" for address in dotted_quads(leases.address[rows])],
        [f"<ScopeId>{address}</ScopeId>" for address in dotted_quads(leases.scope_id[rows])],
        [_leaf("ClientId", client_id) for client_id in hex_ids(leases.client_id, first, last)],
        _leaves("HostName", _decoded(leases.host_name.values(first, last)), empty_texts),
        _leaves("Description", _decoded(leases.description.values(first, last)), empty_texts),
        [words[state] for state in leases.state[rows].tolist()],
        [types[kind] for kind in leases.client_type[rows].tolist()],
        [f"<NapCapable>{'true' if capable else 'false'}</NapCapable>" for capable in leases.nap_capable[rows].tolist()],
        _leaves("NapStatus", leases.nap_status.values(first, last)),
        _leaves("DnsRR", leases.dns_rr.values(first, last)),
        _leaves("DnsRegistration", leases.dns_registration.values(first, last)),
        _leaves("LeaseExpiryTime", utc_texts(leases.expiry_s[rows], " ")),
        _leaves("ProbationEnds", utc_texts(leases.probation_ends_s[rows], " ")),
        _leaves("PolicyName", leases.policy_name.values(first, last), empty_texts),
    ]


def _decoded(values: list[bytes]) -> list[str]:
    return [value.decode() for value in values]


def _leaves(tag: str, texts: list[str], is_written_empty: bool = False) -> list[str]:
    """Elements of optional fields. Most lease texts need no escape, so look before doing it."""
    empty = f"<{tag} />" if is_written_empty else ""
    return [
        f"<{tag}>{escape(text) if '&' in text or '<' in text or '>' in text else text}</{tag}>" if text else empty for text in texts
    ]


Child = TypeVar("Child", Element, str)


def _shuffled(children: Iterable[Child], rng: Random | None) -> Iterable[Child]:
    """Any order, but equal names keep theirs among themselves."""
    if rng is None:
        return children
    children = list(children)
    tags = [child.tag if isinstance(child, Element) else child for child in children]
    queues = {tag: iter([child for child, its in zip(children, tags, strict=True) if its == tag]) for tag in tags}
    rng.shuffle(tags)
    return [next(queues[tag]) for tag in tags]
