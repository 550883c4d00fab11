"""Messages to bytes and back. What is decoded encodes to the same bytes, unknown options and their order included.

Layout of a message (D12 6.1, 6.2), all numbers in network order:

    message length (2)   type (1)   payload offset (1)   time (4)   xid (4)   extra header (offset - 12)
    then options:  code (2)   length (2)   value (length)

Only the structure is judged here. Whether a message makes sense where it arrives is for the endpoint to say.
"""

from __future__ import annotations

import struct

from migrate.failover.codes import HEADER_SIZE, MESSAGE_SIZE_MAX, MessageType, OptionCode, Profile
from migrate.failover.errors import ProtocolError
from migrate.failover.messages import BINDING_OPTIONS, Message, Option
from migrate.failover.options import OPTION_TABLES, OptionTable

_HEADER = struct.Struct("!HBBII")
_OPTION_HEADER = struct.Struct("!HH")
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
    table = OPTION_TABLES[profile]
    message = Message(
        type=_KNOWN_TYPES.get(number, number),
        xid=xid,
        time_s=time_s,
        options=_decode_options(data, payload_offset, table),
        extra_header=data[HEADER_SIZE:payload_offset],
    )
    _check(message, profile, table)
    return message


def encode(message: Message, profile: Profile) -> bytes:
    """Raises ProtocolError for a message that `decode` would refuse, or with a value that does not fit its option."""
    table = OPTION_TABLES[profile]
    _check(message, profile, table)
    body = message.extra_header + b"".join([_encode_option(option, table) for option in message.options])
    payload_offset = HEADER_SIZE + len(message.extra_header)
    length = HEADER_SIZE + len(body)
    check_length(length)
    try:
        return _HEADER.pack(length, message.type, payload_offset, message.time_s, message.xid) + body
    except struct.error:
        header = f"payload offset {payload_offset}, time {message.time_s}, xid {message.xid}"
        raise ProtocolError(f"a header field does not fit into its bytes: {header}") from None


def check_length(length: int) -> None:
    """Raises ProtocolError for a message length outside the limits of D12 6.1."""
    if length < HEADER_SIZE:
        raise ProtocolError(f"message length {length} is less than the {HEADER_SIZE} header bytes")
    if length > MESSAGE_SIZE_MAX:
        raise ProtocolError(f"message length {length} is more than the {MESSAGE_SIZE_MAX} bytes allowed")


def _decode_options(data: bytes, offset: int, table: OptionTable) -> tuple[Option, ...]:
    options = []
    end = len(data)
    while offset < end:
        if end - offset < _OPTION_HEADER.size:
            raise ProtocolError(f"option cut off at byte {offset}: {end - offset} of the 4 bytes of code and length are there")
        code, length = _OPTION_HEADER.unpack_from(data, offset)
        start = offset + _OPTION_HEADER.size
        offset = start + length
        if offset > end:
            raise ProtocolError(f"{table.label(code)} cut off: it says {length} bytes, {end - start} are there")
        options.append(Option(code, table.decode(code, data[start:offset])))
    return tuple(options)


def _encode_option(option: Option, table: OptionTable) -> bytes:
    raw = table.encode(option.code, option.value)
    try:
        return _OPTION_HEADER.pack(option.code, len(raw)) + raw
    except struct.error:
        raise ProtocolError(f"{table.label(option.code)} with {len(raw)} bytes has a code or length that does not fit") from None


def _check(message: Message, profile: Profile, table: OptionTable) -> None:
    if message.type not in _KNOWN_TYPES:
        _check_unknown_type(message, profile)
    if profile is Profile.WINDOWS and message.type in _BATCHED_TYPES:
        _check_batch(message, table)
    else:
        _check_unrepeated(message, table)


def _check_unknown_type(message: Message, profile: Profile) -> None:
    """D12 6.1 ends the connection at types below 128 and ignores the others; dhcpd ignores those without options."""
    if not 0 < message.type < 256:
        raise ProtocolError(f"message type {message.type} does not exist")
    if profile is Profile.ISC and message.options:
        raise ProtocolError(f"unknown message type {message.type} with options")
    if profile is Profile.WINDOWS and message.type < 128:
        raise ProtocolError(f"unknown message type {message.type}, of those that every server must know")


def _check_unrepeated(message: Message, table: OptionTable) -> None:
    seen: set[int] = set()
    for code, _ in message.options:
        if code in seen:
            raise ProtocolError(f"{table.label(code)} is repeated")
        seen.add(code)


def _check_batch(message: Message, table: OptionTable) -> None:
    """D12 6.3: each transaction begins with its assigned-IP-address, and within it no option comes twice."""
    seen: set[int] = set()
    transaction = 0
    for code, _ in message.options:
        if code == OptionCode.ASSIGNED_IP_ADDRESS:
            transaction += 1
            seen &= {OptionCode.MESSAGE_DIGEST}
        elif transaction == 0 and code in BINDING_OPTIONS:
            raise ProtocolError(f"{table.label(code)} stands before the first assigned-IP-address")
        elif code in seen:
            raise ProtocolError(f"{table.label(code)} is repeated in transaction {transaction}")
        seen.add(code)
