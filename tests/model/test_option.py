"""The one normal form of option values, and the keys by which they compare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.option import NUMBER_BITS, OCTET_TYPES, OptionKey, OptionType, OptionValue, normal_values

OCTETS = st.binary(min_size=1, max_size=12)


@given(OCTETS, st.sampled_from(sorted(OCTET_TYPES)), st.data())
def test_octets_have_one_form_however_they_are_grouped(octets: bytes, option_type: OptionType, data: st.DataObject) -> None:
    expected = tuple(f"0x{octet:02x}" for octet in octets)
    one_each = tuple(data.draw(st.sampled_from([f"0x{octet:02X}", f"0x{octet:x}", f"{octet:02x}"])) for octet in octets)
    for spelling in (one_each, (f"0x{octets.hex()}",), (octets.hex(),), (octets.hex("-").upper(),), (octets.hex(" "),)):
        assert normal_values(option_type, spelling) == expected


@given(st.sampled_from(sorted(NUMBER_BITS)), st.data())
def test_numbers_are_decimal(option_type: OptionType, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, (1 << NUMBER_BITS[option_type]) - 1))
    assert normal_values(option_type, (f"{number}", f"0x{number:X}", f" {number:05} ")) == (str(number),) * 3


@given(st.sampled_from(OptionType), st.data())
def test_the_normal_form_is_its_own_normal_form(option_type: OptionType, data: st.DataObject) -> None:
    values = data.draw(
        st.lists(
            {
                OptionType.STRING: st.text(max_size=5),
                OptionType.IPV4_ADDRESS: st.ip_addresses(v=4).map(str),
                OptionType.IPV6_ADDRESS: st.ip_addresses(v=6).map(str),
            }.get(option_type, st.integers(0, 255).map(hex)),
            max_size=4,
        ).map(tuple)
    )
    once = normal_values(option_type, values)
    assert normal_values(option_type, once) == once


@pytest.mark.parametrize(
    ("option_type", "values", "expected"),
    [
        pytest.param(OptionType.BYTE, ("0x00",), ("0",), id="hexadecimal byte"),
        pytest.param(OptionType.DWORD, ("4294967295",), ("4294967295",), id="unlimited lease"),
        pytest.param(OptionType.IPV4_ADDRESS, (" 10.0.0.1 ", "10.0.0.2"), ("10.0.0.1", "10.0.0.2"), id="order is kept"),
        pytest.param(OptionType.IPV6_ADDRESS, ("2001:DB8:0::1", ""), ("2001:db8::1", ""), id="canonical, empty default"),
        pytest.param(OptionType.STRING, (" PXEClient ",), (" PXEClient ",), id="text is untouched"),
        pytest.param(OptionType.BINARY, ("",), (), id="no octets"),
        pytest.param(None, ("0xAB", "0xC"), ("0xab", "0xc"), id="undefined octets become lower case"),
        pytest.param(None, ("0xAB", "x"), ("0xAB", "x"), id="undefined text stays"),
        pytest.param(None, (), (), id="undefined and empty"),
    ],
)
def test_values_met_in_the_field(option_type: OptionType | None, values: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert normal_values(option_type, values) == expected


@pytest.mark.parametrize(
    ("option_type", "value"),
    [
        pytest.param(OptionType.BYTE, "256", id="byte too great"),
        pytest.param(OptionType.WORD, "-1", id="negative"),
        pytest.param(OptionType.DWORD, "4294967296", id="dword too great"),
        pytest.param(OptionType.DWORD, "ten", id="word for a number"),
        pytest.param(OptionType.IPV4_ADDRESS, "10.0.0", id="three octets"),
        pytest.param(OptionType.IPV4_ADDRESS, "10.0.0.256", id="octet too great"),
        pytest.param(OptionType.IPV6_ADDRESS, "10.0.0.1", id="other family"),
        pytest.param(OptionType.BINARY, "0xgg", id="no hexadecimal digit"),
        pytest.param(OptionType.BINARY, "0x123", id="odd count"),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused(option_type: OptionType, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normal_values(option_type, (value,))


def test_class_names_compare_without_regard_to_case() -> None:
    lower = OptionValue(option_id=1, values=("2",), vendor_class="microsoft options", user_class="ipxe")
    upper = OptionValue(option_id=1, values=("2",), vendor_class="Microsoft Options", user_class="iPXE")
    assert lower.key == upper.key == OptionKey(1, "microsoft options", "ipxe")
    assert upper.label == "option 1 (vendor class Microsoft Options, user class iPXE)"
