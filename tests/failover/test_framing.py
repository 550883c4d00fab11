"""A byte stream cut anywhere gives the same messages."""

from __future__ import annotations

import pytest
from captured import all_messages, story
from hypothesis import given
from hypothesis import strategies as st

from migrate.failover.codec import decode
from migrate.failover.codes import MESSAGE_SIZE_MAX, Profile
from migrate.failover.errors import ProtocolError
from migrate.failover.framing import MessageReader
from migrate.failover.messages import Message

CONTACT = bytes.fromhex("000c0b0c6b04680e00000007")
SETUP = [captured.data for captured in story("probe-connection-setup")]


def drain(reader: MessageReader) -> list[Message]:
    messages = []
    while (message := reader.next_message()) is not None:
        messages.append(message)
    return messages


def test_byte_by_byte() -> None:
    reader = MessageReader(Profile.ISC)
    found = []
    for captured in all_messages():
        for octet in captured.data[:-1]:
            reader.feed(bytes([octet]))
            assert reader.next_message() is None
            assert not reader.is_between_messages
        reader.feed(captured.data[-1:])
        found += drain(reader)
        assert reader.is_between_messages
    assert found == [decode(captured.data, Profile.ISC) for captured in all_messages()]


@given(cuts=st.sets(st.integers(0, sum(map(len, SETUP)))))
def test_any_cuts(cuts: set[int]) -> None:
    stream = b"".join(SETUP)
    reader = MessageReader(Profile.ISC)
    found = []
    for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(stream)], strict=True):
        reader.feed(stream[start:stop])
        found += drain(reader)
    assert found == [decode(data, Profile.ISC) for data in SETUP]


@pytest.mark.parametrize("length", [0, 1, 11, MESSAGE_SIZE_MAX + 1, 65535])
def test_a_bad_length_is_found_at_once_and_for_good(length: int) -> None:
    reader = MessageReader(Profile.ISC)
    reader.feed(CONTACT + length.to_bytes(2, "big"))
    assert reader.next_message() == decode(CONTACT, Profile.ISC)
    for more in (b"", bytes(3000)):
        reader.feed(more)
        with pytest.raises(ProtocolError, match=f"message length {length} is"):
            reader.next_message()


def test_one_byte_of_a_bad_length_is_waited_for() -> None:
    reader = MessageReader(Profile.ISC)
    reader.feed(b"\xff")
    assert reader.next_message() is None


def test_a_message_of_the_greatest_length_is_waited_for() -> None:
    reader = MessageReader(Profile.ISC)
    longest = MESSAGE_SIZE_MAX.to_bytes(2, "big") + CONTACT[2:] + b"\0\x63\x07\xf0" + bytes(2032)
    reader.feed(longest[:-1])
    assert reader.next_message() is None
    reader.feed(longest[-1:])
    assert reader.next_message() == decode(longest, Profile.ISC)


def test_a_message_that_cannot_be_read_blocks_the_stream() -> None:
    reader = MessageReader(Profile.ISC)
    reader.feed(b"\0\x0c\x0b\x08" + bytes(8) + CONTACT)
    for _ in range(2):
        with pytest.raises(ProtocolError, match="payload offset 8"):
            reader.next_message()


def test_the_profile_decides() -> None:
    batch = bytes.fromhex("001c030c 00000000 00000001 0002 0004 0a000001 0002 0004 0a000002")
    windows, isc = MessageReader(Profile.WINDOWS), MessageReader(Profile.ISC)
    windows.feed(batch)
    isc.feed(batch)
    assert windows.next_message() == decode(batch, Profile.WINDOWS)
    with pytest.raises(ProtocolError, match="repeated"):
        isc.next_message()
