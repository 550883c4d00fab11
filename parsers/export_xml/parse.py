"""An Export-DhcpServer file to a ParseResult."""

from __future__ import annotations

from pathlib import Path

from migrate.errors import InputError
from migrate.model.finding import Severity
from migrate.model.origin import Origin
from migrate.model.server import SourceFormat
from parsers.export_xml.account import Account
from parsers.export_xml.document import ExportDocument
from parsers.export_xml.feed import XmlFeed
from parsers.export_xml.lease_blocks import LeaseBlocks
from parsers.export_xml.source import read_utf8
from parsers.inputs import open_input
from parsers.instants import InstantReader
from parsers.recognise import InputKind, recognise
from parsers.result import ParseResult, ReadOptions


def parse_export_xml(path: Path, options: ReadOptions, *, name: str) -> ParseResult:
    """Raises InputError when the file cannot be opened, is not well-formed, not complete, or not an export."""
    if recognise(path, options) is not InputKind.EXPORT_XML:
        raise InputError("not-an-export", f"{path} is not an Export-DhcpServer file.", places=[Origin(str(path))])
    account = Account(str(path))
    instants = InstantReader(options.time_zone)
    document = ExportDocument(account, instants)
    feed = XmlFeed(str(path), document, document.tags)
    document.attach(feed)
    blocks = LeaseBlocks(feed, document)
    with open_input(path, options) as file:
        try:
            for chunk in read_utf8(file, path):
                blocks.push(chunk)
        except OSError as error:
            raise InputError(
                "input-unreadable", f"{path} cannot be read to its end: {error.strerror}.", hint="Copy the file again."
            ) from None
    blocks.close()
    server, leases = document.server(name), document.leases()
    _remark_on_text(feed, instants, account)
    return ParseResult(
        format=SourceFormat.EXPORT_XML,
        server=server,
        leases=leases,
        has_leases=document.has_leases,
        objects_read=dict(account.objects_read),
        not_carried=tuple(account.not_carried),
        findings=account.findings(),
    )


def _remark_on_text(feed: XmlFeed, instants: InstantReader, account: Account) -> None:
    for number, line in enumerate(feed.replaced_lines):
        account.remark(
            "control-character",
            Severity.WARNING,
            account.path,
            "The file holds a character that XML forbids; it was replaced by U+FFFD.",
            "Look at the text in these lines, and correct the name on the server.",
            line,
            like=(),
            count=feed.replaced_count if number == 0 else 0,
        )
    if instants.takes_naive_as_utc and instants.first_naive_line is not None:
        account.remark(
            "guessed-time-zone",
            Severity.WARNING,
            account.path,
            "The times of leases name no time zone; they were taken as UTC.",
            "If they are local times, give the zone with --time-zone.",
            instants.first_naive_line,
        )
