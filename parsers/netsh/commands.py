"""From the words of a command to what it does to the draft: the two tables of a dump's commands (formats.md 2.4).

A handler reads all its arguments before it changes the draft, and raises ValueError when it cannot; the object has been counted
by then, and is listed as refused. What no table knows becomes a finding and an unknown object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address
from typing import Generic, TypeVar

from migrate.model.finding import Severity
from migrate.model.origin import Origin
from migrate.model.server import ObjectKind
from parsers.fields import parse_address
from parsers.netsh import both_levels, scope_level, server_level
from parsers.netsh.arguments import Arguments
from parsers.netsh.draft import ScopeDraft, ServerDraft
from parsers.netsh.tokenizer import Token

MACHINE_SETTINGS = (
    "AuditLog",
    "Bindings",
    "DatabaseBackupInterval",
    "DatabaseBackupPath",
    "DatabaseCleanupInterval",
    "DatabaseLoggingFlag",
    "DatabaseName",
    "DatabasePath",
    "DatabaseRestoreFlag",
    "DnsCredentials",
)
"""Settings of the machine rather than of its clients: read, listed, and left as the target server has them."""

Target = TypeVar("Target", ServerDraft, ScopeDraft)


@dataclass(frozen=True, slots=True)
class Command(Generic[Target]):
    """`kind` is what a line of this command adds to the objects read; None where it is only a property of one."""

    run: Callable[[ServerDraft, Target, Arguments], None]
    kind: ObjectKind | None = None


SERVER_COMMANDS: Mapping[tuple[str, ...], Command[ServerDraft]] = {
    ("add", "class"): Command(server_level.add_class, ObjectKind.CLASS),
    ("add", "optiondef"): Command(server_level.add_option_definition, ObjectKind.OPTION_DEFINITION),
    ("add", "scope"): Command(server_level.add_scope, ObjectKind.SCOPE),
    ("add", "filter"): Command(server_level.add_filter, ObjectKind.FILTER),
    ("set", "filter"): Command(server_level.set_filter),
    ("set", "optionvalue"): Command(server_level.set_option_value, ObjectKind.OPTION_VALUE),
    ("set", "detectconflictretry"): Command(server_level.set_conflict_detection, ObjectKind.SERVER_SETTING),
    ("set", "dnsconfig"): Command(both_levels.list_dns_config, ObjectKind.SERVER_SETTING),
    ("set", "nameprotection"): Command(both_levels.list_name_protection, ObjectKind.SERVER_SETTING),
    **{
        ("set", name.lower()): Command(partial(server_level.set_setting, name), ObjectKind.SERVER_SETTING)
        for name in MACHINE_SETTINGS
    },
}
SCOPE_COMMANDS: Mapping[tuple[str, str], Command[ScopeDraft]] = {
    ("set", "state"): Command(scope_level.set_state),
    ("add", "iprange"): Command(scope_level.add_ip_range),
    ("add", "excluderange"): Command(scope_level.add_exclusion, ObjectKind.EXCLUSION_RANGE),
    ("set", "optionvalue"): Command(scope_level.set_option_value, ObjectKind.OPTION_VALUE),
    ("add", "reservedip"): Command(scope_level.add_reservation, ObjectKind.RESERVATION),
    ("set", "reservedoptionvalue"): Command(scope_level.set_reservation_option, ObjectKind.OPTION_VALUE),
    ("set", "superscope"): Command(scope_level.set_superscope),
    ("set", "napstate"): Command(scope_level.set_nap_state),
    ("set", "delayoffer"): Command(scope_level.set_offer_delay),
    ("set", "dnsconfig"): Command(both_levels.list_dns_config, ObjectKind.SERVER_SETTING),
    ("set", "nameprotection"): Command(both_levels.list_name_protection, ObjectKind.SERVER_SETTING),
}


def dispatch(server: ServerDraft, tokens: Sequence[Token], text: str, origin: Origin) -> None:
    """Carries out one command; `tokens` begin after the server's name, `text` is the same for people."""
    if tokens and tokens[0].text.lower() == "v4":
        tokens = tokens[1:]
    words = [token.text.lower() for token in tokens[:4] if not token.quoted and not token.name]
    if words[:1] == ["v6"]:
        server.account.met(ObjectKind.IPV6)
        server.account.unsupported(ObjectKind.IPV6, shortened(text), "failover is for IPv4 only", origin)
    elif "mscope" in words[:2]:
        server.account.met(ObjectKind.MULTICAST)
        server.account.unsupported(ObjectKind.MULTICAST, shortened(text), "failover does not carry multicast scopes", origin)
    elif len(words) == 4 and words[0] == "scope" and (scope_command := SCOPE_COMMANDS.get((words[2], words[3]))):
        _run_for_scope(scope_command, server, tokens, text, origin)
    elif command := SERVER_COMMANDS.get(tuple(words[:2])):
        _run(command, server, server, Arguments(tokens[2:], origin), text)
    else:
        report_unknown(server, text, origin)


def report_unknown(server: ServerDraft, text: str, origin: Origin) -> None:
    server.account.met(ObjectKind.UNKNOWN)
    server.account.refuse(ObjectKind.UNKNOWN, shortened(text), "a command that is not known here", origin)
    server.account.find(
        "unknown-command",
        Severity.WARNING,
        shortened(text),
        f"Line {origin.line} of the dump is no command that is known here: {shortened(text)}",
        "Look up what the command configures, and set that on the new servers by hand if it matters.",
        origin,
    )


def shortened(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:157]}..."


def _run_for_scope(command: Command[ScopeDraft], server: ServerDraft, tokens: Sequence[Token], text: str, origin: Origin) -> None:
    try:
        scope_id = parse_address(tokens[1].text)
    except ValueError as problem:
        if command.kind:
            server.account.met(command.kind)
        _report_unreadable(server, command.kind, None, text, origin, problem)
        return
    _run(command, server, server.scope(scope_id, origin), Arguments(tokens[4:], origin), text)


def _run(command: Command[Target], server: ServerDraft, target: Target, args: Arguments, text: str) -> None:
    if command.kind:
        server.account.met(command.kind)
    try:
        command.run(server, target, args)
    except ValueError as problem:
        scope_id = target.scope_id if isinstance(target, ScopeDraft) else None
        _report_unreadable(server, command.kind, scope_id, text, args.origin, problem)


def _report_unreadable(
    server: ServerDraft, kind: ObjectKind | None, scope_id: IPv4Address | None, text: str, origin: Origin, problem: ValueError
) -> None:
    if kind:
        server.account.refuse(kind, shortened(text), str(problem), origin, scope_id)
    server.account.find(
        "unreadable-value",
        Severity.ERROR,
        shortened(text),
        f"Line {origin.line} of the dump cannot be read, {problem}: {shortened(text)}",
        "Correct the line, or make the dump again.",
        origin,
        scope_id=scope_id,
    )
