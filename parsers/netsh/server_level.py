"""Handlers of the commands that configure the server as a whole, `add scope` included (formats.md 2.4)."""

from __future__ import annotations

from migrate.model.finding import Severity
from migrate.model.option import OptionDefinition, normal_values
from migrate.model.origin import Origin
from migrate.model.scope import Scope
from migrate.model.server import CONFLICT_DETECTION, ClassKind, DhcpClass, MacFilter, ObjectKind, ServerSetting
from parsers.fields import check_network, parse_filter_mac, parse_flag, parse_hex, parse_mask
from parsers.netsh.arguments import Arguments
from parsers.netsh.both_levels import OPTION_TYPES, keep_option_value, option_value
from parsers.netsh.draft import ServerDraft

_LISTS = {"allow": "Allow", "deny": "Deny"}
_SWITCHES = {"enforceallowlist": "Allow", "enforcedenylist": "Deny"}


def add_class(server: ServerDraft, _: ServerDraft, args: Arguments) -> None:
    name, description = args.text("name"), args.text_if_any()
    *data, flag, encoding = args.bare_words(3)
    if encoding.lower() not in ("a", "b"):
        raise ValueError(f"class data is neither binary (b) nor text (a): {encoding!r}")
    kind = ClassKind.VENDOR if parse_flag(flag) else ClassKind.USER
    record = DhcpClass(
        name=name,
        kind=kind,
        data=_class_data(server, name, "".join(data), encoding, args.origin),
        description=description,
        origin=args.origin,
    )
    server.keep_first(server.classes, record.key, record, ObjectKind.CLASS, f"{kind.value.lower()} class {name}")


def _class_data(server: ServerDraft, name: str, text: str, encoding: str, origin: Origin) -> bytes:
    if encoding.lower() == "a":
        return text.encode()
    try:
        return parse_hex(text)
    except ValueError as problem:
        server.account.find(
            "unreadable-value",
            Severity.WARNING,
            f"class {name}",
            f"The data of class {name} is {problem}; the class is kept without its data.",
            "Look the data up on the server, and correct the line.",
            origin,
        )
        return b""


def add_option_definition(server: ServerDraft, _: ServerDraft, args: Arguments) -> None:
    option_id, name = args.number("option id", 0, 255), args.text("name")
    type_word = args.word("type")
    option_type = OPTION_TYPES.get(type_word.upper())
    if option_type is None:
        raise ValueError(f"unknown option type {type_word!r}")
    multi_valued = parse_flag(args.word("array flag"))
    vendor_class, comment = args.named("vendor"), args.named("comment")
    record = OptionDefinition(
        option_id=option_id,
        name=name,
        type=option_type,
        multi_valued=multi_valued,
        vendor_class=vendor_class,
        default_values=normal_values(option_type, args.rest()),
        description=comment,
        origin=args.origin,
    )
    label = f"definition of option {option_id}" + (f" (vendor class {vendor_class})" if vendor_class else "")
    server.keep_first(server.option_definitions, record.key, record, ObjectKind.OPTION_DEFINITION, label)


def set_option_value(server: ServerDraft, _: ServerDraft, args: Arguments) -> None:
    keep_option_value(server, server.option_values, option_value(server, args), "")


def set_conflict_detection(server: ServerDraft, _: ServerDraft, args: Arguments) -> None:
    attempts = args.number("number of attempts", 0, 5)
    setting = ServerSetting(name=CONFLICT_DETECTION, value=str(attempts), origin=args.origin)
    server.keep_last(server.settings, setting.name, setting, ObjectKind.SERVER_SETTING, f"setting {setting.name}")


def set_setting(name: str, server: ServerDraft, _: ServerDraft, args: Arguments) -> None:
    if name == "Bindings":
        name = f"{name} {args.named('interface')}".rstrip()
    value = "(not shown)" if name == "DnsCredentials" else args.remainder_text()
    setting = ServerSetting(name=name, value=value, carried=False, origin=args.origin)
    server.keep_last(server.settings, name, setting, ObjectKind.SERVER_SETTING, f"setting {name}")


def add_scope(server: ServerDraft, _: ServerDraft, args: Arguments) -> None:
    scope_id, mask = args.address("scope id"), parse_mask(args.word("subnet mask"))
    check_network(scope_id, mask)
    record = Scope(
        scope_id=scope_id,
        subnet_mask=mask,
        name=args.text_if_any(),
        description=args.text_if_any(),
        origin=args.origin,
    )
    draft = server.scope(scope_id, args.origin)
    if draft.scope is None:
        draft.scope = record
    else:
        server.keep_first({scope_id: draft.scope}, scope_id, record, ObjectKind.SCOPE, f"scope {scope_id}")


def add_filter(server: ServerDraft, _: ServerDraft, args: Arguments) -> None:
    list_word = args.word("list")
    if list_word.lower() not in _LISTS:
        raise ValueError(f"a filter list is Allow or Deny, not {list_word!r}")
    record = MacFilter(
        list=_LISTS[list_word.lower()],
        mac_address=parse_filter_mac(args.word("MAC address")),
        description=args.text_if_any(),
        origin=args.origin,
    )
    label = f"{record.list.lower()} filter {record.mac_address}"
    server.keep_first(server.filters, (record.list, record.mac_address), record, ObjectKind.FILTER, label)


def set_filter(server: ServerDraft, _: ServerDraft, args: Arguments) -> None:
    switches = {list_name: args.named(switch) for switch, list_name in _SWITCHES.items()}
    server.list_enabled |= {list_name: parse_flag(flag) for list_name, flag in switches.items() if flag}
