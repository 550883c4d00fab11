"""Any model `Server` as a netsh dump, as far as a dump can say it (formats.md section 2).

The inverse of parsers/netsh: `as_dump_can_say` reduces a server to what a dump holds, so that parsing what `netsh_dump` writes must
give exactly that. Banners and blank lines are those of a real dump.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from migrate.model.option import DNS_FLAGS, LEASE_TIME, OptionDefinition, OptionType, OptionValue
from migrate.model.scope import ClientKind, Reservation, Scope, ScopeState
from migrate.model.server import CONFLICT_DETECTION, ClassKind, DhcpClass, Filters, Server
from migrate.model.timespan import timespan_of_seconds

TYPE_WORDS = {
    OptionType.BYTE: "BYTE",
    OptionType.WORD: "WORD",
    OptionType.DWORD: "DWORD",
    OptionType.DWORD_DWORD: "DWORDDWORD",
    OptionType.IPV4_ADDRESS: "IPADDRESS",
    OptionType.IPV6_ADDRESS: "IPV6ADDRESS",
    OptionType.STRING: "STRING",
    OptionType.BINARY: "BINARY",
    OptionType.ENCAPSULATED: "ENCAPSULATED",
}


def netsh_dump(server: Server, *, token: str | None = None) -> str:
    """`token` is how the dump spells the server, by default with two backslashes."""
    return "".join(line + "\r\n" for line in _lines(server, f"\\\\{server.name}" if token is None else token))


def as_dump_can_say(server: Server) -> Server:
    """The server without what no dump holds: version, policies, most settings, and properties of scopes that netsh does not print.
    A scope's lease time is its option 51, and no other."""
    return replace(
        server,
        version=None,
        settings=tuple(setting for setting in server.settings if setting.name == CONFLICT_DETECTION or not setting.carried),
        policies=None,
        scopes=tuple(_scope_as_dump_can_say(scope) for scope in server.scopes),
    )


def _scope_as_dump_can_say(scope: Scope) -> Scope:
    lease_time = next((v for v in scope.option_values if (v.option_id, v.vendor_class, v.user_class) == (LEASE_TIME, "", "")), None)
    return replace(
        scope,
        lease_duration=timespan_of_seconds(int(lease_time.values[0])) if lease_time else None,
        nap_profile=None,
        activate_policies=None,
        policies=None,
        superscope=scope.superscope or None,
        type=scope.type if scope.range else ClientKind.DHCP,
        max_bootp_clients=scope.max_bootp_clients if scope.range else None,
    )


def _lines(server: Server, token: str) -> Iterator[str]:
    prefix = f"Dhcp Server {token}".rstrip()
    types = {definition.key: definition.type for definition in server.option_definitions}
    yield from _banner(f" Configuration Information for Server {server.name}")
    for known in server.classes:
        yield f"{prefix} {_class(known)}"
    yield from _banner("    Add Optiondef")
    for definition in server.option_definitions:
        yield f"{prefix} {_definition(definition)}"
    for value in server.option_values:
        yield f"{prefix} set optionvalue {_value(value, types)}"
    for setting in server.settings:
        if setting.name == CONFLICT_DETECTION:
            yield f"{prefix} Set DetectConflictRetry {setting.value}"
        elif not setting.carried:
            yield f'{prefix} Set {setting.name} "{setting.value}"'
    for line in _filters(server.filters):
        yield f"{prefix} v4 {line}"
    for scope in server.scopes:
        yield from _banner("    Add Scope")
        yield f'{prefix} add scope {scope.scope_id} {scope.subnet_mask} "{scope.name}" "{scope.description}"'
        for line in _scope(scope, types):
            yield f"{prefix} Scope {scope.scope_id} {line}"
    for scope in server.scopes:
        if scope.superscope:
            yield f'{prefix} scope {scope.scope_id} set superscope "{scope.superscope}" 1'


def _banner(text: str) -> Iterator[str]:
    yield from ("", "", f"# {'=' * 62}", f"# {text}                   ", f"# {'=' * 62}", "")


def _class(known: DhcpClass) -> str:
    return f'Add Class "{known.name}" "{known.description}" {known.data.hex()} {int(known.kind is ClassKind.VENDOR)} b'


def _definition(definition: OptionDefinition) -> str:
    vendor = f'vendor="{definition.vendor_class}" ' if definition.vendor_class else ""
    quote = '"' if definition.type is OptionType.STRING else ""
    default = " ".join(f"{quote}{value}{quote}" for value in definition.default_values)
    return (
        f'Add Optiondef {definition.option_id} "{definition.name}" {TYPE_WORDS[definition.type]} {int(definition.multi_valued)} '
        f'{vendor}comment="{definition.description}" {default}'
    )


def _value(value: OptionValue, types: dict[tuple[int, str], OptionType]) -> str:
    classes = f'vendor="{value.vendor_class}" ' if value.vendor_class else ""
    classes += f'user="{value.user_class}" ' if value.user_class else ""
    undefined = OptionType.DWORD if value.option_id == DNS_FLAGS else OptionType.STRING
    option_type = types.get((value.option_id, value.vendor_class.casefold()), undefined)
    return f"{value.option_id} {TYPE_WORDS[option_type]} {classes}" + "".join(f'"{each}" ' for each in value.values)


def _filters(filters: Filters | None) -> Iterator[str]:
    if filters is None:
        return
    yield f"set filter EnforceAllowList={int(filters.allow_enabled)} EnforceDenyList={int(filters.deny_enabled)}"
    for entry in filters.entries:
        yield f'add filter {entry.list.lower()} {entry.mac_address} "{entry.description}"'


def _scope(scope: Scope, types: dict[tuple[int, str], OptionType]) -> Iterator[str]:
    yield f"set state {int(scope.state is ScopeState.ACTIVE)}"
    if scope.range:
        kind = "" if scope.type is ClientKind.DHCP and scope.max_bootp_clients is None else scope.type.upper()
        limit = "" if scope.max_bootp_clients is None else scope.max_bootp_clients
        yield f"Add iprange {scope.range.first} {scope.range.last} {kind} {limit}"
    if scope.nap_enable is not None:
        yield f"set napstate {'On' if scope.nap_enable else 'Off'}"
    if scope.delay_ms is not None:
        yield f"set delayoffer {scope.delay_ms}"
    yield from (f"add excluderange {each.range.first} {each.range.last}" for each in scope.exclusions)
    yield from (f"set optionvalue {_value(value, types)}" for value in scope.option_values)
    yield from _reservations(scope.reservations, types)


def _reservations(reservations: Iterable[Reservation], types: dict[tuple[int, str], OptionType]) -> Iterator[str]:
    for each in reservations:
        texts = f'"{each.name}" "{each.description}" "{each.type.upper()}"'
        yield f"Add reservedip {each.ip_address} {each.client_id.octets.hex()} {texts}"
        for value in each.option_values:
            yield f"set reservedoptionvalue {each.ip_address} {_value(value, types)}"
