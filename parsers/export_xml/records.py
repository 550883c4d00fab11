"""Elements of an export to records of the model, one function a kind of element (formats.md 1.3 to 1.9).

Each takes an ElementView and raises ValueError when the object cannot be used; a value that the object can do without becomes a
remark. Option values keep their raw text: their type may be defined further down the file, see `option_types`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.option import OptionDefinition, OptionType, OptionValue, normal_values
from migrate.model.policy import CONDITION_FIELDS, CONDITION_OPERATORS, Policy, PolicyCondition
from migrate.model.scope import ClientKind, ExclusionRange, Reservation, Scope, ScopeState
from migrate.model.server import ClassKind, DhcpClass, MacFilter, ObjectKind
from migrate.model.timespan import parse_timespan
from parsers.export_xml.contents import refuse_unreadable, sorted_option_values
from parsers.export_xml.elements import ElementView
from parsers.fields import (
    check_network,
    parse_address,
    parse_client_kind,
    parse_filter_mac,
    parse_flag,
    parse_hex,
    parse_mask,
    parse_number,
)

MAX_U32 = 0xFFFFFFFF

_CLASS_KINDS = {kind.value.lower(): kind for kind in ClassKind}
_OPTION_TYPES = {option_type.value.lower(): option_type for option_type in OptionType}
_STATES = {state.value.lower(): state for state in ScopeState}
_LISTS = {"allow": "Allow", "deny": "Deny"}
_JOINS = {"and": "AND", "or": "OR"}
_WITHOUT_VALUE = ("ISL", "INSL")


Word = TypeVar("Word")


def read_class(view: ElementView) -> DhcpClass:
    name = view.required("Name", str)
    view.thing = f"class {name}"
    return DhcpClass(
        name=name,
        kind=view.required("Type", _word_of(_CLASS_KINDS)),
        data=_class_data(view),
        description=view.text("Description"),
        vendor_id=view.optional("VendorId", lambda text: parse_number(text, 0, MAX_U32), None),
        origin=view.origin,
    )


def read_option_definition(view: ElementView) -> OptionDefinition:
    option_id = view.required("OptionId", _option_id)
    name = view.text("Name")
    view.thing = f"definition of option {option_id} ({name})"
    option_type = view.required("Type", _word_of(_OPTION_TYPES))
    defaults = tuple(value for value in view.texts("DefaultValue") if value)
    try:
        defaults = normal_values(option_type, defaults)
    except ValueError as error:
        view.unreadable("DefaultValue", str(error))
    return OptionDefinition(
        option_id=option_id,
        name=name,
        type=option_type,
        multi_valued=view.optional("MultiValued", parse_flag, False),
        vendor_class=view.text("VendorClass"),
        default_values=defaults,
        description=view.text("Description"),
        origin=view.origin,
    )


def read_option_value(view: ElementView) -> OptionValue:
    return OptionValue(
        option_id=view.required("OptionId", _option_id),
        values=view.texts("Value"),
        vendor_class=view.text("VendorClass"),
        user_class=view.text("UserClass"),
        origin=view.origin,
    )


def read_filter(view: ElementView) -> MacFilter:
    return MacFilter(
        list=view.required("List", _word_of(_LISTS)),
        mac_address=view.required("MacAddress", parse_filter_mac),
        description=view.text("Description"),
        origin=view.origin,
    )


def read_policy(view: ElementView) -> Policy:
    name = view.required("Name", str)
    view.thing = f"policy {name}"
    policy = Policy(
        name=name,
        processing_order=view.required("ProcessingOrder", lambda text: parse_number(text, 0, MAX_U32)),
        enabled=view.optional("Enabled", parse_flag, True),
        condition=view.required("Condition", _word_of(_JOINS)),
        description=view.text("Description"),
        conditions=tuple(condition for name in CONDITION_FIELDS for condition in _conditions(name, view.texts(name))),
        ip_ranges=_ip_ranges(view),
        dns_suffix=view.text("DnsSuffix") or None,
        origin=view.origin,
    )
    return replace(policy, option_values=_option_values(view))


def read_exclusion(view: ElementView) -> ExclusionRange:
    return ExclusionRange(range=_ip_range(view), origin=view.origin)


def read_reservation(view: ElementView) -> Reservation:
    address = view.required("IPAddress", parse_address)
    view.thing = f"reservation {address}"
    reservation = Reservation(
        ip_address=address,
        client_id=view.required("ClientId", ClientId.parse),
        name=view.text("Name"),
        description=view.text("Description"),
        type=view.optional("Type", parse_client_kind, ClientKind.BOTH),
        origin=view.origin,
    )
    option_values = _option_values(view)
    return replace(reservation, option_values=option_values) if option_values else reservation


def read_scope(view: ElementView) -> Scope:
    """The scope itself, without its contents."""
    scope_id = view.required("ScopeId", parse_address)
    view.thing = f"scope {scope_id}"
    subnet_mask = view.required("SubnetMask", parse_mask)
    check_network(scope_id, subnet_mask)
    return Scope(
        scope_id=scope_id,
        subnet_mask=subnet_mask,
        name=view.text("Name"),
        description=view.text("Description"),
        state=view.optional("State", _word_of(_STATES), ScopeState.ACTIVE),
        type=view.optional("Type", parse_client_kind, ClientKind.DHCP),
        lease_duration=view.optional("LeaseDuration", parse_timespan, None),
        delay_ms=view.optional("Delay", _u32, None),
        max_bootp_clients=view.optional("MaxBootpClients", _u32, None),
        nap_enable=view.optional("NapEnable", parse_flag, None),
        nap_profile=view.text("NapProfile") or None,
        activate_policies=view.optional("ActivatePolicies", parse_flag, None),
        superscope=view.text("SuperScopeName") or None,
        range=_pool(view),
        origin=view.origin,
    )


def _pool(view: ElementView) -> AddressRange | None:
    try:
        return _ip_range(view)
    except ValueError as error:
        view.pass_over(("StartRange", "EndRange"))
        view.unreadable("The address range", str(error))
        return None


def _ip_ranges(view: ElementView) -> tuple[AddressRange, ...]:
    ranges = []
    for each in view.groups("IPRanges", "IPRange"):
        ranges.append(_ip_range(each))
        each.finish()
    return tuple(sorted(ranges))


def _ip_range(view: ElementView) -> AddressRange:
    return AddressRange(view.required("StartRange", parse_address), view.required("EndRange", parse_address))


def _option_values(view: ElementView) -> tuple[OptionValue, ...]:
    """The values inside a reservation or policy that is sound itself; those that are not are refused one by one."""
    values: list[OptionValue] = []
    for each in view.groups("OptionValues", "OptionValue"):
        try:
            values.append(read_option_value(each))
        except ValueError as error:
            each.thing = f"option value of {view.thing}"
            refuse_unreadable(each, ObjectKind.OPTION_VALUE, str(error))
        else:
            each.finish()
    return sorted_option_values(values, view.thing, view.document.account)


def _conditions(name: str, texts: tuple[str, ...]) -> list[PolicyCondition]:
    """By the grammar `(operator value+)+`. A class may be called like an operator: a word is a value where the grammar needs one,
    that is directly after an operator and at the end. ISL and INSL need none. Raises ValueError."""
    conditions: list[PolicyCondition] = []
    operator = ""
    values: list[str] = []
    for index, text in enumerate(texts):
        word = text.strip().upper()
        may_begin = not operator or bool(values) or operator in _WITHOUT_VALUE
        has_value = index + 1 < len(texts) or word in _WITHOUT_VALUE
        if word in CONDITION_OPERATORS and may_begin and (has_value or not operator):
            if operator:
                conditions.append(PolicyCondition(field=name, operator=operator, values=tuple(values)))
            operator, values = word, []
        elif not operator:
            raise ValueError(f"{name} begins with {text!r} instead of an operator")
        else:
            values.append(text)
    if operator:
        conditions.append(PolicyCondition(field=name, operator=operator, values=tuple(values)))
    for condition in conditions:
        if not condition.values and condition.operator not in _WITHOUT_VALUE:
            raise ValueError(f"{name} {condition.operator} has no value")
    return conditions


def _class_data(view: ElementView) -> bytes:
    """Hexadecimal after `0x`, else the octets themselves."""
    text = view.text("Data")
    if text[:2].lower() != "0x":
        return text.encode()
    try:
        return parse_hex(text)
    except ValueError as error:
        view.unreadable("Data", f"{error}, so it was taken as plain text")
        return text.encode()


def _option_id(text: str) -> int:
    return parse_number(text, 1, 255)


def _u32(text: str) -> int:
    return parse_number(text, 0, MAX_U32)


def _word_of(words: Mapping[str, Word]) -> Callable[[str], Word]:
    def parse(text: str) -> Word:
        try:
            return words[text.strip().lower()]
        except KeyError:
            raise ValueError(f"{text!r} is none of {', '.join(str(word) for word in words.values())}") from None

    return parse
