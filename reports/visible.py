"""Text from the inputs made safe to look at: nothing in it can move a cursor, hide, or turn a line around."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters; tab and line feed are left to the renderer
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"  # marks that turn or hide text, line separators
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff"  # not characters at all
    "]"
)


def visible(text: str) -> str:
    """Control, direction and non-characters spelled out as `<U+001B>`; tabs and line feeds stay."""
    if text.isprintable():  # which none of these characters is
        return text
    return _UNSEEN.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)


def on_one_line(text: str) -> str:
    """As `visible`, with line feeds and tabs spelled out too."""
    return visible(text).replace("\n", "<U+000A>").replace("\t", "<U+0009>")
