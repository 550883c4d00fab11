"""Rows of text from columns: one `%` template for each batch of rows, so that a million rows take a second or two.

A part of a row is a text that all rows share, or a column. What a format needs around a value, and its quoting, is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Part = str | list[str]
"""The same text in every row, or one text a row."""


class Words(NamedTuple):
    """A value of few words: row i has `words[codes[i]]`."""

    codes: npt.NDArray[np.unsignedinteger[Any]]
    words: tuple[str, ...]


def rows_of(*parts: Part) -> str:
    """The parts of each row joined, row after row; at least one part must be a column."""
    template = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts)
    columns = [part for part in parts if not isinstance(part, str)]
    return "".join(map(template.__mod__, zip(*columns, strict=True)))


def word_part(columns: tuple[Words, ...], spell: Callable[..., str]) -> Part:
    """Neighbouring values together: of few words each there are few combinations, and `spell` is asked once for each."""
    combined = np.zeros(len(columns[0].codes), np.int64)
    for column in columns:
        combined = combined * len(column.words) + column.codes
    texts = {}
    for code in np.unique(combined).tolist():
        rest, words = code, []
        for column in reversed(columns):
            rest, word = divmod(rest, len(column.words))
            words.append(column.words[word])
        texts[code] = spell(*reversed(words))
    return next(iter(texts.values())) if len(texts) == 1 else [texts[code] for code in combined.tolist()]
