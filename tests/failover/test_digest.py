"""The message-digest option: what is signed verifies, anything else does not."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest
from captured import only, story
from hypothesis import given
from hypothesis import strategies as st

from migrate.failover.codec import decode, encode
from migrate.failover.codes import DigestType, OptionCode, Profile, RejectReason
from migrate.failover.digest import digest_fault, sign
from migrate.failover.errors import ProtocolError
from migrate.failover.kinds import Digest
from migrate.failover.messages import Message, Option

SECRET = b"correct horse"
MESSAGES = [decode(captured.data, Profile.WINDOWS) for captured in story("probe-bndupd-verdicts")]
UPDATE = MESSAGES[0]


@pytest.mark.parametrize("type", list(DigestType), ids=lambda type: type.name)
def test_signed_messages_verify_after_the_wire(type: DigestType) -> None:
    for message in MESSAGES:
        received = decode(encode(sign(message, SECRET, Profile.WINDOWS, type), Profile.WINDOWS), Profile.WINDOWS)
        assert received.options[0].code == OptionCode.MESSAGE_DIGEST
        assert received.options[1:] == message.options
        assert digest_fault(received, SECRET, Profile.WINDOWS) is None


def test_covers_the_message_with_the_digest_zeroed() -> None:
    """Computed here by hand: HMAC-SHA-256, 32 zero bytes in place of the digest, the secret as key."""
    data = encode(sign(UPDATE, SECRET, Profile.WINDOWS), Profile.WINDOWS)
    assert data[12:17].hex(" ") == "00 11 00 21 02"
    zeroed = data[:17] + bytes(32) + data[49:]
    assert data[17:49] == hmac.digest(SECRET, zeroed, hashlib.sha256)


FAULTS = [
    ("no digest", UPDATE, SECRET, RejectReason.DIGEST_MISSING),
    ("not configured", sign(UPDATE, SECRET, Profile.WINDOWS), None, RejectReason.DIGEST_UNCONFIGURED),
    ("another secret", sign(UPDATE, b"battery", Profile.WINDOWS), SECRET, RejectReason.DIGEST_FAILED),
    ("another xid", replace(sign(UPDATE, SECRET, Profile.WINDOWS), xid=5), SECRET, RejectReason.DIGEST_FAILED),
    ("another time", replace(sign(UPDATE, SECRET, Profile.WINDOWS), time_s=5), SECRET, RejectReason.DIGEST_FAILED),
    (
        "unknown type",
        replace(UPDATE, options=(Option(OptionCode.MESSAGE_DIGEST, Digest(3, bytes(32))), *UPDATE.options)),
        SECRET,
        RejectReason.DIGEST_UNSUPPORTED,
    ),
    (
        "empty digest",
        replace(UPDATE, options=(Option(OptionCode.MESSAGE_DIGEST, Digest(2, b"")), *UPDATE.options)),
        SECRET,
        RejectReason.DIGEST_FAILED,
    ),
    ("neither", UPDATE, None, None),
]


@pytest.mark.parametrize(("message", "secret", "fault"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_faults(message: Message, secret: bytes | None, fault: RejectReason | None) -> None:
    assert digest_fault(message, secret, Profile.WINDOWS) == fault


@given(at=st.integers(0, 500), flip=st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(at: int, flip: int) -> None:
    """Beyond the two bytes of the message length, which the framing looks at."""
    data = bytearray(encode(sign(UPDATE, SECRET, Profile.WINDOWS), Profile.WINDOWS))
    data[2 + at % (len(data) - 2)] ^= flip
    try:
        changed = decode(bytes(data), Profile.WINDOWS)
    except ProtocolError:
        return
    assert digest_fault(changed, SECRET, Profile.WINDOWS) is not None


def test_a_signed_message_is_not_signed_again() -> None:
    with pytest.raises(ProtocolError, match=r"option 17 \(message-digest\) is repeated"):
        sign(sign(UPDATE, SECRET, Profile.WINDOWS), SECRET, Profile.WINDOWS)


def test_a_digest_makes_no_binding_update_of_its_own() -> None:
    for captured in only("BNDUPD"):
        message = decode(captured.data, Profile.WINDOWS)
        signed = sign(message, SECRET, Profile.WINDOWS)
        assert len(signed.transactions) == len(message.transactions)
