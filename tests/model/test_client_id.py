"""Client ids compare as octets, whatever their spelling or length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.client_id import ClientId

OCTETS = st.binary(max_size=40)


@given(OCTETS)
def test_what_is_written_reads_back(octets: bytes) -> None:
    assert ClientId.parse(str(ClientId(octets))) == ClientId(octets)


@given(OCTETS, st.sampled_from(["", "-", ":", " "]), st.booleans())
def test_spelling_does_not_matter(octets: bytes, separator: str, upper: bool) -> None:
    text = octets.hex(separator) if separator else octets.hex()
    assert ClientId.parse(text.upper() if upper else text) == ClientId(octets)


@given(st.lists(OCTETS))
def test_ids_sort_as_octets(many: list[bytes]) -> None:
    assert [each.octets for each in sorted(map(ClientId, many))] == sorted(many)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        pytest.param("00-14-4f-40-e9-88-", "00144f40e988", id="trailing dash of show reservedip"),
        pytest.param("001b.7811.6561", "001b78116561", id="dotted groups"),
        pytest.param("  001B78116561\t", "001b78116561", id="blanks around"),
        pytest.param("00-00-00-00-20-72-43", "00000000207243", id="seven octets"),
        pytest.param("07-0a-12-0a", "070a120a", id="reversed address of BAD_ADDRESS"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_spellings_met_in_the_field(text: str, octets: str) -> None:
    assert ClientId.parse(text).octets == bytes.fromhex(octets)


@pytest.mark.parametrize("text", ["00-1b-7", "0x001b78116561", "BAD_ADDRESS", "00-1g-78-11-65-61", "００１１"])
def test_anything_else_is_refused_and_named(text: str) -> None:
    with pytest.raises(ValueError, match="client id") as refused:
        ClientId.parse(text)
    assert repr(text) in str(refused.value)


def test_a_mac_address_and_its_option_61_form_are_two_clients() -> None:
    mac, option_61 = ClientId.parse("00-1b-78-11-65-61"), ClientId.parse("01-00-1b-78-11-65-61")
    assert mac != option_61
    assert mac.is_mac
    assert not option_61.is_mac
