"""Octets of a text file to characters: byte order marks, UTF-16 without one, UTF-8, code pages (formats.md 2.2).

For netsh text, lease listings and the head of any file. `parsers.xml_source` decodes XML, whose declaration has a say.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from migrate.errors import InputError
from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin
from parsers.inputs import open_input
from parsers.result import ReadOptions

FALLBACK_ENCODING = "cp850"
"""The OEM code page of western European Windows, in which cmd.exe writes redirected text."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """`text` has no byte order mark; its line ends are as written."""

    text: str
    encoding: str
    findings: tuple[Finding, ...] = ()


def decode_text(path: Path, options: ReadOptions) -> DecodedText:
    """The whole file as text. Raises InputError when it cannot be opened, or does not fit its encoding."""
    with open_input(path, options) as file:
        data = file.read()
    encoding, mark_length = detect_unicode(data)
    body = data[mark_length:]
    encoding = encoding or options.encoding
    if encoding:
        return DecodedText(_decode_strictly(path, body, encoding), encoding)
    try:
        return DecodedText(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        return DecodedText(body.decode(FALLBACK_ENCODING), FALLBACK_ENCODING, (_guessed_encoding(Origin(str(path), line)),))


def detect_unicode(data: bytes) -> tuple[str | None, int]:
    """The Unicode encoding that a byte order mark or the pattern of NUL octets gives away, and the length of the mark.

    UTF-16 without a mark shows in ASCII text as a NUL in every other octet; the first kibibyte decides, at nine tenths.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    head = data[:1024]
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) * 10 >= pairs * 9 and not head[0::2].count(0):
        return "utf-16-le", 0
    if pairs and head[0::2].count(0) * 10 >= pairs * 9 and not head[1::2].count(0):
        return "utf-16-be", 0
    return None, 0


def _decode_strictly(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise InputError(
            "unknown-encoding",
            f"There is no text encoding {encoding!r}.",
            hint="Use a name such as cp850, cp1252, utf-8 or utf-16.",
            places=[Origin(str(path))],
        ) from None
    except UnicodeError as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise InputError(
            "wrong-encoding",
            f"{path} is not {encoding} text: {getattr(error, 'reason', error)} at line {line}.",
            hint="Export the file again, or name its encoding with --encoding.",
            places=[Origin(str(path), line)],
        ) from None


def _guessed_encoding(origin: Origin) -> Finding:
    return Finding(
        rule="guessed-encoding",
        severity=Severity.WARNING,
        object=origin.path,
        message=f"The file is not Unicode text and does not name its code page; it was read as {FALLBACK_ENCODING}, "
        f"so letters beyond ASCII may be wrong (first at line {origin.line}).",
        remedy="Look at a name with such letters, and give the right code page with --encoding.",
        places=(origin,),
    )
