"""Every literal reads back, by the rules of its language, as the text it was made from."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.emit.quoting import csv_fields, ps_quote, xml_text, xml_texts

ANY_TEXT = st.text(
    st.characters(exclude_categories=("Cs",)) | st.sampled_from("'\u2018\u2019\u201a\u201b\"`$\r\n\x00,"), max_size=12
)
PS_TERM = re.compile("'((?:[^'\u2018\u2019\u201a\u201b]|(['\u2018\u2019\u201a\u201b])\\2)*)'|\\[char\\](\\d+)")


def read_ps(expression: str) -> str:
    """A naive reader of what PowerShell makes of it: one literal, or a sum of literals and characters."""
    terms = []
    at = 0
    inner = expression[1:-1] if expression.startswith("(") else expression
    while at < len(inner):
        term = PS_TERM.match(inner, at)
        assert term, f"no literal at {at} of {expression!r}"
        text = re.sub("(['\u2018\u2019\u201a\u201b])\\1", r"\1", term[1]) if term[3] is None else chr(int(term[3]))
        terms.append(text)
        at = term.end()
        if at < len(inner):
            assert inner[at : at + 3] == " + "
            at += 3
    return "".join(terms)


@given(ANY_TEXT)
def test_a_powershell_literal_is_the_text(value: str) -> None:
    literal = ps_quote(value)
    assert read_ps(literal) == value
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", literal)


PS_LITERALS = {
    "plain": ("DHCP01", "'DHCP01'"),
    "empty": ("", "''"),
    "an apostrophe": ("O'Brien", "'O''Brien'"),
    "a typographic quote closes too": ("x\u2019; Remove-Item C:\\ #", "'x\u2019\u2019; Remove-Item C:\\ #'"),
    "all four": ("\u2018\u2019\u201a\u201b", "'\u2018\u2018\u2019\u2019\u201a\u201a\u201b\u201b'"),
    "what double quotes would expand": ('$(whoami) `n "', "'$(whoami) `n \"'"),
    "a line break": ("one\r\ntwo", "('one' + [char]13 + [char]10 + 'two')"),
    "NUL first": ("\x00x", "('' + [char]0 + 'x')"),
    "half a surrogate pair": ("\udc00", "'\ufffd'"),
}


@pytest.mark.parametrize(("value", "literal"), PS_LITERALS.values(), ids=PS_LITERALS.keys())
def test_powershell_literals(value: str, literal: str) -> None:
    assert ps_quote(value) == literal


@given(ANY_TEXT)
def test_xml_text_is_the_text_where_xml_can_hold_it(value: str) -> None:
    expected = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", value)
    assert (ElementTree.fromstring(f"<x>{xml_text(value)}</x>").text or "") == expected


@given(st.lists(ANY_TEXT))
def test_many_xml_texts_are_each_of_them(values: list[str]) -> None:
    assert xml_texts(values) == [xml_text(value) for value in values]


@given(st.lists(ANY_TEXT, min_size=2))
def test_csv_fields_are_read_back(values: list[str]) -> None:
    line = ",".join(csv_fields(values)) + "\r\n"
    assert list(csv.reader(io.StringIO(line, newline=""), strict=True)) == [values]


def test_csv_quotes_only_what_it_must() -> None:
    assert csv_fields(["plain", "a b", "a,b", 'say "x"', "=1+1"]) == ["plain", "a b", '"a,b"', '"say ""x"""', "=1+1"]
