"""The table of standard options against RFC 2132 and what Windows makes of it."""

from __future__ import annotations

import pytest

from migrate.model.option import DNS_FLAGS, LEASE_TIME, OptionType
from migrate.model.standard_options import STANDARD_OPTIONS


@pytest.mark.parametrize(
    ("option_id", "option_type", "multi_valued"),
    [
        (1, OptionType.IPV4_ADDRESS, False),
        (3, OptionType.IPV4_ADDRESS, True),
        (6, OptionType.IPV4_ADDRESS, True),
        (15, OptionType.STRING, False),
        (19, OptionType.BYTE, False),
        (25, OptionType.WORD, True),
        (43, OptionType.BINARY, False),
        (46, OptionType.BYTE, False),
        (LEASE_TIME, OptionType.DWORD, False),
        (DNS_FLAGS, OptionType.DWORD, False),
        (121, OptionType.BINARY, False),
    ],
)
def test_type_of_option(option_id, option_type, multi_valued):
    standard = STANDARD_OPTIONS[option_id]
    assert (standard.type, standard.multi_valued) == (option_type, multi_valued)


@pytest.mark.parametrize("option_id", [0, 50, 53, 54, 60, 61, 119, 150, 249, 252, 255])
def test_options_that_windows_does_not_define(option_id):
    """Message fields of the protocol, and those that sites define by hand."""
    assert option_id not in STANDARD_OPTIONS


def test_names_are_distinct():
    names = [standard.name for standard in STANDARD_OPTIONS.values()]
    assert len(set(names)) == len(names) and all(name.strip() for name in names)


def test_table_is_read_only():
    with pytest.raises(TypeError):
        STANDARD_OPTIONS[252] = STANDARD_OPTIONS[3]
