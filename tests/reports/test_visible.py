"""Nothing unseen stays unseen, and nothing seen is touched."""

from __future__ import annotations

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from reports.visible import _UNSEEN, on_one_line, visible

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY_TEXT)
def test_what_is_left_can_be_printed_and_encoded(text: str) -> None:
    shown = on_one_line(text)
    shown.encode()
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [c for c in shown if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")]


@given(st.text(st.characters(categories=("L", "N", "P", "S"))))
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == on_one_line(text) == text


def test_the_short_way_for_printable_text_skips_nothing() -> None:
    everything = map(chr, range(sys.maxunicode + 1))
    assert not [c for c in everything if c.isprintable() and _UNSEEN.search(c)]


@given(ANY_TEXT)
def test_saying_it_twice_changes_nothing(text: str) -> None:
    assert on_one_line(on_one_line(text)) == on_one_line(text)


def test_line_feeds_and_tabs_are_left_to_the_renderer() -> None:
    assert visible("a\tb\nc") == "a\tb\nc"
    assert on_one_line("a\tb\nc") == "a<U+0009>b<U+000A>c"
