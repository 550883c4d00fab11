"""What a file is, by its content and never by its name (formats.md section 4).

Only the first part of a file is looked at. What this says is a promise about the kind alone: the parser of that kind may still
find the file damaged. Everything that no parser reads is refused here, each with the likely cause and the next step.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from migrate.errors import InputError
from migrate.model.origin import Origin
from parsers.inputs import open_input
from parsers.lease_csv import HEADINGS
from parsers.result import ReadOptions
from parsers.text import FALLBACK_ENCODING, detect_unicode

HEAD_OCTETS = 1 << 16
EXPORT_ROOT = "DHCPServer"


class InputKind(StrEnum):
    EXPORT_XML = "export-xml"
    NETSH_DUMP = "netsh-dump"
    SHOW_CLIENTS = "show-clients"
    LEASE_CSV = "lease-csv"
    """Get-DhcpServerv4Lease | Export-Csv."""
    MMC_LIST = "mmc-list"
    """Export List of the DHCP console."""
    AUDIT_LOG = "audit-log"


_PROLOG = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_START_TAG = re.compile(r"<(?:[^\s<>/:!?]+:)?([^\s<>/:!?]+)")
_FRAGMENTS = frozenset(
    [
        "IPv4",
        "IPv6",
        "Classes",
        "Class",
        "OptionDefinitions",
        "OptionDefinition",
        "OptionValues",
        "OptionValue",
        "Policies",
        "Policy",
        "Filters",
        "Filter",
        "Scopes",
        "Scope",
        "ExclusionRanges",
        "Reservations",
        "Reservation",
        "Leases",
        "Lease",
    ]
)

_DUMP_LINE = re.compile(r"^\s*Dhcp\s+Server\s", re.IGNORECASE | re.MULTILINE)
_CLIENTS_HEADER = re.compile(r"^.*Unique ID.*Lease Expires", re.MULTILINE)
_CLIENTS_ROW = re.compile(r"^\s*\d{1,3}(?:\.\d{1,3}){3}\s*-\s*\d{1,3}(?:\.\d{1,3}){3}\s*-.*-\s*[NDBURndbur]\s*-", re.MULTILINE)
_AUDIT_HEADER = re.compile(r"^\s*ID,Date,Time,", re.MULTILINE)
_AUDIT_ROW = re.compile(r"^\d{2,5},\d\d/\d\d/\d\d,\d\d:\d\d:\d\d,", re.MULTILINE)
_OTHER_CONTEXT = re.compile(
    r"^\s*(?:pushd|netsh)\s+(\S.{0,40}?)\s*$|^\s*#\s*(.{1,60}) Configuration\s*$", re.IGNORECASE | re.MULTILINE
)
_HEADING_LINES = 20

_SIGNATURES = (
    (4, b"\xef\xcd\xab\x89", "a DHCP database (dhcp.mdb), or a file that `netsh dhcp server export` made from it"),
    (0, b"regf", "a registry hive"),
    (0, b"PK\x03\x04", "a zip archive or a workbook"),
    (0, b"\x1f\x8b", "a gzip archive"),
)


def recognise(path: Path, options: ReadOptions) -> InputKind:
    """Raises InputError for a file that cannot be opened, and for anything that is none of the kinds."""
    with open_input(path, options) as file:
        try:
            head = file.read(HEAD_OCTETS)
        except OSError as error:
            raise InputError(
                "input-unreadable",
                f"{path} cannot be read: {error.strerror}.",
                hint="Copy the file again.",
                places=[Origin(str(path))],
            ) from None
    encoding, mark_length = detect_unicode(head)
    _refuse_binary(head, path, is_unicode=encoding is not None)
    text = head[mark_length:].decode(encoding or "utf-8", "replace")
    if text.lstrip().startswith("<"):
        _check_root(text, path)
        return InputKind.EXPORT_XML
    if encoding is None and "\ufffd" in text:
        text = head.decode(options.encoding or FALLBACK_ENCODING, "replace")
    return _kind_of_text(text, path)


def _kind_of_text(text: str, path: Path) -> InputKind:
    if not text.strip():
        raise _refusal("input-empty", "holds nothing but white space", "Run the export again and look for errors it reports.", path)
    if _DUMP_LINE.search(text):
        return InputKind.NETSH_DUMP
    if _CLIENTS_HEADER.search(text) or _CLIENTS_ROW.search(text):
        return InputKind.SHOW_CLIENTS
    if _AUDIT_HEADER.search(text) or _AUDIT_ROW.search(text):
        return InputKind.AUDIT_LOG
    for line in text.splitlines()[:_HEADING_LINES]:
        if kind := _kind_of_headings(line):
            return kind
    if match := _OTHER_CONTEXT.search(text):
        line_number = text.count("\n", 0, match.start()) + 1
        raise _refusal(
            "another-netsh-context",
            f"is netsh output, but not of a DHCP server: it has no line that begins with 'Dhcp Server' ({match[0].strip()!r})",
            "Run `netsh dhcp server dump > dump.txt` on the DHCP server.",
            path,
            line_number,
        )
    raise _refusal(
        "unknown-input",
        "is none of the files that are read here: no XML export, no netsh dump, no lease listing",
        "Run `Export-DhcpServer -Leases -File server.xml` on the server; `netsh dhcp server dump` does for old ones.",
        path,
        1,
    )


def _kind_of_headings(line: str) -> InputKind | None:
    """Of a line that heads a lease list: it names an address and a client id. Property names are Export-Csv's."""
    words = {word.strip(' "\ufeff').lower() for word in re.split(r"[,;\t]", line)}
    if words.isdisjoint(HEADINGS["address"]) or words.isdisjoint(HEADINGS["client_id"]):
        return None
    return InputKind.LEASE_CSV if {"ipaddress", "clientid"} <= words else InputKind.MMC_LIST


def _check_root(text: str, path: Path) -> None:
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    line = text.count("\n", 0, start) + 1
    if text.startswith("<!DOCTYPE", start) or text.startswith("<!ENTITY", start):
        raise _refusal(
            "document-type",
            "declares a document type or entities, which no export does; they are not followed",
            "Do not trust this file. Export the server again.",
            path,
            line,
        )
    match = _START_TAG.match(text, start)
    root = match[1] if match else ""
    if root == EXPORT_ROOT:
        return
    export_again = "Give the whole file that Export-DhcpServer wrote."
    if root in _FRAGMENTS:
        raise _refusal(
            "not-an-export", f"is a part of an export: it begins with {root} instead of {EXPORT_ROOT}", export_again, path, line
        )
    if not root:
        raise _refusal("not-an-export", "looks like XML, but no element begins where the first should", export_again, path, line)
    raise _refusal(
        "not-an-export",
        f"is XML, but not an export of a DHCP server: its root element is {root}, not {EXPORT_ROOT}",
        export_again,
        path,
        line,
    )


def _refuse_binary(head: bytes, path: Path, *, is_unicode: bool) -> None:
    what = next((what for at, signature, what in _SIGNATURES if head.startswith(signature, at)), "")
    if what or (not is_unicode and b"\0" in head and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")):
        raise _refusal(
            "binary-input",
            f"is {what or 'a binary file, such as `netsh dhcp server export` or a backup of the database makes'}",
            "Binary files cannot be read. Run `Export-DhcpServer -Leases -File server.xml` on the server instead.",
            path,
        )


def _refusal(reference: str, what: str, hint: str, path: Path, line: int = 0) -> InputError:
    return InputError(reference, f"{path} {what}.", hint=hint, places=[Origin(str(path), line)])
