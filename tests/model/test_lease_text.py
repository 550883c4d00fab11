"""The fast text of lease columns is the text that the plain types of the standard library give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.client_id import ClientId
from migrate.model.lease_text import dotted_quads, hex_ids, utc_texts
from migrate.model.leases import NEVER, PackedColumn

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31, 23, 59, 59)).map(
    lambda instant: instant.replace(microsecond=0, tzinfo=UTC)
)


@given(st.lists(st.integers(0, 0xFFFFFFFF)))
def test_dotted_quads_are_those_of_ipaddress(numbers: list[int]) -> None:
    assert dotted_quads(np.array(numbers, np.uint32)) == [str(IPv4Address(number)) for number in numbers]


@given(st.lists(st.binary(max_size=20)), st.data())
def test_hex_ids_are_those_of_client_id_in_every_window(values: list[bytes], data: st.DataObject) -> None:
    column = PackedColumn.of_values(values)
    expected = [str(ClientId(value)) for value in values]
    first = data.draw(st.integers(0, len(values)))
    last = data.draw(st.integers(first, len(values)))
    assert hex_ids(column) == expected
    assert hex_ids(column, first, last) == expected[first:last]


@given(st.lists(INSTANTS))
def test_utc_texts_are_those_of_datetime(instants: list[datetime]) -> None:
    epoch_s = np.array([(instant - EPOCH) // timedelta(seconds=1) for instant in instants], np.int64)
    expected = [instant.replace(tzinfo=None).isoformat() for instant in instants]
    assert utc_texts(epoch_s) == [text + "Z" for text in expected]
    assert utc_texts(epoch_s, " ") == [text.replace("T", " ") + "Z" for text in expected]


@pytest.mark.parametrize(
    ("epoch_s", "expected"),
    [
        pytest.param(NEVER, "", id="a lease without end has no expiry"),
        pytest.param(NEVER - 1, "9999-12-31T23:59:59Z", id="far beyond the calendar"),
        pytest.param(-(1 << 62), "0001-01-01T00:00:00Z", id="far before the calendar"),
        pytest.param(-1, "1969-12-31T23:59:59Z", id="the second before 1970"),
    ],
)
def test_instants_at_the_edges(epoch_s: int, expected: str) -> None:
    assert utc_texts(np.array([0, epoch_s], np.int64)) == ["1970-01-01T00:00:00Z", expected]
