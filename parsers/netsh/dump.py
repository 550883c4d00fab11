"""A `netsh dhcp server dump`, of a whole server or of scopes, to a Server (formats.md section 2).

A dump holds no leases, policies, DNS suffixes or failover relationships, whatever the server has: one finding says so. A file
without any command of a dump is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from migrate.errors import InputError
from migrate.model.finding import Severity
from migrate.model.leases import LeaseTable
from migrate.model.origin import Origin
from migrate.model.server import SourceFormat
from parsers.netsh.account import Account
from parsers.netsh.commands import dispatch, report_unknown, shortened
from parsers.netsh.draft import ServerDraft
from parsers.netsh.tokenizer import Line, LineKind, Token, has_odd_quotes, logical_lines, tokenize
from parsers.result import ParseResult, ReadOptions
from parsers.text import decode_text

_VERBS = frozenset({"add", "set"})
_CONTEXTS = frozenset({"scope", "mscope", "v4", "v6"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)", re.ASCII)
_FAREWELL = "command completed successfully"


def parse_netsh_dump(path: Path, options: ReadOptions, *, name: str | None = None) -> ParseResult:
    """`name` None takes the server's name from the dump. Raises InputError for a file without any command of a dump."""
    decoded = decode_text(path, options)
    account = Account()
    account.findings += decoded.findings
    lines = logical_lines(_without_control_characters(decoded.text, path, account).split("\n"))
    if not any(line.kind is LineKind.COMMAND for line in lines):
        raise _not_a_dump(path)
    server = ServerDraft(account)
    names: dict[str, Origin] = {}
    for line in lines:
        origin = Origin(str(path), line.number)
        if line.kind is LineKind.COMMAND:
            names.setdefault(_carry_out(server, line, origin), origin)
        elif not _is_status(line.text):
            report_unknown(server, line.text, origin)
    _report_wrapped(account, path, lines)
    _report_servers(account, names)
    _report_lossy(account, path)
    return ParseResult(
        format=SourceFormat.NETSH_DUMP,
        server=server.build(name or next(filter(None, names), path.stem)),
        leases=LeaseTable.empty(),
        has_leases=False,
        objects_read=dict(account.objects_read),
        not_carried=tuple(account.not_carried),
        findings=tuple(sorted(account.findings, key=lambda finding: finding.sort_key)),
    )


def _carry_out(server: ServerDraft, line: Line, origin: Origin) -> str:
    """Does what the line says; the name of the server it is for, empty when it names none."""
    tokens = tokenize(line.text)
    named = _names_server(tokens)
    if has_odd_quotes(line.text):
        server.account.find(
            "odd-quotes",
            Severity.WARNING,
            shortened(line.text),
            f"Line {origin.line} of the dump has an odd number of quotation marks, so where its texts end is a guess: "
            f"{shortened(line.text)}",
            "Compare the names and comments of this line with the server, and correct the line.",
            origin,
        )
    dispatch(server, tokens[1:] if named else tokens, line.text, origin)
    return tokens[0].text.lstrip("\\") if named else ""


def _names_server(tokens: Sequence[Token]) -> bool:
    """`Dhcp Server add scope ...` is for the local server. A server may be called like a command word, so look at two words."""
    first, second = ([token.text.lower() for token in tokens[:2]] + ["", ""])[:2]
    if first in _VERBS:
        return second in _VERBS
    if first in ("v4", "v6"):
        return False
    return first not in _CONTEXTS or second in _VERBS | _CONTEXTS


def _is_status(text: str) -> bool:
    """What netsh says around a dump: its farewell, and `Changed the current scope context to 10.0.0.0 scope.` in any language."""
    first = text.split(maxsplit=1)[0].lower()
    is_command = first in _VERBS | _CONTEXTS or first == "netsh"
    return text.lower().startswith(_FAREWELL) or (not is_command and '"' not in text and len(_ADDRESS.findall(text)) == 1)


def _without_control_characters(text: str, path: Path, account: Account) -> str:
    match = _CONTROL.search(text)
    if match is None:
        return text
    line = text.count("\n", 0, match.start()) + 1
    clean, count = _CONTROL.subn("\ufffd", text)
    account.find(
        "control-character",
        Severity.WARNING,
        str(path),
        f"The dump holds {count} control characters, the first at line {line}; each is read as U+FFFD.",
        "Clean the name or comment on the server, or in the dump.",
        Origin(str(path), line),
    )
    return clean


def _report_wrapped(account: Account, path: Path, lines: Sequence[Line]) -> None:
    joined = [line for line in lines if line.is_joined]
    if joined:
        account.find(
            "wrapped-lines",
            Severity.WARNING,
            str(path),
            f"{len(joined)} commands go on over more than one line, as in a copy from a console window; they were joined again, "
            "and blanks at the breaks may be wrong.",
            "Redirect the dump to a file instead: netsh dhcp server dump > dump.txt",
            *(Origin(str(path), line.number) for line in joined[:10]),
        )


def _report_servers(account: Account, names: dict[str, Origin]) -> None:
    """A name and the same name with a domain are one server."""
    distinct: dict[str, str] = {}
    for name in filter(None, names):
        host = name if _ADDRESS.fullmatch(name) else name.partition(".")[0]
        distinct.setdefault(host.casefold(), name)
    if len(distinct) > 1:
        account.find(
            "several-servers",
            Severity.ERROR,
            ", ".join(distinct.values()),
            f"The dump has commands for {len(distinct)} servers ({', '.join(distinct.values())}) and was read as one server's.",
            "Give each server's dump as a file of its own, unless these names mean one server.",
            *(names[name] for name in distinct.values()),
        )


def _report_lossy(account: Account, path: Path) -> None:
    account.find(
        "lossy-dump",
        Severity.INFO,
        str(path),
        "A netsh dump holds no leases, policies or failover relationships, whether the server has any or not.",
        "Add lease listings, and on Windows Server 2012 or later prefer Export-DhcpServer -Leases.",
        Origin(str(path)),
    )


def _not_a_dump(path: Path) -> InputError:
    return InputError(
        "not-a-netsh-dump",
        f"{path} has no line that begins with 'Dhcp Server', so it is no netsh dump.",
        hint="Run 'netsh dhcp server dump > dump.txt'; the binary file of 'netsh dhcp server export' cannot be read.",
        places=[Origin(str(path))],
    )
