"""Messages to bytes and back. What is decoded encodes to the same bytes, unknown options and their order included.

Layout of a message (D12 6.1, 6.2), all numbers in network order:

    message length (2)   type (1)   payload offset (1)   time (4)   xid (4)   extra header (offset - 12)
    then options:  code (2)   length (2)   value (length)

Only the structure is judged here. Whether a message makes sense where it arrives is for the endpoint to say.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from migrate.failover.codes import HEADER_SIZE, MESSAGE_SIZE_MAX, MessageType, OptionCode, Profile
from migrate.failover.errors import ProtocolError
from migrate.failover.messages import BINDING_OPTIONS, Message, Option
from migrate.failover.options import decode_value, encode_value, option_label

_HEADER = struct.Struct("!HBBII")
_OPTION_HEADER = struct.Struct("!HH")
_PAYLOAD_OFFSET_MAX = 255
_KNOWN_TYPES = {int(known): known for known in MessageType}
_BATCHED_TYPES = (MessageType.BNDUPD, MessageType.BNDACK)


def decode(data: bytes, profile: Profile) -> Message:
    """One whole message. Raises ProtocolError, which names what is wrong, and nothing else."""
    if len(data) < HEADER_SIZE:
        raise ProtocolError(f"message cut off: {len(data)} of the {HEADER_SIZE} header bytes are there")
    length, number, payload_offset, time_s, xid = _HEADER.unpack_from(data)
    check_length(length)
    if length != len(data):
        raise ProtocolError(f"message length field says {length}, the message has {len(data)} bytes")
    if payload_offset < HEADER_SIZE:
        raise ProtocolError(f"payload offset {payload_offset} lies inside the {HEADER_SIZE} header bytes")
    if payload_offset > length:
        raise ProtocolError(f"payload offset {payload_offset} lies beyond the end of the message at {length}")
    options = tuple(_decode_options(data, payload_offset, profile))
    message = Message(
        type=_KNOWN_TYPES.get(number, number),
        xid=xid,
        time_s=time_s,
        options=options,
        extra_header=bytes(data[HEADER_SIZE:payload_offset]),
    )
    _check(message, profile)
    return message


def encode(message: Message, profile: Profile) -> bytes:
    """Raises ProtocolError for a message that `decode` would refuse, or with a value that does not fit its option."""
    _check(message, profile)
    payload_offset = HEADER_SIZE + len(message.extra_header)
    if payload_offset > _PAYLOAD_OFFSET_MAX:
        raise ProtocolError(f"payload offset {payload_offset} does not fit into a byte")
    for name, number in (("time", message.time_s), ("xid", message.xid)):
        if not 0 <= number < 1 << 32:
            raise ProtocolError(f"{name} {number} does not fit into 4 bytes")
    parts = [message.extra_header]
    for code, value in message.options:
        raw = encode_value(code, value, profile)
        if not 0 <= code < 1 << 16:
            raise ProtocolError(f"option code {code} does not fit into 2 bytes")
        if len(raw) > MESSAGE_SIZE_MAX:
            raise ProtocolError(f"{option_label(code, profile)} is {len(raw)} bytes long, more than a message can hold")
        parts += (_OPTION_HEADER.pack(code, len(raw)), raw)
    body = b"".join(parts)
    length = HEADER_SIZE + len(body)
    check_length(length)
    return _HEADER.pack(length, message.type, payload_offset, message.time_s, message.xid) + body


def check_length(length: int) -> None:
    """Raises ProtocolError for a message length outside the limits of D12 6.1."""
    if length < HEADER_SIZE:
        raise ProtocolError(f"message length {length} is less than the {HEADER_SIZE} header bytes")
    if length > MESSAGE_SIZE_MAX:
        raise ProtocolError(f"message length {length} is more than the {MESSAGE_SIZE_MAX} bytes allowed")


def _decode_options(data: bytes, offset: int, profile: Profile) -> Iterator[Option]:
    end = len(data)
    while offset < end:
        if end - offset < _OPTION_HEADER.size:
            raise ProtocolError(f"option cut off at byte {offset}: {end - offset} of the 4 bytes of code and length are there")
        code, length = _OPTION_HEADER.unpack_from(data, offset)
        start = offset + _OPTION_HEADER.size
        offset = start + length
        if offset > end:
            raise ProtocolError(f"{option_label(code, profile)} cut off: it says {length} bytes, {end - start} are there")
        yield Option(code, decode_value(code, bytes(data[start:offset]), profile))


def _check(message: Message, profile: Profile) -> None:
    _check_type(message, profile)
    if profile is Profile.WINDOWS and message.type in _BATCHED_TYPES:
        _check_batch(message, profile)
    else:
        _check_unrepeated(message, profile)


def _check_type(message: Message, profile: Profile) -> None:
    """Types without a name: D12 6.1 ends the connection below 128 and ignores the rest; dhcpd looks for options instead."""
    if message.type in _KNOWN_TYPES:
        return
    if not 0 < message.type < 256:
        raise ProtocolError(f"message type {message.type} does not exist")
    if profile is Profile.ISC and message.options:
        raise ProtocolError(f"unknown message type {message.type} with options")
    if profile is Profile.WINDOWS and message.type < 128:
        raise ProtocolError(f"unknown message type {message.type}, of those that every server must know")


def _check_unrepeated(message: Message, profile: Profile) -> None:
    seen: set[int] = set()
    for code, _ in message.options:
        if code in seen:
            raise ProtocolError(f"{option_label(code, profile)} is repeated")
        seen.add(code)


def _check_batch(message: Message, profile: Profile) -> None:
    """D12 6.3: each transaction begins with its assigned-IP-address, and within it no option comes twice."""
    seen: set[int] = set()
    transaction = 0
    for code, _ in message.options:
        if code == OptionCode.ASSIGNED_IP_ADDRESS:
            transaction += 1
            seen &= {OptionCode.MESSAGE_DIGEST}
        elif transaction == 0 and code in BINDING_OPTIONS:
            raise ProtocolError(f"{option_label(code, profile)} stands before the first assigned-IP-address")
        elif code in seen:
            raise ProtocolError(f"{option_label(code, profile)} is repeated in transaction {transaction}")
        seen.add(code)
