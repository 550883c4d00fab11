"""What servers and scopes are told by the same commands: option values and DNS settings (formats.md 2.4)."""

from __future__ import annotations

from migrate.model.finding import Severity
from migrate.model.option import OptionType, OptionValue, normal_values
from migrate.model.server import ObjectKind
from parsers.fields import parse_flag
from parsers.netsh.arguments import Arguments
from parsers.netsh.draft import OptionValues, ScopeDraft, ServerDraft

OPTION_TYPES = {
    "BYTE": OptionType.BYTE,
    "WORD": OptionType.WORD,
    "DWORD": OptionType.DWORD,
    "DWORDDWORD": OptionType.DWORD_DWORD,
    "IPADDRESS": OptionType.IPV4_ADDRESS,
    "IPV6ADDRESS": OptionType.IPV6_ADDRESS,
    "STRING": OptionType.STRING,
    "BINARY": OptionType.BINARY,
    "ENCAPSULATED": OptionType.ENCAPSULATED,
}


def option_value(server: ServerDraft, args: Arguments) -> OptionValue:
    option_id, type_word = args.number("option id", 0, 255), args.word("type")
    option_type = OPTION_TYPES.get(type_word.upper())
    vendor_class, user_class = args.named("vendor"), args.named("user")
    value = OptionValue(
        option_id=option_id,
        values=normal_values(option_type, args.rest()),
        vendor_class=vendor_class,
        user_class=user_class,
        origin=args.origin,
    )
    if option_type is None:
        server.account.find(
            "unreadable-value",
            Severity.WARNING,
            value.label,
            f"The type of {value.label} is {type_word}, which is not known here; its values are kept as they are.",
            "Check the values in the plan.",
            args.origin,
        )
    return value


def keep_option_value(
    server: ServerDraft, values: OptionValues, value: OptionValue, prefix: str, scope: ScopeDraft | None = None
) -> None:
    server.keep_last(values, value.key, value, ObjectKind.OPTION_VALUE, prefix + value.label, scope)


def list_dns_config(server: ServerDraft, target: ServerDraft | ScopeDraft, args: Arguments) -> None:
    _list_dns_setting(server, target, args, "dnsconfig", is_news=True)


def list_name_protection(server: ServerDraft, target: ServerDraft | ScopeDraft, args: Arguments) -> None:
    is_enabled = parse_flag(args.named("enable") or args.word_if_any())
    _list_dns_setting(server, target, args, "NameProtection", is_news=is_enabled)


def _list_dns_setting(server: ServerDraft, target: ServerDraft | ScopeDraft, args: Arguments, name: str, *, is_news: bool) -> None:
    """The form of these lines is not known well enough to make option 81 flags of them, so they are listed, and reported when
    they say more than the default (`is_news`)."""
    scope_id = target.scope_id if isinstance(target, ScopeDraft) else None
    thing = f"scope {scope_id}" if scope_id else "server"
    text = f"{name} {args.all_text()}".rstrip()
    reason = "DNS settings of a netsh dump are not carried"
    server.account.unsupported(ObjectKind.SERVER_SETTING, text, reason, args.origin, scope_id)
    if is_news:
        server.account.find(
            "dns-settings-not-read",
            Severity.WARNING,
            thing,
            f"The dump configures DNS updates of the {thing} by a command that is not carried into the plan: {text}",
            "Compare with Get-DhcpServerv4DnsSetting, and set it on both partners after the migration.",
            args.origin,
            scope_id=scope_id,
        )
