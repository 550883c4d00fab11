"""Batches of rows against joining each row by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.row_text import Words, rows_of, word_part

TEXTS = st.text(st.sampled_from("a%s{}\n\"'ä"), max_size=4)


@given(st.integers(1, 5).flatmap(lambda n: st.lists(TEXTS | st.lists(TEXTS, min_size=n, max_size=n), min_size=1, max_size=6)))
def test_rows_are_their_parts_in_order(parts: list[str | list[str]]) -> None:
    count = next((len(part) for part in parts if isinstance(part, list)), 0)
    if not count:
        parts, count = [*parts, ["x"]], 1
    wanted = "".join("".join(part if isinstance(part, str) else part[row] for part in parts) for row in range(count))
    assert rows_of(*parts) == wanted


@given(
    st.lists(st.lists(TEXTS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).flatmap(
        lambda words: st.tuples(
            st.just(words),
            st.lists(st.tuples(*(st.integers(0, len(w) - 1) for w in words)), min_size=1, max_size=8),
        )
    )
)
def test_words_are_spelled_row_by_row(drawn: tuple[list[tuple[str, ...]], list[tuple[int, ...]]]) -> None:
    words, rows = drawn
    columns = tuple(Words(np.array([row[i] for row in rows], np.uint32), words[i]) for i in range(len(words)))
    part = word_part(columns, lambda *values: "|".join(values))
    wanted = ["|".join(words[i][code] for i, code in enumerate(row)) for row in rows]
    assert part == (wanted[0] if isinstance(part, str) else wanted)
    if isinstance(part, str):
        assert len(set(wanted)) == 1
