"""A TCP byte stream cut into messages: feed it whatever arrived, take out whole messages.

Holds no more than one incomplete message besides what was fed and not yet taken out. It reads no socket.
"""

from __future__ import annotations

from migrate.failover.codec import check_length, decode
from migrate.failover.codes import Profile
from migrate.failover.messages import Message


class MessageReader:
    """One direction of one connection. After a ProtocolError the stream has lost its place and every further call raises it."""

    __slots__ = ("_buffer", "_profile")

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next_message(self) -> Message | None:
        """The next whole message; None when more bytes are needed. A bad length is found as soon as its two bytes are there."""
        if len(self._buffer) < 2:
            return None
        length = int.from_bytes(self._buffer[:2], "big")
        check_length(length)
        if len(self._buffer) < length:
            return None
        message = decode(bytes(self._buffer[:length]), self._profile)
        del self._buffer[:length]
        return message

    @property
    def is_between_messages(self) -> bool:
        """False when the stream would end inside a message."""
        return not self._buffer
