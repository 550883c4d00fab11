"""Bytes to messages and back: captured messages, every way to be malformed, and laws over generated messages."""

from __future__ import annotations

import random
from ipaddress import IPv4Address

import pytest
from captured import STORIES, all_messages, only, story
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from message_strategies import messages

from migrate.failover.codec import decode, encode
from migrate.failover.codes import MESSAGE_SIZE_MAX, BindingState, MessageType, OptionCode, Profile, RejectReason, ServerState
from migrate.failover.errors import ProtocolError
from migrate.failover.kinds import Ddns, Digest, HardwareAddress
from migrate.failover.messages import Message, Option
from migrate.failover.options import OPTION_TABLES

PROFILES = pytest.mark.parametrize("profile", list(Profile), ids=lambda profile: profile.value)
CONTACT = bytes.fromhex("000c0b0c 6b04680e 00000007")


def built(*options: tuple[int, bytes], type: int = MessageType.BNDUPD, offset: int = 12) -> bytes:
    """A message from raw options, its length field right."""
    body = b"".join(code.to_bytes(2, "big") + len(raw).to_bytes(2, "big") + raw for code, raw in options)
    rest = bytes([type, offset]) + bytes(8 + offset - 12) + body
    return (len(rest) + 2).to_bytes(2, "big") + rest


def with_length_of_itself(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data[2:]


class TestCapturedMessages:
    @pytest.mark.parametrize("name", STORIES)
    def test_decode_to_their_fields(self, name: str) -> None:
        kinds = OPTION_TABLES[Profile.ISC].specs
        for captured in story(name):
            message = decode(captured.data, Profile.ISC)
            assert message.type == MessageType[captured.type]
            assert (message.time_s, message.xid) == (captured.time, captured.xid)
            assert 12 + len(message.extra_header) == captured.payload_offset
            assert [[code, kinds[code].kind.to_json(value)] for code, value in message.options] == captured.options

    @PROFILES
    def test_encode_to_the_same_bytes(self, profile: Profile) -> None:
        for captured in all_messages():
            assert encode(decode(captured.data, profile), profile).hex() == captured.hex

    def test_hold_every_message_type(self) -> None:
        assert {captured.type for captured in all_messages()} == set(MessageType.__members__)

    @PROFILES
    def test_cut_off_anywhere_are_refused(self, profile: Profile) -> None:
        for captured in all_messages():
            for size in range(len(captured.data)):
                with pytest.raises(ProtocolError, match=r"cut off|length field says"):
                    decode(captured.data[:size], profile)

    def test_cut_off_with_a_length_that_agrees_are_refused_except_between_options(self) -> None:
        for captured in only("BNDUPD"):
            whole = decode(captured.data, Profile.ISC)
            for size in range(12, len(captured.data)):
                try:
                    shorter = decode(with_length_of_itself(captured.data[:size]), Profile.ISC)
                except ProtocolError:
                    continue
                assert shorter.options == whole.options[: len(shorter.options)]
                assert len(encode(shorter, Profile.ISC)) == size

    def test_with_a_byte_more_are_refused(self) -> None:
        for captured in all_messages():
            with pytest.raises(ProtocolError, match="length field says"):
                decode(captured.data + b"\0", Profile.ISC)


def test_values_are_typed() -> None:
    (update,) = [captured for captured in only("BNDUPD") if captured.payload_offset == 16]
    message = decode(update.data, Profile.ISC)
    assert len(message.extra_header) == 4
    assert message.options[:3] == (
        Option(OptionCode.ASSIGNED_IP_ADDRESS, IPv4Address("10.77.0.106")),
        Option(OptionCode.BINDING_STATUS, BindingState.ACTIVE),
        Option(OptionCode.CLIENT_HARDWARE_ADDRESS, HardwareAddress(1, bytes.fromhex("020000000006"))),
    )
    states = {decode(captured.data, Profile.ISC).value(OptionCode.SERVER_STATE) for captured in only("STATE")}
    assert ServerState.RECOVER_WAIT in states
    assert all(isinstance(state, ServerState) for state in states)
    rejects = [decode(captured.data, Profile.ISC).value(OptionCode.REJECT_REASON) for captured in only("DISCONNECT")]
    assert rejects == [RejectReason.INVALID_PARTNER, RejectReason.TIME_MISMATCH]


MALFORMED = [
    ("empty", b"", "0 of the 12 header bytes"),
    ("eleven bytes", CONTACT[:11], "11 of the 12 header bytes"),
    ("length field too small", b"\0\x0b" + CONTACT[2:], "message length 11 is less than the 12"),
    ("length field zero", b"\0\0" + CONTACT[2:], "message length 0 is less than the 12"),
    ("length field too large", b"\0\x0d" + CONTACT[2:], "says 13, the message has 12"),
    ("over-long", with_length_of_itself(CONTACT + bytes(2037)), "message length 2049 is more than the 2048"),
    ("payload offset 8, as the draft's text has it", CONTACT[:3] + b"\x08" + CONTACT[4:], "payload offset 8 lies inside"),
    ("payload offset 11", CONTACT[:3] + b"\x0b" + CONTACT[4:], "payload offset 11 lies inside"),
    ("payload offset 0", CONTACT[:3] + b"\0" + CONTACT[4:], "payload offset 0 lies inside"),
    ("payload offset behind the end", CONTACT[:3] + b"\x0d" + CONTACT[4:], "payload offset 13 lies beyond the end"),
    ("option header cut off", with_length_of_itself(CONTACT + b"\0\x02\0"), "option cut off at byte 12: 3 of the 4"),
    ("value cut off", with_length_of_itself(CONTACT + b"\0\x02\0\x04\x0a"), r"option 2 \(assigned-IP-address\) cut off: it says 4"),
    ("length of value absurd", with_length_of_itself(CONTACT + b"\xff\xff\xff\xff"), "option 65535 cut off: it says 65535"),
    ("type 0", b"\0\x0c\0" + CONTACT[3:], "message type 0 does not exist"),
    ("short address", built((2, b"\x0a\0\0")), r"option 2 \(assigned-IP-address\) is 3 bytes long, not 4"),
    ("long number", built((15, bytes(5)), type=MessageType.CONNECT), r"option 15 \(MCLT\) is 5 bytes long, not 4"),
    ("short buckets", built((11, bytes(31)), type=MessageType.CONNECT), "is 31 bytes long, not 32"),
    ("repeated", built((24, b"\2"), (23, b"\0"), (24, b"\2"), type=MessageType.STATE), r"option 24 \(server-state\) is repeated"),
    ("repeated, unknown", built((99, b"x"), (99, b"y"), type=MessageType.STATE), "option 99 is repeated"),
]


@PROFILES
@pytest.mark.parametrize(("data", "words"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED])
def test_malformed(data: bytes, words: str, profile: Profile) -> None:
    with pytest.raises(ProtocolError, match=words):
        decode(data, profile)


ADDRESS = (2, b"\x0a\0\0\1")
OTHER = (2, b"\x0a\0\0\2")

ONE_PROFILE_ONLY = [
    # (name, message, what the ISC profile says or None, what the Windows profile says or None)
    ("batch", built(ADDRESS, (3, b"\2"), OTHER, (3, b"\2")), r"option 2 \(assigned-IP-address\) is repeated", None),
    ("batched acks", built(ADDRESS, (21, b"\2"), OTHER, type=MessageType.BNDACK), r"option 2 .* repeated", None),
    (
        "address twice outside a batch",
        built(ADDRESS, OTHER, type=MessageType.STATE),
        "option 2 .* repeated",
        "option 2 .* repeated",
    ),
    (
        "twice in a transaction",
        built(ADDRESS, (3, b"\2"), OTHER, (3, b"\2"), (3, b"\2")),
        "option 2 .* repeated",
        "option 3 .* repeated in transaction 2",
    ),
    ("status before the address", built((3, b"\2"), ADDRESS), None, "option 3 .* before the first assigned-IP-address"),
    ("two digests", built((17, b"\2x"), ADDRESS, (17, b"\2x")), "option 17 .* repeated", "option 17 .* repeated in transaction 1"),
    ("unknown type with an option", built((1, bytes(4)), type=13), "unknown message type 13 with options", "type 13, of those"),
    ("unknown type that may be ignored", built((1, bytes(4)), type=128), "unknown message type 128 with options", None),
    ("unknown type without options", built(type=13), None, "unknown message type 13"),
    ("DDNS", built(ADDRESS, (9, b"\0\1\1a\0")), r"option 9 \(DDNS\) is 5 bytes long, not 0", None),
    ("empty DDNS", built(ADDRESS, (9, b"")), None, r"option 9 \(DDNS\) is 0 bytes long, at least 2"),
    ("mask of three bytes", built(ADDRESS, (33, bytes(3))), None, r"option 33 \(MS-client-subnet-mask\) is 3 bytes long"),
    ("name without NUL", built(ADDRESS, (31, b"h\0")), None, r"option 31 \(MS-client-name\) does not end with a NUL"),
    ("name of odd length", built(ADDRESS, (31, b"h\0\0")), None, r"option 31 .* is 3 bytes long"),
    ("cut scope list", built((30, bytes(6)), type=MessageType.UPDREQ), None, r"option 30 .* not a multiple of 4"),
]


@pytest.mark.parametrize(
    ("data", "profile", "words"),
    [
        pytest.param(data, profile, words, id=f"{name}-{profile.value}")
        for name, data, isc, windows in ONE_PROFILE_ONLY
        for profile, words in ((Profile.ISC, isc), (Profile.WINDOWS, windows))
    ],
)
def test_where_the_profiles_differ(data: bytes, profile: Profile, words: str | None) -> None:
    if words is None:
        assert encode(decode(data, profile), profile) == data
    else:
        with pytest.raises(ProtocolError, match=words):
            decode(data, profile)


class TestEncode:
    """What decode would refuse is not sent either."""

    UNSENDABLE = [
        ("xid", Message(type=MessageType.CONTACT, xid=1 << 32, time_s=0), "xid 4294967296"),
        ("time before 1970", Message(type=MessageType.CONTACT, xid=0, time_s=-1), "time -1"),
        ("extra header", Message(type=MessageType.CONTACT, xid=0, time_s=0, extra_header=bytes(244)), "payload offset 256"),
        ("type 0", Message(type=0, xid=0, time_s=0), "message type 0 does not exist"),
        ("type 256", Message(type=256, xid=0, time_s=0), "message type 256 does not exist"),
        ("code", Message(type=MessageType.CONTACT, xid=0, time_s=0, options=(Option(65536, b""),)), "option 65536"),
        ("value", Message(type=MessageType.STATE, xid=0, time_s=0, options=(Option(24, 256),)), r"option 24 .* is 256"),
        (
            "text",
            Message(type=MessageType.STATE, xid=0, time_s=0, options=(Option(15, "1"),)),
            r"option 15 \(MCLT\) is '1', not a whole",
        ),
        ("octets", Message(type=MessageType.STATE, xid=0, time_s=0, options=(Option(99, 1),)), "option 99 is 1, not bytes"),
        ("long value", Message(type=MessageType.STATE, xid=0, time_s=0, options=(Option(99, bytes(65536)),)), "option 99"),
        (
            "long",
            Message(type=MessageType.STATE, xid=0, time_s=0, options=(Option(99, bytes(2033)),)),
            "message length 2049 is more",
        ),
        (
            "repeated",
            Message(type=MessageType.STATE, xid=0, time_s=0, options=(Option(15, 1), Option(15, 1))),
            "option 15 .* repeated",
        ),
    ]

    @PROFILES
    @pytest.mark.parametrize(("message", "words"), [case[1:] for case in UNSENDABLE], ids=[case[0] for case in UNSENDABLE])
    def test_refuses(self, message: Message, words: str, profile: Profile) -> None:
        with pytest.raises(ProtocolError, match=words):
            encode(message, profile)

    def test_longest_message(self) -> None:
        longest = Message(type=MessageType.CONTACT, xid=1, time_s=2, options=(Option(99, bytes(2032)),))
        data = encode(longest, Profile.ISC)
        assert len(data) == MESSAGE_SIZE_MAX
        assert decode(data, Profile.ISC) == longest

    def test_keeps_what_dhcpd_does_not_read(self) -> None:
        data = built((2, bytes(4)), (33, b"\1\2\3"), (31, b"odd"), (37, bytes(9)))
        message = decode(data, Profile.ISC)
        assert message.value(OptionCode.CLIENT_SUBNET_MASK) == b"\1\2\3"
        assert encode(message, Profile.ISC) == data

    def test_of_a_windows_update_request(self) -> None:
        """MS-DHCPF 2.2.1: scope ids go out with their last byte first."""
        request = Message(
            type=MessageType.UPDREQ, xid=1, time_s=0, options=(Option(OptionCode.SCOPE_ID_LIST, (IPv4Address("192.168.1.0"),)),)
        )
        assert encode(request, Profile.WINDOWS).hex(" ").endswith("00 1e 00 04 00 01 a8 c0")

    def test_pairs_are_written_number_first(self) -> None:
        options = (Option(OptionCode.MESSAGE_DIGEST, Digest(2, b"\xaa\xbb")), Option(OptionCode.DDNS, Ddns(3, b"\1a\0")))
        message = Message(type=MessageType.CONTACT, xid=1, time_s=0, options=options)
        assert encode(message, Profile.WINDOWS)[12:].hex(" ") == "00 11 00 03 02 aa bb 00 09 00 05 00 03 01 61 00"


def sendable(message: Message, profile: Profile) -> bytes:
    """Generated batches can be longer than a message may be."""
    try:
        return encode(message, profile)
    except ProtocolError as error:
        assume("is more than the 2048" not in str(error))
        raise


@PROFILES
@given(data=st.data())
def test_decode_undoes_encode(profile: Profile, data: st.DataObject) -> None:
    message = data.draw(messages(profile))
    assert decode(sendable(message, profile), profile) == message


@PROFILES
@settings(max_examples=30)
@given(data=st.data())
def test_a_cut_off_generated_message_is_refused(profile: Profile, data: st.DataObject) -> None:
    encoded = sendable(data.draw(messages(profile)), profile)
    with pytest.raises(ProtocolError):
        decode(encoded[: data.draw(st.integers(0, len(encoded) - 1))], profile)


def read_or_refused(data: bytes, profile: Profile) -> None:
    """Any bytes: a message that encodes to the same bytes, or a ProtocolError with words in it."""
    try:
        message = decode(data, profile)
    except ProtocolError as error:
        assert str(error)
    else:
        assert encode(message, profile) == data


@PROFILES
@given(data=st.binary(max_size=80))
def test_any_bytes(profile: Profile, data: bytes) -> None:
    read_or_refused(data, profile)


@PROFILES
@given(type=st.integers(0, 14), options=st.lists(st.tuples(st.integers(0, 43), st.binary(max_size=9)), max_size=6))
def test_any_options(profile: Profile, type: int, options: list[tuple[int, bytes]]) -> None:
    read_or_refused(built(*options, type=type), profile)


@PROFILES
def test_captured_messages_with_a_byte_changed(profile: Profile) -> None:
    draw = random.Random("captured messages with a byte changed")
    for captured in all_messages():
        damaged = bytearray(captured.data)
        damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        read_or_refused(bytes(damaged), profile)


def test_the_seventeenth_transaction_is_kept() -> None:
    """Windows ignores it; that is the endpoint's doing, the bytes stay as they are."""
    data = built(*[(2, bytes([10, 0, 0, host])) for host in range(17)])
    message = decode(data, Profile.WINDOWS)
    assert len(message.transactions) == 17
    assert encode(message, Profile.WINDOWS) == data
