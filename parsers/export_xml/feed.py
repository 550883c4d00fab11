"""lxml's pull parser behind a gate: no entities, no DTD, no network, bounded depth; and true line numbers.

Octets may be kept from the parser (leases that are read another way). It then sees fewer lines than the file has, so every skip
is remembered and `line` gives the line in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NoReturn, Protocol

from lxml import etree

from migrate.errors import InputError
from migrate.model.origin import Origin

REPLACEMENT = "\ufffd".encode()
LINES_REMEMBERED = 20
_LAST_LINE_KEPT = 65535
_CONTROLS = bytes(octet for octet in range(32) if octet not in b"\t\n\r")
_ATTRIBUTE = re.compile(rb"<[^<>?!][^<>]*?\s(?!xmlns[\s:=])[^<>=\s]+\s*=")
_SUSPECT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|&#(?:x([0-9a-fA-F]{1,32})|([0-9]{1,32}));")


def is_xml_character(code: int) -> bool:
    """XML 1.0 section 2.2."""
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def reference_code(hexadecimal: bytes | None, decimal: bytes | None) -> int:
    return int(hexadecimal, 16) if hexadecimal else int(decimal or b"0")


class ElementHandler(Protocol):
    """Sees the elements of the given tags only, in any name space."""

    def start(self, element: etree._Element) -> None: ...

    def end(self, element: etree._Element) -> None: ...


class XmlFeed:
    """Give it the whole document in order, by `feed` and `skip`, then `close` it."""

    def __init__(self, path: str, handler: ElementHandler, tags: Iterable[str]) -> None:
        self.path = path
        self.replaced_count = 0
        """Characters that XML forbids and that became U+FFFD."""
        self.replaced_lines: list[int] = []
        """Lines of the first of them."""
        self.may_have_attributes = False
        """No element of an export has attributes; while none was seen, no element need be asked for any."""
        self._handler = handler
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=[f"{{*}}{tag}" for tag in tags],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            encoding="utf-8",
        )
        self._owed = b""
        """One line end for each skip, so that what follows is on a line of its own; the parser gets them with its next octets."""
        self._lines_seen = 0
        self._lines_read = 0
        self._shown_from: list[int] = [0]
        self._lines_skipped: list[int] = [0]

    @property
    def current_line(self) -> int:
        """The line of the file that comes next."""
        return self._lines_read + 1

    def feed(self, octets: bytes) -> None:
        """Raises InputError, with the line, when the document is not well-formed, or deeper than libxml2 allows."""
        if not octets:
            return
        clean = self._owed + self._without_forbidden(octets)
        self._owed = b""
        if not self.may_have_attributes and b"=" in clean:
            self.may_have_attributes = bool(_ATTRIBUTE.search(clean))
        try:
            self._parser.feed(clean)
            self._refuse_logged()
            for event, element in self._events():
                if event == "start":
                    self._handler.start(element)
                else:
                    self._handler.end(element)
        except etree.XMLSyntaxError as error:
            self._refuse_syntax(error.msg, error.position[0])
        lines = octets.count(b"\n")
        self._lines_seen += lines
        self._lines_read += lines

    def skip(self, lines: int) -> None:
        """Octets with so many line ends stand here and are not shown to the parser; they are whole elements and white space."""
        if not lines:
            return
        self._lines_read += lines
        self._lines_seen += 1
        self._owed += b"\n"
        self._shown_from.append(self._lines_seen + 1)
        self._lines_skipped.append(self._lines_read - self._lines_seen)

    def close(self) -> None:
        """Raises InputError when the document is not complete."""
        try:
            self._parser.close()
        except etree.XMLSyntaxError as error:
            self.refuse(
                "truncated-input",
                f"The file ends before its XML is complete: {_without_place(error.msg)}.",
                self.current_line,
                hint="Copy or export the file again; this one was cut off.",
            )

    def line(self, element: etree._Element) -> int:
        """Exact for elements that have just ended. From line 65535 on libxml2 keeps lines for text only and answers with the line
        where the text in the element, or after an empty one, ends."""
        line: object = element.sourceline
        shown = line if isinstance(line, int) else 0
        if shown > _LAST_LINE_KEPT:
            text = element.text if element.text or len(element) else element.tail
            shown -= (text or "").count("\n")
        return self._true_line(shown)

    def refuse(
        self,
        reference: str,
        message: str,
        line: int,
        hint: str = "Export the server again; if the file was edited, mend that line.",
    ) -> NoReturn:
        raise InputError(reference, message, hint=hint, places=[Origin(self.path, line)])

    def _refuse_logged(self) -> None:
        """An entity that is not defined raises nothing where it stands, but ends the events."""
        for entry in self._parser.feed_error_log:
            self._refuse_syntax(entry.message, entry.line)

    def _refuse_syntax(self, reason: str | None, shown_line: int) -> NoReturn:
        self.refuse("not-well-formed", f"This is no well-formed XML: {_without_place(reason)}.", self._true_line(shown_line))

    def _events(self) -> Iterator[tuple[str, etree._Element]]:
        return self._parser.read_events()  # type: ignore[return-value]

    def _true_line(self, shown: int) -> int:
        return shown + self._lines_skipped[bisect_right(self._shown_from, shown) - 1]

    def _without_forbidden(self, octets: bytes) -> bytes:
        if b"&#" not in octets and b"\xef\xbf" not in octets and len(octets.translate(None, _CONTROLS)) == len(octets):
            return octets

        def replaced(match: re.Match[bytes]) -> bytes:
            if match[0].startswith(b"&") and is_xml_character(reference_code(match[1], match[2])):
                return match[0]
            self.replaced_count += 1
            if len(self.replaced_lines) < LINES_REMEMBERED:
                self.replaced_lines.append(self.current_line + octets.count(b"\n", 0, match.start()))
            return REPLACEMENT

        return _SUSPECT.sub(replaced, octets)


def _without_place(reason: str | None) -> str:
    """lxml's own words; the place is given apart."""
    return re.sub(r",? line \d+, column \d+.*", "", (reason or "unknown error").strip()).rstrip(".")
