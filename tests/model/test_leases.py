"""Lease columns against lists of rows: a table is what its rows are, whatever is done to it."""

from __future__ import annotations

from ipaddress import IPv4Address

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.client_id import ClientId
from migrate.model.leases import (
    NEVER,
    Lease,
    LeaseClientType,
    LeaseState,
    LeaseTable,
    LeaseTableBuilder,
    PackedColumn,
    WordColumn,
)

VALUES = st.lists(st.binary(max_size=9), max_size=12)
WORDS = st.lists(st.sampled_from(["", "PTR", "AandPTR", "Grün"]), max_size=12)
ADDRESSES = st.integers(0, 0xFFFFFFFF).map(IPv4Address)
TIMES = st.integers(-(1 << 40), 1 << 40) | st.just(NEVER)
LEASES = st.builds(
    Lease,
    ip_address=ADDRESSES,
    scope_id=ADDRESSES,
    client_id=st.binary(max_size=20).map(ClientId),
    state=st.sampled_from(LeaseState),
    expiry_s=TIMES,
    host_name=st.text(st.characters(codec="utf-8"), max_size=5),
    description=st.text(st.characters(codec="utf-8"), max_size=5),
    client_type=st.sampled_from(LeaseClientType),
    policy_name=st.sampled_from(["", "Phones", "Büro"]),
    dns_rr=st.sampled_from(["", "PTR"]),
    dns_registration=st.sampled_from(["", "Complete"]),
    nap_capable=st.booleans(),
    nap_status=st.sampled_from(["", "Exempt"]),
    probation_ends_s=TIMES,
    line=st.integers(0, 1 << 31),
    path=st.sampled_from(["", "dhcp01.xml"]),
)
ROWS = st.lists(LEASES, max_size=8)


def drawn_rows(data: st.DataObject, count: int) -> list[int]:
    """Any rows in any order, the same one perhaps twice."""
    return data.draw(st.lists(st.integers(0, count - 1), max_size=10)) if count else []


@given(ROWS)
def test_rows_read_back_as_they_were_put_in(rows: list[Lease]) -> None:
    table = LeaseTable.of_rows(rows)
    assert len(table) == len(rows)
    assert list(table.rows()) == rows


@given(ROWS, st.data())
def test_take_gives_the_rows_asked_for(rows: list[Lease], data: st.DataObject) -> None:
    wanted = drawn_rows(data, len(rows))
    assert list(LeaseTable.of_rows(rows).take(np.array(wanted, np.intp)).rows()) == [rows[row] for row in wanted]


@given(st.lists(ROWS, min_size=1, max_size=4), st.data())
def test_concatenation_after_take_keeps_rows_and_order(parts: list[list[Lease]], data: st.DataObject) -> None:
    wanted = [drawn_rows(data, len(part)) for part in parts]
    tables = [LeaseTable.of_rows(part).take(np.array(rows, np.intp)) for part, rows in zip(parts, wanted, strict=True)]
    expected = [part[row] for part, rows in zip(parts, wanted, strict=True) for row in rows]
    assert list(LeaseTable.concatenate(tables).rows()) == expected


@given(st.lists(ROWS | LEASES, max_size=5))
def test_a_builder_keeps_the_order_of_rows_and_tables(parts: list[list[Lease] | Lease]) -> None:
    builder, expected = LeaseTableBuilder(), []
    for part in parts:
        if isinstance(part, Lease):
            builder.append(part)
            expected.append(part)
        else:
            builder.append_table(LeaseTable.of_rows(part))
            expected += part
    assert list(builder.build().rows()) == expected


def test_a_builder_keeps_rows_beyond_one_batch() -> None:
    rows = [
        Lease(ip_address=IPv4Address(n), scope_id=IPv4Address(0), client_id=ClientId(n.to_bytes(6, "big"))) for n in range(10_000)
    ]
    assert list(LeaseTable.of_rows(rows).rows()) == rows


def test_nothing_cannot_be_concatenated() -> None:
    with pytest.raises(ValueError, match="no tables"):
        LeaseTable.concatenate([])
    assert len(LeaseTable.concatenate([LeaseTable.empty(), LeaseTable.empty()])) == 0


@given(VALUES, st.data())
def test_packed_values_come_back_in_every_window(values: list[bytes], data: st.DataObject) -> None:
    column = PackedColumn.of_values(values)
    first = data.draw(st.integers(0, len(values)))
    last = data.draw(st.integers(first, len(values)))
    assert column.values() == values == [column[row] for row in range(len(values))]
    assert column.values(first, last) == values[first:last]
    assert column.lengths.tolist() == [len(value) for value in values]
    assert column.used_data.tobytes() == b"".join(values)


@given(VALUES, st.data())
def test_packed_take_is_list_indexing(values: list[bytes], data: st.DataObject) -> None:
    wanted = drawn_rows(data, len(values))
    assert PackedColumn.of_values(values).take(np.array(wanted, np.intp)).values() == [values[row] for row in wanted]


def test_packed_take_of_more_rows_than_it_copies_at_once() -> None:
    values = [b"%d" % (number * 7919) for number in range(150_000)]
    wanted = np.argsort(np.arange(150_000) * 104_729 % 150_000)
    assert PackedColumn.of_values(values).take(wanted).values() == [values[row] for row in wanted.tolist()]


@given(st.lists(VALUES, max_size=4), st.data())
def test_packed_concatenation_is_list_addition_for_parts_of_larger_columns(parts: list[list[bytes]], data: st.DataObject) -> None:
    """A column may be a window on a buffer: its first start need not be 0."""
    windows, expected = [], []
    for part in parts:
        first = data.draw(st.integers(0, len(part)))
        whole = PackedColumn.of_values(part)
        windows.append(PackedColumn(whole.data, whole.starts[first:]))
        expected += part[first:]
    assert PackedColumn.concatenate(windows).values() == expected


@given(WORDS, st.data())
def test_words_come_back_and_are_stored_once(words: list[str], data: st.DataObject) -> None:
    column = WordColumn.of_values(words)
    first = data.draw(st.integers(0, len(words)))
    assert column.values() == words == [column[row] for row in range(len(words))]
    assert column.values(first) == words[first:]
    assert sorted(column.words) == sorted(set(words))
    wanted = drawn_rows(data, len(words))
    assert column.take(np.array(wanted, np.intp)).values() == [words[row] for row in wanted]


@given(st.lists(WORDS, max_size=4))
def test_word_concatenation_is_list_addition_with_one_vocabulary(parts: list[list[str]]) -> None:
    column = WordColumn.concatenate([WordColumn.of_values(part) for part in parts])
    assert column.values() == [word for part in parts for word in part]
    assert len(set(column.words)) == len(column.words)


def test_states_and_types_are_spelled_as_windows_spells_them() -> None:
    assert [state.word for state in LeaseState] == [
        "Active",
        "Offered",
        "Declined",
        "Expired",
        "ActiveReservation",
        "InactiveReservation",
        "Inactive",
    ]
    assert [kind.word for kind in LeaseClientType] == ["UnSpecified", "Dhcp", "BootP", "None", "Both", "Reservation"]
