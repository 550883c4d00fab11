"""Values as literals of the languages we write: nothing a source says may become markup or code.

Each function is total: any text gives a literal that reads back as that text, but for characters the language cannot hold
at all, which become U+FFFD, visibly.
"""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"

_NOT_XML = r"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_XML_SPECIAL = re.compile(f"[&<>\r{_NOT_XML}]")
_XML_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PS_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")
"""PowerShell takes the four Unicode quotation marks for single quotes, and each is escaped by doubling."""
_PS_CONTROLS = re.compile(r"([\x00-\x1f\x7f-\x9f\u2028\u2029])")

_MARKDOWN_SPECIAL = re.compile(r"[\\`*_{}\[\]()#+!|~>]")
_MARKDOWN_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

_CSV_SPECIAL = re.compile('[",\r\n]')


def xml_text(value: str) -> str:
    """Element content (XML 1.0 section 2.2). A raw CR would be read back as LF, so it is written as a reference."""
    return _XML_SPECIAL.sub(lambda match: _XML_ESCAPES.get(match[0], REPLACEMENT), value)


def xml_texts(values: list[str]) -> list[str]:
    """The same for many values, which are searched and escaped together: in a million host names few are special."""
    joined = "\n".join(values)
    if not _XML_SPECIAL.search(joined):
        return values
    if joined.count("\n") == len(values) - 1:
        return xml_text(joined).split("\n")
    return [xml_text(value) for value in values]


def ps_quote(value: str) -> str:
    """A PowerShell expression: a single-quoted literal, in parentheses with `[char]` codes where there are control characters.

    Line breaks would be legal inside the quotes, but a change of line ends on the way would change the value.
    """
    value = _SURROGATE.sub(REPLACEMENT, value)
    pieces = _PS_CONTROLS.split(value)
    literals = ["'" + _PS_QUOTES.sub(r"\1\1", piece) + "'" for piece in pieces[::2]]
    if len(literals) == 1:
        return literals[0]
    codes = [f"[char]{ord(control)}" for control in pieces[1::2]]
    terms = literals[:1]
    for code, literal in zip(codes, literals[1:], strict=True):
        terms += [code] if literal == "''" else [code, literal]
    return f"({' + '.join(terms)})"


def markdown_text(value: str) -> str:
    """A value in running Markdown: one line, no markup, no HTML."""
    return _MARKDOWN_SPECIAL.sub(lambda match: "\\" + match[0], _one_line(value)).replace("<", "&lt;")


def markdown_code(value: str) -> str:
    """A value between backticks, where nothing can be escaped: a backtick in it becomes a plain quote."""
    return _one_line(value).replace("`", "'").replace("|", "/")


def _one_line(value: str) -> str:
    return _MARKDOWN_BREAKS.sub(" ", _SURROGATE.sub(REPLACEMENT, value))


def csv_fields(values: list[str]) -> list[str]:
    """RFC 4180 fields, quoted only where they must be; searched together first."""
    if not _CSV_SPECIAL.search("".join(values)):
        return values
    return ['"' + value.replace('"', '""') + '"' if _CSV_SPECIAL.search(value) else value for value in values]
