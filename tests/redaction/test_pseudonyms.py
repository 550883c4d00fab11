"""Laws of the replacements: what was equal stays equal, what differed stays different, and nothing shows through."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.redaction.pseudonyms import Pseudonyms, key_of

KEY = b"a key of these tests"
words = st.text(min_size=1, max_size=8) | st.sampled_from(["Lab", "lab", "LAB", "laB", "Straße", "STRASSE", "K", "K", "lab "])


@given(st.lists(words, max_size=30))
def test_names_are_equal_exactly_when_the_texts_are(texts: list[str]) -> None:
    pseudonyms = Pseudonyms(KEY)
    made = [pseudonyms.name(text) for text in texts]
    for text, name in zip(texts, made, strict=True):
        for other_text, other_name in zip(texts, made, strict=True):
            assert (name == other_name) == (text == other_text)


@given(st.lists(words.filter(lambda text: "*" not in text), max_size=30))
def test_names_that_differ_in_case_only_still_do(texts: list[str]) -> None:
    pseudonyms = Pseudonyms(KEY)
    made = [pseudonyms.name(text) for text in texts]
    for text, name in zip(texts, made, strict=True):
        for other_text, other_name in zip(texts, made, strict=True):
            assert (name.casefold() == other_name.casefold()) == (text.casefold() == other_text.casefold())


@given(st.lists(st.binary(max_size=10), max_size=60))
def test_client_ids_keep_their_length_and_stay_apart(octets: list[bytes]) -> None:
    pseudonyms = Pseudonyms(KEY)
    made = {each: pseudonyms.octets(each) for each in octets}
    assert all(len(each) == len(new) for each, new in made.items())
    assert len(set(made.values())) == len(made)


def test_every_single_octet_has_its_own_replacement() -> None:
    """The densest there can be: 256 ids into 256."""
    pseudonyms = Pseudonyms(KEY)
    assert sorted(pseudonyms.octets(bytes([octet])) for octet in range(256)) == [bytes([octet]) for octet in range(256)]


@given(st.binary(min_size=6, max_size=6))
def test_a_mac_address_is_known_behind_its_hardware_type(mac: bytes) -> None:
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms.octets(b"\x01" + mac) == b"\x01" + pseudonyms.octets(mac)


@given(st.lists(words, max_size=10), st.binary(min_size=6, max_size=200))
def test_the_same_key_gives_the_same_replacements_in_any_order(texts: list[str], octets: bytes) -> None:
    forwards, backwards = Pseudonyms(KEY), Pseudonyms(KEY)
    first = {text: forwards.name(text) for text in texts}
    assert {text: backwards.name(text) for text in reversed(texts)} == first
    assert forwards.octets(octets) == backwards.octets(octets) != Pseudonyms(b"another key").octets(octets)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        pytest.param("00-15-5D-01-02-03", r"^[0-9A-F]{2}(-[0-9A-F]{2}){5}$", id="a MAC address"),
        pytest.param("00155d010203", r"^[0-9a-f]{12}$", id="digits"),
        pytest.param("00155D*", r"^[0-9A-F]{6}\*$", id="a prefix"),
        pytest.param("0x0a0b", r"^0x[0-9a-f]{4}$", id="with 0x"),
        pytest.param("switch-7", r"^name-[A-Pa-p]{12}$", id="no digits"),
        pytest.param("Kiosk*", r"^name-[A-Pa-p]{12}\*$", id="a name and any rest"),
        pytest.param("*.klinik.example", r"^\*name-[A-Pa-p]{12}$", id="anything and a name"),
        pytest.param("*", r"^\*$", id="anything"),
        pytest.param("", r"^$", id="nothing"),
    ],
)
def test_a_condition_keeps_its_form(text: str, form: str) -> None:
    import re

    made = Pseudonyms(KEY).hexadecimal(text)
    assert re.fullmatch(form, made)
    assert made == text if len(text) < 2 else made != text


def test_one_mac_address_is_the_same_in_every_spelling() -> None:
    pseudonyms = Pseudonyms(KEY)
    octets = pseudonyms.octets(bytes.fromhex("00155d010203"))
    assert pseudonyms.hexadecimal("00-15-5D-01-02-03") == octets.hex("-").upper()
    assert pseudonyms.hexadecimal("00155d010203") == octets.hex()


def test_the_key_depends_on_every_input_and_on_nothing_else(tmp_path: Path) -> None:
    one, two, copy = (tmp_path / name for name in ("one", "two", "copy"))
    one.write_bytes(b"1")
    two.write_bytes(b"2")
    copy.write_bytes(b"1")
    keys = [key_of([one, two]), key_of([one]), key_of([two, one]), key_of([two, two])]
    assert len(set(keys)) == len(keys)
    assert key_of([copy, two]) == keys[0]


def test_the_key_is_not_what_the_manifest_shows(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "one").write_bytes(b"1")
    assert key_of([tmp_path / "one"]) != hashlib.sha256(b"1").digest()
