"""Takes leases out of the octets before the XML parser sees them.

Nine tenths of a large export are leases. The octets between `<Leases>` and `</Leases>` are cut out, all blocks of a chunk are
proven to be plain and taken apart together by `lease_tags`, and the XML parser sees empty `Leases` elements. What is not plain
goes to the parser as it is. The parser also says whether a `<Leases>` tag is where leases belong.

Why searching octets for tags is sound: in well-formed XML a `<` begins markup everywhere but in comments, CDATA sections and
processing instructions. These are followed to their end; one inside a block of leases ends the search, and the parser gets the
rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

import numpy as np
import numpy.typing as npt

from parsers.export_xml.feed import XmlFeed
from parsers.export_xml.lease_row import FIELDS
from parsers.export_xml.lease_tags import LeaseSpans, LeaseTagReader
from parsers.result import MIB

PIECE_OCTETS = MIB // 4
"""Where a block is not plain, the next try is made with pieces of this size."""
MAX_LEASE_OCTETS = 16 * MIB

_BLOCK_START, _BLOCK_END, _LEASE_END = b"<Leases>", b"</Leases>", b"</Lease>"
_MARKUP = re.compile(rb"<Leases>|<!--|<!\[CDATA\[|<\?|<!")
_OPAQUE_END = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}


class LeaseTaker(Protocol):
    @property
    def awaits_leases(self) -> bool:
        """Whether the parser stands directly inside the Leases element of an IPv4 scope."""

    def take_leases(self, batch: LeaseBatch, first_row: int, stop_row: int) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class LeaseBatch:
    """Leases of one or more pieces of the file that were taken apart together; `lines` has the line of each."""

    spans: LeaseSpans
    lines: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Piece:
    """The leases of one block within a batch."""

    batch: LeaseBatch
    first_row: int
    stop_row: int
    line_count: int


@dataclass(frozen=True, slots=True)
class _Block:
    """Octets of leases from `start` up to, not including, `stop`, where whole leases end. `end` is where the end tag of the block
    begins, negative when it has not been read yet."""

    start: int
    stop: int
    end: int

    @classmethod
    def find(cls, octets: bytes, start: int) -> _Block:
        end = octets.find(_BLOCK_END, start)
        last = octets.rfind(_LEASE_END, start, end if end >= 0 else None)
        return cls(start, last + len(_LEASE_END) if last >= 0 else start, end)


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
        self._blocks: dict[int, _Block] = {}
        self._pieces: dict[int, _Piece] = {}
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
        blocks = list(self._find_blocks(octets))
        self._blocks = {block.start: block for block in blocks}
        self._pieces = self._take_apart(octets, blocks, 0)
        start = 0
        while start < len(octets):
            start = self._steps[self._mode](octets, start)

    def close(self) -> None:
        self._feed.feed(self._rest)
        self._feed.close()

    def _find_blocks(self, octets: bytes) -> Iterator[_Block]:
        """What looks like blocks of leases: the steps below find out whether the parser agrees."""
        if self._mode is _Mode.EVERYTHING:
            return
        start: int | None = 0 if self._mode is _Mode.LEASES else _after(octets, _BLOCK_START, 0)
        while start is not None:
            block = _Block.find(octets, start)
            yield block
            start = _after(octets, _BLOCK_START, block.end) if block.end >= 0 else None

    def _take_apart(self, octets: bytes, blocks: Sequence[_Block], fed: int) -> dict[int, _Piece]:
        """The leases of all these blocks in one batch, by the start of their block; nothing unless all are plain. `fed` is how
        many of the octets the parser has seen."""
        blocks = [block for block in blocks if block.stop > block.start]
        if not blocks:
            return {}
        view = memoryview(octets)
        spans = self._tags.read([view[block.start : block.stop] for block in blocks])
        if spans is None:
            return {}
        bounds = np.cumsum([0, *(block.stop - block.start for block in blocks)])
        first_rows = np.searchsorted(spans.positions, bounds).tolist()
        lines_before = [
            int(spans.line_offsets[row]) - octets.count(b"\n", block.start, octets.find(b"<", block.start))
            for row, block in zip(first_rows, blocks, strict=False)
        ]
        lines_before.append(spans.line_count)
        batch = LeaseBatch(spans, np.empty(spans.count, np.int64))
        pieces: dict[int, _Piece] = {}
        line = self._feed.current_line
        for number, block in enumerate(blocks):
            rows = slice(first_rows[number], first_rows[number + 1])
            line += octets.count(b"\n", fed, block.start)
            batch.lines[rows] = spans.line_offsets[rows] + (line - lines_before[number])
            pieces[block.start] = _Piece(batch, rows.start, rows.stop, lines_before[number + 1] - lines_before[number])
            line += pieces[block.start].line_count
            fed = block.stop
        return pieces

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
        block = self._blocks.get(start) or _Block.find(octets, start)
        if self._take(self._pieces, start):
            start = block.stop
        while start < block.stop:
            piece_stop = octets.find(_LEASE_END, min(start + PIECE_OCTETS, block.stop - len(_LEASE_END))) + len(_LEASE_END)
            if not self._take(self._take_apart(octets, [_Block(start, piece_stop, -1)], start), start):
                return self._hand_over(octets, start, piece_stop)
            start = piece_stop
        if block.end < 0:
            return self._wait_for_more(octets, start)
        stop = block.end + len(_BLOCK_END)
        if _may_hide_tags(octets[start:stop]):
            return self._everything_from_here(octets, start)
        self._feed.feed(octets[start:stop])
        self._mode = _Mode.CONFIGURATION
        return stop

    def _take(self, pieces: dict[int, _Piece], start: int) -> bool:
        piece = pieces.get(start)
        if piece is None:
            return False
        self._taker.take_leases(piece.batch, piece.first_row, piece.stop_row)
        self._feed.skip(piece.line_count)
        return True

    def _hand_over(self, octets: bytes, start: int, stop: int) -> int:
        """The parser gets the piece, and all that follows too when a comment may hide where the piece really ends."""
        if _may_hide_tags(octets[start:stop]):
            return self._everything_from_here(octets, start)
        self._feed.feed(octets[start:stop])
        if not self._taker.awaits_leases:
            self._mode = _Mode.CONFIGURATION
        return stop

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


def _may_hide_tags(octets: bytes) -> bool:
    return b"<!" in octets or b"<?" in octets


def _after(octets: bytes, tag: bytes, start: int) -> int | None:
    found = octets.find(tag, start)
    return found + len(tag) if found >= 0 else None
