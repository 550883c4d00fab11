"""Takes leases out of the octets before the XML parser sees them.

Nine tenths of a large export are leases. The octets between `<Leases>` and `</Leases>` are cut into pieces of whole leases,
which `lease_tags` proves to be plain and takes apart; the XML parser sees empty `Leases` elements, and in order every piece that
was not plain. It also says whether a `<Leases>` tag is where leases belong.

Why searching octets for tags is sound: in well-formed XML a `<` begins markup everywhere but in comments, CDATA sections and
processing instructions. These are followed to their end; one inside a block of leases ends the search, and the parser gets the
rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from parsers.export_xml.feed import XmlFeed
from parsers.export_xml.lease_row import FIELDS
from parsers.export_xml.lease_tags import LeaseSpans, LeaseTagReader
from parsers.result import MIB

PIECE_OCTETS = 1 * MIB
MAX_LEASE_OCTETS = 16 * MIB

_BLOCK_START, _BLOCK_END, _LEASE_END = b"<Leases>", b"</Leases>", b"</Lease>"
_MARKUP = re.compile(rb"<Leases>|<!--|<!\[CDATA\[|<\?|<!")
_OPAQUE_END = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}


class LeaseTaker(Protocol):
    @property
    def awaits_leases(self) -> bool:
        """Whether the parser stands directly inside the Leases element of an IPv4 scope."""

    def take_leases(self, spans: LeaseSpans, first_line: int) -> None: ...


class _Mode(Enum):
    CONFIGURATION = auto()
    OPAQUE = auto()
    """In a comment, CDATA section or processing instruction."""
    LEASES = auto()
    EVERYTHING = auto()
    """The parser gets the rest of the file."""


class LeaseBlocks:
    """Give it the document in chunks that each end after a `>`, then `close` it."""

    def __init__(self, feed: XmlFeed, taker: LeaseTaker) -> None:
        self._feed = feed
        self._taker = taker
        self._tags = LeaseTagReader(FIELDS)
        self._mode = _Mode.CONFIGURATION
        self._opaque_end = b""
        self._rest = b""
        self._steps: dict[_Mode, Callable[[bytes, int], int]] = {
            _Mode.CONFIGURATION: self._configuration,
            _Mode.OPAQUE: self._opaque,
            _Mode.LEASES: self._leases,
            _Mode.EVERYTHING: self._everything,
        }

    def push(self, chunk: bytes) -> None:
        """Raises InputError for a document type declaration and for what the parser refuses."""
        octets = self._rest + chunk if self._rest else chunk
        self._rest = b""
        start = 0
        while start < len(octets):
            start = self._steps[self._mode](octets, start)

    def close(self) -> None:
        self._feed.feed(self._rest)
        self._feed.close()

    # A step deals with octets from `start` on, and gives the position where the step of the next mode begins.

    def _configuration(self, octets: bytes, start: int) -> int:
        match = _MARKUP.search(octets, start)
        if not match:
            return self._everything(octets, start)
        if match[0] == _BLOCK_START:
            self._feed.feed(octets[start : match.end()])
            if self._taker.awaits_leases:
                self._mode = _Mode.LEASES
            return match.end()
        self._feed.feed(octets[start : match.start()])
        if match[0] not in _OPAQUE_END:
            self._feed.refuse(
                "document-type",
                "The file declares a document type or entities, which no export does; they are not followed.",
                self._feed.current_line,
                hint="Do not trust this file. Export the server again.",
            )
        self._opaque_end = _OPAQUE_END[match[0]]
        self._mode = _Mode.OPAQUE
        self._feed.feed(match[0])
        return match.end()

    def _opaque(self, octets: bytes, start: int) -> int:
        stop = octets.find(self._opaque_end, start)
        if stop < 0:
            return self._everything(octets, start)
        stop += len(self._opaque_end)
        self._feed.feed(octets[start:stop])
        self._mode = _Mode.CONFIGURATION
        return stop

    def _leases(self, octets: bytes, start: int) -> int:
        block_end = octets.find(_BLOCK_END, start)
        last = octets.rfind(_LEASE_END, start, block_end if block_end >= 0 else None)
        while start <= last:
            stop = octets.find(_LEASE_END, min(start + PIECE_OCTETS, last)) + len(_LEASE_END)
            piece = octets[start:stop]
            if not self._take(piece):
                return self._hand_over(piece, octets, start)
            start = stop
        if block_end < 0:
            return self._wait_for_more(octets, start)
        rest = octets[start : block_end + len(_BLOCK_END)]
        if b"<!" in rest or b"<?" in rest:
            return self._everything_from_here(octets, start)
        self._feed.feed(rest)
        self._mode = _Mode.CONFIGURATION
        return block_end + len(_BLOCK_END)

    def _take(self, piece: bytes) -> bool:
        spans = self._tags.read(piece)
        if spans is None:
            return False
        self._taker.take_leases(spans, self._feed.current_line)
        self._feed.skip(piece)
        return True

    def _hand_over(self, piece: bytes, octets: bytes, start: int) -> int:
        """The parser gets the piece, and all that follows too when a comment may hide where the piece really ends."""
        if b"<!" in piece or b"<?" in piece:
            return self._everything_from_here(octets, start)
        self._feed.feed(piece)
        if not self._taker.awaits_leases:
            self._mode = _Mode.CONFIGURATION
        return start + len(piece)

    def _wait_for_more(self, octets: bytes, start: int) -> int:
        if len(octets) - start > MAX_LEASE_OCTETS:
            return self._everything_from_here(octets, start)
        self._rest = octets[start:]
        return len(octets)

    def _everything_from_here(self, octets: bytes, start: int) -> int:
        self._mode = _Mode.EVERYTHING
        return self._everything(octets, start)

    def _everything(self, octets: bytes, start: int) -> int:
        self._feed.feed(octets[start:])
        return len(octets)
