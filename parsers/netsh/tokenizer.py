"""From the text of a dump to its commands: lines joined where a console wrapped them, and each line cut into tokens.

Knows quoting and line shape (formats.md 2.1 and 2.3), not what any command means. Comment lines are banners for people, perhaps
in their language, and are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

NARROWEST_CONSOLE = 80
"""Columns. Narrower breaks were made between words, by a mail program or an editor."""

_COMMAND = re.compile(r"[ \t]*dhcp[ \t]+server(?:[ \t]+|$)", re.IGNORECASE)
_BLANK = " \t\r\n\f\v\0\ufeff"

_CLOSING_QUOTE = r'"(?=(?:[ \t]++[^ \t"]++)*+[ \t]*+(?:$|(?<=[ \t=])"))'
"""Free text may hold quotes and nothing escapes them. A quote closes its token when what follows is the end of the line, or
blanks and then only bare words up to the next opening quote."""

_TOKEN = re.compile(
    r"[ \t]*+(?:(?P<name>[A-Za-z]\w*+)[ \t]*+=[ \t]*+)?"
    rf'(?:"(?P<quoted>[^"]*+(?:(?!{_CLOSING_QUOTE})"[^"]*+)*+){_CLOSING_QUOTE}|"(?P<unclosed>.*)|(?P<bare>[^ \t]++))?',
    re.DOTALL,
)


class LineKind(Enum):
    COMMAND = "command"
    OTHER = "other"
    """Neither command nor comment: a status line of netsh, or something that does not belong into a dump."""


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line. `number` is where it starts in the file; `text` of a command begins after `Dhcp Server`."""

    number: int
    kind: LineKind
    text: str
    is_joined: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    quoted: bool = False
    name: str = ""
    """Lower case; the part before `=` in `vendor="..."`, else empty."""


@dataclass(slots=True)
class _Draft:
    number: int
    parts: list[str]
    is_comment: bool

    @property
    def takes_more(self) -> bool:
        """A command may go on in the next line. So may a banner that fills the console, and then it is banner still."""
        return not self.is_comment or len(self.parts[-1]) >= NARROWEST_CONSOLE - 8


def logical_lines(lines: Iterable[str]) -> list[Line]:
    """Everything but comments and blank lines. A line that follows a command without a blank line between belongs to it."""
    drafts = list(_drafts(lines))
    width = _console_width(drafts)
    return [_line(draft, width) for draft in drafts if not draft.is_comment]


def tokenize(text: str) -> tuple[Token, ...]:
    """The tokens of one command; text after a quote that never closes runs to the end of the line."""
    tokens = []
    for match in _TOKEN.finditer(text.rstrip(_BLANK)):
        quoted = match["quoted"] if match["quoted"] is not None else match["unclosed"]
        name = (match["name"] or "").lower()
        if quoted is not None:
            tokens.append(Token(quoted, True, name))
        elif match["bare"] is not None or name:
            tokens.append(Token(match["bare"] or "", False, name))
    return tuple(tokens)


def has_odd_quotes(text: str) -> bool:
    return text.count('"') % 2 == 1


def _drafts(lines: Iterable[str]) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for number, raw in enumerate(lines, 1):
        text = raw.rstrip("\r\n")
        content = text.strip(_BLANK)
        starts_anew = content.startswith("#") or _COMMAND.match(content) is not None
        if draft and content and not starts_anew and draft.takes_more:
            draft.parts.append(text)
            continue
        if draft:
            yield draft
        draft = _Draft(number, [text], content.startswith("#")) if content else None
    if draft:
        yield draft


def _console_width(drafts: Iterable[_Draft]) -> int:
    """The column at which a console broke the lines; 0 when they were broken between words."""
    lengths = [len(part) for draft in drafts for part in draft.parts[:-1] if not draft.is_comment]
    width = max(lengths, default=0)
    return width if width >= NARROWEST_CONSOLE and lengths.count(width) * 2 >= len(lengths) else 0


def _line(draft: _Draft, width: int) -> Line:
    *wrapped, last = draft.parts
    text = "".join([*(part.ljust(max(width, len(part) + 1)) if len(part) != width else part for part in wrapped), last])
    text = text.strip(_BLANK)
    match = _COMMAND.match(text)
    if match is None:
        return Line(draft.number, LineKind.OTHER, text)
    return Line(draft.number, LineKind.COMMAND, text[match.end() :], is_joined=bool(wrapped))
