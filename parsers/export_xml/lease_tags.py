"""Leases cut from a file, taken apart by numpy: where each field of each lease begins and ends.

Reads only what it can prove. The octets must be leases in the plain shape that servers write: known tags without attributes,
one text to an element, white space between elements, valid UTF-8, no control characters, known references. For anything else
the answer is None, and the caller lets the XML parser have these octets; so this reader never decides what is an error.

Tags are told apart by their octets, taken as up to three words of eight and looked up in a table without collisions:

    <HostName>pc-17</HostName>        words[i] is the eight octets from position i, for every i, aligned or not
     ~~~~~~~~ 8 octets, one word
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from parsers.export_xml.feed import is_xml_character, reference_code

LEASE = "Lease"
MAX_TAG_OCTETS = 24
MAX_LEARNED = 16
MAX_ROUNDS = 6
MAX_GAP_OCTETS = 200
"""Longest white space between two tags that is still taken for indentation."""

_PADDING = bytes(MAX_TAG_OCTETS + 8)
"""So that words may be taken at every position."""

Buffer = bytes | memoryview
Positions = npt.NDArray[np.intp]
Words = npt.NDArray[np.uint64]
Octets = npt.NDArray[np.uint8]

_REFERENCE = re.compile(rb"&(?:lt|gt|amp|quot|apos|#x([0-9a-fA-F]{1,6})|#([0-9]{1,7}));")
_NAMED = {b"&lt;": b"<", b"&gt;": b">", b"&amp;": b"&", b"&quot;": b'"', b"&apos;": b"'"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_MULTIPLIERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
_SLOT_BITS = 12

# The first n octets of a little-endian word, for n from 0 to 8; then word k of a tag of n octets is masked by _TAG_MASKS[k][n].
_FIRST_OCTETS = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)
_TAG_MASKS = [_FIRST_OCTETS[np.clip(np.arange(MAX_TAG_OCTETS + 1) - 8 * k, 0, 8)] for k in range(3)]

_LEASE_START, _LEASE_END, _FIELD_START, _FIELD_END, _FIELD_EMPTY = range(5)
_MAY_FOLLOW = np.zeros((5, 5), np.bool_)
"""By kind of tag and kind of the next."""
_MAY_FOLLOW[_LEASE_START, [_LEASE_END, _FIELD_START, _FIELD_EMPTY]] = True
_MAY_FOLLOW[_LEASE_END, _LEASE_START] = True
_MAY_FOLLOW[_FIELD_START, _FIELD_END] = True
_MAY_FOLLOW[_FIELD_END, [_LEASE_END, _FIELD_START, _FIELD_EMPTY]] = True
_MAY_FOLLOW[_FIELD_EMPTY, [_LEASE_END, _FIELD_START, _FIELD_EMPTY]] = True


@dataclass(frozen=True, slots=True)
class TextSpans:
    """Row i has the octets from `starts[i]` up to, not including, `stops[i]`; equal where the field is absent or empty, and
    both 0 where it is absent."""

    starts: Positions
    stops: Positions

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        return self.starts > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseSpans:
    """`count` leases in `octets`, which is padded with NULs; one TextSpans a field that occurs, by element name."""

    octets: bytes
    words: Words
    count: int
    fields: dict[str, TextSpans]
    positions: Positions
    """Where each lease begins."""
    line_offsets: Positions
    """Line of each lease, counted from 0 at the start of the octets."""
    line_count: int

    def unknown_fields(self, known: tuple[str, ...], first: int, stop: int) -> Iterator[tuple[str, int, int]]:
        """Fields that are not among the known ones, in the leases from `first` up to, not including, `stop`: name, lease, and
        how many lines below the start of the lease the field stands."""
        for name, spans in self.fields.items():
            if name not in known:
                for row in (np.flatnonzero(spans.present[first:stop]) + first).tolist():
                    yield name, row, self.octets.count(b"\n", self.positions[row], spans.starts[row])

    def is_blank(self, name: str) -> bool:
        """Whether no lease has any text in this field."""
        spans = self.fields.get(name)
        return spans is None or not (spans.stops - spans.starts).any()

    @property
    def has_references(self) -> bool:
        return b"&" in self.octets

    def text(self, name: str, row: int) -> bytes:
        """The raw octets of a field, references not decoded; empty where the field is absent."""
        spans = self.fields[name]
        return self.octets[spans.starts[row] : spans.stops[row]]

    def texts(self, name: str) -> list[bytes]:
        spans = self.fields.get(name)
        if spans is None:
            return [b""] * self.count
        octets = self.octets
        return [octets[start:stop] for start, stop in zip(spans.starts.tolist(), spans.stops.tolist(), strict=True)]

    def distinct(self, name: str) -> tuple[npt.NDArray[np.uint32], list[bytes]]:
        """The different texts of a field in order of first appearance, and for each lease the number of its text.

        For fields with few different texts: a round compares all rows left with the first of them, and the few rows left after
        some rounds go through a dictionary.
        """
        codes = np.zeros(self.count, np.uint32)
        if name not in self.fields:
            return codes, [b""]
        starts, lengths = self.fields[name].starts, self.fields[name].stops - self.fields[name].starts
        left = np.arange(self.count)
        found: dict[bytes, int] = {}
        while len(left) and len(found) < MAX_ROUNDS:
            sample = self.text(name, int(left[0]))
            same = lengths[left] == len(sample)
            for offset in range(0, len(sample), 8):
                words = self.words[starts[left] + offset] & _FIRST_OCTETS[min(8, len(sample) - offset)]
                same &= words == words[0]
            codes[left[same]] = found.setdefault(sample, len(found))
            left = left[~same]
        for row in left.tolist():
            codes[row] = found.setdefault(self.text(name, row), len(found))
        return codes, list(found)

    def runs(self, name: str) -> tuple[Positions, Positions]:
        """Runs of leases with the same text in a field that occurs: the first lease of each, and for each lease the number of its
        run. Two runs of one long text may follow each other."""
        starts, lengths = self.fields[name].starts, self.fields[name].stops - self.fields[name].starts
        begins_run = np.ones(self.count, np.bool_)
        begins_run[1:] = (lengths[1:] != lengths[:-1]) | (lengths[1:] > 16)
        for offset in (0, 8):
            words = self.words[starts + offset] & _FIRST_OCTETS[np.clip(lengths - offset, 0, 8)]
            begins_run[1:] |= words[1:] != words[:-1]
        return np.flatnonzero(begins_run), np.cumsum(begins_run) - 1


class _TagTable:
    """Codes of tags: 0 and 1 for the start and end of a lease, then three a field: its start, its end, the empty element."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields
        tags: list[tuple[bytes, int, int]] = [(LEASE.encode(), 0, _LEASE_START), (b"/" + LEASE.encode(), 1, _LEASE_END)]
        for index, field in enumerate(fields):
            name, code = field.encode(), 2 + 3 * index
            tags += [(name, code, _FIELD_START), (b"/" + name, code + 1, _FIELD_END)]
            tags += [(name + b"/", code + 2, _FIELD_EMPTY), (name + b" /", code + 2, _FIELD_EMPTY)]
        padded = b"".join(tag.ljust(MAX_TAG_OCTETS, b"\0") for tag, _, _ in tags)
        self._keys = np.frombuffer(padded, "<u8").reshape(-1, 3).T.copy()
        self._codes = np.array([code for _, code, _ in tags], np.uint8)
        self.kinds = np.zeros(2 + 3 * len(fields), np.uint8)
        self.kinds[self._codes] = [kind for _, _, kind in tags]
        self._multipliers = _MULTIPLIERS.copy()
        self._slots = np.zeros(0, np.uint8)
        while not self._fill_slots():
            self._multipliers = self._multipliers * _MULTIPLIERS[0] + np.uint64(2)

    def _fill_slots(self) -> bool:
        slots = self._slot_of(list(self._keys))
        self._slots = np.zeros(1 << _SLOT_BITS, np.uint8)
        self._slots[slots] = np.arange(len(slots))
        return len(np.unique(slots)) == len(slots)

    def _slot_of(self, tag_words: list[Words]) -> Positions:
        mixed = tag_words[0] * self._multipliers[0]
        for word, multiplier in zip(tag_words[1:], self._multipliers[1:], strict=False):
            mixed ^= word * multiplier
        slots: Positions = (mixed >> np.uint64(64 - _SLOT_BITS)).astype(np.intp)
        return slots

    def classify(self, words: Words, starts: Positions, lengths: Positions) -> tuple[Octets, npt.NDArray[np.bool_]]:
        """A code for each tag, and whether it really is that tag, unless it has NULs. Lengths are at most MAX_TAG_OCTETS."""
        tag_words = [words[starts + 8 * k] & _TAG_MASKS[k][lengths] for k in range(-(-int(lengths.max()) // 8))]
        entries = self._slots[self._slot_of(tag_words)]
        known = np.ones(len(entries), np.bool_)
        for key, word in zip(self._keys, tag_words, strict=False):
            known &= key[entries] == word
        return self._codes[entries], known


class LeaseTagReader:
    """Takes leases apart; learns the names of fields it does not know, so that one new element does not make a file slow."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._table = _TagTable(fields)
        self._most_fields = len(fields) + MAX_LEARNED
        self._scratch = np.zeros(0, np.uint8)

    def read(self, pieces: Sequence[Buffer]) -> LeaseSpans | None:
        """From octets that each end with a lease's end tag."""
        octets = b"".join((*pieces, _PADDING))
        if not _has_sound_text(octets):
            return None
        values = np.frombuffer(octets, np.uint8)[: -len(_PADDING)]
        marks = self._angle_brackets(values)
        left, right = marks[0::2], marks[1::2]
        if len(left) != len(right) or not len(left) or (values[left] != ord("<")).any() or (values[right] != ord(">")).any():
            return None
        lengths = right - left - 1
        if int(lengths.max()) > MAX_TAG_OCTETS or int(lengths.min()) < 1:
            return None
        words = np.ndarray((len(octets) - 7,), "<u8", buffer=octets, strides=(1,))
        codes, known = self._table.classify(words, left + 1, lengths)
        if not known.all():
            unknown = int(known.argmin())
            return self.read(pieces) if self._learn(octets[left[unknown] + 1 : right[unknown]]) else None
        return self._spans(octets, values, words, left, right, codes)

    def _angle_brackets(self, values: Octets) -> Positions:
        """Where `<` and `>` stand: they differ in one bit. The scratch column spares the kernel fresh pages for each call."""
        if len(self._scratch) < len(values):
            self._scratch = np.zeros(len(values), np.uint8)
        scratch = self._scratch[: len(values)]
        np.bitwise_or(values, ord("<") ^ ord(">"), out=scratch)
        np.equal(scratch, ord(">"), out=scratch.view(np.bool_))
        return np.flatnonzero(scratch.view(np.bool_))

    def _learn(self, tag: bytes) -> bool:
        name = tag.decode("ascii", "replace").rstrip("/ ")
        fields = self._table.fields
        if len(name) > MAX_TAG_OCTETS - 2 or not _NAME.fullmatch(name) or name in fields or name == LEASE:
            return False
        if len(fields) >= self._most_fields:
            return False
        self._table = _TagTable((*fields, name))
        return True

    def _spans(
        self,
        octets: bytes,
        values: Octets,
        words: Words,
        left: Positions,
        right: Positions,
        codes: Octets,
    ) -> LeaseSpans | None:
        kinds = self._table.kinds[codes]
        if (
            kinds[0] != _LEASE_START
            or kinds[-1] != _LEASE_END
            or not _MAY_FOLLOW.ravel()[kinds[:-1] * np.uint8(5) + kinds[1:]].all()
        ):
            return None
        field_starts = np.flatnonzero(kinds == _FIELD_START)
        if (codes[field_starts + 1] != codes[field_starts] + 1).any():
            return None
        outside = np.flatnonzero(kinds[:-1] != _FIELD_START)
        gap_starts = np.concatenate([[0], right[outside] + 1])
        gap_stops = np.concatenate([left[:1], left[outside + 1]])
        gaps = _blank_gaps(octets, words, gap_starts, gap_stops)
        if gaps is None or gaps.controls != np.count_nonzero(values < ord(" ")):
            return None
        lease_starts = kinds == _LEASE_START
        lease_of_tag = np.cumsum(lease_starts) - 1
        count = int(lease_of_tag[-1]) + 1
        fields: dict[str, TextSpans] = {}
        for index, name in enumerate(self._table.fields):
            code = 2 + 3 * index
            tags = np.flatnonzero((codes == code) | (codes == code + 2))
            if not len(tags):
                continue
            rows = lease_of_tag[tags]
            if (rows[1:] == rows[:-1]).any():
                return None
            starts = right[tags] + 1
            stops = np.where(codes[tags] == code, left[tags + 1], starts)
            fields[name] = _text_spans(count, rows, starts, stops)
        before_lease = np.concatenate([[True], lease_starts[outside + 1]])
        line_offsets = np.cumsum(gaps.line_ends)
        return LeaseSpans(
            octets=octets,
            words=words,
            count=count,
            fields=fields,
            positions=left[lease_starts],
            line_offsets=line_offsets[before_lease],
            line_count=int(line_offsets[-1]),
        )


def _text_spans(count: int, rows: Positions, starts: Positions, stops: Positions) -> TextSpans:
    if len(rows) == count:
        return TextSpans(starts, stops)
    all_starts, all_stops = np.zeros(count, np.intp), np.zeros(count, np.intp)
    all_starts[rows], all_stops[rows] = starts, stops
    return TextSpans(all_starts, all_stops)


def _has_sound_text(octets: bytes) -> bool:
    """Valid UTF-8, no noncharacters, and every `&` begins a reference to a character that XML allows."""
    if not octets.isascii():
        try:
            text = octets.decode()
        except UnicodeDecodeError:
            return False
        if "\ufffe" in text or "\uffff" in text:
            return False
    at = octets.find(b"&")
    while at >= 0:
        match = _REFERENCE.match(octets, at)
        if not match or ((match[1] or match[2]) and not is_xml_character(reference_code(match[1], match[2]))):
            return False
        at = octets.find(b"&", match.end())
    return True


def decode_references(text: bytes) -> bytes:
    """Text of a LeaseSpans with its references replaced by what they stand for."""
    return _REFERENCE.sub(lambda match: _NAMED.get(match[0]) or chr(reference_code(match[1], match[2])).encode(), text)


@dataclass(frozen=True, slots=True)
class _BlankGaps:
    controls: int
    """Control characters in all gaps together."""
    line_ends: Positions
    """In each gap."""


def _blank_gaps(octets: bytes, words: Words, starts: Positions, stops: Positions) -> _BlankGaps | None:
    """None unless all gaps are white space, and those of one length alike, as indentation is: one of each length is looked at,
    and the others compared with it."""
    lengths = stops - starts
    counts = np.bincount(lengths)
    if len(counts) > MAX_GAP_OCTETS:
        return None
    controls = 0
    line_ends = np.zeros(len(counts), np.intp)
    for length in np.flatnonzero(counts).tolist():
        at = starts[lengths == length]
        sample = octets[at[0] : at[0] + length]
        if sample.strip(b" \t\r\n"):
            return None
        for offset in range(0, length, 8):
            found = words[at + offset] & _FIRST_OCTETS[min(8, length - offset)]
            if (found != found[0]).any():
                return None
        controls += len(at) * sum(octet < ord(" ") for octet in sample)
        line_ends[length] = sample.count(b"\n")
    return _BlankGaps(controls, line_ends[lengths])
