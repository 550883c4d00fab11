"""Handlers of the commands that configure one scope (formats.md 2.4)."""

from __future__ import annotations

from migrate.model.client_id import ClientId
from migrate.model.finding import Severity
from migrate.model.option import LEASE_TIME
from migrate.model.scope import ClientKind, ExclusionRange, Reservation, ScopeState
from migrate.model.server import ObjectKind
from parsers.fields import parse_client_kind, parse_flag, parse_number
from parsers.netsh.arguments import Arguments
from parsers.netsh.both_levels import keep_option_value, option_value
from parsers.netsh.draft import IpRange, ScopeDraft, ServerDraft

_MAX_U32 = 0xFFFFFFFF


def set_state(server: ServerDraft, scope: ScopeDraft, args: Arguments) -> None:
    state = args.number("state", 0, 3)
    if state > 1:
        server.account.find(
            "unreadable-value",
            Severity.ERROR,
            f"scope {scope.scope_id}",
            f"Scope {scope.scope_id} has state {state}, one of the two for switched networks, which failover does not know; "
            f"it is read as {scope.state}.",
            "Activate or deactivate the scope on the server, and make the dump again.",
            args.origin,
            scope_id=scope.scope_id,
        )
        return
    scope.state = ScopeState.ACTIVE if state else ScopeState.INACTIVE


def add_ip_range(_: ServerDraft, scope: ScopeDraft, args: Arguments) -> None:
    pool = args.range()
    type_word = args.word_if_any()
    limit = args.word_if_any()
    scope.ip_ranges.append(
        IpRange(
            range=pool,
            type=parse_client_kind(type_word) if type_word else ClientKind.DHCP,
            max_bootp_clients=parse_number(limit, 0, _MAX_U32) if limit else None,
            origin=args.origin,
        )
    )


def add_exclusion(server: ServerDraft, scope: ScopeDraft, args: Arguments) -> None:
    record = ExclusionRange(range=args.range(), origin=args.origin)
    label = f"exclusion range {record.range}"
    server.keep_first(scope.exclusions, record.range, record, ObjectKind.EXCLUSION_RANGE, label, scope)


def set_option_value(server: ServerDraft, scope: ScopeDraft, args: Arguments) -> None:
    value = option_value(server, args)
    if value.option_id == LEASE_TIME and not value.vendor_class and len(value.values) != 1:
        raise ValueError(f"a lease time is one number, not {len(value.values)}")
    keep_option_value(server, scope.option_values, value, "", scope)


def add_reservation(server: ServerDraft, scope: ScopeDraft, args: Arguments) -> None:
    address, client_id = args.address("address"), ClientId.parse(args.word("client id"))
    texts = args.texts()
    type_word = texts.pop() if len(texts) == 3 or (len(texts) == 2 and texts[1] in ("BOTH", "DHCP", "BOOTP")) else ""
    name, description = (*texts, "", "")[:2]
    record = Reservation(
        ip_address=address,
        client_id=client_id,
        name=name,
        description=description,
        type=parse_client_kind(type_word or args.word_if_any() or "BOTH"),
        origin=args.origin,
    )
    server.keep_first(scope.reservations, address, record, ObjectKind.RESERVATION, f"reservation {address}", scope)


def set_reservation_option(server: ServerDraft, scope: ScopeDraft, args: Arguments) -> None:
    address = args.address("address")
    value = option_value(server, args)
    keep_option_value(server, scope.reserved_options.setdefault(address, {}), value, f"{address} ", scope)


def set_superscope(server: ServerDraft, scope: ScopeDraft, args: Arguments) -> None:
    name = args.text("name")
    if name and name not in server.superscopes:
        server.account.met(ObjectKind.SUPERSCOPE)
        server.superscopes[name] = (scope.scope_id, args.origin)
    scope.superscope = name


def set_nap_state(_: ServerDraft, scope: ScopeDraft, args: Arguments) -> None:
    word = args.word("NAP state")
    scope.nap_enable = {"on": True, "off": False}[word.lower()] if word.lower() in ("on", "off") else parse_flag(word)


def set_offer_delay(_: ServerDraft, scope: ScopeDraft, args: Arguments) -> None:
    scope.delay_ms = args.number("delay", 0, _MAX_U32)
