"""The octets of an XML file as UTF-8, in chunks that never split a tag or a reference.

The encoding comes from the byte order mark, the pattern of UTF-16, or the XML declaration, in this order. Whether the XML is
sound is the business of `feed`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from migrate.errors import InputError
from migrate.model.origin import Origin
from parsers.result import MIB
from parsers.text import detect_unicode

CHUNK_OCTETS = 2 * MIB
MAX_OCTETS_WITHOUT_TAG = 64 * MIB

_DECLARED = re.compile(rb"""\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_EIGHT_BIT = re.compile(r"(?:us-ascii|ascii|iso-?8859-\d{1,2}|latin-?1|windows-\d{3,4}|cp\d{3,4}|ibm\d{3,4}|koi8-[ru])", re.ASCII)
"""Code pages in which ASCII text reads as ASCII, so that a declaration in them can be read before they are known."""


def read_utf8(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """Chunks of the file, each but the last ending after a `>`. Raises InputError when text does not fit its encoding."""
    kept = b""
    for chunk in _decoded(file, path):
        cut = chunk.rfind(b">") + 1
        if cut:
            yield kept + chunk[:cut]
            kept = chunk[cut:]
        else:
            kept += chunk
        if len(kept) > MAX_OCTETS_WITHOUT_TAG:
            raise InputError(
                "not-well-formed",
                f"{path} goes on for more than {MAX_OCTETS_WITHOUT_TAG // MIB} MiB without a tag.",
                hint="Export the server again; this file is damaged.",
                places=[Origin(str(path))],
            )
    if kept:
        yield kept


def _decoded(file: BinaryIO, path: Path) -> Iterator[bytes]:
    head = file.read(CHUNK_OCTETS)
    encoding, mark_length = detect_unicode(head)
    head = head[mark_length:]
    encoding = encoding or _declared_encoding(head, path)
    if encoding == "utf-8":
        yield head
        while chunk := file.read(CHUNK_OCTETS):
            yield chunk
    else:
        yield from _transcoded(head, file, encoding, path)


def _transcoded(head: bytes, file: BinaryIO, encoding: str, path: Path) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    chunk, line = head, 1
    try:
        while chunk:
            text = decoder.decode(chunk)
            yield text.encode()
            line += text.count("\n")
            chunk = file.read(CHUNK_OCTETS)
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise InputError(
            "wrong-encoding",
            f"{path} is not {encoding} text after line {line}: {getattr(error, 'reason', error)}.",
            hint="Export the server again; if the file was edited, save it as UTF-8.",
            places=[Origin(str(path), line)],
        ) from None


def _declared_encoding(head: bytes, path: Path) -> str:
    """UTF-16 declared in a file of single octets is taken for UTF-8: somebody saved it again without touching the declaration."""
    match = _DECLARED.match(head)
    declared = match[1].decode().lower() if match else "utf-8"
    if declared in {"utf-8", "utf8", "utf-16", "utf16", "unicode"}:
        return "utf-8"
    try:
        if _EIGHT_BIT.fullmatch(declared):
            return codecs.lookup(declared).name
    except LookupError:
        pass
    raise InputError(
        "unknown-encoding",
        f"{path} declares the encoding {declared!r}, which is not one that exports come in.",
        hint="Save the file as UTF-8 and correct its first line.",
        places=[Origin(str(path), 1)],
    )
